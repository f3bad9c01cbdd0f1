//! Trains a net on the board itself. The data lie in flash, everything that changes in one static.
#![no_std]
#![no_main]

use board::recipes::sunspots::{self, Learner};

/// In `.bss`: zeros take no flash, and nothing is moved over the stack.
static mut LEARNER: Learner = Learner::new();

#[board::entry]
fn main() -> ! {
    let learner = &raw mut LEARNER;
    // SAFETY: `main` runs once, and nothing else uses the static.
    let learner = unsafe { &mut *learner };
    board::run(|out| sunspots::run(learner, out).map(|()| true))
}
