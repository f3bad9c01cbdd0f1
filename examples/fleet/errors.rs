//! Squared errors relative to those of persistence.

use super::board::{Day, FORECASTS, change};

/// Squared errors of the forecasts of a day, and of persistence, which forecasts no change.
#[derive(Clone, Copy, Debug, Default)]
pub struct Errors {
    pub week: usize,
    forecast: f64,
    persistence: f64,
}

impl Errors {
    pub fn of(forecasts: &[f32; FORECASTS], day: &Day, week: usize) -> Self {
        let changes = (0..FORECASTS).map(|t| f64::from(change(day, t)));
        let persistence = changes.clone().map(|change| change * change).sum();
        let difference =
            changes.zip(forecasts).map(|(change, &forecast)| change - f64::from(forecast));
        Self { week, forecast: difference.map(|d| d * d).sum(), persistence }
    }
}

/// The error over the days that lie in `weeks`, relative to persistence.
pub fn relative(days: &[Errors], weeks: core::ops::RangeInclusive<usize>) -> f64 {
    let days = days.iter().filter(|day| weeks.contains(&day.week));
    let (forecast, persistence) = days.fold((0.0, 0.0), |(forecast, persistence), day| {
        (forecast + day.forecast, persistence + day.persistence)
    });
    forecast / persistence
}
