//! Learns in slices between samples, on the board.
#![no_std]
#![no_main]

use core::fmt::Error;

use board::recipes::sliced::{self, Learners};
use static_cell::ConstStaticCell;

/// In `.bss`: zeros take no flash, and nothing is moved over the stack.
static LEARNERS: ConstStaticCell<Learners> = ConstStaticCell::new(Learners::new());

#[board::entry]
fn main() -> ! {
    board::run(|out| {
        let learners = LEARNERS.try_take().ok_or(Error)?;
        sliced::run(learners, out)
    })
}
