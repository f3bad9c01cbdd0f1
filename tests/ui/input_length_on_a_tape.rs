//@ error: E0308
//! A tape of a net of one input reads one number.
use elman::{Elman, Tape, Zeros};

fn main() {
    let net = Elman::<1, 12>::ZEROS;
    let _ = Tape::<Elman<1, 12>, 4>::new().step(&net, &[0.0, 0.0]);
}
