//! Runs a trained net where it lies, in flash, for two streams.
#![no_std]
#![no_main]

use core::hint::black_box;

use board::recipes::infer::{self, NET};

#[board::entry]
fn main() -> ! {
    // The compiler is not to know these weights, as it would not know those of your net.
    board::run(|out| infer::run(black_box(&NET), out))
}
