//! The products of block floating point.
//!
//! Sizes are lengths of slices, so that the matrices of a network share the code. What is to be unrolled
//! is written out, and no other loop is: so the compiler makes much the same of it at every opt-level.

use super::{CHUNK, Row, Rows, Weight};
use crate::num::fixed::keep_rolled;

/// Armv6-M: four sums and their addresses do not fit into its registers.
const FEW_REGISTERS: bool = cfg!(all(target_arch = "arm", not(target_has_atomic = "32")));

//////////// x · W ////////////

/// `y += x · W`
pub(super) fn add_product<W: Weight>(x: &[i16], w: &[W], y: &mut [i32]) {
    if let [y] = y {
        *y += dot_product(x, w);
    } else if FEW_REGISTERS {
        add_by_rows(x, w, y);
    } else {
        add_by_tiles(x, w, y);
    }
}

/// `x · w`
#[inline(never)]
fn dot_product<W: Weight>(x: &[i16], w: &[W]) -> i32 {
    let mut sum = 0;
    for (&x, w) in x.iter().zip(w) {
        sum += i32::from(x) * w.factor();
        keep_rolled();
    }
    sum
}

/// Two rows of `W` at a time, whose `x` stay in registers.
#[inline(never)]
fn add_by_rows<W: Weight>(x: &[i16], mut w: &[W], y: &mut [i32]) {
    let (pairs, last) = x.as_chunks();
    for &[x0, x1] in pairs {
        let Some((w0, rest)) = w.split_at_checked(y.len()) else { return };
        let Some((w1, rest)) = rest.split_at_checked(y.len()) else { return };
        add_two_rows([x0.into(), x1.into()], w0, w1, y);
        w = rest;
    }
    for &x in last {
        let x = i32::from(x);
        for (y, w) in y.iter_mut().zip(w) {
            *y += x * w.factor();
            keep_rolled();
        }
    }
}

#[inline(always)]
fn add_two_rows<W: Weight>([x0, x1]: [i32; 2], w0: &[W], w1: &[W], y: &mut [i32]) {
    let (y_tiles, y_rest) = y.as_chunks_mut::<4>();
    let ((w0, w0_rest), (w1, w1_rest)) = (w0.as_chunks::<4>(), w1.as_chunks::<4>());
    for ((y, w0), w1) in y_tiles.iter_mut().zip(w0).zip(w1) {
        y[0] += x0 * w0[0].factor() + x1 * w1[0].factor();
        y[1] += x0 * w0[1].factor() + x1 * w1[1].factor();
        y[2] += x0 * w0[2].factor() + x1 * w1[2].factor();
        y[3] += x0 * w0[3].factor() + x1 * w1[3].factor();
        keep_rolled();
    }
    for ((y, w0), w1) in y_rest.iter_mut().zip(w0_rest).zip(w1_rest) {
        *y += x0 * w0.factor() + x1 * w1.factor();
        keep_rolled();
    }
}

/// Columns of a tile, whose sums stay in registers.
const TILE: usize = 8;

#[inline(never)]
fn add_by_tiles<W: Weight>(x: &[i16], w: &[W], y: &mut [i32]) {
    let columns = y.len();
    let (tiles, rest) = y.as_chunks_mut::<TILE>();
    let mut w = w;
    for y in tiles {
        add_tile(x, w, columns, y);
        w = w.get(TILE..).unwrap_or_default();
    }
    for y in rest {
        let mut column = w;
        for &x in x {
            let Some(w) = column.first() else { break };
            *y += i32::from(x) * w.factor();
            column = column.get(columns..).unwrap_or_default();
            keep_rolled();
        }
        w = w.get(1..).unwrap_or_default();
    }
}

#[inline(always)]
fn add_tile<W: Weight>(x: &[i16], mut w: &[W], columns: usize, y: &mut [i32; TILE]) {
    let [mut s0, mut s1, mut s2, mut s3, mut s4, mut s5, mut s6, mut s7] = *y;
    for &x in x {
        let Some(&[w0, w1, w2, w3, w4, w5, w6, w7]) = w.first_chunk() else { break };
        let x = i32::from(x);
        s0 += x * w0.factor();
        s1 += x * w1.factor();
        s2 += x * w2.factor();
        s3 += x * w3.factor();
        s4 += x * w4.factor();
        s5 += x * w5.factor();
        s6 += x * w6.factor();
        s7 += x * w7.factor();
        w = w.get(columns..).unwrap_or_default();
        keep_rolled();
    }
    *y = [s0, s1, s2, s3, s4, s5, s6, s7];
}

