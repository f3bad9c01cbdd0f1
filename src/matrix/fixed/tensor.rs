//! Matrices and vectors of integers with one exponent.

use super::numbers::{
    Numbers, Sealed, dequantize, fit_sums, fit_weights, put_bits, quantize, sum_bits,
};
use super::product::{add_product, add_product_transposed, outer_product, outer_tile};
use super::{BIAS, NON_FINITE, Row, stored};
use crate::num::ConstZero;
use crate::num::fixed::{ARMV6M, bits, keep_rolled, opaque, shift};
use crate::safetensors::{Reader, Schema, StateDict, Writer};

/// `R × C` numbers of block floating point, row by row.
///
/// ```text
/// w = number · 2^exponent
/// ```
///
/// `W` is `i32` for a matrix that learns; its high half takes part in products. `i16` and `i8` are
/// for inference from flash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixedMatrix<const R: usize, const C: usize, W = i32> {
    numbers: [[W; C]; R],
    /// As [`stored`].
    exponent: i32,
}

/// [`FixedMatrix`] by the name of the matrix of floats.
pub type Matrix<const R: usize, const C: usize, W = i32> = FixedMatrix<R, C, W>;

/// `N` numbers of block floating point: a bias.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vector<const N: usize> {
    numbers: [i32; N],
    /// As [`stored`].
    exponent: i32,
}

/// An integer type of weights: `i32`, `i16` or `i8`.
pub trait Weight: Sealed + Copy + PartialEq + core::fmt::Debug {
    /// The bits of a number below those of the factor.
    #[doc(hidden)]
    const SHIFT: i32;
    /// Zero.
    #[doc(hidden)]
    const ZERO: Self;
    /// What takes part in products.
    #[doc(hidden)]
    fn factor(self) -> i32;
}

macro_rules! weight {
    ($int:ident, $shift:literal) => {
        impl Sealed for $int {}

        impl Weight for $int {
            const SHIFT: i32 = $shift;
            const ZERO: Self = 0;

            #[inline(always)]
            fn factor(self) -> i32 {
                i32::from(self) >> $shift
            }
        }
    };
}
weight!(i32, 16);
weight!(i16, 0);
weight!(i8, 0);

impl<const R: usize, const C: usize> Matrix<R, C> {
    /// From floats, at compile time or at run time, without floating-point arithmetic.
    ///
    /// The exponent is the smallest at which no product wraps. A matrix with a number that is infinite
    /// or NaN gives one that is not finite.
    #[must_use]
    pub const fn new(floats: &crate::Matrix<R, C>) -> Self {
        const { assert!(R <= 4096 && C <= 4096, "a matrix of at most 4096 rows and columns") };
        let mut matrix = Self::ZERO;
        put_bits(floats.0.as_flattened(), matrix.numbers.as_flattened_mut());
        matrix.exponent = quantize(matrix.numbers.as_flattened_mut(), C);
        matrix
    }

    /// The numbers as floats, rounded to `f32`.
    #[must_use]
    pub fn to_f32(&self) -> crate::Matrix<R, C> {
        let mut floats = crate::Matrix::ZERO;
        dequantize(self, floats.as_mut_slice());
        floats
    }

    /// The factors alone, rounded: half the flash.
    #[must_use]
    pub const fn to_i16(&self) -> Matrix<R, C, i16> {
        let mut narrow = Matrix { numbers: [[0; C]; R], exponent: moved(self.exponent, 16) };
        let (mut from, mut to) = (self.numbers.as_flattened(), narrow.numbers.as_flattened_mut());
        while let ([n, from_rest @ ..], [m, to_rest @ ..]) = (from, to) {
            *m = shift(*n, 16) as i16; // a factor in reach is below 3 · 2¹³
            (from, to) = (from_rest, to_rest);
        }
        narrow
    }

    /// 8 bits of each number, rounded: a quarter of the flash, and an error 20 to 100 times larger.
    #[must_use]
    pub const fn to_i8(&self) -> Matrix<R, C, i8> {
        let by = bits(self.numbers.as_flattened()) - 7;
        let mut narrow = Matrix { numbers: [[0; C]; R], exponent: moved(self.exponent, by) };
        let (mut from, mut to) = (self.numbers.as_flattened(), narrow.numbers.as_flattened_mut());
        while let ([n, from_rest @ ..], [m, to_rest @ ..]) = (from, to) {
            let n = shift(*n, by);
            *m = if n > 127 { 127 } else { n as i8 };
            (from, to) = (from_rest, to_rest);
        }
        narrow
    }

