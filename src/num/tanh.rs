//! The activation in `f32`.
//!
//! Below 0.6875 an odd polynomial; above, `tanh a = 1 − 2/(e^{2a} + 1)` with `e^{2a} = 2^k · 2^f`,
//! `|f| ≤ ½`, and a polynomial for `2^f`. Both are minimax fits (`tests/data/tanh_fit.py`), summed in
//! pairs, since a sum from the inside out makes every operation wait for the one before it. From
//! 9.011 on the nearest `f32` is 1. `mul_acc(c, x, w)` is `c + x · w`.
//!
//! Error at most 1.57 units in the last place over all `f32`; odd, monotone, `|y| ≤ 1`; subnormals
//! come back unchanged, ±∞ gives ±1, NaN stays NaN.

use super::soft_float::mul_acc;

/// From here on `tanh` rounds to 1.
pub(crate) const SATURATED: f32 = 9.011;
/// Up to here the odd polynomial.
pub(crate) const SMALL: f32 = 0.6875;

/// Hyperbolic tangent.
pub(crate) fn tanhf(x: f32) -> f32 {
    let a = x.abs();
    let y = if a < SMALL {
        odd_polynomial(a)
    } else if a < SATURATED {
        1.0 - 2.0 / (exp2(a * TWO_LOG2_E) + 1.0)
    } else if a >= SATURATED {
        1.0
    } else {
        x // NaN
    };
    y.copysign(x)
}

/// `a + a³ · p(a²)`
#[inline]
fn odd_polynomial(a: f32) -> f32 {
    let q = a * a;
    let q2 = q * q;
    let low = mul_acc(ODD[0], q, ODD[1]);
    let high = mul_acc(mul_acc(ODD[2], q, ODD[3]), q2, ODD[4]);
    mul_acc(a, a, q * mul_acc(low, q2, high))
}

/// `2^t` for `0 ≤ t < 127`
#[inline]
fn exp2(t: f32) -> f32 {
    let k = t + ROUND;
    let f = t - (k - ROUND);
    let f2 = f * f;
    let low = mul_acc(EXP2[0], f, EXP2[1]);
    let middle = mul_acc(EXP2[2], f, EXP2[3]);
    let high = mul_acc(EXP2[4], f, EXP2[5]);
    let p = mul_acc(low, f2, mul_acc(middle, f2, high));
    f32::from_bits(mul_acc(1.0, f, p).to_bits() + (k.to_bits() << 23))
}

/// The coefficients of `p`, from the lowest power on.
pub(crate) const ODD: [f32; 5] =
    [-3.333_321_2e-1, 1.332_962_5e-1, -5.359_535e-2, 2.019_273e-2, -5.233_587e-3];

/// Those of `2^f`, after 1.
pub(crate) const EXP2: [f32; 6] =
    [6.931_472e-1, 2.402_264_8e-1, 5.550_36e-2, 9.618_506e-3, 1.339_080_6e-3, 1.532_646_6e-4];

/// So large that a number added to it loses what comes after the point: the sum's last bits are the
/// integer nearest to the number.
pub(crate) const ROUND: f32 = 12_582_912.0; // 1.5 · 2²³
pub(crate) const TWO_LOG2_E: f32 = 2.0 * core::f32::consts::LOG2_E;
