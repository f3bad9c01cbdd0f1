//! A product that learns, for what checkpoints add to its flash: `learn` is it without them,
//! `learn_and_keep` with them, and `learn_and_tell` also says in words why one is refused.
//!
//! Three sensors, 3-16-3, Adam, k1 = 5 and k2 = 20; a smaller network where there is little RAM.

use core::fmt::{Error, Write};

use elman::safetensors;
use elman::{Adam, Dense, Elman, Pcg32, Stack, Trainer, checkpoint, uniform};

#[cfg(not(small))]
const SENSORS: usize = 3;
#[cfg(small)]
const SENSORS: usize = 1;
#[cfg(not(small))]
const UNITS: usize = 16;
#[cfg(small)]
const UNITS: usize = 4;

/// What learns.
pub type Run = Trainer<Stack<(Elman<SENSORS, UNITS>, Dense<UNITS, SENSORS>)>, Adam, 5, 20>;

/// The samples between two saves.
const SAMPLES: u32 = 100;

/// The settings and the first weights. `run` is zero.
pub fn begin(run: &mut Run) {
    run.learner.optimizer = Adam::new(0.01);
    uniform(&mut run.learner.net, 0.25, &mut Pcg32::new(1, 0));
}

/// Forecasts each sample from the one before, and learns.
pub fn learn(run: &mut Run, out: &mut impl Write) -> Result<(), Error> {
    for n in 0..SAMPLES {
        let [now, next] = [n, n + 1].map(|n| [(n % 8) as f32 * 0.125 - 0.5; SENSORS]);
        run.observe(&now, &next).map_err(|_| Error)?;
    }
    writeln!(out, "samples: {}", run.stream.steps() as u32)
}

/// Where checkpoints are kept.
pub type Slots = [[u8; checkpoint::size::<Run>()]; 2];
pub const EMPTY: Slots = [[0; checkpoint::size::<Run>()]; 2];

/// Learns from the newest checkpoint on, and saves one; whether it could.
pub fn learn_and_keep<W: Write>(
    run: &mut Run,
    [even, odd]: &mut Slots,
    out: &mut W,
    tell: fn(safetensors::Error, &mut W) -> Result<(), Error>,
) -> Result<bool, Error> {
    let sequence = match checkpoint::load_newest(run, [even, odd]) {
        Ok((_, sequence)) => sequence.wrapping_add(1),
        Err(error) => {
            tell(error, out)?;
            0
        }
    };
    learn(run, out)?;
    let older = if sequence.is_multiple_of(2) { even } else { odd };
    match checkpoint::save(run, sequence, older) {
        Ok(_) => Ok(true),
        Err(error) => {
            tell(error, out)?;
            Ok(false)
        }
    }
}