    /// `W += x_0ᵀ · δ_0 + Σ_t x_tᵀ · δ_t`, for products of one exponent and deltas whose absolute
    /// values add to less than 2¹⁵ in every column.
    #[inline(never)]
    pub(crate) fn add_outer_products(
        &mut self,
        first: (&Row<R>, &Row<C>),
        later: (&[Row<R>], &[Row<C>]),
        exponent: i32,
    ) {
        let (old, new, sum) = meet(self.exponent, exponent, 31 - sum_bits(R, C));
        let steps = (first, later);
        let mut all = 0;
        let rows = self.numbers.get_mut(..opaque(R)).unwrap_or_default();
        for (r, row) in rows.iter_mut().enumerate() {
            let (tiles, rest) = row.as_chunks_mut();
            let mut c = 0;
            for tile in tiles.iter_mut().take(opaque(C / 4)) {
                let sums = outer_tile(r, c, &steps);
                all |= if Self::CALLS {
                    outlined_add_tile(tile, old, &sums, new)
                } else {
                    add_tile(tile, old, &sums, new)
                };
                c += 4;
                keep_rolled();
            }
            for g in rest {
                let sum = [outer_product(r, c, &steps)];
                all |= add_sums(core::slice::from_mut(g), old, &sum, new);
                c += 1;
                keep_rolled();
            }
        }
        self.exponent = sum;
        if all >> sum_bits(R, C) != 0 {
            fit_sums(self);
        }
    }
}

#[inline(always)]
fn sum(mantissas: &[i16]) -> i32 {
    mantissas.iter().map(|&m| i32::from(m)).sum()
}

#[inline(never)]
fn outlined_sum(mantissas: &[i16]) -> i32 {
    let (tiles, rest) = mantissas.as_chunks();
    let mut sum = 0;
    for &[m0, m1, m2, m3] in tiles {
        sum += i32::from(m0) + i32::from(m1) + i32::from(m2) + i32::from(m3);
        keep_rolled();
    }
    for &m in rest {
        sum += i32::from(m);
        keep_rolled();
    }
    sum
}

#[inline(never)]
fn add_mantissas(sums: &mut [i32], mantissas: &[i16]) {
    for (sum, &m) in sums.iter_mut().zip(mantissas) {
        *sum += i32::from(m);
        keep_rolled();
    }
}

/// `g ← g / 2^old + sums / 2^new`; returns the bits of all.
#[inline(always)]
fn add_tile(g: &mut [i32; 4], old: u32, sums: &[i32; 4], new: u32) -> i32 {
    let mut all = 0;
    for (g, sum) in g.iter_mut().zip(sums) {
        *g = (*g >> old) + (sum >> new);
        all |= *g ^ (*g >> 31);
    }
    all
}

#[inline(never)]
fn outlined_add_tile(g: &mut [i32; 4], old: u32, sums: &[i32; 4], new: u32) -> i32 {
    add_tile(g, old, sums, new)
}

/// The same of any length.
#[inline(always)]
fn add_sums(g: &mut [i32], old: u32, sums: &[i32], new: u32) -> i32 {
    let mut all = 0;
    for (g, sum) in g.iter_mut().zip(sums) {
        *g = (*g >> old) + (sum >> new);
        all |= *g ^ (*g >> 31);
        keep_rolled();
    }
    all
}

/// `b ← b / 2^old + sums · 2¹³ / 2^new`; returns the bits of all.
#[inline(never)]
fn add_shifted(b: &mut [i32], old: u32, sums: &[i32], new: u32) -> i32 {
    let mut all = 0;
    for (b, &sum) in b.iter_mut().zip(sums) {
        *b = (*b >> old) + (sum << 13 >> new);
        all |= *b ^ (*b >> 31);
        keep_rolled();
    }
    all
}

impl<const R: usize, const C: usize, W: Weight> Matrix<R, C, W> {
    /// Of a small matrix, what is around the products is called on Armv6-M, not written out.
    const CALLS: bool = ARMV6M && R * C < 64;

