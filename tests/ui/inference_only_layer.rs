//@ error: E0277
//@ message: `Threshold` has no backward pass
//! A layer without a backward pass runs, and cannot be trained.
use elman::{BackwardTypes, Dense, History, Layer, LayerTypes, Reads, Stack, Tape};

struct Threshold;

impl LayerTypes for Threshold {
    type In = [f32; 1];
    type Out = [f32; 1];
    type State = [f32; 1];
}

impl Layer for Threshold {
    fn step<'s>(&self, x: &[f32; 1], y: &'s mut [f32; 1]) -> &'s [f32; 1] {
        y[0] = if x[0] > 0.0 { 1.0 } else { 0.0 };
        y
    }

    fn output(y: &[f32; 1]) -> &[f32; 1] {
        y
    }
}

impl Reads<[f32; 1]> for Threshold {}

impl BackwardTypes for Threshold {
    type Activations<const K: usize> = History<[f32; 1], K>;
}

fn main() {
    let _ = Tape::<Stack<(Dense<3, 1>, Threshold)>, 20>::new();
}
