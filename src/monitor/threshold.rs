//! Threshold of an anomaly score from a rate of false alarms.

use super::ratio;
use crate::num::Scalar;

/// The deviation that a normal number exceeds in absolute value with probability `rate`.
///
/// ```text
/// t = √(−2 ln(rate/2))
/// k = t − (2.515517 + 0.802853 t + 0.010328 t²) / (1 + 1.432788 t + 0.189269 t² + 0.001308 t³)
/// ```
///
/// Right to 4.5e-4 (Abramowitz & Stegun 26.2.23). A rate that is not above 0 and below 1 is taken as
/// the nearest that is. For `C` channels, of which one false alarm is enough, take `rate/C`.
///
/// ```
/// use elman::{AnomalyDetector, Limit, gaussian_threshold};
///
/// let k: f32 = gaussian_threshold(1e-4); // 10 false alarms in 10⁵ samples
/// assert!((k - 3.8906).abs() < 1e-3);
/// let mut detector = AnomalyDetector::<[f32; 1]>::new();
/// detector.threshold = Limit::At(k);
/// ```
#[must_use]
pub fn gaussian_threshold<T: Scalar>(rate: T) -> T {
    let half = ratio(1, 2);
    let tail = rate * half;
    let tail = if tail > T::MIN_POSITIVE { tail } else { T::MIN_POSITIVE };
    let tail = if tail < half { tail } else { half };
    let t = (-T::from_u32(2) * tail.ln()).sqrt();
    let c = |millionths| ratio::<T>(millionths, 1_000_000);
    let above = c(2_515_517) + t * (c(802_853) + t * c(10_328));
    let below = T::ONE + t * (c(1_432_788) + t * (c(189_269) + t * c(1308)));
    t - above / below
}
