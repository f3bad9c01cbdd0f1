//! Tensors of integers as parameters.

use crate::matrix::fixed::{
    Numbers, Vector, clamp, copy, is_finite, largest, lerp, make_non_finite, quantize_in, scale,
    sum_of_squares,
};
use crate::nn::{Pcg32, Tensor};
use crate::num::fixed::{Factor, keep_rolled};

/// Each operation keeps the exponent such that nothing wraps. A tensor with a number that is not
/// finite is not finite as a whole.
impl Tensor for dyn Numbers {
    type Scalar = f32;

    fn empty<'a>() -> &'a mut Self {
        let nothing: &mut [Vector<0>; 0] = &mut [];
        nothing
    }

    fn set_zero(&mut self) {
        self.numbers_mut().fill(0);
        self.set_stored_exponent(0);
    }

    fn copy_from(&mut self, other: &Self) {
        copy(self, other);
    }

    fn scale(&mut self, factor: f32) {
        match Factor::new(factor) {
            Some(factor) => scale(self, factor),
            None => make_non_finite(self),
        }
    }

    fn lerp(&mut self, end: &Self, weight: f32) {
        lerp(self, end, weight);
    }

    fn clamp(&mut self, limit: f32) {
        if limit == 0.0 {
            self.set_zero();
        } else if let Some(limit) = Factor::new(limit) {
            clamp(self, limit);
        }
    }

    fn max_abs(&self) -> f32 {
        if is_finite(self) { largest(self) } else { f32::NAN }
    }

    fn add_squares(&self, sum: f32, unit: f32) -> f32 {
        if !is_finite(self) {
            f32::NAN
        } else if unit == 1.0 {
            sum + sum_of_squares(self, 0)
        } else {
            // A power of two near `unit`, so that no square is too large or too small.
            let exponent = Factor::new(unit).map_or(0, |unit| unit.exponent);
            let ratio = crate::num::fixed::to_f32(1, exponent) / unit;
            sum + sum_of_squares(self, exponent) * ratio * ratio
        }
    }
}

/// Draws numbers uniform in ±`limit`, as [`uniform`](crate::uniform) does.
pub(super) fn draw_uniform(tensor: &mut dyn Numbers, limit: f32, rng: &mut Pcg32) {
    for n in tensor.numbers_mut() {
        *n = (limit * rng.uniform_symmetric::<f32>()).to_bits() as i32;
        keep_rolled();
    }
    quantize_in(tensor);
}

/// Implements [`Parameters`](crate::Parameters) and [`Quantize`](super::Quantize) by the fields.
macro_rules! parameters {
    ([$($parameters:tt)*] $Layer:ident<$A:ident, $B:ident> { $($n:literal $field:ident),+ }) => {
        impl<$($parameters)*> crate::Parameters for $Layer<$A, $B> {
            type Scalar = f32;
            type Tensor = dyn super::Numbers;
            const TENSORS: usize = [$($n),+].len();

            fn tensor(&self, n: usize) -> &Self::Tensor {
                match n {
                    $($n => &self.$field,)+
                    _ => crate::Tensor::empty(),
                }
            }

            fn tensor_mut(&mut self, n: usize) -> &mut Self::Tensor {
                match n {
                    $($n => &mut self.$field,)+
                    _ => crate::Tensor::empty(),
                }
            }
        }

        impl<$($parameters)*> super::Quantize for $Layer<$A, $B> {
            type Float = crate::$Layer<$A, $B>;
        }
    };
}
pub(super) use parameters;
