//@ error: E0277
//@ message: `Elman<8, 8>` cannot read an input of type `[f32; 16]`
//! The second of three layers does not read what the first one writes.
use elman::{Dense, Elman, Stack, ConstZero};

fn main() {
    let _ = Stack::new((Elman::<3, 16>::ZERO, Elman::<8, 8>::ZERO, Dense::<8, 2>::ZERO));
}
