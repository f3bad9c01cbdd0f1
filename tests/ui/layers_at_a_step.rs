//@ error: E0277
//@ message: `Dense<16, 1>` cannot read an input of type `[f32; 12]`
//! Two layers that do not fit, met at the first step of inference.
use elman::{Dense, Elman, Stack, ConstZero};

type Net = Stack<(Elman<1, 12>, Dense<16, 1>)>;

static NET: Net = Net::ZERO;

fn main() {
    let mut state = Net::INITIAL_STATE;
    let _ = NET.step(&[0.1], &mut state);
}
