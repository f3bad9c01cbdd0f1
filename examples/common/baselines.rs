//! Baselines of a forecast: persistence, seasonal, least squares, recursive least squares.
//!
//! One step ahead, or as many as `ahead` says.

use core::ops::Range;
use std::collections::VecDeque;

use nalgebra::{DMatrix, DVector};

/// A forecast of the next number, or of one `ahead` steps on, from those so far.
pub trait Baseline {
    fn name(&self) -> String;
    /// The forecast after `x`.
    fn observe(&mut self, x: f64) -> f64;
    /// Bytes of RAM in `f32`; constant weights lie in flash.
    fn ram(&self) -> usize;
    /// Multiplications, each with an addition, for one number.
    fn operations(&self) -> usize;
}

/// A line of a table: a method, its mean squared error, and what it takes.
pub struct Line {
    pub name: String,
    pub mse: f64,
    pub ram: usize,
    pub operations: usize,
}

impl Line {
    /// The error of the forecasts of `test`, each from all the numbers before it.
    pub fn of(mut baseline: impl Baseline, series: &[f64], test: Range<usize>) -> Self {
        let forecasts = forecasts(&mut baseline, series, test.clone());
        let squares = forecasts.iter().zip(&series[test]).map(|(y, x)| (y - x).powi(2));
        let mse = squares.sum::<f64>() / forecasts.len() as f64;
        let (ram, operations) = (baseline.ram(), baseline.operations());
        Self { name: baseline.name(), mse, ram, operations }
    }
}

/// The forecasts of the numbers of `test`.
pub fn forecasts(baseline: &mut impl Baseline, series: &[f64], test: Range<usize>) -> Vec<f64> {
    let all: Vec<f64> = series[..test.end - 1].iter().map(|&x| baseline.observe(x)).collect();
    all[test.start - 1..].to_vec()
}

/// Multiplications of truncated BPTT(k1, k2) for one number, of an `i-h-o` network of tanh units,
/// without the optimiser: a step, and k2/k1 steps back.
pub const fn net_operations([i, h, o]: [usize; 3], k1: usize, k2: usize) -> usize {
    let step = i * h + h * h + h * o;
    let back = i * h + 2 * h * h + 2 * h * o; // no error travels to the input
    step + back * k2 / k1
}

//////////// without weights ////////////

/// The present number again.
pub struct Persistence;

impl Baseline for Persistence {
    fn name(&self) -> String {
        "persistence".into()
    }
    fn observe(&mut self, x: f64) -> f64 {
        x
    }
    fn ram(&self) -> usize {
        0
    }
    fn operations(&self) -> usize {
        0
    }
}

/// The number one period before the one to forecast.
pub struct Seasonal {
    newest: Newest,
    ahead: usize,
}

impl Seasonal {
    pub fn new(period: usize) -> Self {
        Self::ahead(period, 1)
    }

    /// Whole periods before the number `ahead` steps on, as few as there are.
    pub fn ahead(period: usize, ahead: usize) -> Self {
        Self { newest: Newest::new(period), ahead }
    }
}

impl Baseline for Seasonal {
    fn name(&self) -> String {
        format!("seasonal, {}", self.newest.lags)
    }
    fn observe(&mut self, x: f64) -> f64 {
        self.newest.push(x);
        let period = self.newest.lags;
        self.newest.numbers[(period - self.ahead % period) % period]
    }
    fn ram(&self) -> usize {
        4 * self.newest.lags
    }
    fn operations(&self) -> usize {
        0
    }
}

/// The newest numbers, newest first; before the stream the first one.
struct Newest {
    lags: usize,
    numbers: VecDeque<f64>,
}

impl Newest {
    fn new(lags: usize) -> Self {
        Self { lags, numbers: VecDeque::new() }
    }

    fn push(&mut self, x: f64) {
        self.numbers.push_front(x);
        self.numbers.resize(self.lags, x);
    }

