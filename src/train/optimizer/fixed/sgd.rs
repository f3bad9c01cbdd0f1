//! Stochastic gradient descent in integers.

use super::{LARGEST, descend, update};
use crate::matrix::fixed::Numbers;
use crate::nn::{Parameters, max_abs};
use crate::num::ConstZero;
use crate::num::fixed::Factor;
use crate::train::Optimizer;

/// Stochastic gradient descent of integer layers, in integers: [`Sgd`](crate::Sgd) in all else.
///
/// ```text
/// w ← w − learning_rate · (g + weight_decay · w)
/// ```
///
/// The factors are rounded to 15 bits, the steps to the last of a weight's 32.
///
/// ```
/// use elman::{ConstZero, Matrix, Optimizer, fixed};
///
/// let float = elman::Dense { kernel: Matrix([[1.0]]), bias: [0.0] };
/// let mut net = fixed::Dense::new(&float);
/// let gradient = fixed::Dense::new(&elman::Dense { kernel: Matrix([[2.0]]), bias: [-1.0] });
/// fixed::Sgd::new(0.5).update(&mut net, &gradient, &mut ());
/// assert_eq!(net.to_f32(), elman::Dense { kernel: Matrix([[0.0]]), bias: [0.5] });
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FixedSgd {
    /// The step along the gradient.
    pub learning_rate: f32,
    /// The pull of every weight towards zero. Default: 0.
    pub weight_decay: f32,
}

/// [`FixedSgd`] by the name of the rule of floats.
pub type Sgd = FixedSgd;

impl Sgd {
    /// SGD with a learning rate.
    #[must_use]
    pub const fn new(learning_rate: f32) -> Self {
        Self { learning_rate, weight_decay: 0.0 }
    }
}

impl<P: Parameters<Scalar = f32, Tensor = dyn Numbers>> Optimizer<P> for Sgd {
    type State = ();

    fn update(&self, net: &mut P, gradient: &P, (): &mut ()) {
        let decay = Factor::new(self.learning_rate * self.weight_decay);
        update(net, decay, |w, n| descend(w, self.learning_rate, gradient.tensor(n)));
    }

    fn is_safe(&self, net: &P, gradient: &P, (): &()) -> bool {
        let (weight, gradient) = (max_abs(net), max_abs(gradient));
        let rate = self.learning_rate.abs();
        weight + rate * (gradient + self.weight_decay.abs() * weight) <= LARGEST
    }

    fn with_rate_scaled(self, factor: f32) -> Self {
        Self { learning_rate: self.learning_rate * factor, ..self }
    }

    fn reset((): &mut ()) {}
}

impl ConstZero for Sgd {
    const ZERO: Self = Self { learning_rate: 0.0, weight_decay: 0.0 };
}
