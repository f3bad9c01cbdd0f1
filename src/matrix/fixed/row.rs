//! Rows of 16-bit integers with one exponent.

use super::{BIAS, NON_FINITE, stored};
use crate::num::fixed::{keep_rolled, outlined_shift, to_f32};
use crate::num::{ConstZero, InRange};
use crate::safetensors::{Reader, Schema, StateDict, Writer};

/// A row of block floating point: an input, an output or a gradient of integer layers.
///
/// ```text
/// x_n = mantissa_n · 2^exponent,    |mantissa_n| ≤ 2¹⁴, in a tanh cell's state < 2¹⁵
/// ```
///
/// The exponent is found from the largest number, so there is nothing to calibrate and nothing is
/// clamped; each number is rounded to about 2⁻¹⁴ of the largest. A row with a number that is infinite
/// or NaN is [not in range](InRange), and so is all that is computed from it.
///
/// ```
/// use elman::fixed::Row;
///
/// let row = Row::from([0.5, -3.0, 1e-9]);
/// assert_eq!(row.to_f32(), [0.5, -3.0, 0.0]);
/// assert_eq!((row.mantissas(), row.exponent()), (&[2048, -12288, 0], -12));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(align(4))] // it is copied by words
pub struct Row<const N: usize> {
    pub(crate) mantissas: [i16; N],
    /// As [`stored`].
    exponent: i16,
}

/// The bits of a mantissa that is rounded.
const BITS: i32 = 14;
/// In range is what has a square in `f32`: below 2⁶⁴.
const LARGEST_IN_RANGE: i32 = 63 - BITS;

impl<const N: usize> Row<N> {
    /// The integers.
    #[must_use]
    pub const fn mantissas(&self) -> &[i16; N] {
        &self.mantissas
    }

    /// The power of two that they are multiples of; of a row of zeros, the smallest there is.
    #[must_use]
    pub const fn exponent(&self) -> i32 {
        self.exponent as i32 - BIAS
    }

    /// The numbers, each exactly.
    #[must_use]
    pub fn to_f32(&self) -> [f32; N] {
        if self.is_finite() {
            self.mantissas.map(|m| to_f32(m.into(), self.exponent()))
        } else {
            [f32::NAN; N]
        }
    }

    pub(crate) const fn is_finite(&self) -> bool {
        (self.exponent as i32) < NON_FINITE
    }

    /// Sets the exponent of mantissas already written; those that nothing finite led to are void.
    pub(crate) const fn set_exponent(&mut self, exponent: i32, finite: bool) {
        self.exponent = if finite { stored(exponent) as i16 } else { NON_FINITE as i16 };
    }

    /// Rounds `numbers · 2^exponent`.
    #[inline(always)]
    pub(crate) fn round(&mut self, numbers: &[i32; N], exponent: i32) {
        self.exponent = round(numbers, exponent, &mut self.mantissas);
    }

    /// `δ ← (δ + c) ∘ (1 − h²)`, rounded, for `h` in Q15.
    #[inline(never)]
    pub(crate) fn round_sum_by_slope(&mut self, c: &Self, h: &Self) {
        let top = self.exponent.max(c.exponent);
        let mut products = h.mantissas.map(i32::from);
        let delta = (&self.mantissas[..], top - self.exponent);
        let c = (&c.mantissas[..], top - c.exponent);
        let all = sum_by_slope(delta, c, &mut products);
        let exponent = i32::from(top) - BIAS - 15;
        self.exponent = round_all(all, &products, exponent, &mut self.mantissas);
    }
}

impl<const N: usize> From<&[f32; N]> for Row<N> {
    fn from(x: &[f32; N]) -> Self {
        let mut row = Self::ZERO;
        row.exponent = round_f32(x, &mut row.mantissas);
        row
    }
}

impl<const N: usize> From<[f32; N]> for Row<N> {
    fn from(x: [f32; N]) -> Self {
        Self::from(&x)
    }
}

impl<const N: usize> ConstZero for Row<N> {
    const ZERO: Self = Self { mantissas: [0; N], exponent: 0 };
}

impl<const N: usize> InRange for Row<N> {
    fn is_in_range(&self) -> bool {
        self.exponent() <= LARGEST_IN_RANGE
    }
}

impl<const N: usize> StateDict for Row<N> {
    const SCHEMA: Schema = Schema::fields(
        const { &[("exponent", const { &i16::SCHEMA }), ("mantissas", const { &<[i16; N]>::SCHEMA })] },
    );

    fn write(&self, writer: &mut Writer<'_>) {
        writer.part(&(self.exponent() as i16));
        writer.part(&self.mantissas);
    }

    fn read(&mut self, reader: &mut Reader<'_>) {
        let mut exponent = self.exponent() as i16;
        reader.part(&mut exponent);
        self.exponent = stored(exponent.into()) as i16;
        reader.part(&mut self.mantissas);
    }
}

/// Rounds numbers to mantissas of 14 bits; returns the exponent as stored.
#[inline(never)]
fn round(numbers: &[i32], exponent: i32, mantissas: &mut [i16]) -> i16 {
    let mut all = 0;
    for &n in numbers {
        all |= magnitude(n);
        keep_rolled();
    }
    round_all(all, numbers, exponent, mantissas)
}

/// By exclusive or, −1 counts as 0: a row of nothing else is too small to be told from zero.
const fn magnitude(n: i32) -> i32 {
    n ^ (n >> 31)
}

