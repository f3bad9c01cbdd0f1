//! A matrix of const size, and the three products the equations need.
//!
//! Each product holds a block of sums (or of factors) in registers while it walks over the rest, so
//! that a multiplication and an addition cost one load and not three memory accesses. The blocks
//! change no bit: every sum runs in the order in which its equation is written.
//!
//! Processors without floating point have no registers to hold a block: there the products go row by row.

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
        if T::SOFT {
            return self.add_dots_by_rows(y, x);
        }
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

    /// `W += Σ_t x_tᵀ · y_t`, over several stretches of steps: tiles of four rows and some columns, and
    /// row by row what does not fill a tile.
    #[inline(always)]
    pub(crate) fn add_outer<const M: usize>(&mut self, steps: [Factors<'_, [T; R], [T; C]>; M]) {
        if T::SOFT {
            return self.add_outer_by_rows(&steps);
        }
        let (fours, rest) = self.0.as_chunks_mut::<4>();
        for (i, rows) in fours.iter_mut().enumerate() {
            let c =
                if MANY_REGISTERS { add_tiles::<8, T, R, C>(rows, 4 * i, 0, &steps) } else { 0 };
            let c = add_tiles::<4, T, R, C>(rows, 4 * i, c, &steps);
            for (k, row) in rows.iter_mut().enumerate() {
                add_row(row, 4 * i + k, c, &steps);
            }
        }
        for (k, row) in rest.iter_mut().enumerate() {
            add_row(row, R - R % 4 + k, 0, &steps);
        }
    }

    /// `x += y · Wᵀ` for the columns from `c` on, as far as they fill blocks of `N`: a block of `y`
    /// stays in registers on the way down the rows. Returns the column it came to.
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

    /// `W += Σ_t x_tᵀ · y_t`, step by step and row by row.
    fn add_outer_by_rows(&mut self, steps: &[Factors<'_, [T; R], [T; C]>]) {
        for (x, y) in steps {
            for (x, y) in x.iter().zip(*y) {
                for (row, &x) in self.0.iter_mut().zip(x) {
                    add_scaled(row, x, y);
                }
            }
        }
    }

    /// `x += y · Wᵀ`, row by row.
    fn add_dots_by_rows(&self, y: &[T; C], x: &mut [T; R]) {
        for (x, row) in x.iter_mut().zip(&self.0) {
            *x = add_dot(*x, y, row);
        }
    }
}

impl<const R: usize, const C: usize, T: Zeros> Zeros for Matrix<R, C, T> {
    const ZEROS: Self = Self(Zeros::ZEROS);
}

/// The factors of a sum `Σ_t x_t · y_t`: every `x_t`, every `y_t`.
type Factors<'a, X, Y> = (&'a [X], &'a [Y]);

/// `y = b + Σ_m x_m · W_m`
#[inline(always)]
pub(crate) fn affine<T: Scalar, const C: usize, const M: usize>(
    b: &[T; C],
    terms: [Factors<'_, T, [T; C]>; M],
    y: &mut [T; C],
) {
    if T::SOFT {
        return affine_by_rows(b, &terms, y);
    }
    add_rows_scaled(b, 0, &terms, |&x| x, y);
}

/// Row `r` of `W += Σ_t x_tᵀ · y_t`, from column `c` on.
#[inline(always)]
fn add_row<T: Scalar, const R: usize, const C: usize>(
    row: &mut [T; C],
    r: usize,
    c: usize,
    steps: &[Factors<'_, [T; R], [T; C]>],
) {
    let b = *row;
    add_rows_scaled(&b, c, steps, |x| x.get(r).copied().unwrap_or(T::ZERO), row);
}

/// `y = b + Σ number(x) · row` over all pairs of an `x` and a row, from column `c` on.
#[inline(always)]
fn add_rows_scaled<T: Scalar, X, const C: usize>(
    b: &[T; C],
    c: usize,
    terms: &[Factors<'_, X, [T; C]>],
    number: impl Fn(&X) -> T,
    y: &mut [T; C],
) {
    let c = if MANY_REGISTERS { add_blocks::<32, T, X, C>(b, c, terms, &number, y) } else { c };
    let c = add_blocks::<16, T, X, C>(b, c, terms, &number, y);
    let c = add_blocks::<4, T, X, C>(b, c, terms, &number, y);
    add_blocks::<1, T, X, C>(b, c, terms, &number, y);
}

/// The same as far as the columns fill blocks of `N`: the sums of a block stay in registers on the
/// way down the rows. Returns the column it came to.
#[inline(always)]
fn add_blocks<const N: usize, T: Scalar, X, const C: usize>(
    b: &[T; C],
    mut c: usize,
    terms: &[Factors<'_, X, [T; C]>],
    number: impl Fn(&X) -> T,
    y: &mut [T; C],
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

/// The rows from `r` on, as far as their columns from `c` on fill tiles of `N`. Returns the column it
/// came to.
#[inline(always)]
fn add_tiles<const N: usize, T: Scalar, const R: usize, const C: usize>(
    rows: &mut [[T; C]; 4],
    r: usize,
    mut c: usize,
    steps: &[Factors<'_, [T; R], [T; C]>],
) -> usize
where
    [T; N]: Block<T>,
{
    while c + N <= C {
        add_tile::<N, T, R, C>(rows, r, c, steps);
        c += N;
    }
    c
}

/// Rows `r` to `r + 3` of `W += Σ_t x_tᵀ · y_t`, columns `c` to `c + N - 1`.
#[inline(always)]
fn add_tile<const N: usize, T: Scalar, const R: usize, const C: usize>(
    [row0, row1, row2, row3]: &mut [[T; C]; 4],
    r: usize,
    c: usize,
    steps: &[Factors<'_, [T; R], [T; C]>],
) where
    [T; N]: Block<T>,
{
    let (Some(w0), Some(w1)) = (block_mut::<N, T>(row0, c), block_mut::<N, T>(row1, c)) else {
        return;
    };
    let (Some(w2), Some(w3)) = (block_mut::<N, T>(row2, c), block_mut::<N, T>(row3, c)) else {
        return;
    };
    let (mut s0, mut s1, mut s2, mut s3) = (*w0, *w1, *w2, *w3);
    for (x, y) in steps {
        for (x, y) in x.iter().zip(*y) {
            if let (Some(x), Some(y)) = (block::<4, T>(x, r), block::<N, T>(y, c)) {
                // Eight products before their sums: none has to wait for the one just made.
                let (y0, y1) = (y.scaled(x[0]), y.scaled(x[1]));
                s0.add(y0);
                s1.add(y1);
                let (y2, y3) = (y.scaled(x[2]), y.scaled(x[3]));
                s2.add(y2);
                s3.add(y3);
            }
        }
    }
    (*w0, *w1, *w2, *w3) = (s0, s1, s2, s3);
}

/// `y += x · w`, one body for all lengths.
#[inline(never)]
pub(crate) fn add_scaled<T: Scalar>(y: &mut [T], x: T, w: &[T]) {
    if T::SOFT {
        for (y, &w) in y.iter_mut().zip(w) {
            *y = y.plus_product(x, w);
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

/// `y = b + Σ_m x_m · W_m`, row by row.
fn affine_by_rows<T: Scalar, const C: usize>(
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

/// `sum + x · w`, one body for all lengths.
#[inline(never)]
fn add_dot<T: Scalar>(sum: T, x: &[T], w: &[T]) -> T {
    x.iter().zip(w).fold(sum, |sum, (&x, &w)| sum.plus_product(x, w))
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

/// Whether 32 sums stay in registers, as they do on processors of 64 bits, whose vectors are wide.
const MANY_REGISTERS: bool = cfg!(target_pointer_width = "64");

/// A few numbers that stay in registers.
trait Block<T>: Copy {
    /// `self · x`
    fn scaled(&self, x: T) -> Self;
    /// `self += w`
    fn add(&mut self, w: Self);
    /// `self += x · w`
    fn add_scaled(&mut self, x: T, w: &Self);
    /// `sum + self · wᵀ`, from left to right
    fn add_dot(&self, sum: T, w: &Self) -> T;
}

/// Written out number by number: opt-level "s" would keep a loop, and with it a block in memory.
macro_rules! block {
    ($n:literal: $($k:literal)+) => {
        impl<T: Scalar> Block<T> for [T; $n] {
            #[inline(always)]
            fn scaled(&self, x: T) -> Self {
                [$(x * self[$k]),+]
            }

            #[inline(always)]
            fn add(&mut self, w: Self) {
                $(self[$k] += w[$k];)+
            }

            #[inline(always)]
            fn add_scaled(&mut self, x: T, w: &Self) {
                $(self[$k] += x * w[$k];)+
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
block!(8: 0 1 2 3 4 5 6 7);
block!(16: 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15);

block!(32: 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31);

/// The block of a row that begins at column `c`.
#[inline(always)]
fn block<const N: usize, T>(row: &[T], c: usize) -> Option<&[T; N]> {
    row.get(c..)?.first_chunk()
}

/// The block of a row that begins at column `c`.
#[inline(always)]
fn block_mut<const N: usize, T>(row: &mut [T], c: usize) -> Option<&mut [T; N]> {
    row.get_mut(c..)?.first_chunk_mut()
}

/// `x · yᵀ`
pub(crate) fn dot<T: Scalar, const N: usize>(x: &[T; N], y: &[T; N]) -> T {
    x.iter().zip(y).fold(T::ZERO, |sum, (&x, &y)| sum + x * y)
}
