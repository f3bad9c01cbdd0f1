//! Stochastic gradient descent.

use super::{Bound, Optimizer, Term};
use crate::nn::Parameters;
use crate::num::{ConstZero, Scalar};

/// Stochastic gradient descent.
///
/// ```text
/// w ← w − learning_rate · (g + weight_decay · w)
/// ```
///
/// It has no state.
///
/// ```
/// use elman::{Dense, Matrix, Optimizer, Sgd};
///
/// let mut net = Dense { kernel: Matrix([[1.0]]), bias: [0.0] };
/// let gradient = Dense { kernel: Matrix([[2.0]]), bias: [-1.0] };
/// Sgd::new(0.5).update(&mut net, &gradient, &mut ());
/// assert_eq!(net, Dense { kernel: Matrix([[0.0]]), bias: [0.5] });
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sgd<T = f32> {
    /// The step along the gradient.
    pub learning_rate: T,
    /// The pull of every weight towards zero. Default: 0.
    pub weight_decay: T,
}

impl<T: Scalar> Sgd<T> {
    /// SGD with a learning rate.
    #[must_use]
    pub const fn new(learning_rate: T) -> Self {
        Self { learning_rate, weight_decay: T::ZERO }
    }
}

impl<T: Scalar> Sgd<T> {
    /// The new weight.
    #[inline(always)]
    fn next<A: Term<T>>(&self, w: A, g: A) -> A {
        let decays = self.weight_decay != T::ZERO;
        let decayed =
            if decays { w * (T::ONE - self.learning_rate * self.weight_decay) } else { w };
        decayed.mul_acc(-self.learning_rate, g)
    }
}

impl<T: Scalar, P: Parameters<Scalar = T, Tensor = [T]>> Optimizer<P> for Sgd<T> {
    type State = ();
    const NAME: &'static str = "Sgd";

    fn update(&self, net: &mut P, gradient: &P, (): &mut ()) {
        for n in 0..P::TENSORS {
            for (w, &g) in net.tensor_mut(n).iter_mut().zip(gradient.tensor(n)) {
                *w = self.next(*w, g);
            }
        }
    }

    fn is_safe_within(&self, weight: T, gradient: T, (): &()) -> bool {
        self.next(Bound::new(weight), Bound::new(gradient)).is_finite()
    }

    fn with_rate_scaled(self, factor: T) -> Self {
        Self { learning_rate: self.learning_rate * factor, ..self }
    }

    fn reset((): &mut ()) {}
}

impl<T: Scalar> ConstZero for Sgd<T> {
    const ZERO: Self = Self { learning_rate: T::ZERO, weight_decay: T::ZERO };
}
