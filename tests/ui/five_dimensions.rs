//@ error: E0080
//@ message: a tensor has more than four dimensions
//! A tensor whose shape would not be kept to its end.

use elman::safetensors::save;

type Five = [[[[[f32; 2]; 1]; 1]; 1]; 1];

fn main() {
    let _ = save::<Five>(&[[[[[1.0, 2.0]]]]], &mut [0; 1000]);
}
