//! The readout does not read what the cell writes.
use elman::{Dense, Elman, Stack, ConstZero};

fn main() {
    let _ = Stack::new((Elman::<1, 12>::ZERO, Dense::<16, 1>::ZERO));
}
