//! The products of block floating point, tile by tile.
//!
//! A tile is as many columns as fit into the registers with what is computed of them: eight on RISC-V,
//! four elsewhere, two in `y · Wᵀ` on Armv6-M. Their sums, or their factors, stay there. Tiles are
//! written out and are functions of their own, so that the compiler makes much the same of them at every
//! opt-level and neither unrolls them all nor builds every address anew.
//!
//! On Armv6-M, `x · W` goes by pairs of rows instead: two factors stay in registers, sums do not.

use super::{Row, Weight};
use crate::num::fixed::{ARMV6M, keep_rolled, opaque};

//////////// x · W ////////////

/// `y += x · W`
#[inline(always)]
pub(super) fn add_product<W: Weight, const R: usize, const C: usize>(
    x: &[i16; R],
    w: &[[W; C]; R],
    y: &mut [i32; C],
) {
    if ARMV6M { add_by_rows(x, w, y) } else { add_by_tiles(x, w, y) }
}

/// Columns of a tile. Of pairs of rows, columns written out together.
const TILE: usize = 4;
/// The same where there are registers for more.
const WIDE_TILE: usize = if cfg!(target_arch = "riscv32") { 8 } else { TILE };
/// The same where there are fewer.
const NARROW_TILE: usize = if ARMV6M { 2 } else { TILE };

#[inline(always)]
fn add_by_tiles<W: Weight, const R: usize, const C: usize>(
    x: &[i16; R],
    w: &[[W; C]; R],
    y: &mut [i32; C],
) {
    let (wide, rest) = y.as_chunks_mut::<WIDE_TILE>();
    let (tiles, rest) = rest.as_chunks_mut::<TILE>();
    let mut c = 0;
    for y in wide {
        y.add(x, w, c);
        c += WIDE_TILE;
    }
    for y in tiles {
        y.add(x, w, c);
        c += TILE;
    }
    for y in rest {
        *y += column(x, w, c);
        c += 1;
    }
}

#[inline(never)]
fn column<W: Weight, const R: usize, const C: usize>(
    x: &[i16; R],
    w: &[[W; C]; R],
    c: usize,
) -> i32 {
    let c = c.min(C.wrapping_sub(1));
    let mut sum = 0;
    for (&x, row) in x.iter().zip(w) {
        sum += row.get(c).map_or(0, |w| i32::from(x) * w.factor());
        keep_rolled();
    }
    sum
}

