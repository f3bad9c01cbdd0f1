//! A matrix of const size, and the three products the equations need.
//!
//! Each product holds a block of sums (or of factors) in registers while it walks over the rest, so
//! that a multiplication and an addition cost one load and not three memory accesses. The blocks
//! change no bit: every sum runs in the order in which its equation is written.

use crate::{Scalar, Zeros};

/// `R × C` numbers, row by row.
///
/// Rows multiply from the left, as the equations are written: `x · W` takes a row of `R` numbers
/// to a row of `C`. This is the layout of Keras and TensorFlow; PyTorch stores the transpose.
///
/// ```
/// use elman::Matrix;
///
/// let w = Matrix([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
/// let mut y = [0.0; 3];
/// w.add_product(&[10.0, 1.0], &mut y);
/// assert_eq!(y, [14.0, 25.0, 36.0]);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[repr(transparent)]
pub struct Matrix<const R: usize, const C: usize, T = f32>(pub [[T; C]; R]);

impl<const R: usize, const C: usize, T: Scalar> Matrix<R, C, T> {
    /// `y += x · W`, for every column the sum over the rows from first to last.
    pub fn add_product(&self, x: &[T; R], y: &mut [T; C]) {
        let b = *y;
        affine(&b, [(x, &self.0)], y);
    }

    /// `x += y · Wᵀ`, for every row the sum over the columns from first to last.
    pub fn add_product_transposed(&self, y: &[T; C], x: &mut [T; R]) {
        let c = self.add_dots::<16>(0, y, x);
        let c = self.add_dots::<4>(c, y, x);
        self.add_dots::<1>(c, y, x);
    }

    /// `W += Σ_t x_tᵀ · y_t`, the sum over the rows (steps) that both have, from first to last.
    pub fn add_outer_products(&mut self, x: &[[T; R]], y: &[[T; C]]) {
        self.add_outer([(x, y)]);
    }

    /// `X = Y · Wᵀ`, row by row.
    pub fn products_transposed(&self, y: &[[T; C]], x: &mut [[T; R]]) {
        for (x, y) in x.iter_mut().zip(y) {
            *x = Zeros::ZEROS;
            self.add_product_transposed(y, x);
        }
    }

    /// The numbers row by row.
    #[must_use]
    pub const fn as_slice(&self) -> &[T] {
        self.0.as_flattened()
    }

    /// The numbers row by row.
    pub const fn as_mut_slice(&mut self) -> &mut [T] {
        self.0.as_flattened_mut()
    }

