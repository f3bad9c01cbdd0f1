//! Learns a signal in integers while it comes in: `stream` for cores without an FPU.
#![no_std]
#![no_main]

use core::fmt::Error;

use board::recipes::stream::{self, FixedLoop};
use static_cell::ConstStaticCell;

/// In `.bss`: zeros take no flash, and nothing is moved over the stack.
static LEARNER: ConstStaticCell<FixedLoop> = ConstStaticCell::new(FixedLoop::new());

#[board::entry]
fn main() -> ! {
    board::run(|out| {
        let learner = LEARNER.try_take().ok_or(Error)?;
        stream::run(learner, out).map(|errors| stream::adapted(&errors))
    })
}
