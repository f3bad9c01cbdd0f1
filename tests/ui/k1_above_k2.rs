//@ error: E0080
//@ message: truncated BPTT(k1, k2) needs 1 <= k1 <= k2
//! An update waits for at most k2 steps.
use elman::{Elman, Tape};

fn main() {
    let tape = Tape::<Elman<1, 2>, 20>::new();
    let _ = tape.due::<21>();
}
