//! The products of block floating point, on slices: one body for all sizes.
//!
//! Tiles are written out, so that the compiler makes much the same of them at every opt-level.

use super::Weight;

/// `y += x · W`, four columns at a time: their sums stay in registers.
#[inline(never)]
pub(super) fn add_product<W: Weight>(x: &[i32], w: &[W], columns: usize, y: &mut [i32]) {
    let mut w = w;
    let (tiles, rest) = y.as_chunks_mut::<4>();
    for y in tiles {
        let [mut a, mut b, mut c, mut d] = *y;
        for (&x, row) in x.iter().zip(w.chunks(columns)) {
            if let Some(&[w_a, w_b, w_c, w_d]) = row.first_chunk() {
                a += x * w_a.factor();
                b += x * w_b.factor();
                c += x * w_c.factor();
                d += x * w_d.factor();
            }
        }
        *y = [a, b, c, d];
        w = w.get(4..).unwrap_or_default();
    }
    for y in rest {
        for (&x, row) in x.iter().zip(w.chunks(columns)) {
            if let Some(&w) = row.first() {
                *y += x * w.factor();
            }
        }
        w = w.get(1..).unwrap_or_default();
    }
}

/// `x += y · Wᵀ`, four columns at a time: their `y` stay in registers.
#[inline(never)]
pub(super) fn add_product_transposed<W: Weight>(
    y: &[i16],
    w: &[W],
    columns: usize,
    x: &mut [i32],
) {
    let mut w = w;
    let (tiles, rest) = y.as_chunks::<4>();
    for y in tiles {
        let [a, b, c, d] = y.map(i32::from);
        for (x, row) in x.iter_mut().zip(w.chunks(columns)) {
            if let Some(&[w_a, w_b, w_c, w_d]) = row.first_chunk() {
                *x += a * w_a.factor() + b * w_b.factor() + c * w_c.factor() + d * w_d.factor();
            }
        }
        w = w.get(4..).unwrap_or_default();
    }
    for &y in rest {
        for (x, row) in x.iter_mut().zip(w.chunks(columns)) {
            if let Some(&w) = row.first() {
                *x += i32::from(y) * w.factor();
            }
        }
        w = w.get(1..).unwrap_or_default();
    }
}
