//! Score: squared errors of forecasts, on rows that the method has not seen.

use core::ops::Range;

use crate::log::{Log, LogError};

/// The rows in the warm-up of the scaler.
const WARM_UP: usize = 100;

/// A log with what is scored: a row counts if it and the row it is forecast from are whole.
pub struct Scored<'l> {
    pub log: &'l Log,
    pub horizon: usize,
    /// The target in each row.
    pub target: Vec<f64>,
}

impl<'l> Scored<'l> {
    /// `lags` are the rows that a baseline reads.
    pub fn new(log: &'l Log, horizon: usize, lags: usize) -> Result<Self, LogError> {
        let rows = (0..log.rows.len()).filter(|&row| log.is_whole(row)).count();
        let least = 3 * (WARM_UP.max(lags) + horizon);
        if rows < least {
            return Err(LogError::TooShort { rows, least });
        }
        let scored = Self { log, horizon, target: log.target() };
        let persistence = scored.mse(&scored.target, scored.last());
        if persistence > 0.0 { Ok(scored) } else { Err(LogError::Constant(log.names[0].clone())) }
    }

    /// The rows by which the best settings are chosen.
    pub fn middle(&self) -> Range<usize> {
        let rows = self.target.len();
        rows / 3..rows * 2 / 3
    }

    /// The rows that the score is of.
    pub fn last(&self) -> Range<usize> {
        let rows = self.target.len();
        rows * 2 / 3..rows
    }

    /// The squared error, relative to that of persistence.
    pub fn relative(&self, forecasts: &[f64], rows: Range<usize>) -> f64 {
        self.mse(forecasts, rows.clone()) / self.mse(&self.target, rows)
    }

    /// The mean squared error of the forecasts of `rows`; `forecasts[t]` is of row `t + horizon`.
    /// NaN if no row counts.
    pub fn mse(&self, forecasts: &[f64], rows: Range<usize>) -> f64 {
        let square = |row: usize| {
            let from = row.checked_sub(self.horizon)?;
            let is_counted = self.log.is_whole(row) && self.log.is_whole(from);
            is_counted.then(|| (forecasts[from] - self.target[row]).powi(2))
        };
        let squares: Vec<f64> = rows.filter_map(square).collect();
        squares.iter().sum::<f64>() / squares.len() as f64
    }
}
