//! Anomaly score: the error of a forecast over its robust running scale.

use core::num::NonZeroU32;

use super::{or, ratio};
use crate::num::{ConstZero, InRange, Scalar};
use crate::safetensors::StateDict;
use crate::state_dict;
use crate::train::{Limit, TrainErrorKind};

/// The default of [`AnomalyDetector::memory`] and [`AnomalyDetector::warm_up`].
const MEMORY: u32 = 1000;
/// The default of [`AnomalyDetector::max_hold`].
const MAX_HOLD: u32 = 100;
/// The first errors, at which the median doubles or halves: it is found from a first error 2³¹ times
/// too small or too large.
const FIRST: u32 = 32;

/// Anomaly score of the errors of a forecast, a row `X`: the modified z-score (Iglewicz & Hoaglin
/// 1993), with a running median.
///
/// ```text
/// score   = max_c 0.6745 · |e_c| / median_c
/// median ← median · (1 + g)  if |e| > median,   median / (1 + g)  if |e| < median
/// g       = 1 for the first 32 errors, then (7/6) / min(n, memory)
/// ```
///
/// The median of |e| follows each error by the same small factor (Robbins & Monro 1951), so an outlier
/// of any size moves it no further than another error does. For normal errors `median / 0.6745` is
/// their deviation, and 7/6 the gain of least variance.
///
/// An error is an anomaly if its score exceeds [`threshold`](Self::threshold), a number that
/// [`gaussian_threshold`](crate::gaussian_threshold) finds for a rate of false alarms. An anomaly is
/// not learned: the median holds, for at most [`max_hold`](Self::max_hold) anomalies in a row. After
/// those what was an anomaly is the rule, and is learned.
///
/// ```
/// use elman::{AnomalyDetector, Pcg32};
///
/// let (mut detector, mut rng) = (AnomalyDetector::<[f32; 1]>::new(), Pcg32::new(1, 0));
/// for _ in 0..2000 {
///     detector.update(&[0.1 * rng.approx_normal::<f32>()])?;
/// }
/// let anomaly = detector.update(&[-0.8])?; // eight deviations
/// assert!(anomaly.is_anomaly && (anomaly.score - 8.0).abs() < 1.0);
/// assert!(!detector.update(&[0.1])?.is_anomaly);
/// # Ok::<(), elman::TrainErrorKind>(())
/// ```
///
/// The stated rate holds for normal errors; where errors have heavier tails there are more alarms. Then
/// take the threshold from the scores of a recording.
#[derive(Clone, Debug)]
pub struct AnomalyDetector<X, T = f32> {
    /// The score above which an error is an anomaly. Default: 3.8906, 10 false alarms in 10⁵ normal
    /// errors of one channel.
    pub threshold: Limit<T>,
    /// The errors after which old ones are forgotten. Default: `None`, 1000.
    pub memory: Option<NonZeroU32>,
    /// The errors before the first alarm. Default: `None`, 1000.
    pub warm_up: Option<NonZeroU32>,
    /// The anomalies in a row that are not learned. Default: `None`, 100.
    pub max_hold: Option<NonZeroU32>,
    median: X,
    count: u32,
    alarms: u32,
}

/// What an [`AnomalyDetector`] says of an error.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct AnomalyScore<T = f32> {
    /// The error in robust deviations, of the channel where it is largest; 0 before the first error
    /// that is not 0.
    pub score: T,
    /// Whether it exceeds the threshold.
    pub is_anomaly: bool,
    /// Whether it is not to be learned.
    pub is_held: bool,
}

impl<X: ConstZero, T> AnomalyDetector<X, T> {
    /// No error yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            threshold: Limit::Default,
            memory: None,
            warm_up: None,
            max_hold: None,
            median: X::ZERO,
            count: 0,
            alarms: 0,
        }
    }
}

impl<X, T: Scalar> AnomalyDetector<X, T> {
    /// The running median of |e| in each channel.
    #[must_use]
    pub const fn median(&self) -> &X {
        &self.median
    }

    /// Whether the warm-up is over.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.count >= or(self.warm_up, MEMORY)
    }

    /// The threshold, or the default one; `None` if it is off.
    pub(super) fn limit(&self) -> Option<T> {
        self.threshold.or(ratio(38_906, 10_000))
    }

    /// How far the median moves.
    fn gain(&self) -> T {
        match self.count {
            ..FIRST => T::ONE,
            n => ratio(7, n.min(or(self.memory, MEMORY)).saturating_mul(6).max(1)),
        }
    }
}

impl<T: Scalar, const C: usize> AnomalyDetector<[T; C], T> {
    /// The score of an error, before it is learned.
    #[must_use]
    pub fn score(&self, error: &[T; C]) -> AnomalyScore<T> {
        let scores = error.iter().zip(&self.median).map(|(&e, &median)| score(e, median));
        let score = scores.fold(T::ZERO, |most, score| if score > most { score } else { most });
        let is_anomaly = self.is_ready() && self.limit().is_some_and(|limit| score > limit);
        let is_held = is_anomaly && self.alarms < or(self.max_hold, MAX_HOLD);
        AnomalyScore { score, is_anomaly, is_held }
    }

    /// The score of an error, which is then learned unless it is an anomaly.
    ///
    /// # Errors
    ///
    /// [`TrainErrorKind::Input`]: a number is not finite, or too large to compute with. Nothing
    /// changes.
    pub fn update(&mut self, error: &[T; C]) -> Result<AnomalyScore<T>, TrainErrorKind> {
        if !error.is_in_range() {
            return Err(TrainErrorKind::Input);
        }
        let score = self.score(error);
        self.alarms = if score.is_anomaly { self.alarms.saturating_add(1) } else { 0 };
        if !score.is_held {
            self.learn(error);
        }
        Ok(score)
    }

    fn learn(&mut self, error: &[T; C]) {
        let factor = T::ONE + self.gain();
        for (median, e) in self.median.iter_mut().zip(error.map(T::abs)) {
            if *median < T::MIN_POSITIVE {
                *median = e;
            } else if e > *median {
                *median *= factor;
            } else if e < *median {
                *median = *median / factor;
            }
        }
        self.count = self.count.saturating_add(1);
    }
}

/// `0.6745 · |e| / median`; 0 where there is no median yet.
fn score<T: Scalar>(e: T, median: T) -> T {
    if median < T::MIN_POSITIVE {
        return T::ZERO;
    }
    e.abs() / (median * ratio(1_482_602_219, 1_000_000_000))
}

impl<X: ConstZero, T> ConstZero for AnomalyDetector<X, T> {
    const ZERO: Self = Self::new();
}

impl<X: ConstZero, T> Default for AnomalyDetector<X, T> {
    fn default() -> Self {
        Self::new()
    }
}

state_dict!([X: StateDict, T] AnomalyDetector<X, T> {
    median: X,
    count: u32,
    alarms: u32,
});
