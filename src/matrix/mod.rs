//! A matrix of const size, and the three products the equations need.
//!
//! Each is written twice: in `blocked` for processors with floating point, in `row_by_row` for those
//! without. Neither changes a bit: every sum runs in the order in which its equation is written.

mod blocked;
#[cfg_attr(
    not(all(
        feature = "cortex-m4",
        target_arch = "arm",
        target_abi = "eabihf",
        target_os = "none"
    )),
    path = "no_assembly.rs"
)]
pub(crate) mod cortex_m4;
pub mod fixed;
mod row_by_row;

use core::ops::Range;

use crate::num::{ConstZero, Scalar};
use crate::safetensors::{StateDict, state_dict_of_newtype};

pub(crate) use self::row_by_row::{add_rows, dot};

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
    ///
    /// ```
    /// use elman::Matrix;
    ///
    /// let w = Matrix([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    /// let mut x = [0.5, 0.0];
    /// w.add_product_transposed(&[1.0, 0.0, 1.0], &mut x);
    /// assert_eq!(x, [4.5, 10.0]);
    /// ```
    pub fn add_product_transposed(&self, y: &[T; C], x: &mut [T; R]) {
        if T::SOFT_FLOAT {
            row_by_row::add_dots(&self.0, y, x);
        } else {
            blocked::add_dots(&self.0, y, x);
        }
    }

    /// `W += Σ_t x_tᵀ · y_t`, the sum over the rows (steps) that both have, from first to last.
    ///
    /// ```
    /// use elman::Matrix;
    ///
    /// let mut w = Matrix([[0.5, 0.0, 0.0], [0.0, 0.0, 0.0]]);
    /// w.add_outer_products(&[[1.0, 2.0], [0.0, 1.0]], &[[1.0, 2.0, 3.0], [1.0, 1.0, 1.0]]);
    /// assert_eq!(w, Matrix([[1.5, 2.0, 3.0], [3.0, 5.0, 7.0]]));
    /// ```
    pub fn add_outer_products(&mut self, x: &[[T; R]], y: &[[T; C]]) {
        self.add_outer([(x, y)], 0..Self::PARTS);
    }

    /// `X = Y · Wᵀ`, row by row.
    ///
    /// ```
    /// use elman::Matrix;
    ///
    /// let w = Matrix([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    /// let mut x = [[9.0; 2]; 2]; // written over
    /// w.products_transposed(&[[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]], &mut x);
    /// assert_eq!(x, [[4.0, 10.0], [2.0, 5.0]]);
    /// ```
    pub fn products_transposed(&self, y: &[[T; C]], x: &mut [[T; R]]) {
        if pays_to_transpose::<T, R, C>(y.len()) {
            self.with_transposed(|w| set_products(y, x, |y, x| w.add_product(y, x)));
        } else {
            set_products(y, x, |y, x| self.add_product_transposed(y, x));
        }
    }

    /// Calls `f` with `Wᵀ`. Not inlined: only where it is wanted does the copy take up stack.
    #[inline(never)]
    pub(crate) fn with_transposed(&self, f: impl FnOnce(&Matrix<C, R, T>)) {
        let mut transposed = Matrix::ZERO;
        blocked::transpose(&self.0, &mut transposed.0);
        f(&transposed);
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

    /// The parts that [`add_outer`](Self::add_outer) can be made in: at least one.
    pub(crate) const PARTS: usize = {
        let parts = R.div_ceil(Self::ROWS_OF_PART);
        if parts > 0 { parts } else { 1 }
    };

    /// A part is some blocks of four rows: 64 numbers or more, unless the matrix has fewer.
    const ROWS_OF_PART: usize = 4 * if C == 0 { 1 } else { 16_usize.div_ceil(C) };

    /// `W += Σ_t x_tᵀ · y_t`, over several stretches of steps, in some of the parts of `W`.
    #[inline(always)]
    pub(crate) fn add_outer<const M: usize>(
        &mut self,
        steps: [Factors<'_, [T; R], [T; C]>; M],
        parts: Range<usize>,
    ) {
        let rows = parts.start * Self::ROWS_OF_PART..R.min(parts.end * Self::ROWS_OF_PART);
        if T::SOFT_FLOAT {
            row_by_row::add_outer(&mut self.0, &steps, rows);
        } else {
            blocked::add_outer(&mut self.0, &steps, rows);
        }
    }
}

impl<const R: usize, const C: usize, T: ConstZero> ConstZero for Matrix<R, C, T> {
    const ZERO: Self = Self(ConstZero::ZERO);
}

impl<const R: usize, const C: usize, T: ConstZero> Default for Matrix<R, C, T> {
    fn default() -> Self {
        Self::ZERO
    }
}

state_dict_of_newtype!([const R: usize, const C: usize, T: StateDict] Matrix<R, C, T>: [[T; C]; R]);

/// Sets every `x` to the product that `add_product` makes of its `y`.
///
/// Not `inline(always)`: rustc then inlines before LLVM sees that `x` and `y` are separate.
#[inline]
fn set_products<X: ConstZero, Y>(y: &[Y], x: &mut [X], add_product: impl Fn(&Y, &mut X)) {
    for (x, y) in x.iter_mut().zip(y) {
        *x = X::ZERO;
        add_product(y, x);
    }
}

/// Whether `n` products `y · Wᵀ` are faster by a copy of `Wᵀ`, with an `R × C` matrix.
///
/// A row of `Wᵀ` fills vectors; the sum along a row of `W` is one chain. Making the copy takes as
/// long as one or two products. It lies on the stack, so it is made on 64-bit targets only.
pub(crate) const fn pays_to_transpose<T, const R: usize, const C: usize>(n: usize) -> bool {
    const LARGEST_COPY: usize = 1 << 16;
    cfg!(target_pointer_width = "64") && n > 3 && size_of::<[[T; R]; C]>() <= LARGEST_COPY
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
    if T::SOFT_FLOAT { row_by_row::affine(b, &terms, y) } else { blocked::affine(b, &terms, y) }
}
