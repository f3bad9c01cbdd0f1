//! Bounds of numbers, and the operations of an update rule on both.
//!
//! A rule is written once, for a [`Term`]. An update evaluates it on every number of the network,
//! [`is_safe`](super::Optimizer::is_safe) on one [`Bound`] for all of them: a bound that is finite
//! proves that every number is. For `|a| ≤ A` and `|b| ≤ B`:
//!
//! - Rounding to nearest is monotone and symmetric, so what is computed of the bounds, rounded too,
//!   is a bound of what is computed of the numbers: `|a ± b| ≤ A + B`, `|a · k| ≤ A · |k|`,
//!   `|a · a| ≤ A · A`.
//! - `√s` is of a mean square, which is not negative ([`flush_mean_square`](Term::flush_mean_square)),
//!   so with `k ≥ 0` and `ε > 0` it holds that `√s · k + ε ≥ ε`, and `|a / (√s · k + ε)| ≤ A / ε`.
//! - Of finite numbers only 0/0, ∞ − ∞, 0 · ∞ and the root of a negative number are NaN. No divisor
//!   is 0, no root is of a negative number, and no number is infinite where its bound is finite, but
//!   for a divisor: the quotient is 0.
//! - A bound that is not finite stays so in every operation, and one made of a NaN is NaN.

use core::ops::{Add, Mul, Sub};

use crate::nn::{Parameters, max_abs};
use crate::num::Scalar;

/// A number of type `T` in an update rule, or a bound of many.
pub(super) trait Term<T>:
    Copy + Add<Output = Self> + Sub<Output = Self> + Mul<T, Output = Self>
{
    /// `self · self`
    fn squared(self) -> Self;
    /// `self + x · w`
    fn mul_acc(self, x: T, w: Self) -> Self;
    /// `self / (√mean_square · factor + epsilon)`
    fn over_root(self, mean_square: Self, factor: T, epsilon: T) -> Self;
    /// Zero for a number too small to be normal.
    ///
    /// A decaying mean would end as a subnormal number and, rounded to nearest, stay one. Some
    /// processors are a hundred times slower on those.
    fn flush_subnormal(self) -> Self;
    /// The same for a mean square. A negative one, of a state from elsewhere, becomes 0 too.
    fn flush_mean_square(self) -> Self;
}

impl<T: Scalar> Term<T> for T {
    #[inline]
    fn squared(self) -> Self {
        self * self
    }

    #[inline(always)]
    fn mul_acc(self, x: Self, w: Self) -> Self {
        self.mul_acc(x, w)
    }

    #[inline]
    fn over_root(self, mean_square: Self, factor: Self, epsilon: Self) -> Self {
        self / (mean_square.sqrt() * factor + epsilon)
    }

    #[inline]
    fn flush_subnormal(self) -> Self {
        if self.abs() < T::MIN_POSITIVE { T::ZERO } else { self }
    }

    #[inline]
    fn flush_mean_square(self) -> Self {
        if self < T::MIN_POSITIVE { T::ZERO } else { self }
    }
}

/// A bound of absolute values.
#[derive(Clone, Copy)]
pub(super) struct Bound<T>(T);

impl<T: Scalar> Bound<T> {
    /// The bound of all numbers of `parameters`; NaN if one is NaN.
    pub(super) fn of<P: Parameters<Scalar = T>>(parameters: &P) -> Self {
        Self(max_abs(parameters))
    }

    /// A bound that is known.
    pub(super) const fn new(largest: T) -> Self {
        Self(largest)
    }

    /// Whether all numbers are finite.
    pub(super) fn is_finite(self) -> bool {
        self.0.is_finite()
    }
}

impl<T: Scalar> Add for Bound<T> {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

#[allow(clippy::suspicious_arithmetic_impl, reason = "the numbers may have opposite signs")]
impl<T: Scalar> Sub for Bound<T> {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl<T: Scalar> Mul<T> for Bound<T> {
    type Output = Self;

    fn mul(self, factor: T) -> Self {
        Self(self.0 * factor.abs())
    }
}

impl<T: Scalar> Term<T> for Bound<T> {
    fn squared(self) -> Self {
        Self(self.0 * self.0)
    }

    fn mul_acc(self, x: T, w: Self) -> Self {
        self + w * x
    }

    fn over_root(self, _: Self, factor: T, epsilon: T) -> Self {
        let divisor_is_positive = factor >= T::ZERO && factor.is_finite() && epsilon > T::ZERO;
        Self(if divisor_is_positive { self.0 / epsilon } else { T::NAN })
    }

    fn flush_subnormal(self) -> Self {
        self
    }

    fn flush_mean_square(self) -> Self {
        self
    }
}
