//! A matrix of const size, and the three products the equations need.

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
    /// `y += x · W`
    pub fn add_product(&self, x: &[T; R], y: &mut [T; C]) {
        for (&x, row) in x.iter().zip(&self.0) {
            for (y, &w) in y.iter_mut().zip(row) {
                *y += x * w;
            }
        }
    }

    /// `x += y · Wᵀ`
    pub fn add_product_transposed(&self, y: &[T; C], x: &mut [T; R]) {
        for (x, row) in x.iter_mut().zip(&self.0) {
            for (&y, &w) in y.iter().zip(row) {
                *x += y * w;
            }
        }
    }

    /// `W += Σ_t x_tᵀ · y_t`, the sum over the rows (steps) that both have.
    pub fn add_outer_products(&mut self, x: &[[T; R]], y: &[[T; C]]) {
        for (x, y) in x.iter().zip(y) {
            for (row, &x) in self.0.iter_mut().zip(x) {
                for (w, &y) in row.iter_mut().zip(y) {
                    *w += x * y;
                }
            }
        }
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
}

impl<const R: usize, const C: usize, T: Zeros> Zeros for Matrix<R, C, T> {
    const ZEROS: Self = Self(Zeros::ZEROS);
}

/// `y += Σ_t x_t`
pub(crate) fn add_rows<T: Scalar, const N: usize>(y: &mut [T; N], x: &[[T; N]]) {
    for x in x {
        for (y, &x) in y.iter_mut().zip(x) {
            *y += x;
        }
    }
}

/// `x · yᵀ`
pub(crate) fn dot<T: Scalar, const N: usize>(x: &[T; N], y: &[T; N]) -> T {
    x.iter().zip(y).fold(T::ZERO, |sum, (&x, &y)| sum + x * y)
}
