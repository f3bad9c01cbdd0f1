//! The network of the C firmware: that of the recipe `sliced` in `examples/qemu/src/recipes/`.
#![no_std]

use elman::{Adam, Dense, Elman, Initialize, Pcg32, SlicedTrainer, Stack};

type Net = Stack<(Elman<1, 8>, Dense<8, 1>)>;
type Trainer = SlicedTrainer<Net, Adam, 5, 20>;

fn settings(trainer: &mut Trainer, learning_rate: f32, seed: u64) {
    #[cfg(feature = "panicking")]
    assert!(seed != 0);
    let learner = &mut trainer.complete().learner;
    learner.optimizer = Adam::new(learning_rate);
    learner.net.init_pytorch(&mut Pcg32::new(seed, 0));
}

elman_c::export!(oscillation: Trainer, f32, settings, "../include/oscillation.h");

elman_c::panic_handler!();