    /// `W += Σ_t x_tᵀ · y_t`
    #[inline(always)]
    pub(crate) fn add_outer<const M: usize>(&mut self, steps: [Steps<'_, [T; R], [T; C]>; M]) {
        let (fours, rest) = self.0.as_chunks_mut::<4>();
        let tiled = C - C % 4;
        for (i, rows) in fours.iter_mut().enumerate() {
            for c in (0..tiled).step_by(4) {
                add_tile(rows, 4 * i, c, &steps);
            }
            for (k, row) in rows.iter_mut().enumerate() {
                add_row(row, tiled, 4 * i + k, &steps);
            }
        }
        for (k, row) in rest.iter_mut().enumerate() {
            add_row(row, 0, R - R % 4 + k, &steps);
        }
    }

    /// `x += y · Wᵀ` over blocks of `N` columns from `c` on: `y` in registers, walking down the rows.
    #[inline(always)]
    fn add_dots<const N: usize>(&self, mut c: usize, y: &[T; C], x: &mut [T; R]) -> usize
    where
        [T; N]: Block<T>,
    {
        while let Some(&y) = block::<N, T>(y, c) {
            for (x, row) in x.iter_mut().zip(&self.0) {
                if let Some(w) = block(row, c) {
                    *x = y.add_dot(*x, w);
                }
            }
            c += N;
        }
        c
    }
}

impl<const R: usize, const C: usize, T: Zeros> Zeros for Matrix<R, C, T> {
    const ZEROS: Self = Self(Zeros::ZEROS);
}

/// Rows and rows of the same steps.
type Steps<'a, X, Y> = (&'a [X], &'a [Y]);

/// `y = b + Σ_m x_m · W_m`
#[inline(always)]
pub(crate) fn affine<T: Scalar, const C: usize, const M: usize>(
    b: &[T; C],
    terms: [Steps<'_, T, [T; C]>; M],
    y: &mut [T; C],
) {
    add_terms(b, y, 0, &terms, |&x| x);
}

/// `y = b + Σ x · row` from column `c` on
#[inline(always)]
fn add_terms<X, T: Scalar, const C: usize>(
    b: &[T; C],
    y: &mut [T; C],
    c: usize,
    terms: &[Steps<'_, X, [T; C]>],
    number: impl Fn(&X) -> T,
) {
    let c = add_blocks::<16, X, T, C>(b, y, c, terms, &number);
    let c = add_blocks::<4, X, T, C>(b, y, c, terms, &number);
    add_blocks::<1, X, T, C>(b, y, c, terms, &number);
}

/// The same for blocks of `N` columns: their sums stay in registers.
#[inline(always)]
fn add_blocks<const N: usize, X, T: Scalar, const C: usize>(
    b: &[T; C],
    y: &mut [T; C],
    mut c: usize,
    terms: &[Steps<'_, X, [T; C]>],
    number: impl Fn(&X) -> T,
) -> usize
where
    [T; N]: Block<T>,
{
    while let (Some(&b), Some(y)) = (block::<N, T>(b, c), block_mut::<N, T>(y, c)) {
        let mut sums = b;
        for (x, rows) in terms {
            for (x, row) in x.iter().zip(*rows) {
                if let Some(w) = block(row, c) {
                    sums.add_scaled(number(x), w);
                }
            }
        }
        *y = sums;
        c += N;
    }
    c
}

/// Row `r` of `Σ_t x_tᵀ · y_t`, from column `c` on.
#[inline(always)]
fn add_row<T: Scalar, const R: usize, const C: usize>(
    row: &mut [T; C],
    c: usize,
    r: usize,
    steps: &[Steps<'_, [T; R], [T; C]>],
) {
    let b = *row;
    add_terms(&b, row, c, steps, |x| x.get(r).copied().unwrap_or(T::ZERO));
}

#[inline(always)]
fn add_tile<T: Scalar, const R: usize, const C: usize>(
    rows: &mut [[T; C]; 4],
    r: usize,
    c: usize,
    steps: &[Steps<'_, [T; R], [T; C]>],
) {
    let [r0, r1, r2, r3] = rows;
    let (Some(r0), Some(r1), Some(r2), Some(r3)) = (
        block_mut::<4, T>(r0, c),
        block_mut::<4, T>(r1, c),
        block_mut::<4, T>(r2, c),
        block_mut::<4, T>(r3, c),
    ) else {
        return;
    };
    let (mut a0, mut a1, mut a2, mut a3) = (*r0, *r1, *r2, *r3);
    for (x, y) in steps {
        for (x, y) in x.iter().zip(*y) {
            if let (Some(x), Some(y)) = (block::<4, T>(x, r), block::<4, T>(y, c)) {
                let (p0, p1) = (y.scaled(x[0]), y.scaled(x[1]));
                a0.add(p0);
                a1.add(p1);
                let (p2, p3) = (y.scaled(x[2]), y.scaled(x[3]));
                a2.add(p2);
                a3.add(p3);
            }
        }
    }
    (*r0, *r1, *r2, *r3) = (a0, a1, a2, a3);
}

/// Numbers that are held in registers.
trait Block<T> {
    /// `self += x · w`
    fn add_scaled(&mut self, x: T, w: &Self);
    fn scaled(&self, x: T) -> Self;
    fn add(&mut self, w: Self);
    /// `sum + self · wᵀ`, from left to right
    fn add_dot(&self, sum: T, w: &Self) -> T;
}

/// Written out number by number: opt-level "s" would keep a loop, and the numbers in memory.
macro_rules! block {
    ($n:literal: $($k:literal)+) => {
        impl<T: Scalar> Block<T> for [T; $n] {
            #[inline(always)]
            fn add_scaled(&mut self, x: T, w: &Self) {
                $(self[$k] += x * w[$k];)+
            }

            #[inline(always)]
            fn scaled(&self, x: T) -> Self {
                [$(x * self[$k]),+]
            }
            #[inline(always)]
            fn add(&mut self, w: Self) {
                $(self[$k] += w[$k];)+
            }

            #[inline(always)]
            fn add_dot(&self, mut sum: T, w: &Self) -> T {
                $(sum += self[$k] * w[$k];)+
                sum
            }
        }
    };
}
block!(1: 0);
block!(4: 0 1 2 3);
block!(16: 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15);

/// The block of `N` numbers that begins at column `c`.
#[inline(always)]
fn block<const N: usize, T>(row: &[T], c: usize) -> Option<&[T; N]> {
    row.get(c..)?.first_chunk()
}

#[inline(always)]
fn block_mut<const N: usize, T>(row: &mut [T], c: usize) -> Option<&mut [T; N]> {
    row.get_mut(c..)?.first_chunk_mut()
}

/// `y += Σ_t x_t`
pub(crate) fn add_rows<T: Scalar, const N: usize>(y: &mut [T; N], x: &[[T; N]]) {
    for x in x {
        for (y, &x) in y.iter_mut().zip(x) {
            *y += x;
        }
    }
}

/// `y += x · w`
#[inline(never)]
pub(crate) fn add_scaled<T: Scalar>(y: &mut [T], x: T, w: &[T]) {
    let (y4, y1) = y.as_chunks_mut::<4>();
    let (w4, w1) = w.as_chunks::<4>();
    for (y, w) in y4.iter_mut().zip(w4) {
        y.add(w.scaled(x));
    }
    for (y, &w) in y1.iter_mut().zip(w1) {
        *y += x * w;
    }
}

/// `x · yᵀ`
pub(crate) fn dot<T: Scalar, const N: usize>(x: &[T; N], y: &[T; N]) -> T {
    x.iter().zip(y).fold(T::ZERO, |sum, (&x, &y)| sum + x * y)
}
