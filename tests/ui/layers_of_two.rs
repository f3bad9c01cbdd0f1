//@ error: E0277
//@ message: `Dense<16, 1>` cannot read an input of type `[f32; 12]`
//! The readout does not read what the cell writes.
use elman::{Dense, Elman, Stack, Zeros};

fn main() {
    let _ = Stack::new((Elman::<1, 12>::ZEROS, Dense::<16, 1>::ZEROS));
}
