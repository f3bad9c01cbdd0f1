//! A concatenated kernel has I + H rows.
use elman::{Elman, Matrix};

fn main() {
    let _ = Elman::<1, 2>::from_concatenated(&Matrix([[0.0; 2]; 2]), [0.0; 2]);
}
