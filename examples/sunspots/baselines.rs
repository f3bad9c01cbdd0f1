//! Baselines: persistence, a period of eleven years, linear autoregression.

use core::ops::Range;

use crate::common::baselines::{
    self, Baseline, LeastSquares, Line, Persistence, RecursiveLeastSquares, Seasonal,
};
use crate::data::{Sunspots, TEST, TRAIN};

/// The numbers before the one to forecast.
const LAGS: usize = 9;
/// The Sun's.
const PERIOD: usize = 11;

/// Persistence: the forecast is this year's number.
pub fn persistence(sunspots: &Sunspots) -> Vec<f64> {
    forecasts(&mut Persistence, sunspots)
}

/// AR(9), fitted by least squares: a constant and a weight for each of the nine years before.
pub fn autoregression(sunspots: &Sunspots) -> Vec<f64> {
    forecasts(&mut least_squares(sunspots), sunspots)
}

/// All baselines, with what they take.
pub fn lines(sunspots: &Sunspots) -> [Line; 4] {
    let (all, test) = (until_test(sunspots), test());
    [
        Line::of(Persistence, all, test.clone()),
        Line::of(Seasonal::new(PERIOD), all, test.clone()),
        Line::of(least_squares(sunspots), all, test.clone()),
        Line::of(RecursiveLeastSquares::new(LAGS, 1.0), all, test),
    ]
}

fn least_squares(sunspots: &Sunspots) -> LeastSquares {
    LeastSquares::fit(LAGS, sunspots.years(TRAIN))
}

fn forecasts(baseline: &mut impl Baseline, sunspots: &Sunspots) -> Vec<f64> {
    baselines::forecasts(baseline, until_test(sunspots), test())
}

fn until_test(sunspots: &Sunspots) -> &[f64] {
    sunspots.years(*TRAIN.start()..=*TEST.end())
}

fn test() -> Range<usize> {
    TEST.start() - TRAIN.start()..TEST.end() + 1 - TRAIN.start()
}
