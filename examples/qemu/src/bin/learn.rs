//! Learns, and forgets at the next start: see `board::product`.
#![no_std]
#![no_main]

use board::product::{self, Run};
use elman::ConstZero;

#[board::entry]
fn main() -> ! {
    board::run(|out| {
        let run = board::own!(Run = ConstZero::ZERO)?;
        product::begin(run);
        product::learn(run, out)?;
        Ok(true)
    })
}
