//! Learns, and learns on after the next start: `learn` with checkpoints in two slots.
#![no_std]
#![no_main]

use core::fmt::{Error, Write};
use core::hint::black_box;

use board::Console;
use board::product::{self, Run};
use elman::{ConstZero, checkpoint};

/// The bytes of a checkpoint.
const SIZE: usize = checkpoint::size::<Run>();

#[board::entry]
fn main() -> ! {
    board::run(|out| {
        let run = board::own!(Run = ConstZero::ZERO)?;
        let slots = black_box(board::own!([[u8; SIZE]; 2] = [[0; SIZE]; 2])?);
        product::begin(run);
        let sequence = resume(run, slots, out)?;
        product::learn(run, out)?;
        save(run, sequence.wrapping_add(1), slots, out)?;
        Ok(resume(run, slots, out)? == 1)
    })
}

/// Takes up the newest checkpoint, if there is one; returns its sequence number.
fn resume(run: &mut Run, [a, b]: &[[u8; SIZE]; 2], out: &mut Console) -> Result<u32, Error> {
    match checkpoint::load_newest(run, [a, b]) {
        Ok((_, sequence)) => Ok(sequence),
        Err(error) => {
            writeln!(out, "{error}")?;
            Ok(0)
        }
    }
}

/// Over the older checkpoint.
fn save(
    run: &Run,
    sequence: u32,
    slots: &mut [[u8; SIZE]; 2],
    out: &mut Console,
) -> Result<(), Error> {
    let [even, odd] = slots;
    let slot = if sequence.is_multiple_of(2) { even } else { odd };
    match checkpoint::save(run, sequence, slot) {
        Ok(_) => Ok(()),
        Err(error) => writeln!(out, "{error}"),
    }
}
