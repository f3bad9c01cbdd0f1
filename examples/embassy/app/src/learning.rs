//! The trainer, as a part of a checkpoint.

use elman::safetensors::{Reader, Schema, StateDict, Writer};
use elman::{Adam, ConstZero, SlicedTrainer, Trainer};

use crate::model::Net;

/// The newest samples that an update comes after, and goes back through.
const K1: usize = 5;
const K2: usize = 20;

type Sliced = SlicedTrainer<Net, Adam, K1, K2>;
/// What a checkpoint holds.
type Whole = Trainer<Net, Adam, K1, K2>;

/// The multiply-accumulates of a slice: what an interrupt may have to wait for. A recorded step, the
/// smallest piece of the way back, has about 400.
pub const SLICE: usize = 500;

pub struct Learning {
    pub trainer: Sliced,
}

impl Learning {
    pub const ZERO: Self = Self { trainer: ConstZero::ZERO };
}

/// It is saved only when no work is pending.
impl StateDict for Learning {
    const SCHEMA: Schema = Whole::SCHEMA;

    fn write(&self, writer: &mut Writer<'_>) {
        if let Some(trainer) = self.trainer.trainer() {
            trainer.write(writer);
        }
    }

    fn read(&mut self, reader: &mut Reader<'_>) {
        self.trainer.complete().read(reader);
    }
}
