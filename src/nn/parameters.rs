//! Parameters: the tensors of a network, of its gradient, or of an optimiser's state.

use crate::num::{ConstZero, Scalar};

/// A value made of tensors.
///
/// A network, its gradient and an optimiser's state are values of one type, so that an update goes
/// through tensor `n` of each at the same time. [`Tensor`](Self::Tensor) is the kind of number:
/// `[T]` for floats. Code for floats only, as an optimiser's equation, asks for
/// `Parameters<Tensor = [T]>`; on another kind of number it does not compile.
///
/// ```
/// use elman::{ConstZero, Dense, Matrix, Parameters};
///
/// let gradient = Dense { kernel: Matrix([[1.0, 2.0]]), bias: [3.0, 4.0] };
/// let mut net = Dense::<1, 2>::ZERO;
/// for n in 0..Dense::<1, 2>::TENSORS {
///     for (w, g) in net.tensor_mut(n).iter_mut().zip(gradient.tensor(n)) {
///         *w -= 0.5 * g;
///     }
/// }
/// assert_eq!(net, Dense { kernel: Matrix([[-0.5, -1.0]]), bias: [-1.5, -2.0] });
/// ```
pub trait Parameters: ConstZero {
    /// The type of factors, limits and norms.
    type Scalar: Scalar;
    /// One tensor: `[Self::Scalar]` where the parameters are floats.
    type Tensor: Tensor<Scalar = Self::Scalar> + ?Sized;

    /// The number of tensors.
    const TENSORS: usize;

    /// Tensor `n`, row by row; an empty one if there is none.
    fn tensor(&self, n: usize) -> &Self::Tensor;

    /// Tensor `n`, row by row; an empty one if there is none.
    fn tensor_mut(&mut self, n: usize) -> &mut Self::Tensor;

    /// Sets every number to 0, in place: PyTorch's `zero_grad`.
    ///
    /// ```
    /// use elman::{ConstZero, Dense, Parameters};
    ///
    /// let mut gradient = Dense { bias: [3.0, 4.0], ..Dense::<1, 2>::ZERO };
    /// gradient.set_zero();
    /// assert_eq!(gradient, Dense::ZERO);
    /// ```
    fn set_zero(&mut self) {
        for n in 0..Self::TENSORS {
            self.tensor_mut(n).set_zero();
        }
    }

    /// Copies every number of `other`, in place: the stack never holds a network.
    ///
    /// ```
    /// use elman::{ConstZero, Dense, Parameters};
    ///
    /// let mut copy = Dense::<1, 2>::ZERO;
    /// copy.copy_from(&Dense { bias: [3.0, 4.0], ..Dense::ZERO });
    /// assert_eq!(copy.bias, [3.0, 4.0]);
    /// ```
    fn copy_from(&mut self, other: &Self) {
        for n in 0..Self::TENSORS {
            self.tensor_mut(n).copy_from(other.tensor(n));
        }
    }

    /// Multiplies every number by `factor`.
    ///
    /// ```
    /// use elman::{ConstZero, Dense, Parameters};
    ///
    /// let mut gradient = Dense { bias: [3.0, 4.0], ..Dense::<1, 2>::ZERO };
    /// gradient.scale(0.5);
    /// assert_eq!(gradient.bias, [1.5, 2.0]);
    /// ```
    fn scale(&mut self, factor: Self::Scalar) {
        for n in 0..Self::TENSORS {
            self.tensor_mut(n).scale(factor);
        }
    }

    /// Moves every number towards that of `end`, in place: `w ← w + weight · (end − w)`, PyTorch's
    /// `lerp_`.
    ///
    /// Equal numbers stay as they are, to the bit.
    ///
    /// ```
    /// use elman::{ConstZero, Dense, Parameters};
    ///
    /// let mut net = Dense { bias: [1.0, 2.0], ..Dense::<1, 2>::ZERO };
    /// net.lerp(&Dense { bias: [3.0, 2.0], ..Dense::ZERO }, 0.25);
    /// assert_eq!(net.bias, [1.5, 2.0]);
    /// ```
    fn lerp(&mut self, end: &Self, weight: Self::Scalar) {
        for n in 0..Self::TENSORS {
            self.tensor_mut(n).lerp(end.tensor(n), weight);
        }
    }
}

