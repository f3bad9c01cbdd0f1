//! Gradient clipping.

use crate::nn::{Parameters, Tensor, max_abs};
use crate::num::{ConstZero, Scalar};

/// The norm of all numbers of `gradient`, over every tensor: `√(Σ g²)`.
///
/// Right wherever the norm itself is a number: when the squares would overflow or underflow, they
/// are taken of `g` scaled by the largest. NaN if one number is NaN, else +∞ if one is infinite.
///
/// ```
/// use elman::{Dense, Matrix, global_norm};
///
/// let gradient = Dense { kernel: Matrix([[3e30_f32]]), bias: [4e30] };
/// assert_eq!(global_norm(&gradient), 5e30);
/// ```
#[must_use]
pub fn global_norm<P: Parameters>(gradient: &P) -> P::Scalar {
    let sum = sum_of_squares(gradient, P::Scalar::ONE);
    if sum.is_finite() && sum > P::Scalar::MIN_POSITIVE / P::Scalar::EPSILON {
        return sum.sqrt();
    }
    let largest = max_abs(gradient);
    if largest == P::Scalar::ZERO || !largest.is_finite() {
        return largest;
    }
    largest * sum_of_squares(gradient, largest).sqrt()
}

/// Scales `gradient` down to `limit` if its [`global_norm`] is above it; returns the norm it had.
///
/// The factor is `limit / norm` (Pascanu et al. 2013), as in TensorFlow's `clip_by_global_norm` and
/// Keras's `global_clipnorm`; then the new norm is `limit`. PyTorch's `clip_grad_norm_` divides by
/// `norm + 1e-6`: [`clip_grad_norm_with_epsilon`] does the same. A negative `limit` would reverse the
/// gradient, and one that is NaN limits nothing. A gradient whose norm is not finite is left as it is:
/// look at what is returned before it is used.
///
/// ```
/// use elman::{Dense, Matrix, clip_grad_norm};
///
/// let mut gradient = Dense { kernel: Matrix([[3.0]]), bias: [4.0] };
/// assert_eq!(clip_grad_norm(&mut gradient, 1.0), 5.0);
/// assert!((gradient.bias[0] - 0.8_f32).abs() < 1e-6);
/// ```
#[must_use = "a norm that is not finite means a gradient that must not be used"]
pub fn clip_grad_norm<P: Parameters>(gradient: &mut P, limit: P::Scalar) -> P::Scalar {
    clip_grad_norm_with_epsilon(gradient, limit, P::Scalar::ZERO)
}

/// [`clip_grad_norm`] by the factor `limit / (norm + epsilon)`, where it is below 1.
///
/// With 1e-6 it is PyTorch's `clip_grad_norm_`, operation by operation. That is not the default, since
/// the new norm then depends on the scale: a limit of 1e-6 makes 0.67e-6 of a norm of 2e-6, and in
/// `f32` the epsilon is lost beside a norm above 32.
///
/// ```
/// use elman::{Dense, Matrix, clip_grad_norm_with_epsilon};
///
/// let mut gradient = Dense { kernel: Matrix([[3.0]]), bias: [4.0] };
/// assert_eq!(clip_grad_norm_with_epsilon(&mut gradient, 1.0, 1e-6), 5.0);
/// assert_eq!(gradient.bias[0], 4.0 * (1.0 / (5.0 + 1e-6_f64)));
/// ```
#[must_use = "a norm that is not finite means a gradient that must not be used"]
pub fn clip_grad_norm_with_epsilon<P: Parameters>(
    gradient: &mut P,
    limit: P::Scalar,
    epsilon: P::Scalar,
) -> P::Scalar {
    let norm = global_norm(gradient);
    let factor = limit / (norm + epsilon);
    if factor < P::Scalar::ONE && norm.is_finite() {
        gradient.scale(factor);
    }
    norm
}

/// Limits every number of `gradient` to ±`limit`: PyTorch's `clip_grad_value_`.
///
/// This changes the direction of the gradient, [`clip_grad_norm`] does not. A NaN stays one.
///
/// ```
/// use elman::{Dense, Matrix, clip_grad_value};
///
/// let mut gradient = Dense { kernel: Matrix([[3.0, -0.5]]), bias: [f32::NEG_INFINITY, 0.0] };
/// clip_grad_value(&mut gradient, 1.0);
/// assert_eq!(gradient, Dense { kernel: Matrix([[1.0, -0.5]]), bias: [-1.0, 0.0] });
/// ```
pub fn clip_grad_value<P: Parameters>(gradient: &mut P, limit: P::Scalar) {
    for n in 0..P::TENSORS {
        gradient.tensor_mut(n).clamp(limit);
    }
}

/// `Σ (g / unit)²`
fn sum_of_squares<P: Parameters>(gradient: &P, unit: P::Scalar) -> P::Scalar {
    (0..P::TENSORS).fold(P::Scalar::ZERO, |sum, n| gradient.tensor(n).add_squares(sum, unit))
}
