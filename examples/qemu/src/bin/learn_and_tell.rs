//! `learn_and_keep` that says in words why a checkpoint is refused. See `board::product`.
#![no_std]
#![no_main]

use core::fmt::Write;
use core::hint::black_box;

use board::product::{self, Run, Slots};
use elman::ConstZero;

#[board::entry]
fn main() -> ! {
    board::run(|out| {
        let run = board::own!(Run = ConstZero::ZERO)?;
        let slots = black_box(board::own!(Slots = product::EMPTY)?);
        product::begin(run);
        product::learn_and_keep(run, slots, out, |error, out| writeln!(out, "{error}"))
    })
}
