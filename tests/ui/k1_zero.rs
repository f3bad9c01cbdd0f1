//@ error: E0080
//@ message: truncated BPTT(k1, k2) needs 1 <= k1 <= k2
//! An update has at least one new step.
use elman::{Elman, Tape};

fn main() {
    let tape = Tape::<Elman<1, 2>, 20>::new();
    let _ = tape.due::<0>();
}
