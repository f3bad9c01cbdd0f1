//! All layers of a stack have one kind of number.
use elman::{ConstZero, Dense, Stack, fixed};

fn main() {
    let _ = Stack::new((fixed::Elman::<1, 12>::ZERO, Dense::<12, 1>::ZERO));
}
