//! Baselines: persistence and linear autoregression.

use core::ops::RangeInclusive;

use nalgebra::{DMatrix, DVector};

use crate::data::{Sunspots, TEST, TRAIN};

/// Persistence: the forecast is this year's number.
pub fn persistence(sunspots: &Sunspots) -> Vec<f64> {
    TEST.map(|year| sunspots.year(year - 1)).collect()
}

/// AR(9), fitted by least squares: a constant and a weight for each of the nine years before.
pub fn autoregression(sunspots: &Sunspots) -> Vec<f64> {
    let fit = TRAIN.start() + ORDER..=*TRAIN.end();
    let targets = DVector::from_column_slice(sunspots.years(fit.clone()));
    let weights =
        lags(sunspots, fit).svd(true, true).solve(&targets, 0.0).expect("U and V are known");
    (lags(sunspots, TEST) * weights).as_slice().to_vec()
}

const ORDER: usize = 9;

/// The regressors, one row a year: 1 and the numbers of the nine years before.
fn lags(sunspots: &Sunspots, years: RangeInclusive<usize>) -> DMatrix<f64> {
    let first = *years.start();
    DMatrix::from_fn(years.count(), 1 + ORDER, |row, lag| match lag {
        0 => 1.0,
        _ => sunspots.year(first + row - lag),
    })
}
