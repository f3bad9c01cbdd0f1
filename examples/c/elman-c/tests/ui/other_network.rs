//! A unit more than when the header was written.

use elman::{Adam, Dense, Elman, Initialize, Pcg32, SlicedTrainer, Stack};

type Net = Stack<(Elman<1, 9>, Dense<9, 1>)>;
type Trainer = SlicedTrainer<Net, Adam, 5, 20>;

fn settings(trainer: &mut Trainer, learning_rate: f32, seed: u64) {
    let learner = &mut trainer.complete().learner;
    learner.optimizer = Adam::new(learning_rate);
    learner.net.init_pytorch(&mut Pcg32::new(seed, 0));
}

elman_c::export!(oscillation: Trainer, f32, settings, "../../../oscillation/include/oscillation.h");

fn main() {}
