//! Learns across resets, one of them in the middle of a save, to the weights of a run without any.
#![no_std]
#![no_main]

use core::fmt::Error;
use core::hint::black_box;
use core::mem::MaybeUninit;

use board::recipes::resume::{self, AdamTrainer, Kept, Next};
use elman::ConstZero;
use static_cell::ConstStaticCell;

/// In `.bss`, which every start clears.
static TRAINER: ConstStaticCell<AdamTrainer> = ConstStaticCell::new(AdamTrainer::ZERO);
/// In a section that no start touches.
#[unsafe(link_section = ".uninit.KEPT")]
static mut KEPT: MaybeUninit<Kept> = MaybeUninit::uninit();

#[board::entry]
fn main() -> ! {
    // The compiler is not to know what is in it.
    let kept = black_box(&raw mut KEPT);
    // SAFETY: `main` runs once per start, and nothing else uses the static. To Rust its memory is
    // uninitialised; behind `black_box` it counts as written, and any bytes are a `Kept`.
    let kept = unsafe { (*kept).assume_init_mut() };
    board::run(|out| {
        let trainer = TRAINER.try_take().ok_or(Error)?;
        match resume::start(trainer, kept, out)? {
            Next::Reset => board::reset(),
            Next::End(same) => Ok(same),
        }
    })
}
