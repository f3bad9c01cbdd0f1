//! Runs a trained net where it lies, in flash, for two streams.
#![no_std]
#![no_main]

use board::recipes::infer::{self, NET};

#[board::entry]
fn main() -> ! {
    board::run(|out| infer::run(&NET, out))
}
