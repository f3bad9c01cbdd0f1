//! In the place of `cortex_m4` on other targets and without its feature: leaves all to the safe code.

use core::ops::Range;

use super::Factors;
use crate::num::Scalar;

#[inline(always)]
pub(crate) fn step<T: Scalar, const I: usize, const H: usize>(
    _: &[T; H],
    _: (&[T; I], &[[T; H]; I]),
    _: &[[T; H]; H],
    _: &mut [T; H],
) -> bool {
    false
}

#[inline(always)]
pub(super) fn affine<T: Scalar, const C: usize, const M: usize>(
    _: &[T; C],
    _: &[Factors<'_, T, [T; C]>; M],
    _: &mut [T; C],
) -> usize {
    0
}

#[inline(always)]
pub(super) fn add_rows<T: Scalar, const N: usize>(_: &mut [T; N], _: &[[T; N]]) -> usize {
    0
}

#[inline(always)]
pub(super) fn add_dots<T: Scalar, const R: usize, const C: usize>(
    _: &[[T; C]; R],
    _: &[T; C],
    _: &mut [T; R],
) -> usize {
    0
}

#[inline(always)]
pub(super) fn add_outer<T: Scalar, const R: usize, const C: usize, const M: usize>(
    _: &mut [[T; C]; R],
    _: &[Factors<'_, [T; R], [T; C]>; M],
    _: Range<usize>,
) -> usize {
    0
}

#[inline(always)]
pub(crate) fn tanh<T: Scalar>(_: &[T], _: &mut [T]) -> bool {
    false
}

#[inline(always)]
pub(crate) fn sqrt<T: Scalar>(x: T) -> T {
    x.sqrt()
}
