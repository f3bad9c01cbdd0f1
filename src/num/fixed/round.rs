//! Rounding shifts, and `f32` from integers.

use super::keep_rolled;

/// `n · 2^−by`: to the nearest integer, halves up; to the left it saturates.
#[inline]
pub(crate) const fn shift(n: i32, by: i32) -> i32 {
    if by > 31 {
        0
    } else if by > 0 {
        (n >> by) + (n >> (by - 1) & 1)
    } else {
        shift_left(n, by.unsigned_abs())
    }
}

/// [`shift`] as a call, where it is rare.
#[inline(never)]
pub(crate) const fn outlined_shift(n: i32, by: i32) -> i32 {
    shift(n, by)
}

const fn shift_left(n: i32, by: u32) -> i32 {
    if n == 0 {
        0
    } else if by < 32 && (n << by) >> by == n {
        n << by
    } else if n < 0 {
        i32::MIN
    } else {
        i32::MAX
    }
}

/// The bits of the largest absolute value, without a sign: `|n| ≤ 2^bits`.
#[inline(never)]
pub(crate) const fn bits(mut numbers: &[i32]) -> i32 {
    let mut all = 0;
    while let [n, rest @ ..] = numbers {
        all |= *n ^ (*n >> 31);
        numbers = rest;
        keep_rolled();
    }
    32 - all.leading_zeros() as i32
}

/// `n · 2^exponent`; too large it is infinite, too small for a normal number it is 0.
#[inline(never)]
pub(crate) fn to_f32(n: i32, exponent: i32) -> f32 {
    let bits = (n as f32).to_bits();
    let exponent = (bits >> 23 & 0xff) as i32 + exponent;
    if n == 0 || exponent <= 0 {
        0.0
    } else if exponent >= 0xff {
        f32::INFINITY.copysign(n as f32)
    } else {
        f32::from_bits(bits & 0x807f_ffff | (exponent as u32) << 23)
    }
}
