//! Learning rate schedules.

use crate::num::{ConstZero, Scalar};

/// The factor of the learning rate, update after update: a warm-up, then a [`Decay`].
///
/// ```
/// use elman::Schedule;
///
/// let schedule = Schedule::cosine(100, 0.0_f32).after_warm_up(10);
/// assert_eq!(schedule.factor(0), 0.1);
/// assert_eq!(schedule.factor(9), 1.0);
/// assert!((schedule.factor(60) - 0.5).abs() < 1e-6);
/// assert_eq!(schedule.factor(1_000_000), 0.0);
/// ```
///
/// By hand: `ADAM.with_rate_scaled(schedule.factor(n)).update(..)`. The cosine is a series of sums,
/// products and quotients, since `libm::cosf` computes in `f64`, which firmware without double
/// precision must not link.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Schedule<T = f32> {
    /// The updates over which the factor rises linearly to 1.
    pub warm_up: u32,
    /// What comes after.
    pub decay: Decay<T>,
}

/// How the factor falls from 1. `n` counts the updates from 0, after the warm-up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Decay<T = f32> {
    /// 1
    Constant,
    /// `factor^⌊n / every⌋`
    Step {
        /// The updates between two steps.
        every: u32,
        /// What each step multiplies by.
        factor: T,
    },
    /// `factorⁿ`
    Exponential {
        /// What each update multiplies by.
        factor: T,
    },
    /// `end + (1 − end) · (1 + cos(π · n / updates)) / 2`, and `end` for good after that
    /// (Loshchilov & Hutter 2017, without restarts).
    Cosine {
        /// The length of the way down.
        updates: u32,
        /// The last factor.
        end: T,
    },
}

impl<T: Scalar> Schedule<T> {
    /// Always the same learning rate.
    #[must_use]
    pub const fn constant() -> Self {
        Self::from_decay(Decay::Constant)
    }

    /// Multiplied by `factor` after `every` updates.
    #[must_use]
    pub const fn step(every: u32, factor: T) -> Self {
        Self::from_decay(Decay::Step { every, factor })
    }

    /// Multiplied by `factor` after each update.
    #[must_use]
    pub const fn exponential(factor: T) -> Self {
        Self::from_decay(Decay::Exponential { factor })
    }

    /// Half a cosine from 1 to `end` in so many updates.
    #[must_use]
    pub const fn cosine(updates: u32, end: T) -> Self {
        Self::from_decay(Decay::Cosine { updates, end })
    }

    /// The same after `updates` of a linear warm-up: `1/updates, 2/updates, … 1`.
    #[must_use]
    pub const fn after_warm_up(self, updates: u32) -> Self {
        Self { warm_up: updates, ..self }
    }

    const fn from_decay(decay: Decay<T>) -> Self {
        Self { warm_up: 0, decay }
    }

    /// The factor of the next update after `updates` of them.
    #[must_use]
    pub fn factor(&self, updates: u32) -> T {
        match updates.checked_sub(self.warm_up) {
            Some(n) => self.decay.factor(n),
            None => T::from_u32(updates + 1) / T::from_u32(self.warm_up),
        }
    }
}

impl<T: Scalar> Decay<T> {
    fn factor(&self, n: u32) -> T {
        match *self {
            Self::Constant => T::ONE,
            Self::Step { every, factor } => power(factor, n.checked_div(every).unwrap_or(0)),
            Self::Exponential { factor } => power(factor, n),
            Self::Cosine { updates, end } if n < updates => {
                let root = cosine(T::PI * T::from_u32(n) / T::from_u32(updates) / T::from_u32(2));
                end + (T::ONE - end) * (root * root) // (1 + cos 2a) / 2 = cos² a
            }
            Self::Cosine { end, .. } => end,
        }
    }
}

impl<T: Scalar> ConstZero for Schedule<T> {
    const ZERO: Self = Self::constant();
}

impl<T: Scalar> Default for Schedule<T> {
    fn default() -> Self {
        Self::ZERO
    }
}

/// `xⁿ` by squaring.
fn power<T: Scalar>(mut x: T, mut n: u32) -> T {
    let mut power = T::ONE;
    while n > 0 {
        if n % 2 == 1 {
            power *= x;
        }
        x *= x;
        n /= 2;
    }
    power
}

/// The cosine on `0 ..= π/2` by its series, to the last digits of an `f64`.
fn cosine<T: Scalar>(a: T) -> T {
    let mut term = T::ONE;
    let mut sum = term;
    for k in 1..=TERMS {
        term *= -a * a / T::from_u32((2 * k - 1) * (2 * k));
        sum += term;
    }
    sum
}

/// The next term would be `(π/2)²⁴ / 24! < 10⁻¹⁹`.
const TERMS: u32 = 11;
