//! Learning without a data set: an endless oscillation whose period and amplitude change half-way.
//!
//! k1 < k2: an update every 5 steps, through the newest 20. Each sample is seen once.

use core::fmt::{Error, Write};

use elman::{Dense, Elman, Pcg32, Stack, uniform};

use super::decimal::Decimal;
use super::hash::hash;
use super::sgd_loop;

pub type Net = Stack<(Elman<1, 8>, Dense<8, 1>)>;
pub const K1: usize = 5;
pub const K2: usize = 20;
pub type SgdLoop = sgd_loop::SgdLoop<Net, K2>;

pub(super) const LEARNING_RATE: f32 = 0.05;
/// 1/√8
pub(super) const INITIAL_WEIGHTS: f32 = 0.353_553_4;
pub(super) const PHASE: usize = 1000;
const PHASES: usize = 4;

/// The error of each phase, before the change and after it.
pub type Errors = [[f32; PHASES]; 2];

/// Learns and reports; returns the errors.
pub fn run(training: &mut SgdLoop, out: &mut impl Write) -> Result<Errors, Error> {
    uniform(&mut training.net, INITIAL_WEIGHTS, &mut Pcg32::new(1, 0));
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
    writeln!(out, "weights {:016x}", hash(&training.net))?;
    Ok(errors)
}

/// Whether the error fell, rose at the change, and fell again.
pub fn adapted([before, after]: &Errors) -> bool {
    let [first, .., learned] = before;
    let [changed, .., adapted] = after;
    learned < first && changed > learned && adapted < changed
}

/// The mean squared error of the forecasts in a phase.
fn phase(training: &mut SgdLoop, signal: &mut Oscillation) -> f32 {
    let mut sum = 0.0;
    for _ in 0..PHASE {
        let now = signal.value();
        signal.advance();
        sum += training.observe::<K1>(now, signal.value(), LEARNING_RATE);
    }
    sum / PHASE as f32
}

/// `x_t = amplitude · cos(2π t / period)`, each sample made from the last by a rotation: no sine.
pub struct Oscillation {
    x: f32,
    y: f32,
    rotation: (f32, f32),
    pub(super) name: &'static str,
}

impl Oscillation {
    /// Period 25, amplitude 0.5.
    pub const START: Self = Self {
        x: 0.5,
        y: 0.0,
        rotation: (0.968_583_17, 0.248_689_89), // cos 2π/25, sin 2π/25
        name: "period 25, amplitude 0.5",
    };

    /// Period 10, amplitude 1, from here on.
    pub fn change(&mut self) {
        let rotation = (0.809_017, 0.587_785_25); // cos 2π/10, sin 2π/10
        *self =
            Self { x: 2.0 * self.x, y: 2.0 * self.y, rotation, name: "period 10, amplitude 1.0" };
    }

    pub const fn value(&self) -> f32 {
        self.x
    }

    pub fn advance(&mut self) {
        let (cos, sin) = self.rotation;
        (self.x, self.y) = (cos * self.x - sin * self.y, sin * self.x + cos * self.y);
    }
}
