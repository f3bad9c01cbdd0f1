//! Trains a net on the board itself. The data lie in flash, everything that changes in one static.
#![no_std]
#![no_main]

use core::fmt::Error;

use board::recipes::sunspots::{self, SgdLoop};
use static_cell::ConstStaticCell;

/// In `.bss`: zeros take no flash, and nothing is moved over the stack.
static LEARNER: ConstStaticCell<SgdLoop> = ConstStaticCell::new(SgdLoop::new());

#[board::entry]
fn main() -> ! {
    board::run(|out| {
        let learner = LEARNER.try_take().ok_or(Error)?;
        sunspots::run(learner, out).map(|()| true)
    })
}
