//! Baselines several steps ahead.

use super::args;
use crate::baselines::baselines;
use crate::common::baselines::{
    Baseline, LeastSquares, Persistence, RecursiveLeastSquares, Seasonal,
};
use crate::log::Log;
use crate::score::Scored;

/// x_t = 1.2 · x_{t−1} − x_{t−2} + 1.
fn oscillation(length: usize) -> Vec<f64> {
    let mut series = vec![0.0, 3.0];
    for t in 2..length {
        series.push(1.2 * series[t - 1] - series[t - 2] + 1.0);
    }
    series
}

#[test]
fn a_linear_baseline_learns_a_linear_series_at_every_horizon() {
    let series = oscillation(400);
    for ahead in [1, 2, 5] {
        let mut online = RecursiveLeastSquares::ahead(2, 0.95, ahead);
        let mut fitted = LeastSquares::fit_ahead(2, ahead, &series[..300]);
        for t in 0..series.len() - ahead {
            let forecasts = [online.observe(series[t]), fitted.observe(series[t])];
            let error = forecasts.map(|forecast| (forecast - series[t + ahead]).abs());
            assert!(t < 300 || error[0] < 1e-4 && error[1] < 1e-9, "{ahead} ahead, {t}: {error:?}");
        }
    }
}

#[test]
fn a_seasonal_forecast_is_the_number_whole_periods_before() {
    for ahead in 1..12 {
        let mut seasonal = Seasonal::ahead(5, ahead);
        for t in 0..40 {
            let forecast = seasonal.observe(t as f64);
            let expected = (t + ahead) as f64 - 5.0 * ahead.div_ceil(5) as f64;
            assert!(t < 5 || forecast == expected, "{ahead} ahead, {t}: {forecast}");
        }
    }
}

#[test]
fn persistence_is_the_unit_at_every_horizon() {
    let text: String = oscillation(900).iter().map(|x| format!("{x}\n")).collect();
    let options = args("--period 7 --lags 5");
    let log = Log::read(text.as_bytes(), &options.format).unwrap();
    for horizon in [1, 4] {
        let scored = Scored::new(&log, horizon, 24).unwrap();
        let baselines = baselines(&scored, &options.baselines);
        assert_eq!(baselines[0].name, Persistence.name());
        assert_eq!((baselines[0].middle, baselines[0].last), (Some(1.0), 1.0));
        assert!(baselines[2].last < 1e-6 && baselines[3].last < 1e-3, "{horizon}");
    }
}
