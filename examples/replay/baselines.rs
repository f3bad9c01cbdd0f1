//! Baselines: methods that see the target alone.

use clap::Args;

use crate::common::baselines::{
    Baseline, LeastSquares, Persistence, RecursiveLeastSquares, Seasonal,
};
use crate::score::Scored;

/// Sizes of the baselines.
#[derive(Args, Clone, Debug)]
pub struct BaselineOptions {
    /// Newest values that the linear baselines read
    #[arg(long, default_value_t = 24, value_parser = at_least_one)]
    pub lags: usize,
    /// Rows of a season, for the seasonal baseline [default: none; 168 for the shipped log]
    #[arg(long, value_parser = at_least_one)]
    pub period: Option<usize>,
    /// How much recursive least squares keeps from row to row
    #[arg(long, default_value_t = 0.9995, value_parser = share)]
    pub forgetting: f64,
}

/// What a method forecast, and what it takes.
pub struct BaselineRun {
    pub name: String,
    /// By the row that they were made in.
    pub forecasts: Vec<f64>,
    /// Relative to persistence; `None` in rows that it was fitted to.
    pub middle: Option<f64>,
    pub last: f64,
    pub ram: usize,
    pub operations: usize,
}

/// Persistence first.
pub fn baselines(scored: &Scored<'_>, options: &BaselineOptions) -> Vec<BaselineRun> {
    let (lags, horizon) = (options.lags, scored.horizon);
    let fitted = LeastSquares::fit_ahead(lags, horizon, &scored.target[..scored.last().start]);
    let online = RecursiveLeastSquares::ahead(lags, options.forgetting, horizon);
    let seasonal = options.period.map(|period| Seasonal::ahead(period, horizon));
    let mut baselines = vec![baseline(scored, Persistence)];
    baselines.extend(seasonal.map(|seasonal| baseline(scored, seasonal)));
    baselines.push(BaselineRun { middle: None, ..baseline(scored, fitted) });
    baselines.push(baseline(scored, online));
    baselines
}

fn baseline(scored: &Scored<'_>, mut baseline: impl Baseline) -> BaselineRun {
    let forecasts: Vec<f64> = scored.target.iter().map(|&x| baseline.observe(x)).collect();
    let (ram, operations) = (baseline.ram(), baseline.operations());
    let middle = Some(scored.relative(&forecasts, scored.middle()));
    let last = scored.relative(&forecasts, scored.last());
    BaselineRun { name: baseline.name(), forecasts, middle, last, ram, operations }
}

fn at_least_one(text: &str) -> Result<usize, String> {
    let number = text.parse().map_err(|_| "a whole number")?;
    if number > 0 { Ok(number) } else { Err("at least 1".into()) }
}

fn share(text: &str) -> Result<f64, String> {
    let number = text.parse().map_err(|_| "a number")?;
    if 0.0 < number && number <= 1.0 { Ok(number) } else { Err("above 0 and at most 1".into()) }
}
