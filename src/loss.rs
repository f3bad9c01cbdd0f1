//! What is wrong with an output: a loss and its gradient.

use crate::{Scalar, Zeros};

/// The squared error, summed over the outputs, and its gradient.
///
/// ```text
/// L = Σ_o (y_o − target_o)²,    ∂L/∂y_o = 2 (y_o − target_o)
/// ```
///
/// ```
/// let (loss, d_y) = elman::squared_error(&[1.0, 3.0], &[0.0, 5.0]);
/// assert_eq!((loss, d_y), (5.0, [2.0, -4.0]));
/// ```
#[must_use]
pub fn squared_error<T: Scalar, const O: usize>(y: &[T; O], target: &[T; O]) -> (T, [T; O]) {
    let mut loss = T::ZERO;
    let mut d_y = <[T; O]>::ZEROS;
    for ((d_y, &y), &target) in d_y.iter_mut().zip(y).zip(target) {
        let error = y - target;
        loss += error * error;
        *d_y = error + error;
    }
    (loss, d_y)
}
