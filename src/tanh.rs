//! The activation in `f32`.
//!
//! Below 0.625 an odd polynomial; above, `tanh a = 1 − 2/(e^{2a} + 1)` with `e^{2a} = 2^k · 2^f`,
//! `|f| ≤ ½`, and a polynomial for `2^f`. Both are minimax fits. From 9.011 on the nearest `f32` is 1.
//!
//! Error at most 1.6 units in the last place over all `f32`; odd, monotone, `|y| ≤ 1`; subnormals
//! come back unchanged, ±∞ gives ±1, NaN stays NaN.

/// From here on `tanh` rounds to 1.
const SATURATED: f32 = 9.011;
/// Up to here the odd polynomial.
const SMALL: f32 = 0.625;

/// Hyperbolic tangent.
pub(crate) fn tanhf(x: f32) -> f32 {
    let a = f32::from_bits(x.to_bits() & !SIGN);
    if a < SMALL {
        odd_polynomial(x)
    } else if a < SATURATED {
        with_sign_of(x, 1.0 - 2.0 / (exp2(a * TWO_LOG2_E) + 1.0))
    } else if a >= SATURATED {
        with_sign_of(x, 1.0)
    } else {
        x // NaN
    }
}

/// `x + x³ · p(x²)`
#[inline]
fn odd_polynomial(x: f32) -> f32 {
    let q = x * x;
    let p = -5.373_971_5e-2 + q * (2.063_908_7e-2 + q * -5.704_987e-3);
    x + x * (q * (-3.333_328e-1 + q * (1.333_144_2e-1 + q * p)))
}

/// `2^t` for `0 ≤ t < 127`
#[inline]
fn exp2(t: f32) -> f32 {
    let k = (t + 0.5) as u32;
    let f = t - k as f32;
    let p = 5.550_332_5e-2 + f * (9.618_437e-3 + f * (1.339_887_4e-3 + f * 1.535_336_2e-4));
    let p = 1.0 + f * (6.931_472e-1 + f * (2.402_264_7e-1 + f * p));
    f32::from_bits(p.to_bits() + (k << 23))
}

#[inline]
fn with_sign_of(x: f32, y: f32) -> f32 {
    f32::from_bits(y.to_bits() | (x.to_bits() & SIGN))
}

const TWO_LOG2_E: f32 = 2.0 * core::f32::consts::LOG2_E;
const SIGN: u32 = 1 << 31;