    /// The integers.
    #[must_use]
    pub const fn numbers(&self) -> &[[W; C]; R] {
        &self.numbers
    }

    /// The power of two that they are multiples of; of zeros, the smallest there is.
    #[must_use]
    pub const fn exponent(&self) -> i32 {
        self.exponent - BIAS
    }

    pub(crate) const fn is_finite(&self) -> bool {
        self.exponent < NON_FINITE
    }

    /// Half of each number: what the low halves of the weights stand for.
    #[inline(always)]
    pub(crate) fn middle(x: &[i16]) -> i32 {
        match W::SHIFT {
            0 => 0,
            _ if ARMV6M && x.len() > 4 => outlined_sum(x) >> 1,
            _ => sum(x) >> 1,
        }
    }

    /// `y += x · W`, where `y` was [`middle`](Self::middle); returns the exponent of `y`. `|y| ≤ 2³⁰`.
    #[inline(always)]
    pub(crate) fn add_product(&self, x: &Row<R>, y: &mut [i32; C]) -> i32 {
        add_product(&x.mantissas, &self.numbers, y);
        x.exponent() + self.exponent() + W::SHIFT
    }

    /// `x = y · Wᵀ`, rounded.
    #[inline(never)]
    pub(crate) fn product_transposed(&self, y: &Row<C>, x: &mut Row<R>) {
        let mut sums = [Self::middle(&y.mantissas); R];
        add_product_transposed(&y.mantissas, &self.numbers, &mut sums);
        x.round(&sums, y.exponent() + self.exponent() + W::SHIFT);
    }
}

impl<const N: usize> Vector<N> {
    pub(crate) const fn copy(&self) -> Self {
        Self { numbers: self.numbers, exponent: self.exponent }
    }

    /// From floats, at compile time or at run time, without floating-point arithmetic.
    #[must_use]
    pub const fn new(floats: &[f32; N]) -> Self {
        let mut vector = Self::ZERO;
        put_bits(floats, &mut vector.numbers);
        vector.exponent = quantize(&mut vector.numbers, 0);
        vector
    }

    /// The numbers as floats, rounded to `f32`.
    #[must_use]
    pub fn to_f32(&self) -> [f32; N] {
        let mut floats = [0.0; N];
        dequantize(self, &mut floats);
        floats
    }

    /// The integers.
    #[must_use]
    pub const fn numbers(&self) -> &[i32; N] {
        &self.numbers
    }

    /// The power of two that they are multiples of; of zeros, the smallest there is.
    #[must_use]
    pub const fn exponent(&self) -> i32 {
        self.exponent - BIAS
    }

    pub(crate) const fn is_finite(&self) -> bool {
        self.exponent < NON_FINITE
    }

    /// `b += Σ_t δ_t` for rows of one exponent and `Σ_t |δ_t| < 2¹⁵`.
    #[inline(never)]
    pub(crate) fn add_rows(&mut self, delta: &[Row<N>], exponent: i32) {
        let mut sums = [0; N];
        for delta in delta {
            add_mantissas(&mut sums, &delta.mantissas);
            keep_rolled();
        }
        let (old, new, sum) = meet(self.exponent, exponent - 13, 0);
        let all = add_shifted(&mut self.numbers, old, &sums, new);
        self.exponent = sum;
        if all >> sum_bits(1, 1) != 0 {
            fit_sums(self);
        }
    }
}

/// The shifts of a stored tensor and of a sum to be added, and the stored exponent at which they meet:
/// the sum with `room` bits less.
#[cfg_attr(all(target_arch = "arm", not(target_has_atomic = "32")), inline(never))]
fn meet(old: i32, new: i32, room: i32) -> (u32, u32, i32) {
    let new = stored(new + room);
    let sum = old.max(new);
    (cut(sum - old), cut(sum - new + room), sum)
}

/// A shift to the right, as far as there are bits.
fn cut(by: i32) -> u32 {
    by.clamp(0, 31) as u32
}

/// Of numbers shifted right: zeros stay zeros, and what is not finite stays so.
const fn moved(exponent: i32, by: i32) -> i32 {
    if exponent == 0 || exponent == NON_FINITE { exponent } else { stored(exponent - BIAS + by) }
}

//////////// as parameters, and in files ////////////

