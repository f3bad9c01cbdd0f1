//! Learns a signal while it comes in, and learns anew when it changes.
#![no_std]
#![no_main]

use core::fmt::Error;

use board::recipes::stream::{self, SgdLoop};
use static_cell::ConstStaticCell;

/// In `.bss`: zeros take no flash, and nothing is moved over the stack.
static LEARNER: ConstStaticCell<SgdLoop> = ConstStaticCell::new(SgdLoop::new());

#[board::entry]
fn main() -> ! {
    board::run(|out| {
        let learner = LEARNER.try_take().ok_or(Error)?;
        stream::run(learner, out).map(|errors| stream::adapted(&errors))
    })
}
