//! The products on processors with floating point.
//!
//! A block of sums (or of factors) stays in registers while the rest passes by, so that a
//! multiplication and an addition cost one load and not three memory accesses.

use core::ops::Range;

use super::{Factors, cortex_m4};
use crate::num::Scalar;

/// Whether 32 sums stay in registers, as they do on processors of 64 bits, whose vectors are wide.
const MANY_REGISTERS: bool = cfg!(target_pointer_width = "64");

/// Whether 64 do, in vectors of eight.
const WIDE_REGISTERS: bool = cfg!(target_feature = "avx");

/// `y = b + Σ_m x_m · W_m`
#[inline(always)]
pub(super) fn affine<T: Scalar, const C: usize, const M: usize>(
    b: &[T; C],
    terms: &[Factors<'_, T, [T; C]>; M],
    y: &mut [T; C],
) {
    let c = cortex_m4::affine(b, terms, y);
    let c = if four_by_four_pays::<T, C>() { add_four_by_four(b, terms, y) } else { c };
    add_rows_scaled(b, c, terms, |&x| x, y);
}

/// Whether there are several blocks of 64 columns, and their sums do not take longer to load and store than
/// it helps: with rows of 1 KiB and more they do.
const fn four_by_four_pays<T, const C: usize>() -> bool {
    WIDE_REGISTERS && C >= 2 * 64 && size_of::<[T; C]>() < 1024
}

/// The same as far as the columns fill blocks of 64: four rows, in all blocks, and the next four. So the
/// matrix passes by in the order in which it lies in memory, and the cache has it in time. Returns
/// the column it came to.
#[inline(always)]
fn add_four_by_four<T: Scalar, const C: usize, const M: usize>(
    b: &[T; C],
    terms: &[Factors<'_, T, [T; C]>; M],
    y: &mut [T; C],
) -> usize {
    *y = *b;
    let (blocks, _) = y.as_chunks_mut::<64>();
    for (x, rows) in terms {
        for (x, rows) in x.chunks(4).zip(rows.chunks(4)) {
            for (n, sums) in blocks.iter_mut().enumerate() {
                add_four(sums, 64 * n, x, rows);
            }
        }
    }
    C - C % 64
}

/// `sums += Σ x · row` over four rows, from column `c` on. A loop over the sums: written out and four times
/// over, they are too many for LLVM to see vectors in them.
#[inline(always)]
fn add_four<T: Scalar, const C: usize>(sums: &mut [T; 64], c: usize, x: &[T], rows: &[[T; C]]) {
    let mut in_registers = *sums;
    for (&x, row) in x.iter().zip(rows) {
        if let Some(w) = block::<64, T>(row, c) {
            for (sum, &w) in in_registers.iter_mut().zip(w) {
                *sum += x * w;
            }
        }
    }
    *sums = in_registers;
}

/// `x += y · Wᵀ`
#[inline(always)]
pub(super) fn add_dots<T: Scalar, const R: usize, const C: usize>(
    w: &[[T; C]; R],
    y: &[T; C],
    x: &mut [T; R],
) {
    let c = cortex_m4::add_dots(w, y, x);
    let c = add_block_dots::<16, T, R, C>(w, c, y, x);
    let c = add_block_dots::<4, T, R, C>(w, c, y, x);
    add_block_dots::<1, T, R, C>(w, c, y, x);
}

/// `rows` of `W += Σ_t x_tᵀ · y_t`, from a multiple of four to another or to the last: tiles of four rows
/// and some columns, and row by row what does not fill a tile.
#[inline(always)]
pub(super) fn add_outer<T: Scalar, const R: usize, const C: usize, const M: usize>(
    w: &mut [[T; C]; R],
    steps: &[Factors<'_, [T; R], [T; C]>; M],
    rows: Range<usize>,
) {
    let fours = rows.start / 4..rows.end / 4;
    let c = cortex_m4::add_outer(w, steps, fours.clone());
    let is_last = rows.start < rows.end && rows.end == R;
    let (all_fours, rest) = w.as_chunks_mut::<4>();
    for (i, rows) in all_fours.iter_mut().enumerate().take(fours.end).skip(fours.start) {
        let c = if MANY_REGISTERS { add_tiles::<8, T, R, C>(rows, 4 * i, c, steps) } else { c };
        let c = add_tiles::<4, T, R, C>(rows, 4 * i, c, steps);
        if c < C {
            for (k, row) in rows.iter_mut().enumerate() {
                add_row(row, 4 * i + k, c, steps);
            }
        }
    }
    let rest = if is_last { rest } else { &mut [] };
    for (k, row) in rest.iter_mut().enumerate() {
        add_row(row, R - R % 4 + k, 0, steps);
    }
}

/// `t = Wᵀ`, in tiles of eight by eight numbers, and number by number what does not fill a tile.
#[inline(always)]
pub(super) fn transpose<T: Scalar, const R: usize, const C: usize>(
    w: &[[T; C]; R],
    t: &mut [[T; R]; C],
) {
    let (rows, rest) = w.as_chunks::<8>();
    for (i, rows) in rows.iter().enumerate() {
        let (columns, rest) = t.as_chunks_mut::<8>();
        for (j, columns) in columns.iter_mut().enumerate() {
            transpose_tile(rows, 8 * j, columns, 8 * i);
        }
        transpose_part(rows, C - C % 8, rest, 8 * i);
    }
    transpose_part(rest, 0, t, R - R % 8);
}

/// The columns from `c` on of some rows of `W`, to the rows from `r` on of some columns of `Wᵀ`.
#[inline(always)]
fn transpose_part<T: Scalar, const R: usize, const C: usize>(
    rows: &[[T; C]],
    c: usize,
    columns: &mut [[T; R]],
    r: usize,
) {
    for (k, row) in rows.iter().enumerate() {
        for (&w, column) in row.iter().skip(c).zip(&mut *columns) {
            if let Some(t) = column.get_mut(r + k) {
                *t = w;
            }
        }
    }
}

/// The same of eight rows and eight columns: they stay in registers.
#[inline(always)]
fn transpose_tile<T: Scalar, const R: usize, const C: usize>(
    rows: &[[T; C]; 8],
    c: usize,
    columns: &mut [[T; R]; 8],
    r: usize,
) {
    let tile = rows.each_ref().map(|row| block::<8, T>(row, c).copied().unwrap_or([T::ZERO; 8]));
    for (k, column) in columns.iter_mut().enumerate() {
        if let Some(column) = block_mut::<8, T>(column, r) {
            *column = tile.map(|row| row[k]);
        }
    }
}

/// Row `r` of `W += Σ_t x_tᵀ · y_t`, from column `c` on. Not inlined: it is for a few rows or columns.
#[inline(never)]
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
    let c = if WIDE_REGISTERS { add_blocks::<64, T, X, C>(b, c, terms, &number, y) } else { c };
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

/// `x += y · Wᵀ` for the columns from `c` on, as far as they fill blocks of `N`: a block of `y` stays in
/// registers on the way down the rows. Returns the column it came to.
#[inline(always)]
fn add_block_dots<const N: usize, T: Scalar, const R: usize, const C: usize>(
    w: &[[T; C]; R],
    mut c: usize,
    y: &[T; C],
    x: &mut [T; R],
) -> usize
where
    [T; N]: Block<T>,
{
    while let Some(&y) = block::<N, T>(y, c) {
        for (x, row) in x.iter_mut().zip(w) {
            if let Some(w) = block(row, c) {
                *x = y.add_dot(*x, w);
            }
        }
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

/// A few numbers that stay in registers.
pub(super) trait Block<T>: Copy {
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
block!(64: 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31
    32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63);

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