/// [`round`] of numbers whose magnitudes have the bits of `all`.
#[inline(never)]
fn round_all(all: i32, numbers: &[i32], exponent: i32, mantissas: &mut [i16]) -> i16 {
    let by = 32 - all.leading_zeros() as i32 - BITS;
    let exponent = if all == 0 && exponent <= super::LARGEST { 0 } else { stored(exponent + by) };
    if all == 0 || exponent == 0 {
        mantissas.fill(0);
    } else if by > 0 {
        let half = 1 << by >> 1;
        for (m, &n) in mantissas.iter_mut().zip(numbers) {
            *m = ((n + half) >> by) as i16;
            keep_rolled();
        }
    } else {
        for (m, &n) in mantissas.iter_mut().zip(numbers) {
            *m = (n << -by) as i16;
            keep_rolled();
        }
    }
    exponent as i16
}

/// The same of `f32`, without floating-point arithmetic.
#[inline(never)]
fn round_f32(x: &[f32], mantissas: &mut [i16]) -> i16 {
    let mut top = 0;
    for x in x {
        top = top.max((x.to_bits() << 1 >> 24) as i32);
        keep_rolled();
    }
    for (m, x) in mantissas.iter_mut().zip(x) {
        let bits = x.to_bits();
        let by = top - (bits << 1 >> 24) as i32 + 24 - BITS;
        let magnitude = outlined_shift((bits & 0x7f_ffff | 0x80_0000) as i32, by);
        *m = (if (bits as i32) < 0 { -magnitude } else { magnitude }) as i16;
        keep_rolled();
    }
    match top {
        0 => {
            mantissas.fill(0);
            0
        }
        0xff => {
            mantissas.fill(0);
            NON_FINITE as i16
        }
        _ => stored(top - 127 - (BITS - 1)) as i16,
    }
}

/// `h ← (δ / 2^by + c / 2^by) · (1 − h²)`, in 30 bits; returns the bits of their magnitudes.
#[inline(never)]
fn sum_by_slope((delta, by): (&[i16], i16), (c, by_c): (&[i16], i16), h: &mut [i32]) -> i32 {
    let mut all = 0;
    let (by, by_c) = (by.min(31), by_c.min(31));
    for ((h, &delta), &c) in h.iter_mut().zip(delta).zip(c) {
        let slope = (1 << 15) - ((*h * *h) >> 15);
        *h = ((i32::from(delta) >> by) + (i32::from(c) >> by_c)) * slope;
        all |= magnitude(*h);
        keep_rolled();
    }
    all
}

/// Steps whose deltas are brought to one exponent.
pub(crate) const CHUNK: usize = 32;

/// Brings rows to one exponent at which `Σ_t |δ_t| < 2¹⁵` in every column, rounded to nearest.
///
/// So a sum of their products with 16 bits keeps within 2³⁰.
#[inline(never)]
pub(crate) fn align<const N: usize>(rows: &mut [Row<N>]) {
    let top = largest_exponent(rows);
    let mut sums = [0_u32; N];
    for row in &*rows {
        let by = top - row.exponent;
        add_magnitudes(&mut sums, &row.mantissas, by.min(15));
        keep_rolled();
    }
    // Each is rounded up by one at most, and a magnitude is one less than a negative number's.
    let most = largest(&sums) + rows.len() as u32;
    let top = top + (17 - most.leading_zeros() as i16).max(0);
    for row in rows {
        shift_to(row, top);
        keep_rolled();
    }
}

#[cfg_attr(all(target_arch = "arm", not(target_has_atomic = "32")), inline(never))]
fn largest_exponent<const N: usize>(rows: &[Row<N>]) -> i16 {
    let mut top = 0;
    for row in rows {
        top = top.max(row.exponent);
        keep_rolled();
    }
    top
}

#[cfg_attr(all(target_arch = "arm", not(target_has_atomic = "32")), inline(never))]
fn largest(sums: &[u32]) -> u32 {
    let mut most = 0;
    for &sum in sums {
        most = most.max(sum);
        keep_rolled();
    }
    most
}

#[inline(never)]
fn add_magnitudes(sums: &mut [u32], mantissas: &[i16], by: i16) {
    for (sum, m) in sums.iter_mut().zip(mantissas) {
        *sum += (magnitude(i32::from(*m)) >> by) as u32;
        keep_rolled();
    }
}

/// Shifts each `δ_t` right, so that all products `x_t · δ_t` have one exponent; returns it.
///
/// Rows `x` are of any exponents, those of `δ` have one.
#[inline(never)]
pub(crate) fn fold_exponents<const R: usize, const C: usize>(
    x: &[Row<R>],
    delta: &mut [Row<C>],
) -> i32 {
    let top = largest_exponent(x);
    let mut exponent = -2 * BIAS;
    for (x, delta) in x.iter().zip(delta) {
        exponent = exponent.max(delta.exponent());
        if x.exponent != top {
            shift_right(&mut delta.mantissas, i32::from(top - x.exponent));
        }
        keep_rolled();
    }
    exponent + i32::from(top) - BIAS
}

/// Shifts a row right, to a larger exponent.
#[inline(always)]
fn shift_to<const N: usize>(row: &mut Row<N>, exponent: i16) {
    shift_right(&mut row.mantissas, i32::from(exponent) - i32::from(row.exponent));
    row.exponent = exponent;
}

#[inline(never)]
fn shift_right(mantissas: &mut [i16], by: i32) {
    if by > 15 {
        mantissas.fill(0);
    } else if by > 0 {
        let half = 1 << by >> 1;
        for m in mantissas {
            *m = ((i32::from(*m) + half) >> by) as i16;
            keep_rolled();
        }
    }
}
