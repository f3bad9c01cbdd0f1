//! An update has at least one new step.
use elman::{Elman, Tape};

fn main() {
    let tape = Tape::<Elman<1, 2>, 20>::new();
    let _ = tape.due::<0>();
}
