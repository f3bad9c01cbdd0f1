//@ error: E0308
//! A tape of a net of one input reads one number.
use elman::{Elman, Tape, ConstZero};

fn main() {
    let net = Elman::<1, 12>::ZERO;
    let _ = Tape::<Elman<1, 12>, 4>::new().step(&net, &[0.0, 0.0]);
}
