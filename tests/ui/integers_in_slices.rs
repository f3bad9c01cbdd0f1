//@ error: E0277
//@ message: `FixedSgd` cannot update parameters of type
//@ message: in slices
use elman::{SlicedTrainer, Stack, fixed};

type Net = Stack<(fixed::Elman<1, 4>, fixed::Dense<4, 1>)>;

fn learn(trainer: &mut SlicedTrainer<Net, fixed::Sgd, 5, 20>) {
    let _ = trainer;
}

fn main() {}
