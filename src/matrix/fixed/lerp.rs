//! Linear interpolation between tensors of integers.

use super::numbers::{Numbers, fit_sums, fit_weights, is_finite, make_non_finite};
use super::{BIAS, NON_FINITE, stored};
use crate::num::fixed::{bits, shift};

/// `w ← w + weight · (end − w)`, in 64 bits, to the nearest unit of the larger exponent.
///
/// Equal numbers stay as they are. With a weight in 0..=1 each number is between the two, so that the
/// result keeps the bounds that both keep; with another one it is brought within that of gradients.
#[inline(never)]
pub(crate) fn lerp(w: &mut dyn Numbers, end: &dyn Numbers, weight: f32) {
    if !is_finite(w) || !is_finite(end) || !weight.is_finite() {
        return make_non_finite(w);
    }
    let (from, to) = (exponent(w), exponent(end));
    let mix = Mix::new(from, to, weight);
    if mix.mantissa == 0 || from.max(to) == 0 {
        return;
    }
    let sums = w.numbers().iter().zip(end.numbers()).map(|(&w, &end)| mix.sum(w, end));
    let by = excess(sums.fold(0, |all, sum| all | (sum ^ (sum >> 63))));
    for (w, &end) in w.numbers_mut().iter_mut().zip(end.numbers()) {
        *w = round(mix.sum(*w, end), by) as i32;
    }
    set_exponent(w, from.max(to) + mix.w_by + by as i32);
    if (0.0..=1.0).contains(&weight) { fit_weights(w, false) } else { fit_sums(w) }
}

/// How the two numbers of a sum meet.
struct Mix {
    /// The shifts that bring both to one exponent.
    to_top: [i32; 2],
    /// The weight, `mantissa · 2^−by`.
    mantissa: i64,
    by: i32,
    /// A weight of 2⁷ or more leaves so many bits fewer of `w`, and of the sum.
    w_by: i32,
}

impl Mix {
    fn new(from: i32, to: i32, weight: f32) -> Self {
        let top = from.max(to);
        let (mantissa, by) = parts(weight);
        let w_by = (17 - by).max(0);
        Self { to_top: [top - from, top - to], mantissa, by: by + w_by, w_by }
    }

    /// `w + weight · (end − w)`, below 2⁴¹.
    fn sum(&self, w: i32, end: i32) -> i64 {
        let [w, end] = [shift(w, self.to_top[0]), shift(end, self.to_top[1])];
        let step = (i64::from(end) - i64::from(w)) * self.mantissa; // below 2⁵⁶
        i64::from(shift(w, self.w_by)) + if self.by > 60 { 0 } else { round(step, self.by as u32) }
    }
}

/// As stored; that of zeros is the smallest there is, whatever it was before they were zeros.
fn exponent(w: &dyn Numbers) -> i32 {
    if bits(w.numbers()) == 0 { 0 } else { w.stored_exponent() }
}

/// `mantissa` of 24 bits and `by` with `weight = mantissa · 2^−by`; zero for one too small to be normal.
fn parts(weight: f32) -> (i64, i32) {
    let (bits, exponent) = (weight.to_bits(), (weight.to_bits() >> 23 & 0xff) as i32);
    let magnitude = if exponent == 0 { 0 } else { i64::from(bits & 0x7f_ffff | 0x80_0000) };
    (if weight < 0.0 { -magnitude } else { magnitude }, 127 + 23 - exponent)
}

/// The bits by which sums must become shorter, to have no more than 31.
fn excess(all: i64) -> u32 {
    let bits = 64 - all.leading_zeros();
    if bits > 31 { bits - 30 } else { 0 } // one bit for a carry
}

/// `n / 2^by`, to the nearest integer, halves up.
fn round(n: i64, by: u32) -> i64 {
    (n + (1 << by >> 1)) >> by
}

/// A number that is too large makes the tensor not finite.
fn set_exponent(w: &mut dyn Numbers, exponent: i32) {
    match stored(exponent - BIAS) {
        NON_FINITE => make_non_finite(w),
        exponent => w.set_stored_exponent(exponent),
    }
}
