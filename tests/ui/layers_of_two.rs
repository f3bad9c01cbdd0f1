//@ error: E0277
//@ message: `Dense<16, 1>` cannot read an input of type `[f32; 12]`
//! The readout does not read what the cell writes.
use elman::{Dense, Elman, Stack, ConstZero};

fn main() {
    let _ = Stack::new((Elman::<1, 12>::ZERO, Dense::<16, 1>::ZERO));
}
