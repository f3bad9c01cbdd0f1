//! The main job: a 1-12-1 net learns the sunspot numbers of 1700–1920 by truncated BPTT and
//! forecasts those of 1921–1955, one year ahead.

use core::fmt::{Result, Write};

use elman::{Dense, Elman, Pcg32, Scalar, Stack, uniform};

use super::decimal::Decimal;
use super::hash::hash;
use super::series::{FIRST_YEAR, SUNSPOTS};
use super::sgd_loop;

pub type Net = Stack<(Elman<1, 12>, Dense<12, 1>)>;
/// k1 = k2
pub const K: usize = 20;
pub type SgdLoop = sgd_loop::SgdLoop<Net, K>;

/// 11 updates each: 2200 in all.
pub(super) const EPOCHS: usize = 200;
pub(super) const LEARNING_RATE: f32 = 0.02;
/// 1/√12
pub(super) const INITIAL_WEIGHTS: f32 = 0.288_675_13;

pub(super) const TRAINING: usize = 1920 - FIRST_YEAR + 1;
pub(super) const TEST: usize = 1955 - 1921 + 1;
/// The literature's divisor of the mean squared error: ARV = MSE / 1495.6.
pub(super) const VARIANCE: f32 = 1495.6;

/// Trains, and reports how it went.
pub fn run(training: &mut SgdLoop, out: &mut impl Write) -> Result {
    let scale = Scale::training();
    uniform(&mut training.net, INITIAL_WEIGHTS, &mut Pcg32::new(1, 0));
    for epoch in 1..=EPOCHS {
        let loss = train(training, &scale);
        if epoch == 1 || epoch % 50 == 0 {
            writeln!(out, "epoch {epoch:3}  loss {}", Decimal(loss))?;
        }
    }
    writeln!(out, "forecast 1921-1955  ARV {}", Decimal(forecast(&training.net, &scale)))?;
    writeln!(out, "weights {:016x}", hash(&training.net))
}

/// Once through the training years, from the initial state; returns the mean loss.
fn train(training: &mut SgdLoop, scale: &Scale) -> f32 {
    training.reset();
    let mut sum = 0.0;
    for (&now, &next) in years().take(TRAINING - 1) {
        sum += training.observe::<K>(scale.score(now), scale.score(next), LEARNING_RATE);
    }
    sum / (TRAINING - 1) as f32
}

/// The error of the test years' forecasts as ARV.
pub fn forecast(net: &Net, scale: &Scale) -> f32 {
    let errors = forecasts(net, scale).map(|(y, next)| scale.activity(y) - next);
    errors.map(|error| error * error).sum::<f32>() / TEST as f32 / VARIANCE
}

/// The test years' forecasts as z-scores, each from the true years before it, and the true numbers.
pub fn forecasts(net: &Net, scale: &Scale) -> impl Iterator<Item = (f32, f32)> {
    let mut state = Net::INITIAL_STATE;
    years().take(TRAINING + TEST - 1).enumerate().filter_map(move |(i, (&now, &next))| {
        let [y] = *net.step(&[scale.score(now)], &mut state);
        (i >= TRAINING - 1).then_some((y, next))
    })
}

/// Each year with the one after it.
pub(super) fn years() -> impl Iterator<Item = (&'static f32, &'static f32)> {
    SUNSPOTS.iter().zip(SUNSPOTS.iter().skip(1))
}

/// From sunspot numbers to z-scores and back.
pub struct Scale {
    mean: f32,
    deviation: f32,
}

impl Scale {
    fn of(years: impl ExactSizeIterator<Item = &'static f32> + Clone) -> Self {
        let n = years.len() as f32;
        let mean = years.clone().sum::<f32>() / n;
        let variance = years.map(|x| (x - mean) * (x - mean)).sum::<f32>() / n;
        Self { mean, deviation: Scalar::sqrt(variance) }
    }

    /// The scale of the training years.
    pub fn training() -> Self {
        Self::of(SUNSPOTS.iter().take(TRAINING))
    }

    pub fn score(&self, activity: f32) -> f32 {
        (activity - self.mean) / self.deviation
    }

    pub fn activity(&self, score: f32) -> f32 {
        score * self.deviation + self.mean
    }
}
