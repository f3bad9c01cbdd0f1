//@ error: E0277
//@ error: E0599
//@ message: `FixedElman<1, 12, i16>`
//! Weights of 16 bits are for inference.
use elman::{Tape, fixed};

fn main() {
    let _ = Tape::<fixed::Elman<1, 12, i16>, 20>::new();
}
