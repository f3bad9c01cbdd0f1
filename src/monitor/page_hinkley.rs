//! Drift: the Page–Hinkley test.

use core::num::NonZeroU32;

use super::{or, ratio, weight};
use crate::num::{ConstZero, Scalar};
use crate::safetensors::StateDict;
use crate::state_dict;
use crate::train::Limit;

/// The default of [`PageHinkley::warm_up`].
const WARM_UP: u32 = 30;

/// The Page–Hinkley test (Page 1954): whether the mean of a stream of numbers has changed.
///
/// ```text
/// mean ← mean + (x − mean) / n
/// up   ← max(0, up   + x − mean − delta)       a rise if up   > threshold
/// down ← max(0, down − x + mean − delta)       a fall if down > threshold
/// ```
///
/// `up` is the textbook's `m − min m` with `m = Σ (x − mean − delta)`, in a form that stays small.
/// After a change the test starts over.
///
/// ```
/// use elman::{Drift, PageHinkley, Pcg32};
///
/// let (mut test, mut rng) = (PageHinkley::<f32>::new(), Pcg32::new(1, 0));
/// for _ in 0..1000 {
///     assert_eq!(test.update(rng.approx_normal()), Drift::None);
/// }
/// let after = (1..).find(|_| test.update(2.0 + rng.approx_normal::<f32>()) == Drift::Up);
/// assert!(after < Some(40));
/// ```
///
/// The defaults are for numbers with a deviation of about 1, as an anomaly score has. A NaN or a
/// number too large to compute with is ignored.
#[derive(Clone, Debug)]
pub struct PageHinkley<T = f32> {
    /// The change of the mean that is ignored. Default: 0.1; off is 0.
    pub delta: Limit<T>,
    /// The sum of deviations that is a change. Default: 50; off is never.
    pub threshold: Limit<T>,
    /// The numbers before the first change. Default: `None`, 30, as in river.
    pub warm_up: Option<NonZeroU32>,
    mean: T,
    up: T,
    down: T,
    count: u32,
}

/// A change of a mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Drift {
    /// No change.
    #[default]
    None,
    /// The mean rose.
    Up,
    /// The mean fell.
    Down,
}

impl<T: ConstZero> PageHinkley<T> {
    /// No number yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            delta: Limit::Default,
            threshold: Limit::Default,
            warm_up: None,
            mean: T::ZERO,
            up: T::ZERO,
            down: T::ZERO,
            count: 0,
        }
    }

    /// Starts over; the settings stay.
    pub fn reset(&mut self) {
        (self.mean, self.up, self.down) = (T::ZERO, T::ZERO, T::ZERO);
        self.count = 0;
    }
}

impl<T: Scalar> PageHinkley<T> {
    /// Counts a number, and tells whether the mean has changed.
    pub fn update(&mut self, x: T) -> Drift {
        if !x.is_in_range() {
            return Drift::None;
        }
        self.count = self.count.saturating_add(1);
        self.mean += weight::<T>(self.count, None) * (x - self.mean);
        let delta = self.delta.or(ratio(1, 10)).unwrap_or(T::ZERO);
        self.up = positive(self.up + (x - self.mean - delta));
        self.down = positive(self.down + (self.mean - x - delta));
        let drift = self.drift();
        if drift != Drift::None {
            self.reset();
        }
        drift
    }

    fn drift(&self) -> Drift {
        let Some(threshold) = self.threshold.or(T::from_u32(50)) else { return Drift::None };
        match self.count {
            n if n < or(self.warm_up, WARM_UP) => Drift::None,
            _ if self.up > threshold => Drift::Up,
            _ if self.down > threshold => Drift::Down,
            _ => Drift::None,
        }
    }
}

fn positive<T: Scalar>(x: T) -> T {
    if x > T::ZERO { x } else { T::ZERO }
}

impl<T: ConstZero> ConstZero for PageHinkley<T> {
    const ZERO: Self = Self::new();
}

impl<T: ConstZero> Default for PageHinkley<T> {
    fn default() -> Self {
        Self::new()
    }
}

state_dict!([T: StateDict] PageHinkley<T> {
    mean: T,
    up: T,
    down: T,
    count: u32,
});