/// On Armv6-M four sums and their addresses do not fit into the registers, two factors do.
#[inline(always)]
fn add_by_rows<W: Weight, const R: usize, const C: usize>(
    x: &[i16; R],
    w: &[[W; C]; R],
    y: &mut [i32; C],
) {
    if let [y] = y.as_mut_slice() {
        *y += dot_product(opaque(x.as_slice()), opaque(w.as_flattened()));
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

/// The part of two rows.
#[inline(never)]
fn add_rows<W: Weight, const C: usize>(x: &[i16; 2], w: &[[W; C]; 2], y: &mut [i32; C]) {
    let [x0, x1] = x.map(i32::from);
    let [w0, w1] = w;
    let (y_tiles, y_rest) = y.as_chunks_mut::<TILE>();
    let ((w0, w0_rest), (w1, w1_rest)) = (w0.as_chunks::<TILE>(), w1.as_chunks::<TILE>());
    for ((y, w0), w1) in y_tiles.iter_mut().zip(w0).zip(w1) {
        y[0] += x0 * w0[0].factor() + x1 * w1[0].factor();
        y[1] += x0 * w0[1].factor() + x1 * w1[1].factor();
        y[2] += x0 * w0[2].factor() + x1 * w1[2].factor();
        y[3] += x0 * w0[3].factor() + x1 * w1[3].factor();
    }
    for ((y, w0), w1) in y_rest.iter_mut().zip(w0_rest).zip(w1_rest) {
        *y += x0 * w0.factor() + x1 * w1.factor();
    }
}

/// `y += x · w`
#[inline(never)]
fn add_row<W: Weight, const C: usize>(x: i32, w: &[W; C], y: &mut [i32; C]) {
    for (y, w) in y.iter_mut().zip(w) {
        *y += x * w.factor();
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

//////////// y · Wᵀ ////////////

/// `x += y · Wᵀ`
#[inline(always)]
pub(super) fn add_product_transposed<W: Weight, const R: usize, const C: usize>(
    y: &[i16; C],
    w: &[[W; C]; R],
    x: &mut [i32; R],
) {
    if let (&[y], Some(w)) = (y.as_slice(), w.as_flattened().first_chunk()) {
        return add_row(y.into(), w, x);
    }
    let (wide, rest) =
        if ARMV6M { (&[] as &[_], y.as_slice()) } else { y.as_chunks::<WIDE_TILE>() };
    let (tiles, rest) = rest.as_chunks::<NARROW_TILE>();
    let mut c = 0;
    for y in wide {
        <[i32; WIDE_TILE]>::transposed(y, w, c, x);
        c += WIDE_TILE;
    }
    for y in tiles {
        <[i32; NARROW_TILE]>::transposed(y, w, c, x);
        c += NARROW_TILE;
    }
    for &y in rest {
        transposed_column(y.into(), w, c, x);
        c += 1;
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
        keep_rolled();
    }
}

//////////// tiles ////////////

/// Columns from `c` on, of `x · W` and of the factors of `y · Wᵀ`.
trait Tile<const N: usize> {
    fn add<W: Weight, const R: usize, const C: usize>(
        &mut self,
        x: &[i16; R],
        w: &[[W; C]; R],
        c: usize,
    );
    fn transposed<W: Weight, const R: usize, const C: usize>(
        y: &[i16; N],
        w: &[[W; C]; R],
        c: usize,
        x: &mut [i32; R],
    );
}

macro_rules! tile {
    ($n:literal: $($s:ident $y:ident $w:ident),+) => {
        impl Tile<$n> for [i32; $n] {
            #[inline(never)]
            fn add<W: Weight, const R: usize, const C: usize>(
                &mut self,
                x: &[i16; R],
                w: &[[W; C]; R],
                c: usize,
            ) {
                let c = c.min(C.wrapping_sub($n)); // it is: so that the compiler knows
                let [$(mut $s),+] = *self;
                for (&x, row) in x.iter().zip(w) {
                    if let Some(&[$($w),+]) = row.get(c..).and_then(|row| row.first_chunk()) {
                        let x = i32::from(x);
                        $($s += x * $w.factor();)+
                    }
                }
                *self = [$($s),+];
            }

            #[inline(never)]
            fn transposed<W: Weight, const R: usize, const C: usize>(
                y: &[i16; $n],
                w: &[[W; C]; R],
                c: usize,
                x: &mut [i32; R],
            ) {
                let c = c.min(C.wrapping_sub($n));
                let [$($y),+] = y.map(i32::from);
                for (x, row) in x.iter_mut().zip(w) {
                    if let Some(&[$($w),+]) = row.get(c..).and_then(|row| row.first_chunk()) {
                        *x += 0 $(+ $y * $w.factor())+;
                    }
                }
            }
        }
    };
}
tile!(2: s0 y0 w0, s1 y1 w1);
tile!(4: s0 y0 w0, s1 y1 w1, s2 y2 w2, s3 y3 w3);
tile!(8: s0 y0 w0, s1 y1 w1, s2 y2 w2, s3 y3 w3, s4 y4 w4, s5 y5 w5, s6 y6 w6, s7 y7 w7);

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
    let mut sum = product(first.0, first.1);
    for (x, delta) in later.0.iter().zip(later.1) {
        sum += product(x, delta);
        keep_rolled();
    }
    sum
}
