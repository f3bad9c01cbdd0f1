//! The saved form of a tape.

use heapless::Vec;

use super::Tape;
use crate::nn::{Activations, BackwardTypes};
use crate::safetensors::{Reader, Schema, StateDict, Writer};

/// One tensor: the states, the recorded steps, and the output gradients set since the last backward
/// pass. Gradients of lower layers are scratch and not saved.
impl<L: BackwardTypes, const K: usize> StateDict for Tape<L, K>
where
    L::In: StateDict,
    L::Out: StateDict,
    L::State: StateDict,
    L::Activations<K>: StateDict,
{
    const SCHEMA: Schema =
        Schema::fields(const { &[("packed", const { &Schema::packed(&Self::PARTS) })] });

    fn write(&self, writer: &mut Writer<'_>) {
        writer.checksum(const { Self::SCHEMA.packed_checksum() });
        writer.part(&self.before);
        writer.part(&self.state);
        writer.part(&self.inputs);
        writer.part(&self.activations);
        let gradients = self.activations.d_outputs();
        L::Out::write_all(gradients, writer);
        writer.zeros_of::<L::Out>(K - gradients.len());
        writer.part(&self.next);
        writer.part(&self.steps_since_backward);
    }

    fn read(&mut self, reader: &mut Reader<'_>) {
        reader.checksum();
        reader.part(&mut self.before);
        reader.part(&mut self.state);
        reader.part(&mut self.inputs);
        reader.part(&mut self.activations);
        let (_, gradients) = self.activations.rows(0..self.inputs.len());
        let gradients = gradients.unwrap_or_default();
        L::Out::read_all(gradients, reader);
        reader.discard((K - gradients.len()) * L::Out::SCHEMA.bytes());
        reader.part(&mut self.next);
        reader.part(&mut self.steps_since_backward);
    }
}

impl<L: BackwardTypes, const K: usize> Tape<L, K>
where
    L::In: StateDict,
    L::Out: StateDict,
    L::State: StateDict,
    L::Activations<K>: StateDict,
{
    const PARTS: Schema = Schema::fields(
        const {
            &[
                ("before", const { &L::State::SCHEMA }),
                ("state", const { &L::State::SCHEMA }),
                ("inputs", const { &<Vec<L::In, K>>::SCHEMA }),
                ("activations", const { &<L::Activations<K>>::SCHEMA }),
                ("output_gradients", const { &Schema::array(K, const { &L::Out::SCHEMA }) }),
                ("next", &usize::SCHEMA),
                ("steps_since_backward", &usize::SCHEMA),
            ]
        },
    );
}
