//@ error: E0277
//@ message: `Dense<12, 1>` cannot read an input of type `Row<12>`
//! All layers of a stack have one kind of number.
use elman::{ConstZero, Dense, Stack, fixed};

fn main() {
    let _ = Stack::new((fixed::Elman::<1, 12>::ZERO, Dense::<12, 1>::ZERO));
}
