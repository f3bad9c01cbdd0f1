//! The layers of an array read what they write.
use elman::{Elman, Stack, Zeros};

fn main() {
    let _ = Stack::new([Elman::<3, 8>::ZEROS, Elman::<3, 8>::ZEROS]);
}
