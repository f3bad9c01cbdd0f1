//! Floating-point numbers: `f32` on the device, `f64` as the reference.

use core::fmt::{Debug, Display};
use core::ops::{Add, AddAssign, Div, Mul, MulAssign, Neg, Sub, SubAssign};

use super::soft_float::MulAcc;
use super::{ConstZero, InRange};

/// A floating-point number: `f32` or `f64`, and no other.
///
/// Only what the equations need. Every function here is the crate's own or `libm`'s, never the
/// standard library's, so a host and a device compute the same bits.
///
/// ```
/// use elman::Scalar;
///
/// fn derivative<T: Scalar>(z: T) -> T {
///     let h = z.tanh();
///     T::ONE - h * h
/// }
/// assert_eq!(derivative(0.0_f32), 1.0);
/// ```
pub trait Scalar:
    sealed::Sealed
    + Copy
    + Debug
    + Display
    + Default
    + PartialOrd
    + ConstZero
    + InRange
    + Neg<Output = Self>
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + AddAssign
    + SubAssign
    + MulAssign
    + Send
    + Sync
    + 'static
{
    /// 1
    const ONE: Self;
    /// The distance from 1 to the next number.
    const EPSILON: Self;
    /// The smallest positive normal number.
    const MIN_POSITIVE: Self;
    /// π
    const PI: Self;
    /// Not a number.
    const NAN: Self;

    /// The number `n`: exact in `f64`, and in `f32` up to 2²⁴.
    fn from_u32(n: u32) -> Self;
    /// The nearest number, for programs that run on a host: on a device it links `f64` arithmetic,
    /// which the crate itself never calls.
    ///
    /// ```
    /// use elman::Scalar;
    ///
    /// fn half<T: Scalar>() -> T {
    ///     T::from_f64(0.5)
    /// }
    /// assert_eq!((half::<f32>(), half::<f64>().to_f64()), (0.5, 0.5));
    /// ```
    fn from_f64(number: f64) -> Self;
    /// The same number. As [`from_f64`](Self::from_f64), for a host.
    fn to_f64(self) -> f64;
    /// Hyperbolic tangent: odd, monotone, within ±1; ±1 at ±∞, NaN at NaN.
    fn tanh(self) -> Self;
    /// The logistic function `1/(1 + e⁻ˣ)`: monotone, within 0 and 1, `σ(−x) = 1 − σ(x)`; NaN at NaN.
    ///
    /// The error is absolute: 1.2 · 2⁻²⁴ in `f32`, so that far below 0 the result is exactly 0.
    ///
    /// ```
    /// use elman::Scalar;
    ///
    /// assert_eq!(0.0_f32.sigmoid(), 0.5);
    /// assert_eq!((-1.5_f32).sigmoid(), 1.0 - 1.5_f32.sigmoid());
    /// assert_eq!((-20.0_f32).sigmoid(), 0.0);
    /// ```
    fn sigmoid(self) -> Self;
    /// Square root, correctly rounded.
    fn sqrt(self) -> Self;
    /// `eˣ`
    fn exp(self) -> Self;
    /// The natural logarithm.
    fn ln(self) -> Self;
    /// `ln(1 + x)`, accurate near 0 too.
    fn ln_1p(self) -> Self;
    /// Absolute value.
    fn abs(self) -> Self;
    /// Neither infinite nor NaN.
    fn is_finite(self) -> bool;
    /// Not a number.
    fn is_nan(self) -> bool;
}

macro_rules! scalar {
    ($float:ident, $tanh:path, $sqrt:path, $exp:path, $ln:path, $ln_1p:path, $abs:path) => {
        impl sealed::Sealed for $float {
            // Without the sign, bits are ordered as absolute values are, and those of a NaN are above
            // those of infinity.
            #[inline(never)] // one body for all lengths: LLVM would unroll a short loop whole
            fn max_abs(numbers: &[Self]) -> Self {
                let largest = numbers.iter().fold(0, |largest, x| (x.to_bits() << 1).max(largest));
                Self::from_bits(largest >> 1)
            }
        }

        impl Scalar for $float {
            const ONE: Self = 1.0;
            const EPSILON: Self = $float::EPSILON;
            const MIN_POSITIVE: Self = $float::MIN_POSITIVE;
            const PI: Self = core::$float::consts::PI;
            const NAN: Self = $float::NAN;

            #[allow(clippy::cast_precision_loss, clippy::cast_lossless)]
            fn from_u32(n: u32) -> Self {
                n as Self
            }
            #[allow(clippy::cast_possible_truncation)]
            fn from_f64(number: f64) -> Self {
                number as Self
            }
            #[allow(clippy::cast_lossless)]
            fn to_f64(self) -> f64 {
                self as f64
            }
            #[inline]
            fn tanh(self) -> Self {
                $tanh(self)
            }
            fn sigmoid(self) -> Self {
                super::sigmoid::sigmoid(self)
            }
            #[inline]
            fn sqrt(self) -> Self {
                $sqrt(self)
            }
            fn exp(self) -> Self {
                $exp(self)
            }
            fn ln(self) -> Self {
                $ln(self)
            }
            fn ln_1p(self) -> Self {
                $ln_1p(self)
            }
            fn abs(self) -> Self {
                $abs(self)
            }
            fn is_finite(self) -> bool {
                $float::is_finite(self)
            }
            fn is_nan(self) -> bool {
                $float::is_nan(self)
            }
        }
    };
}

scalar!(
    f32,
    super::tanh::tanhf,
    super::sqrt::sqrtf,
    libm::expf,
    libm::logf,
    libm::log1pf,
    libm::fabsf
);
scalar!(f64, libm::tanh, libm::sqrt, libm::exp, libm::log, libm::log1p, libm::fabs);

mod sealed {
    /// Seals [`Scalar`](super::Scalar), and adds the operations that are private to the crate.
    pub trait Sealed: super::MulAcc {
        /// The largest absolute value; NaN if a number is NaN.
        fn max_abs(numbers: &[Self]) -> Self
        where
            Self: Sized;
    }
}
