//@ error: E0277
//@ message: `Dense<16, 1>` cannot read an input of type `[f32; 12]`
//! Two layers that do not fit, met on a tape.
use elman::{Dense, Elman, Stack, Tape};

type Net = Stack<(Elman<1, 12>, Dense<16, 1>)>;

fn main() {
    let _ = Tape::<Net, 20>::new();
}
