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

/// The multiply-accumulates of a slice, which an interrupt may have to wait for: as many as the longest
/// piece that cannot be cut has. With the feature `at-once` the bound on the sampler's lateness must fail.
pub const SLICE: usize = if cfg!(feature = "at-once") { usize::MAX } else { 4 * WEIGHTS };
const WEIGHTS: usize = size_of::<Net>() / size_of::<f32>();

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
