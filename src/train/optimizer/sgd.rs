//! The step along the gradient.

use crate::matrix::add_scaled;
use crate::{Optimizer, Parameters, Scalar, Zeros};

/// Stochastic gradient descent.
///
/// ```text
/// w ← w − learning_rate · (g + weight_decay · w)
/// ```
///
/// ```
/// use elman::{Dense, Matrix, Sgd};
///
/// let mut net = Dense { kernel: Matrix([[1.0]]), bias: [0.0] };
/// let gradient = Dense { kernel: Matrix([[2.0]]), bias: [-1.0] };
/// Sgd::new(0.5).update(&mut net, &gradient);
/// assert_eq!(net, Dense { kernel: Matrix([[0.0]]), bias: [0.5] });
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sgd<T = f32> {
    /// The step along the gradient.
    pub learning_rate: T,
    /// The pull of every weight towards zero; 0 unless it is set.
    pub weight_decay: T,
}

impl<T: Scalar> Sgd<T> {
    /// SGD with a learning rate.
    #[must_use]
    pub const fn new(learning_rate: T) -> Self {
        Self { learning_rate, weight_decay: T::ZERO }
    }

    /// One update of every weight.
    pub fn update<P: Parameters<Scalar = T>>(&self, net: &mut P, gradient: &P) {
        if self.weight_decay != T::ZERO {
            net.scale(self.kept());
        }
        P::walk([gradient], [net], &mut |[g], [w]| {
            add_scaled(w, -self.learning_rate, g);
        });
    }

    /// The share of a weight that the decay leaves.
    fn kept(&self) -> T {
        T::ONE - self.learning_rate * self.weight_decay
    }
}

impl<P: Parameters> Optimizer<P> for Sgd<P::Scalar> {
    type Moments = ();

    fn apply(&self, net: &mut P, gradient: &P, (): &mut ()) {
        self.update(net, gradient);
    }

    fn is_safe(&self, net: &P, gradient: &P, (): &()) -> bool {
        let mut safe = true;
        P::walk([gradient, net], [], &mut |[g, w], []| {
            for (&w, &g) in w.iter().zip(g) {
                safe &= (w * self.kept() - self.learning_rate * g).is_finite();
            }
        });
        safe
    }

    fn scaled(self, factor: P::Scalar) -> Self {
        Self { learning_rate: self.learning_rate * factor, ..self }
    }

    fn forget((): &mut ()) {}
}

impl<T: Scalar> Zeros for Sgd<T> {
    const ZEROS: Self = Self { learning_rate: T::ZERO, weight_decay: T::ZERO };
}
