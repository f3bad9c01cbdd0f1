//@ error: E0308
//! A net of one input reads one number.
use elman::{Dense, Elman, Layer, Stack, Zeros};

type Net = Stack<(Elman<1, 12>, Dense<12, 1>)>;

fn main() {
    let _ = Net::ZEROS.step(&[0.0, 0.0], &mut Net::REST);
}
