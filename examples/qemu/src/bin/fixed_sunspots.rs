//! Trains a net of integers on the board itself: `sunspots` for cores without an FPU.
#![no_std]
#![no_main]

use core::fmt::Error;

use board::recipes::sunspots::{self, FixedLoop};
use static_cell::ConstStaticCell;

/// In `.bss`: zeros take no flash, and nothing is moved over the stack.
static LEARNER: ConstStaticCell<FixedLoop> = ConstStaticCell::new(FixedLoop::new());

#[board::entry]
fn main() -> ! {
    board::run(|out| {
        let learner = LEARNER.try_take().ok_or(Error)?;
        sunspots::run(learner, out).map(|()| true)
    })
}
