//! Standardisation: the running mean and deviation of each channel.

use core::num::NonZeroU32;

use super::{or, weight};
use crate::num::{ConstZero, InRange, Scalar};
use crate::safetensors::StateDict;
use crate::state_dict;
use crate::train::TrainErrorKind;

/// The default of [`StandardScaler::warm_up`].
const WARM_UP: u32 = 100;

/// Standardisation of a row `X`, sample by sample: scikit-learn's and river's `StandardScaler`.
///
/// ```text
/// w  = 1 / min(n, memory)           n samples so far
/// d  = x − mean
/// mean     ← mean + w · d
/// variance ← (1 − w) · (variance + w · d²)
/// z  = (x − mean) / √variance
/// ```
///
/// Without a [`memory`](Self::memory) these are the mean and the population variance of all samples
/// (Welford 1962); with one, from that many samples on, they forget exponentially (Finch 2009).
/// In `f64` they agree with the formulas in two passes to 1e-12 (`tests/agreement/monitor.rs`).
///
/// ```
/// use elman::StandardScaler;
///
/// let mut scaler = StandardScaler::<[f32; 2]>::new();
/// for t in 0..200 {
///     scaler.update(&[20.0 + (t % 2) as f32, 7.0])?; // the second is constant
/// }
/// scaler.freeze(); // from here on the scale is fixed
///
/// let z = scaler.transform(&[21.0, 7.0]);
/// assert!((z[0] - 1.0).abs() < 1e-4 && z[1] == 0.0);
/// assert_eq!(scaler.inverse_transform(&z), [21.0, 7.0]);
/// assert!(scaler.update(&[f32::NAN, 7.0]).is_err());
/// # Ok::<(), elman::TrainErrorKind>(())
/// ```
///
/// A channel is constant if its deviation is at most four units in the last place of its mean; it is
/// centred, and not scaled.
///
/// # Memory
///
/// Two rows and a counter. The settings are the program's: a checkpoint does not hold them.
#[derive(Clone, Debug)]
pub struct StandardScaler<X> {
    /// The samples after which old ones are forgotten, by `1/memory` each sample. Default: `None`,
    /// all samples count alike.
    pub memory: Option<NonZeroU32>,
    /// The samples before [`is_ready`](Self::is_ready). Default: `None`, 100.
    pub warm_up: Option<NonZeroU32>,
    mean: X,
    variance: X,
    count: u32,
    frozen: bool,
}

impl<X: ConstZero> StandardScaler<X> {
    /// No sample yet: mean 0, and nothing is scaled.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            memory: None,
            warm_up: None,
            mean: X::ZERO,
            variance: X::ZERO,
            count: 0,
            frozen: false,
        }
    }
}

impl<X> StandardScaler<X> {
    /// The mean of each channel.
    #[must_use]
    pub const fn mean(&self) -> &X {
        &self.mean
    }

    /// The population variance of each channel.
    #[must_use]
    pub const fn variance(&self) -> &X {
        &self.variance
    }

    /// The samples so far; at most 2³² − 1 are counted.
    #[must_use]
    pub const fn count(&self) -> u32 {
        self.count
    }

    /// Whether the warm-up is over.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.count >= or(self.warm_up, WARM_UP)
    }

    /// Keeps mean and deviation as they are, until [`unfreeze`](Self::unfreeze).
    pub const fn freeze(&mut self) {
        self.frozen = true;
    }

    /// Lets samples change mean and deviation again.
    pub const fn unfreeze(&mut self) {
        self.frozen = false;
    }

    /// Whether mean and deviation are fixed.
    #[must_use]
    pub const fn is_frozen(&self) -> bool {
        self.frozen
    }
}

impl<T: Scalar, const C: usize> StandardScaler<[T; C]> {
    /// Counts a sample. If the scaler is frozen, nothing changes.
    ///
    /// # Errors
    ///
    /// [`TrainErrorKind::Input`]: a number is not finite, or too large to compute with. Nothing
    /// changes.
    pub fn update(&mut self, x: &[T; C]) -> Result<(), TrainErrorKind> {
        *self = self.updated(x)?;
        Ok(())
    }

    /// The scaler after a sample.
    pub(super) fn updated(&self, x: &[T; C]) -> Result<Self, TrainErrorKind> {
        let mut next = self.clone();
        if !self.frozen {
            next.count = next.count.saturating_add(1);
            let w = weight::<T>(next.count, self.memory);
            for ((mean, variance), &x) in next.mean.iter_mut().zip(&mut next.variance).zip(x) {
                let d = x - *mean;
                *mean += w * d;
                *variance = (T::ONE - w) * (*variance + w * (d * d));
            }
        }
        let fits = x.is_in_range() && next.variance.iter().all(|v| v.is_finite());
        if fits { Ok(next) } else { Err(TrainErrorKind::Input) }
    }

    /// The z-scores `(x − mean) / deviation`.
    #[must_use]
    pub fn transform(&self, x: &[T; C]) -> [T; C] {
        let mut z = *x;
        for (z, (mean, deviation)) in z.iter_mut().zip(self.channels()) {
            *z = (*z - mean) / or_one(deviation);
        }
        z
    }

    /// The numbers `mean + deviation · z`.
    #[must_use]
    pub fn inverse_transform(&self, z: &[T; C]) -> [T; C] {
        let mut x = *z;
        for (x, (mean, deviation)) in x.iter_mut().zip(self.channels()) {
            *x = mean + or_one(deviation) * *x;
        }
        x
    }

    /// The mean and the deviation of each channel, 0 where the channel is constant.
    pub(super) fn channels(&self) -> impl Iterator<Item = (T, T)> {
        let channels = self.mean.iter().zip(&self.variance);
        channels.map(|(&mean, &variance)| (mean, deviation(mean, variance)))
    }
}

fn deviation<T: Scalar>(mean: T, variance: T) -> T {
    let deviation = variance.sqrt();
    if deviation > T::from_u32(4) * T::EPSILON * mean.abs() { deviation } else { T::ZERO }
}

/// What to divide by: a constant channel is not scaled.
pub(super) fn or_one<T: Scalar>(deviation: T) -> T {
    if deviation > T::ZERO { deviation } else { T::ONE }
}

impl<X: ConstZero> ConstZero for StandardScaler<X> {
    const ZERO: Self = Self::new();
}

impl<X: ConstZero> Default for StandardScaler<X> {
    fn default() -> Self {
        Self::new()
    }
}

state_dict!([X: StateDict] StandardScaler<X> {
    mean: X,
    variance: X,
    count: u32,
    frozen: bool,
});
