//! The readout does not read what the cell writes.
use elman::{Dense, Elman, Stack, Zeros};

fn main() {
    let _ = Stack::new((Elman::<1, 12>::ZEROS, Dense::<16, 1>::ZEROS));
}
