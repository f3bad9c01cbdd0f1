//! A velocity that gathers the gradients.

use crate::{Optimizer, Parameters, Scalar, Zeros};

use super::flush;

/// Gradient descent with momentum, Polyak's or Nesterov's (Sutskever et al. 2013).
///
/// ```text
/// g ← g + weight_decay · w
/// v ← momentum · v + g
/// w ← w − learning_rate · v                       Polyak
/// w ← w − learning_rate · (g + momentum · v)      Nesterov
/// ```
///
/// Its moments are one value of the network's own type, the velocity.
///
/// ```
/// use elman::{Dense, Matrix, Momentum, Optimizer, Zeros};
///
/// let mut net = Dense::<1, 1>::ZEROS;
/// let mut velocity = Dense::ZEROS;
/// let gradient = Dense { kernel: Matrix([[1.0]]), bias: [0.0] };
/// for _ in 0..2 {
///     Momentum::new(0.1).apply(&mut net, &gradient, &mut velocity);
/// }
/// assert!((net.kernel.0[0][0] + 0.1 * (1.0 + 1.9)).abs() < 1e-6);
///
/// let nesterov = Momentum { nesterov: true, ..Momentum::new(0.1_f32) };
/// # let _ = nesterov;
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Momentum<T = f32> {
    /// The step along the velocity.
    pub learning_rate: T,
    /// The share of the velocity that stays; 0.9 unless it is set.
    pub momentum: T,
    /// Whether the gradient is taken as if at the place the velocity leads to; `false` unless set.
    pub nesterov: bool,
    /// The pull of every weight towards zero, a part of the gradient; 0 unless it is set.
    pub weight_decay: T,
}

impl<T: Scalar> Momentum<T> {
    /// Momentum 0.9 with a learning rate.
    #[must_use]
    pub const fn new(learning_rate: T) -> Self {
        Self { learning_rate, momentum: T::MOMENTUM, nesterov: false, weight_decay: T::ZERO }
    }

    /// The new weight and its new velocity.
    #[inline]
    fn next(&self, w: T, g: T, v: T) -> (T, T) {
        let g = g + self.weight_decay * w;
        let v = flush(self.momentum * v + g);
        let step = if self.nesterov { g + self.momentum * v } else { v };
        (w - self.learning_rate * step, v)
    }
}

impl<P: Parameters> Optimizer<P> for Momentum<P::Scalar> {
    type Moments = P;

    fn apply(&self, net: &mut P, gradient: &P, velocity: &mut P) {
        P::walk([gradient], [net, velocity], &mut |[g], [w, v]| {
            for ((w, v), &g) in w.iter_mut().zip(v).zip(g) {
                (*w, *v) = self.next(*w, g, *v);
            }
        });
    }

    fn is_safe(&self, net: &P, gradient: &P, velocity: &P) -> bool {
        let mut safe = true;
        P::walk([gradient, net, velocity], [], &mut |[g, w, v], []| {
            for ((&w, &v), &g) in w.iter().zip(v).zip(g) {
                let (w, v) = self.next(w, g, v);
                safe &= w.is_finite() && v.is_finite();
            }
        });
        safe
    }

    fn scaled(self, factor: P::Scalar) -> Self {
        Self { learning_rate: self.learning_rate * factor, ..self }
    }

    fn forget(velocity: &mut P) {
        velocity.fill(P::Scalar::ZERO);
    }
}

impl<T: Scalar> Zeros for Momentum<T> {
    const ZEROS: Self =
        Self { learning_rate: T::ZERO, momentum: T::ZERO, nesterov: false, weight_decay: T::ZERO };
}
