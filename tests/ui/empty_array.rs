//@ error: E0080
//@ message: an array of layers has at least one
//! An array of layers has at least one.
use elman::{Elman, Stack, Zeros};

type Net = Stack<[Elman<2, 2>; 0]>;

fn main() {
    let mut state = Net::REST;
    let _ = Net::ZEROS.step(&[0.0, 0.0], &mut state);
}
