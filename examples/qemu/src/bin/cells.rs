//! Trains the cells beside `Elman` on the board: leaky, GRU in both forms, minGRU with and without a
//! tape.
#![no_std]
#![no_main]

use core::fmt::Error;

use board::recipes::cells::{self, Learner};
use static_cell::ConstStaticCell;

/// In `.bss`: zeros take no flash, and nothing is moved over the stack.
static LEARNER: ConstStaticCell<Learner> = ConstStaticCell::new(Learner::new());

#[board::entry]
fn main() -> ! {
    board::run(|out| {
        let learner = LEARNER.try_take().ok_or(Error)?;
        cells::run(learner, out)
    })
}
