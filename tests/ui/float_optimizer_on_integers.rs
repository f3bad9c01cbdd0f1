//@ error: E0271
//@ error: E0599
//@ message: as Parameters>::Tensor == [f32]`
//! Sgd computes in floats; integer layers have fixed::Sgd, or fixed::InFloat<Sgd>.
use elman::{Sgd, Stack, Trainer, fixed};

type Net = Stack<(fixed::Elman<1, 4>, fixed::Dense<4, 1>)>;

fn main() {
    let _ = Trainer::<Net, Sgd, 5, 20>::new(Sgd::new(0.1));
}
