//@ error: E0277
//@ message: `Elman<8, 8>` cannot read an input of type `[f32; 12]`
//! The lowest layer of a nest does not read what the layer below the nest writes.
use elman::{Dense, Elman, Stack, ConstZero};

type Upper = Stack<(Elman<8, 8>, Dense<8, 1>)>;

fn main() {
    let _ = Stack::new((Elman::<1, 12>::ZERO, Upper::ZERO));
}
