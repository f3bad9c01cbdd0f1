//@ error: E0277
//@ message: `Dense<16, 1>` cannot read an input of type `[f32; 12]`
//! The whole of a program whose last layer does not read what the one before it writes.
use elman::{Optimizer, Dense, Elman, Sgd, Stack, Tape, ConstZero, squared_error};

type Net = Stack<(Elman<1, 12>, [Elman<12, 12>; 2], Dense<16, 1>)>;

static NET: Net = Net::ZERO;

fn main() {
    let mut net = NET.clone();
    let mut gradient = Net::ZERO;
    let mut tape = Tape::<Net, 20>::new();
    let y = tape.step(&net, &[0.1]);
    let (_, d_y) = squared_error(y, &[0.2]);
    tape.set_output_gradient(&d_y);
    tape.backward(&net, &mut gradient);
    Sgd::new(0.1).update(&mut net, &gradient, &mut ());
}
