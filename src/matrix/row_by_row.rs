//! The products row by row, on processors without floating point, and sums of rows for all.
//!
//! There a product is made and added in integers (`num::soft_float`). The sums of a row stay unpacked
//! until all products are added.

use core::ops::Range;

use super::{Factors, cortex_m4};
use crate::num::Scalar;

/// `y = b + Σ_m x_m · W_m`
pub(super) fn affine<T: Scalar, const C: usize>(
    b: &[T; C],
    terms: &[Factors<'_, T, [T; C]>],
    y: &mut [T; C],
) {
    let mut sums = unpack(b);
    for (x, rows) in terms {
        for (&x, row) in x.iter().zip(*rows) {
            accumulate_row(&mut sums, x, row);
        }
    }
    pack(&sums, y);
}

/// `x += y · Wᵀ`
pub(super) fn add_dots<T: Scalar, const R: usize, const C: usize>(
    w: &[[T; C]; R],
    y: &[T; C],
    x: &mut [T; R],
) {
    let mut sums = unpack(x);
    for (c, &y) in y.iter().enumerate() {
        accumulate_column(&mut sums, y, w.as_flattened(), C, c);
    }
    pack(&sums, x);
}

/// `rows` of `W += Σ_t x_tᵀ · y_t`
pub(super) fn add_outer<T: Scalar, const R: usize, const C: usize>(
    w: &mut [[T; C]; R],
    steps: &[Factors<'_, [T; R], [T; C]>],
    rows: Range<usize>,
) {
    for (r, row) in w.iter_mut().enumerate().take(rows.end).skip(rows.start) {
        let mut sums = unpack(row);
        for (x, y) in steps {
            for (x, y) in x.iter().zip(*y) {
                if let Some(&x) = x.get(r) {
                    accumulate_row(&mut sums, x, y);
                }
            }
        }
        pack(&sums, row);
    }
}

/// The numbers as running sums.
#[inline(always)]
fn unpack<T: Scalar, const N: usize>(numbers: &[T; N]) -> [T::Accumulator; N] {
    core::array::from_fn(|n| numbers.get(n).copied().unwrap_or(T::ZERO).accumulator())
}

/// The running sums as numbers.
#[inline(always)]
fn pack<T: Scalar, const N: usize>(sums: &[T::Accumulator; N], numbers: &mut [T; N]) {
    for (number, &sum) in numbers.iter_mut().zip(sums) {
        *number = T::accumulated(sum);
    }
}

/// `sums += x · w`, one body for all lengths.
#[inline(never)]
fn accumulate_row<T: Scalar>(sums: &mut [T::Accumulator], x: T, w: &[T]) {
    let mut w = w.iter();
    for sum in sums {
        let Some(&w) = w.next() else { return };
        *sum = T::accumulate(*sum, x, w);
    }
}

/// `sums += x · w` with column `c` of a matrix of `columns`, one body for all lengths.
#[inline(never)]
fn accumulate_column<T: Scalar>(
    sums: &mut [T::Accumulator],
    x: T,
    w: &[T],
    columns: usize,
    c: usize,
) {
    // Without columns there is no sum; the compiler does not know, and would link a panic.
    for (sum, row) in sums.iter_mut().zip(w.chunks_exact(columns.max(1))) {
        if let Some(&w) = row.get(c) {
            *sum = T::accumulate(*sum, x, w);
        }
    }
}

/// `y += Σ_t x_t`
pub(crate) fn add_rows<T: Scalar, const N: usize>(y: &mut [T; N], x: &[[T; N]]) {
    let c = cortex_m4::add_rows(y, x);
    if c == N {
        return;
    }
    for x in x {
        if let (Some(y), Some(x)) = (y.get_mut(c..), x.get(c..)) {
            add(y, x);
        }
    }
}

/// `y += x`, one body for all lengths.
#[inline(never)]
fn add<T: Scalar>(y: &mut [T], x: &[T]) {
    for (y, &x) in y.iter_mut().zip(x) {
        *y += x;
    }
}

/// `x · yᵀ`
pub(crate) fn dot<T: Scalar, const N: usize>(x: &[T; N], y: &[T; N]) -> T {
    x.iter().zip(y).fold(T::ZERO, |sum, (&x, &y)| sum + x * y)
}
