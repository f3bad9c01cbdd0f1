//! Tensors of integers whatever their shape: sums, factors, and the bounds under which nothing wraps.

use super::{BIAS, LARGEST, NON_FINITE, Vector, stored};
use crate::num::fixed::{Factor, bits, keep_rolled, outlined_shift, shift, times, to_f32};

/// A tensor of integers with one exponent, whatever its shape: [`Parameters::Tensor`] of integer
/// layers.
///
/// [`Parameters::Tensor`]: crate::Parameters::Tensor
pub trait Numbers: Sealed {
    /// The integers, row by row.
    fn numbers(&self) -> &[i32];
    /// The power of two that they are multiples of; of zeros, the smallest there is.
    fn exponent(&self) -> i32 {
        self.stored_exponent() - BIAS
    }
    #[doc(hidden)]
    fn numbers_mut(&mut self) -> &mut [i32];
    /// The exponent with a bias of 1024: 0 for zeros, 2047 where a number is not finite.
    #[doc(hidden)]
    fn stored_exponent(&self) -> i32;
    #[doc(hidden)]
    fn set_stored_exponent(&mut self, exponent: i32);
    /// The length of a row of a matrix; 0 for a vector, which is no factor of products.
    #[doc(hidden)]
    fn columns(&self) -> usize;
}

/// Seals [`Numbers`] and [`Weight`](super::Weight).
pub trait Sealed {}

/// The largest sum of absolute factors in a row or column of a matrix of weights.
const REACH: u32 = 3 << 13;
/// Below this the numbers are doubled.
const SMALL_REACH: u32 = 5 << 11;

/// The bits of numbers that are summed up: gradients and velocities of a matrix, all of a vector.
///
/// Few enough that the factors of any row or column add to less than 2¹⁵.
pub(super) const fn sum_bits(rows: usize, columns: usize) -> i32 {
    let longest = if rows > columns { rows } else { columns };
    let bits = longest.next_power_of_two().trailing_zeros() as i32;
    if bits < 2 { 29 } else { 31 - bits }
}

fn sum_bits_of(tensor: &dyn Numbers) -> i32 {
    match tensor.columns() {
        0 => sum_bits(1, 1),
        columns => sum_bits(tensor.numbers().len() / columns, columns),
    }
}

//////////// sums ////////////

/// `w += f · g`, to the nearest unit of `w`. The numbers of `g` have at most 29 bits.
///
/// Where the step is larger than `w` can hold, `w` gets a larger exponent first.
#[inline(never)]
pub(crate) fn add_scaled(w: &mut dyn Numbers, f: Factor, g: &dyn Numbers) {
    if f.mantissa == 0 || g.stored_exponent() == 0 {
        return;
    }
    let by = make_room(w, f, g).min(30);
    let w = w.numbers_mut();
    if by > 0 {
        let half = 1 << by >> 1;
        for (w, &g) in w.iter_mut().zip(g.numbers()) {
            *w += (times(g, f.mantissa) + half) >> by;
            keep_rolled();
        }
    } else {
        for (w, &g) in w.iter_mut().zip(g.numbers()) {
            *w += outlined_shift(times(g, f.mantissa), by);
        }
    }
}

/// Gives `w` an exponent at which it can hold `w + f · g`: no step has more than 28 bits. Returns the
/// shift to the right from `(f · g) >> 16` to that exponent.
#[inline(never)]
fn make_room(w: &mut dyn Numbers, f: Factor, g: &dyn Numbers) -> i32 {
    let exponent = g.stored_exponent() + f.exponent + 16;
    if w.stored_exponent() == 0 {
        w.set_stored_exponent(stored(exponent - BIAS));
    }
    let by = w.stored_exponent() - exponent;
    if by > 2 {
        return by;
    }
    let more = bits(g.numbers()) - 1 - by - 28;
    if more > 0 {
        shift_right(w, more);
    }
    by + more.max(0)
}

/// `w −= f · w`
#[inline(never)]
pub(crate) fn decay(w: &mut dyn Numbers, f: Factor) {
    if f.mantissa == 0 {
        return;
    }
    let by = -f.exponent - 16;
    if by < 2 {
        shift_right(w, 2 - by); // room for the product
    }
    for w in w.numbers_mut() {
        *w -= outlined_shift(times(*w, f.mantissa), by);
    }
    fit_weights(w, false);
}

