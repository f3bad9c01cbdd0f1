//@ error: E0277
//@ message: `Elman<3, 8>` cannot read an input of type `[f32; 8]`
//! The layers of an array read what they write.
use elman::{Elman, Stack, ConstZero};

fn main() {
    let _ = Stack::new([Elman::<3, 8>::ZERO, Elman::<3, 8>::ZERO]);
}