/// The kind of numbers of a layer, which layers in one network have in common: that of its
/// [`Parameters`], or of a layer that only runs and has none.
pub trait NumberKind {
    /// As [`Parameters::Scalar`].
    type Scalar: Scalar;
    /// As [`Parameters::Tensor`].
    type Tensor: Tensor<Scalar = Self::Scalar> + ?Sized;
}

impl<P: Parameters> NumberKind for P {
    type Scalar = P::Scalar;
    type Tensor = P::Tensor;
}

/// The operations on one tensor that training needs, whatever its kind of number.
///
/// Clipping, the checks before an update and early stopping use only these, so each kind of number
/// either has them or does not compile there.
///
/// ```
/// use elman::Tensor;
///
/// let mut gradient = [3.0, -4.0];
/// assert_eq!(gradient.add_squares(0.0, 1.0), 25.0);
/// assert_eq!(gradient.max_abs(), 4.0);
/// gradient.clamp(3.5);
/// assert_eq!(gradient, [3.0, -3.5]);
/// ```
pub trait Tensor {
    /// The type of factors, limits and norms.
    type Scalar: Scalar;

    /// A tensor without numbers.
    fn empty<'a>() -> &'a mut Self;
    /// Sets every number to 0.
    fn set_zero(&mut self);
    /// Copies every number of a tensor of the same shape.
    fn copy_from(&mut self, other: &Self);
    /// Multiplies every number by `factor`.
    fn scale(&mut self, factor: Self::Scalar);
    /// Moves every number towards that of a tensor of the same shape: `w ← w + weight · (end − w)`.
    fn lerp(&mut self, end: &Self, weight: Self::Scalar);
    /// Limits every number to ±`limit`; a NaN stays NaN.
    fn clamp(&mut self, limit: Self::Scalar);
    /// The largest absolute value; NaN if a number is NaN.
    #[must_use]
    fn max_abs(&self) -> Self::Scalar;
    /// `sum + Σ (g / unit)²`, in the order of the numbers.
    #[must_use]
    fn add_squares(&self, sum: Self::Scalar, unit: Self::Scalar) -> Self::Scalar;
}

impl<T: Scalar> Tensor for [T] {
    type Scalar = T;

    fn empty<'a>() -> &'a mut Self {
        &mut []
    }

    fn set_zero(&mut self) {
        self.fill(T::ZERO);
    }

    fn copy_from(&mut self, other: &Self) {
        for (to, &from) in self.iter_mut().zip(other) {
            *to = from;
        }
    }

    fn scale(&mut self, factor: T) {
        for w in self {
            *w *= factor;
        }
    }

    fn lerp(&mut self, end: &Self, weight: T) {
        for (w, &end) in self.iter_mut().zip(end) {
            *w += weight * (end - *w);
        }
    }

    fn clamp(&mut self, limit: T) {
        for g in self {
            if *g > limit {
                *g = limit;
            } else if *g < -limit {
                *g = -limit;
            }
        }
    }

    fn max_abs(&self) -> T {
        T::max_abs(self)
    }

    fn add_squares(&self, sum: T, unit: T) -> T {
        let square = |g: T| g * g;
        if unit == T::ONE {
            return self.iter().fold(sum, |sum, &g| sum + square(g)); // a division costs much more
        }
        self.iter().fold(sum, |sum, &g| sum + square(g / unit))
    }
}

/// The largest absolute value of all tensors; NaN if a number is NaN.
pub(crate) fn max_abs<P: Parameters>(parameters: &P) -> P::Scalar {
    let mut largest = P::Scalar::ZERO;
    for n in 0..P::TENSORS {
        let of_tensor = parameters.tensor(n).max_abs();
        if of_tensor > largest || of_tensor.is_nan() {
            largest = of_tensor;
        }
    }
    largest
}
