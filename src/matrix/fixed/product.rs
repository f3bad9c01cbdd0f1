//! The products of block floating point, tile by tile.
//!
//! A tile is four columns: their sums, or their factors, stay in registers. Tiles are written out and
//! are functions of their own, so that the compiler makes much the same of them at every opt-level and
//! neither unrolls them all nor builds every address anew.

use super::{Row, Weight};

//////////// x · W ////////////

/// `y += x · W`
#[inline(always)]
pub(super) fn add_product<W: Weight, const R: usize, const C: usize>(
    x: &[i16; R],
    w: &[[W; C]; R],
    y: &mut [i32; C],
) {
    if FEW_REGISTERS { add_by_rows(x, w, y) } else { add_by_tiles(x, w, y) }
}

/// Armv6-M: four sums and their addresses do not fit into its registers, four factors do.
const FEW_REGISTERS: bool = cfg!(all(target_arch = "arm", not(target_has_atomic = "32")));

#[inline(always)]
fn add_by_tiles<W: Weight, const R: usize, const C: usize>(
    x: &[i16; R],
    w: &[[W; C]; R],
    y: &mut [i32; C],
) {
    let (tiles, rest) = y.as_chunks_mut();
    let mut c = 0;
    for y in tiles {
        add_tile(x, w, c, y);
        c += 4;
    }
    for y in rest {
        *y += column(x, w, c);
        c += 1;
    }
}

/// Columns `c` to `c + 3`.
#[inline(never)]
fn add_tile<W: Weight, const R: usize, const C: usize>(
    x: &[i16; R],
    w: &[[W; C]; R],
    c: usize,
    y: &mut [i32; 4],
) {
    let c = c.min(C.wrapping_sub(4)); // it is: so that the compiler knows
    let [mut s0, mut s1, mut s2, mut s3] = *y;
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
fn column<W: Weight, const R: usize, const C: usize>(
    x: &[i16; R],
    w: &[[W; C]; R],
    c: usize,
) -> i32 {
    let c = c.min(C.wrapping_sub(1));
    let product = |(&x, row): (&i16, &[W; C])| row.get(c).map_or(0, |w| i32::from(x) * w.factor());
    x.iter().zip(w).map(product).sum()
}

#[inline(always)]
fn add_by_rows<W: Weight, const R: usize, const C: usize>(
    x: &[i16; R],
    w: &[[W; C]; R],
    y: &mut [i32; C],
) {
    if C == 1 {
        y.iter_mut().for_each(|y| *y += column(x, w, 0));
        return;
    }
    let ((xs, x_rest), (ws, w_rest)) = (x.as_chunks(), w.as_chunks());
    for (x, w) in xs.iter().zip(ws) {
        add_rows(x, w, y);
    }
    for (&x, w) in x_rest.iter().zip(w_rest) {
        add_row(x.into(), w, y);
    }
}

/// The part of four rows.
#[inline(never)]
fn add_rows<W: Weight, const C: usize>(x: &[i16; 4], w: &[[W; C]; 4], y: &mut [i32; C]) {
    let [x0, x1, x2, x3] = x.map(i32::from);
    let [w0, w1, w2, w3] = w;
    for ((((y, w0), w1), w2), w3) in y.iter_mut().zip(w0).zip(w1).zip(w2).zip(w3) {
        *y += x0 * w0.factor() + x1 * w1.factor() + x2 * w2.factor() + x3 * w3.factor();
    }
}

#[inline(never)]
fn add_row<W: Weight, const C: usize>(x: i32, w: &[W; C], y: &mut [i32; C]) {
    for (y, w) in y.iter_mut().zip(w) {
        *y += x * w.factor();
    }
}

//////////// y · Wᵀ ////////////

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

//////////// xᵀ · δ ////////////

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
