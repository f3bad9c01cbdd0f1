//@ error: E0308
//! A net of one input reads one number.
use elman::{Dense, Elman, Layer, Stack, ConstZero};

type Net = Stack<(Elman<1, 12>, Dense<12, 1>)>;

fn main() {
    let _ = Net::ZERO.step(&[0.0, 0.0], &mut Net::INITIAL_STATE);
}
