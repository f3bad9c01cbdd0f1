//! Learns, and learns on after the next start: `learn` with checkpoints. See `board::product`.
#![no_std]
#![no_main]

use core::hint::black_box;

use board::product::{self, Run, Slots};
use elman::ConstZero;

#[board::entry]
fn main() -> ! {
    board::run(|out| {
        let run = board::own!(Run = ConstZero::ZERO)?;
        let slots = black_box(board::own!(Slots = product::EMPTY)?);
        product::begin(run);
        product::learn_and_keep(run, slots, out, |_, _| Ok(()))
    })
}
