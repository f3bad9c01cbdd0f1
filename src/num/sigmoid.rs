//! The logistic function.

use super::Scalar;

/// `σ(x) = ½ + ½ · tanh(x/2)`, from `|x|`: `σ(−x) = 1 − σ(x)` exactly.
///
/// In `f32` the error is below 1.2 · 2⁻²⁴, units in the last place of the numbers from ½ to 1; below
/// ½ the absolute error is the same. `σ` is monotone, and exactly 0 or 1 from |x| = 16.93 on.
pub(super) fn sigmoid<T: Scalar>(x: T) -> T {
    let half = T::ONE / T::from_u32(2);
    let of_abs = half + half * (half * x.abs()).tanh();
    if x < T::ZERO { T::ONE - of_abs } else { of_abs }
}
