//@ error: E0080
//@ message: a tape holds at least one step
//! A tape holds at least one step.
use elman::{Elman, Tape};

fn main() {
    let _ = Tape::<Elman<1, 2>, 0>::new();
}
