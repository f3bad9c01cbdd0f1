//! Learns across resets, one of them in the middle of a save, to the weights of a run without any.
#![no_std]
#![no_main]

use core::hint::black_box;
use core::mem::MaybeUninit;

use board::recipes::resume::{self, Kept, Next, Trainer};
use elman::Zeros;

/// In `.bss`, which every start clears.
static mut TRAINER: Trainer = Trainer::ZEROS;
/// In a section that no start touches.
#[unsafe(link_section = ".uninit.KEPT")]
static mut KEPT: MaybeUninit<Kept> = MaybeUninit::uninit();

#[board::entry]
fn main() -> ! {
    // The compiler is not to know what is in it.
    let (trainer, kept) = (&raw mut TRAINER, black_box(&raw mut KEPT));
    // SAFETY: `main` runs once a start, and nothing else uses the statics. `Kept` is made of
    // integers: whatever the RAM holds is one.
    let (trainer, kept) = unsafe { (&mut *trainer, (*kept).assume_init_mut()) };
    board::run(|out| match resume::start(trainer, kept, out)? {
        Next::Reset => board::reset(),
        Next::End(same) => Ok(same),
    })
}
