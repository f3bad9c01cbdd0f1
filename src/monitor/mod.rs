//! Monitoring: standardisation, forecasts of a stream, anomaly score, drift.
//!
//! Knows [`num`](crate::num), [`safetensors`](crate::safetensors), [`nn`](crate::nn) and
//! [`train`](crate::train).

mod anomaly;
mod forecaster;
mod page_hinkley;
mod standard_scaler;
mod threshold;

pub use self::anomaly::{AnomalyDetector, AnomalyScore};
pub use self::forecaster::{ForecastReport, Forecaster};
pub use self::page_hinkley::{Drift, PageHinkley};
pub use self::standard_scaler::StandardScaler;
pub use self::threshold::gaussian_threshold;

use core::num::NonZeroU32;

use crate::num::Scalar;

/// `1/n` of the `n`th number, and not less than `1/memory`.
fn weight<T: Scalar>(n: u32, memory: Option<NonZeroU32>) -> T {
    T::ONE / T::from_u32(memory.map_or(n, |memory| n.min(memory.get())).max(1))
}

/// A setting, or its default.
fn or(setting: Option<NonZeroU32>, default: u32) -> u32 {
    setting.map_or(default, NonZeroU32::get)
}

/// `n / d`, a constant that no literal can be for every scalar.
fn ratio<T: Scalar>(n: u32, d: u32) -> T {
    T::from_u32(n) / T::from_u32(d)
}
