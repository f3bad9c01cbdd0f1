//! Baselines: the same weekday a week ago, and recursive least squares on what the network reads.

use super::board::{Day, FORECASTS, HALF_HOURS, History, change, inputs};
use super::data::Reading;
use super::errors::Errors;
use super::rls::Rls;

/// Seasonal: the change of the same half hour a week ago. Unknown in the first week, so none is forecast.
pub fn seasonal(readings: &[Reading]) -> Vec<Errors> {
    let mut history = History::NONE;
    let day = |reading: &Reading| {
        let today = reading.day.as_ref()?;
        let [_, week_ago] = history.past(reading.weekday());
        history.push(today, reading.weekday());
        let forecasts = core::array::from_fn(|t| change(&week_ago, t));
        Some(Errors::of(&forecasts, today, reading.week()))
    };
    readings.iter().filter_map(day).collect()
}

/// About 1000 samples, which is two months of one site.
const FORGETTING: f64 = 0.999;
const RIDGE: f64 = 0.1;

/// The inputs of the network, and a constant for each half hour.
const FEATURES: usize = 5 + HALF_HOURS;

/// A linear model of one site, or of several one after the other.
#[derive(Clone)]
pub struct Linear {
    rls: Rls<FEATURES>,
}

impl Linear {
    /// A model that forgets as slowly as if the samples of `sites` sites came at once.
    pub fn new(sites: usize) -> Self {
        Self { rls: Rls::new(1.0 - (1.0 - FORGETTING) / sites as f64, RIDGE) }
    }

    /// Forecasts a day half hour by half hour, and learns from it.
    pub fn learn(&mut self, reading: &Reading, history: &mut History) -> Option<Errors> {
        let today = reading.day.as_ref()?;
        let past = history.past(reading.weekday());
        history.push(today, reading.weekday());
        let mut forecasts = [0.0; FORECASTS];
        for (t, forecast) in forecasts.iter_mut().enumerate() {
            let x = features(today, &past, t);
            *forecast = self.rls.predict(&x) as f32;
            self.rls.update(&x, f64::from(change(today, t)));
        }
        Some(Errors::of(&forecasts, today, reading.week()))
    }
}

fn features(today: &Day, past: &[Day; 2], t: usize) -> [f64; FEATURES] {
    let inputs = inputs(today, past, t);
    core::array::from_fn(|n| match inputs.get(n) {
        Some(&input) => f64::from(input),
        None => f64::from(n - inputs.len() == t),
    })
}
