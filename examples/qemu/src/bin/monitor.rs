//! Forecasts a stream in the units of its sensor, with an anomaly score and a drift flag.
#![no_std]
#![no_main]

use core::fmt::Error;

use board::recipes::monitor::{self, Monitor};
use elman::ConstZero;
use static_cell::ConstStaticCell;

/// In `.bss`: zeros take no flash, and nothing is moved over the stack.
static LEARNER: ConstStaticCell<Monitor> = ConstStaticCell::new(Monitor::ZERO);

#[board::entry]
fn main() -> ! {
    board::run(|out| {
        let learner = LEARNER.try_take().ok_or(Error)?;
        monitor::run(learner, out)
    })
}
