//! The products row by row, on processors without floating point, and sums of rows for all.
//!
//! There a number is taken apart and put together in integers (`num::soft_float`), and nothing is gained by
//! holding others in registers meanwhile.

use super::Factors;
use super::blocked::Block;
use crate::num::Scalar;

/// `y = b + Σ_m x_m · W_m`
pub(super) fn affine<T: Scalar, const C: usize>(
    b: &[T; C],
    terms: &[Factors<'_, T, [T; C]>],
    y: &mut [T; C],
) {
    *y = *b;
    for (x, rows) in terms {
        for (&x, row) in x.iter().zip(*rows) {
            add_scaled(y, x, row);
        }
    }
}

/// `x += y · Wᵀ`
pub(super) fn add_dots<T: Scalar, const R: usize, const C: usize>(
    w: &[[T; C]; R],
    y: &[T; C],
    x: &mut [T; R],
) {
    for (x, row) in x.iter_mut().zip(w) {
        *x = add_dot(*x, y, row);
    }
}

/// `W += Σ_t x_tᵀ · y_t`
pub(super) fn add_outer<T: Scalar, const R: usize, const C: usize>(
    w: &mut [[T; C]; R],
    steps: &[Factors<'_, [T; R], [T; C]>],
) {
    for (x, y) in steps {
        for (x, y) in x.iter().zip(*y) {
            for (row, &x) in w.iter_mut().zip(x) {
                add_scaled(row, x, y);
            }
        }
    }
}

/// `y += x · w`, one body for all lengths.
#[inline(never)]
fn add_scaled<T: Scalar>(y: &mut [T], x: T, w: &[T]) {
    if T::SOFT_FLOAT {
        for (y, &w) in y.iter_mut().zip(w) {
            *y = y.mul_acc(x, w);
        }
        return;
    }
    let (blocks, rest) = y.as_chunks_mut::<8>();
    let (w_blocks, w_rest) = w.as_chunks::<8>();
    for (y, w) in blocks.iter_mut().zip(w_blocks) {
        y.add(w.scaled(x));
    }
    for (y, &w) in rest.iter_mut().zip(w_rest) {
        *y += x * w;
    }
}

/// `sum + x · w`, one body for all lengths.
#[inline(never)]
fn add_dot<T: Scalar>(sum: T, x: &[T], w: &[T]) -> T {
    x.iter().zip(w).fold(sum, |sum, (&x, &w)| sum.mul_acc(x, w))
}

/// `y += Σ_t x_t`
pub(crate) fn add_rows<T: Scalar, const N: usize>(y: &mut [T; N], x: &[[T; N]]) {
    for x in x {
        add(y, x);
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
