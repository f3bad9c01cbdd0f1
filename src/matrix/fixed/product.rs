//! The products of block floating point, tile by tile.
//!
//! A tile is four columns: their sums, or their factors, stay in registers. Tiles are written out and
//! are functions of their own, so that the compiler makes much the same of them at every opt-level and
//! neither unrolls them all nor builds every address anew.

use super::{Row, Weight};

/// `y = middle + x · W`
#[inline(always)]
pub(super) fn product<W: Weight, const R: usize, const C: usize>(
    x: &[i16; R],
    w: &[[W; C]; R],
    middle: i32,
    y: &mut [i32; C],
) {
    let mut c = 0;
    while let Some(y) = y.get_mut(c..).and_then(|y| y.first_chunk_mut()) {
        product_tile(x, w, c, middle, y);
        c += 4;
    }
    while let Some(y) = y.get_mut(c) {
        *y = product_column(x, w, c, middle);
        c += 1;
    }
}

/// Columns `c` to `c + 3`.
#[inline(never)]
fn product_tile<W: Weight, const R: usize, const C: usize>(
    x: &[i16; R],
    w: &[[W; C]; R],
    c: usize,
    middle: i32,
    y: &mut [i32; 4],
) {
    let c = c.min(C.wrapping_sub(4)); // it is: so that the compiler knows
    let [mut s0, mut s1, mut s2, mut s3] = [middle; 4];
    for (&x, row) in x.iter().zip(w) {
        if let Some(&[w0, w1, w2, w3]) = row.get(c..).and_then(|row| row.first_chunk()) {
            let x = i32::from(x);
            s0 += x * w0.factor();
            s1 += x * w1.factor();
            s2 += x * w2.factor();
            s3 += x * w3.factor();
        }
    }
    *y = [s0, s1, s2, s3];
}

#[inline(never)]
fn product_column<W: Weight, const R: usize, const C: usize>(
    x: &[i16; R],
    w: &[[W; C]; R],
    c: usize,
    middle: i32,
) -> i32 {
    let c = c.min(C.wrapping_sub(1));
    let product = |(&x, row): (&i16, &[W; C])| row.get(c).map_or(0, |w| i32::from(x) * w.factor());
    x.iter().zip(w).map(product).fold(middle, |sum, product| sum + product)
}

/// `x += y · Wᵀ`
#[inline(always)]
pub(super) fn add_product_transposed<W: Weight, const R: usize, const C: usize>(
    y: &[i16; C],
    w: &[[W; C]; R],
    x: &mut [i32; R],
) {
    let mut c = 0;
    while let Some(y) = y.get(c..).and_then(|y| y.first_chunk()) {
        transposed_tile(y, w, c, x);
        c += 4;
    }
    while let Some(&y) = y.get(c) {
        transposed_column(y.into(), w, c, x);
        c += 1;
    }
}

/// The part of columns `c` to `c + 3`.
#[inline(never)]
fn transposed_tile<W: Weight, const R: usize, const C: usize>(
    y: &[i16; 4],
    w: &[[W; C]; R],
    c: usize,
    x: &mut [i32; R],
) {
    let c = c.min(C.wrapping_sub(4));
    let [y0, y1, y2, y3] = y.map(i32::from);
    for (x, row) in x.iter_mut().zip(w) {
        if let Some(&[w0, w1, w2, w3]) = row.get(c..).and_then(|row| row.first_chunk()) {
            *x += y0 * w0.factor() + y1 * w1.factor() + y2 * w2.factor() + y3 * w3.factor();
        }
    }
}

#[inline(never)]
fn transposed_column<W: Weight, const R: usize, const C: usize>(
    y: i32,
    w: &[[W; C]; R],
    c: usize,
    x: &mut [i32; R],
) {
    let c = c.min(C.wrapping_sub(1));
    for (x, row) in x.iter_mut().zip(w) {
        if let Some(&w) = row.get(c) {
            *x += y * w.factor();
        }
    }
}

/// A step by itself, and steps: every `x_t`, every `δ_t`.
pub(super) type Steps<'a, const R: usize, const C: usize> =
    ((&'a Row<R>, &'a Row<C>), (&'a [Row<R>], &'a [Row<C>]));

/// Row `r` of `Σ_t x_tᵀ · δ_t`, columns `c` to `c + 3`.
#[inline(never)]
pub(super) fn outer_tile<const R: usize, const C: usize>(
    r: usize,
    c: usize,
    (first, later): &Steps<'_, R, C>,
) -> [i32; 4] {
    let (r, c) = (r.min(R.wrapping_sub(1)), c.min(C.wrapping_sub(4)));
    let [mut s0, mut s1, mut s2, mut s3] = [0; 4];
    let mut add = |x: &Row<R>, delta: &Row<C>| {
        let tile = delta.mantissas.get(c..).and_then(|tile| tile.first_chunk());
        if let (Some(&x), Some(&[y0, y1, y2, y3])) = (x.mantissas.get(r), tile) {
            let x = i32::from(x);
            s0 += x * i32::from(y0);
            s1 += x * i32::from(y1);
            s2 += x * i32::from(y2);
            s3 += x * i32::from(y3);
        }
    };
    add(first.0, first.1);
    for (x, delta) in later.0.iter().zip(later.1) {
        add(x, delta);
    }
    [s0, s1, s2, s3]
}

/// One number of `Σ_t x_tᵀ · δ_t`.
#[inline(never)]
pub(super) fn outer_product<const R: usize, const C: usize>(
    r: usize,
    c: usize,
    (first, later): &Steps<'_, R, C>,
) -> i32 {
    let (r, c) = (r.min(R.wrapping_sub(1)), c.min(C.wrapping_sub(1)));
    let product = |x: &Row<R>, delta: &Row<C>| match (x.mantissas.get(r), delta.mantissas.get(c)) {
        (Some(&x), Some(&y)) => i32::from(x) * i32::from(y),
        _ => 0,
    };
    let sum = product(first.0, first.1);
    later.0.iter().zip(later.1).fold(sum, |sum, (x, delta)| sum + product(x, delta))
}