    /// 1 and the newest numbers.
    fn regressors(&self) -> DVector<f64> {
        DVector::from_iterator(1 + self.lags, [1.0].into_iter().chain(self.numbers.iter().copied()))
    }
}

//////////// linear autoregression ////////////

/// A constant and a weight for each of the newest numbers, fitted at a desk.
pub struct LeastSquares {
    newest: Newest,
    weights: DVector<f64>,
}

impl LeastSquares {
    /// Fitted to `series`.
    pub fn fit(lags: usize, series: &[f64]) -> Self {
        Self::fit_ahead(lags, 1, series)
    }

    /// Fitted to the numbers of `series` that are `ahead` steps on.
    pub fn fit_ahead(lags: usize, ahead: usize, series: &[f64]) -> Self {
        let targets = DVector::from_column_slice(&series[lags + ahead - 1..]);
        let regressors = DMatrix::from_fn(targets.len(), 1 + lags, |row, lag| match lag {
            0 => 1.0,
            _ => series[row + lags - lag],
        });
        let weights = regressors.svd(true, true).solve(&targets, 1e-9);
        Self { newest: Newest::new(lags), weights: weights.expect("U and V are known") }
    }
}

impl Baseline for LeastSquares {
    fn name(&self) -> String {
        format!("least squares, {} lags", self.newest.lags)
    }
    fn observe(&mut self, x: f64) -> f64 {
        self.newest.push(x);
        self.weights.dot(&self.newest.regressors())
    }
    fn ram(&self) -> usize {
        4 * self.newest.lags
    }
    fn operations(&self) -> usize {
        1 + self.newest.lags
    }
}

/// The same weights, learned number by number: recursive least squares.
///
/// ```text
/// k = P·φ / (λ + φᵀ·P·φ),   w ← w + k · (x − wᵀ·φ),   P ← (P − k·φᵀ·P) / λ
/// ```
///
/// `φ` is that of `ahead` steps ago.
pub struct RecursiveLeastSquares {
    newest: Newest,
    ahead: usize,
    /// The regressors whose target is to come, oldest first.
    waiting: VecDeque<DVector<f64>>,
    weights: DVector<f64>,
    inverse: DMatrix<f64>,
    forgetting: f64,
}

impl RecursiveLeastSquares {
    /// `forgetting` is λ.
    pub fn new(lags: usize, forgetting: f64) -> Self {
        Self::ahead(lags, forgetting, 1)
    }

    pub fn ahead(lags: usize, forgetting: f64, ahead: usize) -> Self {
        Self {
            newest: Newest::new(lags),
            ahead,
            waiting: VecDeque::new(),
            weights: DVector::zeros(1 + lags),
            inverse: DMatrix::from_diagonal_element(1 + lags, 1 + lags, 1e3),
            forgetting,
        }
    }

    fn learn(&mut self, regressors: &DVector<f64>, x: f64) {
        let gain = &self.inverse * regressors;
        let gain = &gain / (self.forgetting + regressors.dot(&gain));
        self.weights += &gain * (x - self.weights.dot(regressors));
        let projected = regressors.transpose() * &self.inverse;
        self.inverse = (&self.inverse - gain * projected) / self.forgetting;
        self.inverse = (&self.inverse + self.inverse.transpose()) * 0.5;
    }
}

impl Baseline for RecursiveLeastSquares {
    fn name(&self) -> String {
        format!("recursive least squares, {} lags", self.newest.lags)
    }
    fn observe(&mut self, x: f64) -> f64 {
        if self.waiting.len() == self.ahead
            && let Some(regressors) = self.waiting.pop_front()
        {
            self.learn(&regressors, x);
        }
        self.newest.push(x);
        let regressors = self.newest.regressors();
        let forecast = self.weights.dot(&regressors);
        self.waiting.push_back(regressors);
        forecast
    }
    fn ram(&self) -> usize {
        let n = 1 + self.newest.lags;
        4 * (n * n + 3 * n + self.ahead - 1)
    }
    fn operations(&self) -> usize {
        let n = 1 + self.newest.lags;
        2 * n * n + 4 * n
    }
}