macro_rules! numbers {
    ([$($parameters:tt)*] $Tensor:ty, |$numbers:ident| $slice:expr, $slice_mut:expr, $columns:expr) => {
        impl<$($parameters)*> Sealed for $Tensor {}

        impl<$($parameters)*> Numbers for $Tensor {
            fn numbers(&self) -> &[i32] {
                let $numbers = &self.numbers;
                $slice
            }

            fn numbers_mut(&mut self) -> &mut [i32] {
                let $numbers = &mut self.numbers;
                $slice_mut
            }

            fn stored_exponent(&self) -> i32 {
                self.exponent
            }

            fn set_stored_exponent(&mut self, exponent: i32) {
                self.exponent = exponent;
            }

            fn columns(&self) -> usize {
                $columns
            }
        }

        impl<$($parameters)*> StateDict for $Tensor {
            const SCHEMA: Schema = Self::SCHEMA_OF_FIELDS;

            fn write(&self, writer: &mut Writer<'_>) {
                writer.part(&self.exponent());
                writer.part(&self.numbers);
            }

            fn read(&mut self, reader: &mut Reader<'_>) {
                read_exponent(&mut self.exponent, reader);
                if reader.completes(&mut self.numbers) {
                    fit_weights(self, false); // a file may hold any numbers
                }
            }
        }
    };
}

numbers!([const R: usize, const C: usize] Matrix<R, C>, |numbers| numbers.as_flattened(),
    numbers.as_flattened_mut(), C.max(1));
numbers!([const N: usize] Vector<N>, |numbers| numbers, numbers, 0);

/// The exponent comes first: it is known when the numbers are whole.
fn read_exponent(stored_exponent: &mut i32, reader: &mut Reader<'_>) {
    let mut exponent = *stored_exponent - BIAS;
    reader.part(&mut exponent);
    *stored_exponent = stored(exponent);
}

impl<const R: usize, const C: usize> Matrix<R, C> {
    const SCHEMA_OF_FIELDS: Schema = Schema::fields(
        const {
            &[("exponent", const { &i32::SCHEMA }), ("numbers", const { &<[[i32; C]; R]>::SCHEMA })]
        },
    );
}

impl<const N: usize> Vector<N> {
    const SCHEMA_OF_FIELDS: Schema = Schema::fields(
        const { &[("exponent", const { &i32::SCHEMA }), ("numbers", const { &<[i32; N]>::SCHEMA })] },
    );
}

impl<const R: usize, const C: usize, W: Weight> ConstZero for Matrix<R, C, W> {
    const ZERO: Self = Self { numbers: [[W::ZERO; C]; R], exponent: 0 };
}

impl<const N: usize> ConstZero for Vector<N> {
    const ZERO: Self = Self { numbers: [0; N], exponent: 0 };
}

macro_rules! narrow {
    ($int:ident) => {
        impl<const R: usize, const C: usize> StateDict for Matrix<R, C, $int> {
            const SCHEMA: Schema = Schema::fields(
                const {
                    &[
                        ("exponent", const { &i32::SCHEMA }),
                        ("numbers", const { &<[[$int; C]; R]>::SCHEMA }),
                    ]
                },
            );

            fn write(&self, writer: &mut Writer<'_>) {
                writer.part(&self.exponent());
                writer.part(&self.numbers);
            }

            fn read(&mut self, reader: &mut Reader<'_>) {
                read_exponent(&mut self.exponent, reader);
                if reader.completes(&mut self.numbers) && !self.is_in_reach() {
                    *self = Self { exponent: NON_FINITE, ..Self::ZERO };
                }
            }
        }

        impl<const R: usize, const C: usize> Matrix<R, C, $int> {
            /// Whether no product wraps.
            fn is_in_reach(&self) -> bool {
                let mut columns = [0_u32; C];
                let mut most = 0;
                for row in &self.numbers {
                    let factors = row.map(|n| u32::from(n.unsigned_abs()));
                    most = factors.iter().sum::<u32>().max(most);
                    for (column, factor) in columns.iter_mut().zip(factors) {
                        *column += factor;
                    }
                }
                columns.iter().fold(most, |most, &column| most.max(column)) <= 1 << 15
            }
        }
    };
}
narrow!(i16);
narrow!(i8);
