//@ error: E0080
//@ message: an array of layers has at least one
//! An array of layers has at least one.
use elman::{Elman, Stack, ConstZero};

type Net = Stack<[Elman<2, 2>; 0]>;

fn main() {
    let mut state = Net::INITIAL_STATE;
    let _ = Net::ZERO.step(&[0.0, 0.0], &mut state);
}
