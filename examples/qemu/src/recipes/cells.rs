//! The cells beside `Elman`, each kept busy: a stack of all of them learns by truncated BPTT, and one
//! minGRU by real-time recurrent learning, without a tape.

use core::fmt::{Error, Write};

use elman::{
    Adam, ConstZero, Dense, Gru, Initialize, LeakyElman, Limit, MinGru, Optimizer, Parameters,
    Pcg32, Rtrl, Sgd, Stack, Trainer, clip_grad_norm, squared_error, time_constants,
};

use super::decimal::Decimal;
use super::hash::hash;
use super::stream::Oscillation;

type ResetBefore<const I: usize, const H: usize> = Gru<I, H, f32, false>;
pub type All = Stack<(Gru<1, 5>, LeakyElman<5, 4>, MinGru<4, 4>, ResetBefore<4, 3>, Dense<3, 1>)>;
pub type One = Stack<(MinGru<1, 6>, Dense<6, 1>)>;

const PHASE: usize = 500;
const PHASES: usize = 3;

/// All that changes.
pub struct Learner {
    by_tape: Trainer<All, Adam, 5, 10>,
    one: One,
    gradient: One,
    by_trace: Rtrl<1, 6, Dense<6, 1>>,
}

/// Learns and reports; returns whether both learned.
pub fn run(learner: &mut Learner, out: &mut impl Write) -> Result<bool, Error> {
    learner.start();
    let mut errors = [[0.0; 2]; PHASES];
    let mut signal = Oscillation::START;
    for errors in &mut errors {
        *errors = learner.phase(&mut signal)?;
        let [by_tape, by_trace] = errors.map(Decimal);
        writeln!(out, "error by tape {by_tape}, by trace {by_trace}")?;
    }
    writeln!(out, "weights {:016x}", hash(&learner.by_tape.learner.net))?;
    writeln!(out, "weights {:016x}", hash(&learner.one))?;
    let [first, .., last] = errors;
    Ok(last[0] < 0.5 * first[0] && last[1] < 0.5 * first[1])
}

impl Learner {
    /// All zero.
    pub const fn new() -> Self {
        let (one, gradient) = (One::ZERO, One::ZERO);
        Self { by_tape: ConstZero::ZERO, one, gradient, by_trace: Rtrl::new() }
    }

    fn start(&mut self) {
        let mut rng = Pcg32::new(1, 0);
        let learner = &mut self.by_tape.learner;
        learner.net.init_keras(&mut rng);
        time_constants(&mut learner.net.0.1.decay_logit, 2.0, 16.0);
        learner.optimizer = Adam::new(0.01);
        learner.max_norm = Limit::At(1.0);
        self.one.init_pytorch(&mut rng);
    }

    /// The mean squared error of the forecasts in a phase, of both.
    fn phase(&mut self, signal: &mut Oscillation) -> Result<[f32; 2], Error> {
        let mut sums = [0.0; 2];
        for _ in 0..PHASE {
            let now = [signal.value()];
            signal.advance();
            let next = [signal.value()];
            let report = self.by_tape.observe(&now, &next).map_err(|_| Error)?;
            sums[0] += report.loss;
            sums[1] += self.observe_by_trace(&now, &next);
        }
        Ok(sums.map(|sum| sum / PHASE as f32))
    }

    fn observe_by_trace(&mut self, now: &[f32; 1], next: &[f32; 1]) -> f32 {
        let (loss, d_y) = squared_error(self.by_trace.step(&self.one, now), next);
        self.by_trace.backward(&self.one, &d_y, &mut self.gradient);
        if clip_grad_norm(&mut self.gradient, 1.0).is_finite() {
            Sgd::new(0.05).update(&mut self.one, &self.gradient, &mut ());
        }
        self.gradient.set_zero();
        loss
    }
}

impl Default for Learner {
    fn default() -> Self {
        Self::new()
    }
}
