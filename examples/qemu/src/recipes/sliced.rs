//! Learning in slices, between samples: two trainers of the same net, one that learns in slices before
//! the next sample, and one that is behind, so that samples come while work is pending.

use core::fmt::{Error, Write};

use elman::{Adam, ConstZero, Initialize, Pcg32, SlicedTrainer, Trainer};

use super::decimal::Decimal;
use super::hash::hash;
use super::stream::{K1, K2, Net, Oscillation};

type Sliced = SlicedTrainer<Net, Adam, K1, K2>;

const PHASE: usize = 500;
const PHASES: usize = 3;

/// All that changes.
pub struct Learners {
    at_once: Trainer<Net, Adam, K1, K2>,
    in_time: Sliced,
    behind: Sliced,
}

/// Learns and reports; returns whether all learned, and the second with the bits of the first.
pub fn run(learners: &mut Learners, out: &mut impl Write) -> Result<bool, Error> {
    learners.start();
    let mut errors = [[0.0; 2]; PHASES];
    let (mut signal, mut rng) = (Oscillation::START, Pcg32::new(2, 0));
    for errors in &mut errors {
        *errors = learners.phase(&mut signal, &mut rng)?;
        let [in_time, behind] = errors.map(Decimal);
        writeln!(out, "error in time {in_time}, behind {behind}")?;
    }
    let Learners { at_once, in_time, behind } = learners;
    let hashes = [&at_once.learner.net, in_time.net(), &behind.complete().learner.net].map(hash);
    for hash in hashes {
        writeln!(out, "weights {hash:016x}")?;
    }
    let ([first, .., last], [at_once, in_time, _]) = (errors, hashes);
    Ok(at_once == in_time && last[0] < 0.5 * first[0] && last[1] < 0.5 * first[1])
}

impl Learners {
    /// All zero.
    pub const fn new() -> Self {
        Self { at_once: ConstZero::ZERO, in_time: ConstZero::ZERO, behind: ConstZero::ZERO }
    }

    fn start(&mut self) {
        let Self { at_once, in_time, behind } = self;
        let learners =
            [&mut at_once.learner, &mut in_time.complete().learner, &mut behind.complete().learner];
        for learner in learners {
            learner.net.init_pytorch(&mut Pcg32::new(1, 0));
            learner.optimizer = Adam::new(0.01);
        }
    }

    /// The mean squared error of the forecasts in a phase, of both that learn in slices.
    fn phase(&mut self, signal: &mut Oscillation, rng: &mut Pcg32) -> Result<[f32; 2], Error> {
        let mut sums = [0.0; 2];
        for _ in 0..PHASE {
            let now = [signal.value()];
            signal.advance();
            let next = [signal.value()];
            self.at_once.observe(&now, &next).map_err(|_| Error)?;
            sums[0] += self.in_time.observe(&now, &next).map_err(|_| Error)?.loss;
            sums[1] += self.behind.observe(&now, &next).map_err(|_| Error)?.loss;

            while self.in_time.is_pending() {
                self.in_time.learn(1 << rng.below(13));
            }
            self.behind.learn(Sliced::MACS / 4);
        }
        Ok(sums.map(|sum| sum / PHASE as f32))
    }
}
