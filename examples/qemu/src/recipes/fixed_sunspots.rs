//! The sunspots in integers: the job of [`sunspots`](super::sunspots) for cores without an FPU.

use core::fmt::{Result, Write};

use elman::Stack;
use elman::fixed::{Dense, Elman, Row};

use super::decimal::Decimal;
use super::fixed_loop::FixedLoop;
use super::hash::hash_of_integers;
use super::sunspots::{
    EPOCHS, INITIAL_WEIGHTS, K, LEARNING_RATE, Scale, TEST, TRAINING, VARIANCE, years,
};

pub type Net = Stack<(Elman<1, 12>, Dense<12, 1>)>;
pub type Training = FixedLoop<Net, K>;

/// Trains, and reports how it went.
pub fn run(training: &mut Training, out: &mut impl Write) -> Result {
    let scale = Scale::training();
    training.initialize(INITIAL_WEIGHTS);
    for epoch in 1..=EPOCHS {
        let loss = train(training, &scale);
        if epoch == 1 || epoch % 50 == 0 {
            writeln!(out, "epoch {epoch:3}  loss {}", Decimal(loss))?;
        }
    }
    writeln!(out, "forecast 1921-1955  ARV {}", Decimal(forecast(&training.net, &scale)))?;
    writeln!(out, "weights {:016x}", hash_of_integers(&training.net))
}

/// Once through the training years, from the initial state; returns the mean loss.
fn train(training: &mut Training, scale: &Scale) -> f32 {
    training.reset();
    let mut sum = 0.0;
    for (&now, &next) in years().take(TRAINING - 1) {
        sum += training.observe::<K>(scale.score(now), scale.score(next), LEARNING_RATE);
    }
    sum / (TRAINING - 1) as f32
}

/// The error of the test years' forecasts as ARV.
fn forecast(net: &Net, scale: &Scale) -> f32 {
    let (mut state, mut sum) = (Net::INITIAL_STATE, 0.0);
    for (year, (&now, &next)) in years().take(TRAINING + TEST - 1).enumerate() {
        let [y] = net.step(&Row::from([scale.score(now)]), &mut state).to_f32();
        let error = scale.activity(y) - next;
        sum += if year >= TRAINING - 1 { error * error } else { 0.0 };
    }
    sum / TEST as f32 / VARIANCE
}
