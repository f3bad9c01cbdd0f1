//! Trains a net of integers on the board itself: `sunspots` for cores without an FPU.
#![no_std]
#![no_main]

use core::fmt::Error;

use board::recipes::fixed_sunspots::{self, Training};
use static_cell::ConstStaticCell;

/// In `.bss`: zeros take no flash, and nothing is moved over the stack.
static LEARNER: ConstStaticCell<Training> = ConstStaticCell::new(Training::new());

#[board::entry]
fn main() -> ! {
    board::run(|out| {
        let learner = LEARNER.try_take().ok_or(Error)?;
        fixed_sunspots::run(learner, out).map(|()| true)
    })
}
