//! From a gradient to new weights.

use crate::matrix::add_scaled;
use crate::{Parameters, Scalar};

/// Stochastic gradient descent: `w -= learning_rate · g`.
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
}

impl<T: Scalar> Sgd<T> {
    /// SGD with a learning rate.
    #[must_use]
    pub const fn new(learning_rate: T) -> Self {
        Self { learning_rate }
    }

    /// One update of every weight.
    pub fn update<P: Parameters<Scalar = T>>(&self, net: &mut P, gradient: &P) {
        P::walk([gradient], [net], &mut |[g], [w]| {
            add_scaled(w, -self.learning_rate, g);
        });
    }
}
