//@ error: E0277
//@ message: `Dense<12, 1, f64>` cannot read an input of type `[f32; 12]`
//! All layers of a stack have one scalar.
use elman::{Dense, Elman, Stack, ConstZero};

fn main() {
    let _ = Stack::new((Elman::<1, 12, f32>::ZERO, Dense::<12, 1, f64>::ZERO));
}
