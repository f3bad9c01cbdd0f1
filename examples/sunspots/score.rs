//! Errors of a forecast: mean squared error and average relative variance.

/// The variance of the numbers 1700–1979, by which the literature divides.
const VARIANCE: f64 = 1495.6;

/// The mean squared error, in sunspots².
pub fn mse(forecast: &[f64], truth: &[f64]) -> f64 {
    let squares: f64 = forecast.iter().zip(truth).map(|(y, target)| (y - target).powi(2)).sum();
    squares / truth.len() as f64
}

/// The average relative variance: 0 is perfect, 1 is about the error of forecasting the mean.
pub fn arv(mse: f64) -> f64 {
    mse / VARIANCE
}
