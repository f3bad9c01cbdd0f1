//! Rows of outputs, and of ∂L/∂y, for each kind of number.

use crate::matrix::fixed::Row;
use crate::nn::Tensor;
use crate::num::Scalar;

/// An output of a network, or ∂L/∂y: a row that can be limited and scaled.
///
/// ```
/// use elman::OutputRow;
///
/// let mut d_y = [3.0, -40.0];
/// d_y.clamp(10.0);
/// assert_eq!(d_y, [3.0, -10.0]);
/// ```
pub trait OutputRow<T> {
    /// Limits every number to ±`limit`.
    fn clamp(&mut self, limit: T);
    /// Multiplies every number by `factor`.
    fn scale(&mut self, factor: T);
}

impl<T: Scalar, const O: usize> OutputRow<T> for [T; O] {
    fn clamp(&mut self, limit: T) {
        Tensor::clamp(self.as_mut_slice(), limit);
    }

    fn scale(&mut self, factor: T) {
        Tensor::scale(self.as_mut_slice(), factor);
    }
}

/// Through `f32`, and only where a number is beyond the limit.
impl<const O: usize> OutputRow<f32> for Row<O> {
    fn clamp(&mut self, limit: f32) {
        let mut numbers = self.to_f32();
        if numbers.max_abs() > limit {
            OutputRow::clamp(&mut numbers, limit);
            *self = Self::from(&numbers);
        }
    }

    fn scale(&mut self, factor: f32) {
        let mut numbers = self.to_f32();
        OutputRow::scale(&mut numbers, factor);
        *self = Self::from(&numbers);
    }
}
