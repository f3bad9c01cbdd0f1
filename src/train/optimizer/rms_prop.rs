//! A step in units of the gradient's own size.

use crate::{Optimizer, Parameters, Scalar, Zeros};

use super::flush;

/// RMSprop (Tieleman & Hinton 2012), as PyTorch has it.
///
/// ```text
/// g ← g + weight_decay · w
/// s ← alpha · s + (1 − alpha) · g²
/// w ← w − learning_rate · g / (√s + epsilon)
/// ```
///
/// Its moments are one value of the network's own type, the mean square.
///
/// ```
/// use elman::{Dense, Matrix, Optimizer, RmsProp, Zeros};
///
/// let mut net = Dense::<1, 1>::ZEROS;
/// let mut mean_square = Dense::ZEROS;
/// let gradient = Dense { kernel: Matrix([[2.0]]), bias: [0.0] };
/// RmsProp::new(0.01).apply(&mut net, &gradient, &mut mean_square);
/// assert!((net.kernel.0[0][0] + 0.01 * 2.0 / 0.2).abs() < 1e-6);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RmsProp<T = f32> {
    /// The step, in units of the gradient's root mean square.
    pub learning_rate: T,
    /// The share of the mean square that stays; 0.99 unless it is set.
    pub alpha: T,
    /// What keeps the quotient finite; 1e-8 unless it is set.
    pub epsilon: T,
    /// The pull of every weight towards zero, a part of the gradient; 0 unless it is set.
    pub weight_decay: T,
}

impl<T: Scalar> RmsProp<T> {
    /// RMSprop with a learning rate.
    #[must_use]
    pub const fn new(learning_rate: T) -> Self {
        Self { learning_rate, alpha: T::ALPHA, epsilon: T::TINY, weight_decay: T::ZERO }
    }

    /// The new weight and its new mean square.
    #[inline]
    fn next(&self, w: T, g: T, s: T) -> (T, T) {
        let g = g + self.weight_decay * w;
        let s = flush(self.alpha * s + (T::ONE - self.alpha) * (g * g));
        (w - self.learning_rate * (g / (s.sqrt() + self.epsilon)), s)
    }
}

impl<P: Parameters> Optimizer<P> for RmsProp<P::Scalar> {
    type Moments = P;

    fn apply(&self, net: &mut P, gradient: &P, mean_square: &mut P) {
        P::walk([gradient], [net, mean_square], &mut |[g], [w, s]| {
            for ((w, s), &g) in w.iter_mut().zip(s).zip(g) {
                (*w, *s) = self.next(*w, g, *s);
            }
        });
    }

    fn is_safe(&self, net: &P, gradient: &P, mean_square: &P) -> bool {
        let mut safe = true;
        P::walk([gradient, net, mean_square], [], &mut |[g, w, s], []| {
            for ((&w, &s), &g) in w.iter().zip(s).zip(g) {
                let (w, s) = self.next(w, g, s);
                safe &= w.is_finite() && s.is_finite();
            }
        });
        safe
    }

    fn scaled(self, factor: P::Scalar) -> Self {
        Self { learning_rate: self.learning_rate * factor, ..self }
    }

    fn forget(mean_square: &mut P) {
        mean_square.fill(P::Scalar::ZERO);
    }
}

impl<T: Scalar> Zeros for RmsProp<T> {
    const ZEROS: Self =
        Self { learning_rate: T::ZERO, alpha: T::ZERO, epsilon: T::ZERO, weight_decay: T::ZERO };
}
