//@ error: E0271
//@ error: E0599
//@ message: as Parameters>::Tensor == dyn Numbers`
//! fixed::Sgd computes in integers.
use elman::{Dense, Elman, Stack, Trainer, fixed};

type Net = Stack<(Elman<1, 4>, Dense<4, 1>)>;

fn main() {
    let _ = Trainer::<Net, fixed::Sgd, 5, 20>::new(fixed::Sgd::new(0.1));
}
