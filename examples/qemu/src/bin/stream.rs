//! Learns a signal while it comes in, and learns anew when it changes.
#![no_std]
#![no_main]

use board::recipes::stream::{self, Learner};

/// In `.bss`: zeros take no flash, and nothing is moved over the stack.
static mut LEARNER: Learner = Learner::new();

#[board::entry]
fn main() -> ! {
    let learner = &raw mut LEARNER;
    // SAFETY: `main` runs once, and nothing else uses the static.
    let learner = unsafe { &mut *learner };
    board::run(|out| stream::run(learner, out).map(|errors| stream::adapted(&errors)))
}
