//! Momentum SGD.

use super::{HyperParameters, Optimizer, flush_subnormal, store_or_look};
use crate::nn::Parameters;
use crate::num::{ConstZero, Scalar};

/// Momentum SGD, Polyak's or Nesterov's (Sutskever et al. 2013).
///
/// ```text
/// g ← g + weight_decay · w
/// v ← momentum · v + g
/// w ← w − learning_rate · v                       Polyak
/// w ← w − learning_rate · (g + momentum · v)      Nesterov
/// ```
///
/// Its state is the velocity `v`, a value of the network's own type.
///
/// ```
/// use elman::{ConstZero, Dense, Matrix, Momentum, Optimizer};
///
/// let mut net = Dense::<1, 1>::ZERO;
/// let mut velocity = Dense::ZERO;
/// let gradient = Dense { kernel: Matrix([[1.0]]), bias: [0.0] };
/// for _ in 0..2 {
///     Momentum::new(0.1).update(&mut net, &gradient, &mut velocity);
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
    /// The decay of the velocity. Default: 0.9.
    pub momentum: T,
    /// Use Nesterov's look-ahead. Default: `false`.
    pub nesterov: bool,
    /// The pull of every weight towards zero, a part of the gradient. Default: 0.
    pub weight_decay: T,
}

impl<T: Scalar + HyperParameters> Momentum<T> {
    /// Momentum 0.9 with a learning rate.
    #[must_use]
    pub const fn new(learning_rate: T) -> Self {
        Self { learning_rate, momentum: T::MOMENTUM, nesterov: false, weight_decay: T::ZERO }
    }
}

impl<T: Scalar> Momentum<T> {
    /// The new weight and velocity.
    #[inline]
    fn next(&self, w: T, g: T, v: T) -> (T, T) {
        let g = g + self.weight_decay * w;
        let v = flush_subnormal(self.momentum * v + g);
        let step = if self.nesterov { g + self.momentum * v } else { v };
        (w - self.learning_rate * step, v)
    }
}

impl<T: Scalar> Momentum<T> {
    fn for_each_new<P: Parameters<Scalar = T, Tensor = [T]>>(
        &self,
        net: &mut P,
        gradient: &P,
        velocity: &mut P,
        mut store: impl FnMut(&mut T, T),
    ) {
        for n in 0..P::TENSORS {
            let (w, v, g) = (net.tensor_mut(n), velocity.tensor_mut(n), gradient.tensor(n));
            for ((w, v), &g) in w.iter_mut().zip(v).zip(g) {
                let new = self.next(*w, g, *v);
                store(w, new.0);
                store(v, new.1);
            }
        }
    }
}

impl<T: Scalar, P: Parameters<Scalar = T, Tensor = [T]>> Optimizer<P> for Momentum<T> {
    type State = P;

    store_or_look!();

    fn with_rate_scaled(self, factor: T) -> Self {
        Self { learning_rate: self.learning_rate * factor, ..self }
    }

    fn reset(velocity: &mut P) {
        velocity.set_zero();
    }
}

impl<T: Scalar> ConstZero for Momentum<T> {
    const ZERO: Self =
        Self { learning_rate: T::ZERO, momentum: T::ZERO, nesterov: false, weight_decay: T::ZERO };
}
