//@ error: E0271
//! The layers of an array do not read what the layer below the array writes.
use elman::{Dense, Elman, Stack, ConstZero};

fn main() {
    let _ = Stack::new((Elman::<1, 12>::ZERO, [Elman::<8, 8>::ZERO; 2], Dense::<8, 1>::ZERO));
}
