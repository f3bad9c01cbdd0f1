//! Everything that is a set of tensors: a network, a gradient, an optimiser's moments.

use crate::{Scalar, Zeros};

/// A value made of tensors.
///
/// A network, its gradient and an optimiser's moments are values of one type, so whatever combines
/// them number by number walks several at once. Implementors write [`walk`](Self::walk); the rest
/// follows from it.
///
/// ```
/// use elman::{Dense, Matrix, Parameters, Zeros};
///
/// let net = Dense { kernel: Matrix([[1.0, 2.0]]), bias: [3.0, 4.0] };
/// let mut copy = Dense::ZEROS;
/// copy.copy_from(&net);
/// copy.scale(0.5);
/// assert_eq!(copy, Dense { kernel: Matrix([[0.5, 1.0]]), bias: [1.5, 2.0] });
/// copy.fill(0.0);
/// assert_eq!(copy, Dense::ZEROS);
/// ```
pub trait Parameters: Zeros {
    /// The type of every number.
    type Scalar: Scalar;

    /// Calls `f` once per tensor, in a fixed order, with that tensor of each value as a slice.
    ///
    /// ```
    /// use elman::{Dense, Parameters, Zeros};
    ///
    /// let gradient = Dense { kernel: elman::Matrix([[1.0, 2.0]]), bias: [3.0, 4.0] };
    /// let mut net = Dense::<1, 2>::ZEROS;
    /// Dense::walk([&gradient], [&mut net], &mut |[g], [w]| {
    ///     for (w, &g) in w.iter_mut().zip(g) {
    ///         *w -= 0.1 * g;
    ///     }
    /// });
    /// assert_eq!(net.bias, [-0.1 * 3.0, -0.1 * 4.0]);
    /// ```
    fn walk<const M: usize, const N: usize>(
        read: [&Self; M],
        write: [&mut Self; N],
        f: &mut impl FnMut([&[Self::Scalar]; M], [&mut [Self::Scalar]; N]),
    );

    /// Sets every number to `value`, in place.
    fn fill(&mut self, value: Self::Scalar) {
        Self::walk([], [self], &mut |[], [w]| w.fill(value));
    }

    /// Makes this the same as `other`, in place: nothing of its size is ever on the stack.
    fn copy_from(&mut self, other: &Self) {
        Self::walk([other], [self], &mut |[from], [to]| {
            for (to, &from) in to.iter_mut().zip(from) {
                *to = from;
            }
        });
    }

    /// Multiplies every number by `factor`.
    fn scale(&mut self, factor: Self::Scalar) {
        Self::walk([], [self], &mut |[], [w]| {
            for w in w {
                *w *= factor;
            }
        });
    }
}
