//! Learning across resets: the board saves what it has learned, is reset, and learns on as if
//! nothing had happened, even after a reset in the middle of a save.
//!
//! The checkpoints lie in RAM that the start-up code leaves as it is. A product keeps them in
//! flash, which needs no power: the crate's `examples/power_loss.rs` has the same two slots there.

use core::fmt::{Error, Write};

use elman::checkpoint::{self, load_newest};
use elman::{Adam, Dense, Elman, Limit, Pcg32, Reduction, Stack, uniform};

use super::hash::hash;
use super::stream::Oscillation;

/// Small, so that it and two checkpoints fit in 16 KiB of RAM.
pub type Net = Stack<(Elman<1, 4>, Dense<4, 1>)>;
pub type AdamTrainer = elman::Trainer<Net, Adam, 5, 20>;

/// The bytes of a checkpoint.
pub const SIZE: usize = checkpoint::size::<AdamTrainer>();
/// 1/√4
const INITIAL_WEIGHTS: f32 = 0.5;
/// The samples before each save, every time in the middle of a window of 5.
const SAVES: [u32; 3] = [1003, 1504, 2007];
/// Samples that are forgotten by a reset.
const LOST: u32 = 290;
const END: u32 = 3000;

/// The memory that outlasts a reset.
///
/// The slots may begin with anything. `starts` and `uninterrupted` are only for this demonstration.
pub struct Kept {
    /// So far. The fourth does not end with a reset, nor does any after it.
    starts: u32,
    /// The hash of the weights after a run without a reset.
    uninterrupted: u64,
    slots: [[u8; SIZE]; 2],
}

/// What the board does next.
pub enum Next {
    Reset,
    /// The program is done, and this is whether it kept its promise.
    End(bool),
}

impl Kept {
    /// As QEMU has it; silicon could have anything there.
    pub const POWER_ON: Self = Self { starts: 0, uninterrupted: 0, slots: [[0; SIZE]; 2] };
}

/// The program, from one start of the board to the next. `trainer` is zero.
pub fn start(
    trainer: &mut AdamTrainer,
    kept: &mut Kept,
    out: &mut impl Write,
) -> Result<Next, Error> {
    kept.starts = kept.starts.saturating_add(1);
    writeln!(out, "start {}", kept.starts)?;
    begin(trainer);
    resume(trainer, kept, out)?;
    run(trainer, kept, out)
}

/// What is to be learned and how. A checkpoint replaces what has been learned so far.
fn begin(trainer: &mut AdamTrainer) {
    trainer.learner.optimizer = Adam::new(0.01);
    trainer.learner.max_norm = Limit::At(1.0);
    trainer.learner.reduction = Reduction::Sum;
    uniform(&mut trainer.learner.net, INITIAL_WEIGHTS, &mut Pcg32::new(1, 0));
}

/// Takes up the newest checkpoint that is whole, if there is one.
fn resume(trainer: &mut AdamTrainer, kept: &Kept, out: &mut impl Write) -> Result<(), Error> {
    for (n, slot) in kept.slots.iter().enumerate() {
        match checkpoint::sequence(slot) {
            Ok(sequence) => writeln!(out, "  slot {n}: checkpoint {sequence}")?,
            Err(error) => writeln!(out, "  slot {n}: {error}")?,
        }
    }
    let [a, b] = &kept.slots;
    if load_newest(trainer, [a, b]).is_ok() {
        writeln!(out, "  resumed after {} samples", samples(trainer))?;
    }
    Ok(())
}

/// Start 1 trains without a save; 2 ends with a reset, 3 with a reset during a save; 4 is the last.
fn run(trainer: &mut AdamTrainer, kept: &mut Kept, out: &mut impl Write) -> Result<Next, Error> {
    let [first, second, third] = SAVES;
    match kept.starts {
        1 => {
            learn(trainer, END)?;
            kept.uninterrupted = report(trainer, out)?;
        }
        2 => {
            learn(trainer, first)?;
            save(trainer, 1, &mut kept.slots, out)?;
            learn(trainer, second)?;
            save(trainer, 2, &mut kept.slots, out)?;
            learn(trainer, second + LOST)?;
        }
        3 => {
            learn(trainer, third)?;
            tear(save(trainer, 3, &mut kept.slots, out)?);
        }
        4 => {
            learn(trainer, END)?;
            let same = report(trainer, out)? == kept.uninterrupted;
            writeln!(out, "  as without a reset: {same}")?;
            return Ok(Next::End(same));
        }
        _ => return Ok(Next::End(false)),
    }
    writeln!(out, "  reset after {} samples", samples(trainer))?;
    Ok(Next::Reset)
}

/// Learns until the stream has had `end` samples. How many it has had is in the checkpoint too.
fn learn(trainer: &mut AdamTrainer, end: u32) -> Result<(), Error> {
    let mut signal = Oscillation::START;
    (0..samples(trainer)).for_each(|_| signal.advance());
    while samples(trainer) < end {
        let now = signal.value();
        signal.advance();
        trainer.observe(&[now], &[signal.value()]).map_err(|_| Error)?;
    }
    Ok(())
}

/// In 32 bits: where `core` prints 64, it links a panic.
fn samples(trainer: &AdamTrainer) -> u32 {
    trainer.stream.steps() as u32
}

/// Saves to the slots alternately, always over the older checkpoint; returns that slot.
fn save<'a>(
    trainer: &AdamTrainer,
    sequence: u32,
    [even, odd]: &'a mut [[u8; SIZE]; 2],
    out: &mut impl Write,
) -> Result<&'a mut [u8], Error> {
    writeln!(out, "  save {sequence} after {} samples", samples(trainer))?;
    let slot = if sequence.is_multiple_of(2) { even } else { odd };
    checkpoint::save(trainer, sequence, slot).map_err(|_| Error)?;
    Ok(slot)
}

/// What a reset in the middle of a save leaves of it in a flash: the front, then erased bytes.
fn tear(slot: &mut [u8]) {
    slot.iter_mut().skip(SIZE / 2).for_each(|byte| *byte = 0xff);
}

fn report(trainer: &AdamTrainer, out: &mut impl Write) -> Result<u64, Error> {
    let hash = hash(&trainer.learner.net);
    writeln!(out, "  weights after {} samples: {hash:016x}", samples(trainer))?;
    Ok(hash)
}