/// `w ← f · w`; the numbers keep at least 27 bits.
#[inline(never)]
pub(crate) fn scale(w: &mut dyn Numbers, f: Factor) {
    let spare = 29 - bits(w.numbers());
    let numbers = w.numbers_mut();
    for w in numbers {
        *w = times(outlined_shift(*w, -spare), f.mantissa);
    }
    move_exponent(w, f.exponent + 16 - spare);
    fit_sums(w);
}

/// Limits every number to ±|`f`|.
pub(crate) fn clamp(w: &mut dyn Numbers, f: Factor) {
    if magnitude(w) <= f.exponent + 14 {
        return; // 2¹⁴ ≤ mantissa
    }
    let spare = sum_bits_of(w) - 16;
    let (limit, exponent) = (shift(f.mantissa.abs(), -spare), f.exponent - spare);
    let by = exponent + BIAS - w.stored_exponent();
    for w in w.numbers_mut() {
        *w = outlined_shift(*w, by).min(limit).max(-limit);
    }
    w.set_stored_exponent(stored(exponent));
}

/// `Σ (w / 2^unit)²`
#[inline(never)]
pub(crate) fn sum_of_squares(w: &dyn Numbers, unit: i32) -> f32 {
    let by = (bits(w.numbers()) - 15).max(0);
    let square = |w: i32| u64::from(((w >> by) * (w >> by)).unsigned_abs());
    let sum = w.numbers().iter().fold(0, |sum, &w| sum + square(w));
    let low = (33 - sum.leading_zeros() as i32).max(0);
    to_f32((sum >> low) as i32, 2 * (w.stored_exponent() - BIAS - unit + by) + low)
}

/// `m` of the smallest power of two that is above all numbers, 2ᵐ.
fn magnitude(w: &dyn Numbers) -> i32 {
    w.stored_exponent() - BIAS + bits(w.numbers())
}

/// The largest absolute value.
pub(crate) fn largest(w: &dyn Numbers) -> f32 {
    let largest = w.numbers().iter().fold(0, |largest, n| n.unsigned_abs().max(largest));
    to_f32((largest >> 1) as i32, w.stored_exponent() - BIAS + 1)
}

pub(crate) fn is_finite(w: &dyn Numbers) -> bool {
    w.stored_exponent() < NON_FINITE
}

#[inline(never)]
pub(crate) fn copy(to: &mut dyn Numbers, from: &dyn Numbers) {
    for (to, &from) in to.numbers_mut().iter_mut().zip(from.numbers()) {
        *to = from;
    }
    to.set_stored_exponent(from.stored_exponent());
}

pub(crate) fn make_non_finite(w: &mut dyn Numbers) {
    w.numbers_mut().fill(0);
    w.set_stored_exponent(NON_FINITE);
}

//////////// bounds ////////////

/// Keeps sums within [`sum_bits`].
#[inline(never)]
pub(crate) fn fit_sums(w: &mut dyn Numbers) {
    let by = bits(w.numbers()) - sum_bits_of(w);
    if by > 0 {
        shift_right(w, by);
    }
}

/// Keeps weights within reach, and if `and_double` not far below it.
#[inline(never)]
pub(crate) fn fit_weights(w: &mut dyn Numbers, and_double: bool) {
    let columns = w.columns();
    if columns == 0 {
        return fit_sums(w);
    }
    let by = fit_reach(w.numbers_mut(), columns, and_double);
    move_exponent(w, by);
}

/// Shifts until rows and columns keep within reach; returns by how much, to the right.
#[inline(never)]
const fn fit_reach(numbers: &mut [i32], columns: usize, and_double: bool) -> i32 {
    let mut reach = reach(numbers, columns);
    let mut by = 0;
    // More than once only if rounding brings a sum above the bound again.
    while reach > REACH {
        let more = 18 - (reach - 1).leading_zeros() as i32;
        let more = if more < 1 { 1 } else { more };
        shift_all(numbers, more);
        by += more;
        reach = self::reach(numbers, columns);
    }
    while and_double && reach < SMALL_REACH && bits(numbers) > 0 {
        shift_all(numbers, -1);
        by -= 1;
        reach = self::reach(numbers, columns);
    }
    by
}

/// The largest sum of absolute factors of a row or a column.
#[inline(never)]
const fn reach(numbers: &[i32], columns: usize) -> u32 {
    let (mut most, mut first) = (0, 0);
    while first < numbers.len() {
        let end = if numbers.len() - first < columns { numbers.len() } else { first + columns };
        let sum = sum_of_factors(numbers, first, end, 1);
        most = if sum > most { sum } else { most };
        first = end;
    }
    first = 0;
    while first < columns {
        let sum = sum_of_factors(numbers, first, numbers.len(), columns);
        most = if sum > most { sum } else { most };
        first += 1;
    }
    most
}

