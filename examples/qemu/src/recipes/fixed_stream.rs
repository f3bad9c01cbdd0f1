//! The stream in integers: the job of [`stream`](super::stream) for cores without an FPU.

use core::fmt::{Error, Write};

use elman::Stack;
use elman::fixed::{Dense, Elman};

use super::decimal::Decimal;
use super::fixed_loop::FixedLoop;
use super::hash::hash_of_integers;
use super::stream::{Errors, INITIAL_WEIGHTS, K1, K2, LEARNING_RATE, Oscillation, PHASE};

pub type Training = FixedLoop<Stack<(Elman<1, 8>, Dense<8, 1>)>, K2>;

/// Learns and reports; returns the errors.
pub fn run(training: &mut Training, out: &mut impl Write) -> Result<Errors, Error> {
    training.initialize(INITIAL_WEIGHTS);
    let mut signal = Oscillation::START;
    let mut errors = Errors::default();
    for (half, errors) in errors.iter_mut().enumerate() {
        for error in errors {
            *error = phase(training, &mut signal);
            writeln!(out, "{}  error {}", signal.name, Decimal(*error))?;
        }
        if half == 0 {
            signal.change();
        }
    }
    writeln!(out, "weights {:016x}", hash_of_integers(&training.net))?;
    Ok(errors)
}

/// The mean squared error of the forecasts in a phase.
fn phase(training: &mut Training, signal: &mut Oscillation) -> f32 {
    let mut sum = 0.0;
    for _ in 0..PHASE {
        let now = signal.value();
        signal.advance();
        sum += training.observe::<K1>(now, signal.value(), LEARNING_RATE);
    }
    sum / PHASE as f32
}