//////////// y · Wᵀ ////////////

/// `x += y · Wᵀ`
#[inline(never)]
pub(super) fn add_product_transposed(y: &[i16], w: &[i32], x: &mut [i32]) {
    if let &[y] = y {
        for (x, w) in x.iter_mut().zip(w) {
            *x += i32::from(y) * w.factor();
            keep_rolled();
        }
        return;
    }
    let mut w = w;
    let (pairs, last) = x.as_chunks_mut();
    for [x0, x1] in pairs {
        let Some((w0, rest)) = w.split_at_checked(y.len()) else { return };
        let Some((w1, rest)) = rest.split_at_checked(y.len()) else { return };
        let [s0, s1] = two_dot_products(y, w0, w1);
        *x0 += s0;
        *x1 += s1;
        w = rest;
    }
    for x in last {
        *x += dot_product(y, w);
    }
}

#[inline(always)]
fn two_dot_products(y: &[i16], w0: &[i32], w1: &[i32]) -> [i32; 2] {
    let (tiles, y_rest) = y.as_chunks::<4>();
    let ((w0, w0_rest), (w1, w1_rest)) = (w0.as_chunks::<4>(), w1.as_chunks::<4>());
    let [mut s0, mut s1] = [0; 2];
    for ((y, w0), w1) in tiles.iter().zip(w0).zip(w1) {
        let [y0, y1, y2, y3] = y.map(i32::from);
        s0 += y0 * w0[0].factor();
        s1 += y0 * w1[0].factor();
        s0 += y1 * w0[1].factor();
        s1 += y1 * w1[1].factor();
        s0 += y2 * w0[2].factor();
        s1 += y2 * w1[2].factor();
        s0 += y3 * w0[3].factor();
        s1 += y3 * w1[3].factor();
        keep_rolled();
    }
    for ((&y, w0), w1) in y_rest.iter().zip(w0_rest).zip(w1_rest) {
        s0 += i32::from(y) * w0.factor();
        s1 += i32::from(y) * w1.factor();
        keep_rolled();
    }
    [s0, s1]
}

//////////// xᵀ · δ ////////////

/// Four columns of the deltas of [`CHUNK`] steps.
pub(super) type Columns = [[i32; 4]; CHUNK];

/// Writes the columns of `delta` from `c` on; where there are less than four, zeros.
#[inline(never)]
pub(super) fn gather<'t>(delta: &dyn Rows, c: usize, tile: &'t mut Columns) -> &'t [[i32; 4]] {
    let steps = delta.steps();
    for (t, to) in tile.iter_mut().enumerate().take(steps) {
        let Some(from) = delta.row(t) else { break };
        let from = from.mantissas.get(c..).unwrap_or_default();
        for (n, to) in to.iter_mut().enumerate() {
            *to = from.get(n).map_or(0, |&m| m.into());
            keep_rolled();
        }
    }
    tile.get(..steps).unwrap_or_default()
}

/// Row `r` of `x_0ᵀ · δ_0 + Σ_t x_tᵀ · δ_t`, the four columns of `delta`.
#[inline(never)]
pub(super) fn outer_products<const R: usize>(
    r: usize,
    first: &Row<R>,
    later: &[Row<R>],
    delta: &[[i32; 4]],
) -> [i32; 4] {
    let r = r.min(R.wrapping_sub(1)); // it is: so that the compiler knows
    let (Some(&x), Some((delta, deltas))) = (first.mantissas.get(r), delta.split_first()) else {
        return [0; 4];
    };
    let [mut s0, mut s1, mut s2, mut s3] = delta.map(|delta| i32::from(x) * delta);
    for (x, &[y0, y1, y2, y3]) in later.iter().zip(deltas) {
        if let Some(&x) = x.mantissas.get(r) {
            let x = i32::from(x);
            s0 += x * y0;
            s1 += x * y1;
            s2 += x * y2;
            s3 += x * y3;
        }
        keep_rolled();
    }
    [s0, s1, s2, s3]
}