/// Of the numbers at `n`, `n + step`, … below `end`. A factor `f` stands for `f + ½`; these are
/// `|f + ½| − ½`.
#[inline(always)]
const fn sum_of_factors(numbers: &[i32], mut n: usize, end: usize, step: usize) -> u32 {
    let Some((numbers, _)) = numbers.split_at_checked(end) else { return 0 };
    let mut sum = 0;
    while n < numbers.len() {
        sum += (numbers[n] ^ (numbers[n] >> 31)) as u32 >> 16;
        n += step;
        keep_rolled();
    }
    sum
}

#[inline(never)]
fn shift_right(w: &mut dyn Numbers, by: i32) {
    shift_all(w.numbers_mut(), by);
    move_exponent(w, by);
}

#[inline(never)]
const fn shift_all(mut numbers: &mut [i32], by: i32) {
    while let [n, rest @ ..] = numbers {
        *n = outlined_shift(*n, by);
        numbers = rest;
        keep_rolled();
    }
}

/// Zeros stay zeros, what is not finite stays so, and what is too small becomes zero.
fn move_exponent(w: &mut dyn Numbers, by: i32) {
    let exponent = w.stored_exponent();
    if by != 0 && exponent != 0 && exponent != NON_FINITE {
        let exponent = stored(exponent - BIAS + by);
        w.set_stored_exponent(exponent);
        if exponent == 0 {
            w.numbers_mut().fill(0);
        }
    }
}

//////////// floats ////////////

/// The bits of floats in the places of the integers, for [`quantize`].
pub(crate) const fn put_bits(mut floats: &[f32], mut numbers: &mut [i32]) {
    while let ([float, floats_rest @ ..], [n, numbers_rest @ ..]) = (floats, numbers) {
        *n = float.to_bits() as i32;
        (floats, numbers) = (floats_rest, numbers_rest);
    }
}

/// Replaces the bits of floats by integers; returns the exponent as stored.
#[inline(never)]
pub(super) const fn quantize(numbers: &mut [i32], columns: usize) -> i32 {
    let top = top_exponent(numbers);
    to_integers(numbers, top);
    match top {
        0 => 0,
        0xff => NON_FINITE,
        _ if columns == 0 => stored(top - 155),
        _ => stored(top - 155 + fit_reach(numbers, columns, true)),
    }
}

/// [`quantize`] of a tensor that holds the bits of floats.
pub(crate) fn quantize_in(w: &mut dyn Numbers) {
    let columns = w.columns();
    let exponent = quantize(w.numbers_mut(), columns);
    w.set_stored_exponent(exponent);
}

const fn top_exponent(mut floats: &[i32]) -> i32 {
    let mut top = 0;
    while let [bits, rest @ ..] = floats {
        let exponent = *bits >> 23 & 0xff;
        top = if exponent > top { exponent } else { top };
        floats = rest;
        keep_rolled();
    }
    top
}

/// 24 bits of the largest numbers become the upper ones of 29.
const fn to_integers(mut numbers: &mut [i32], top: i32) {
    while let [n, rest @ ..] = numbers {
        let exponent = *n >> 23 & 0xff;
        let magnitude = outlined_shift((*n & 0x7f_ffff | 0x80_0000) << 5, top - exponent);
        *n = if exponent == 0 || top == 0xff {
            0
        } else if *n < 0 {
            -magnitude
        } else {
            magnitude
        };
        numbers = rest;
        keep_rolled();
    }
}

/// The numbers as floats; NaN if they are not finite.
#[inline(never)]
pub(crate) fn dequantize(w: &dyn Numbers, floats: &mut [f32]) {
    let exponent = w.stored_exponent() - BIAS;
    for (float, &n) in floats.iter_mut().zip(w.numbers()) {
        *float = if exponent > LARGEST { f32::NAN } else { to_f32(n, exponent) };
    }
}

//////////// the tensor without numbers ////////////

impl Sealed for [Vector<0>; 0] {}

impl Numbers for [Vector<0>; 0] {
    fn numbers(&self) -> &[i32] {
        &[]
    }
    fn numbers_mut(&mut self) -> &mut [i32] {
        &mut []
    }
    fn stored_exponent(&self) -> i32 {
        0
    }
    fn set_stored_exponent(&mut self, _: i32) {}
    fn columns(&self) -> usize {
        0
    }
}
