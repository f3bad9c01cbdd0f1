//@ error: E0080
//@ message: a concatenated kernel has I + H rows: W_x on top of W_h
//! A concatenated kernel has I + H rows.
use elman::{Elman, Matrix};

fn main() {
    let _ = Elman::<1, 2>::from_concatenated(&Matrix([[0.0; 2]; 2]), [0.0; 2]);
}
