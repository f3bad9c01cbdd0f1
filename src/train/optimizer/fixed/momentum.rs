//! Momentum SGD in integers.

use super::{LARGEST, descend, update};
use crate::matrix::fixed::{Numbers, add_scaled, decay, fit_sums, fit_weights, scale};
use crate::nn::{Parameters, max_abs};
use crate::num::ConstZero;
use crate::num::fixed::Factor;
use crate::train::Optimizer;

/// Momentum SGD of integer layers, in integers: [`Momentum`](crate::Momentum) in all else.
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
/// use elman::{ConstZero, Optimizer, fixed};
///
/// let gradient = fixed::Dense::<1, 1>::new(&elman::Dense { bias: [1.0], ..ConstZero::ZERO });
/// let (mut net, mut velocity) = (fixed::Dense::ZERO, fixed::Dense::ZERO);
/// for _ in 0..2 {
///     fixed::Momentum::new(0.1).update(&mut net, &gradient, &mut velocity);
/// }
/// assert!((net.bias.to_f32()[0] + 0.1 * (1.0 + 1.9)).abs() < 1e-4);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FixedMomentum {
    /// The step along the velocity.
    pub learning_rate: f32,
    /// The decay of the velocity. Default: 0.9.
    pub momentum: f32,
    /// Use Nesterov's look-ahead. Default: `false`.
    pub nesterov: bool,
    /// The pull of every weight towards zero, a part of the gradient. Default: 0.
    pub weight_decay: f32,
}

/// [`FixedMomentum`] by the name of the rule of floats.
pub type Momentum = FixedMomentum;

impl Momentum {
    /// Momentum 0.9 with a learning rate.
    #[must_use]
    pub const fn new(learning_rate: f32) -> Self {
        Self { learning_rate, momentum: 0.9, nesterov: false, weight_decay: 0.0 }
    }

    /// `v ← momentum · v + weight_decay · w + g`
    fn accelerate(&self, v: &mut dyn Numbers, w: &dyn Numbers, g: &dyn Numbers) -> Option<()> {
        scale(v, Factor::new(self.momentum)?);
        descend(v, -1.0, g)?;
        fit_sums(v);
        add_weights(v, self.weight_decay, w)
    }

    /// The step along the velocity, and with Nesterov along the gradient too.
    fn step(&self, w: &mut dyn Numbers, v: &dyn Numbers, g: &dyn Numbers) -> Option<()> {
        if !self.nesterov {
            return descend(w, self.learning_rate, v);
        }
        decay(w, Factor::new(self.learning_rate * self.weight_decay)?); // the gradient's part
        descend(w, self.learning_rate * self.momentum, v)?;
        fit_weights(w, false); // one step fits above a weight in reach, not two
        descend(w, self.learning_rate, g)
    }
}

/// `v += f · w`. Weights have more bits than sums may have, so by half of them.
fn add_weights(v: &mut dyn Numbers, f: f32, w: &dyn Numbers) -> Option<()> {
    let f = Factor::new(f)?;
    if f.mantissa != 0 {
        add_scaled(v, f, w);
        fit_sums(v);
    }
    Some(())
}

impl<P: Parameters<Scalar = f32, Tensor = dyn Numbers>> Optimizer<P> for Momentum {
    type State = P;

    fn update(&self, net: &mut P, gradient: &P, velocity: &mut P) {
        update(net, Factor::new(0.0), |w, n| {
            let (v, g) = (velocity.tensor_mut(n), gradient.tensor(n));
            self.accelerate(v, w, g)?;
            self.step(w, v, g)
        });
    }

    fn is_safe(&self, net: &P, gradient: &P, velocity: &P) -> bool {
        let (weight, momentum) = (max_abs(net), self.momentum.abs());
        let gradient = max_abs(gradient) + self.weight_decay.abs() * weight;
        let velocity = momentum * max_abs(velocity) + gradient;
        let step = self.learning_rate.abs() * (velocity + momentum * velocity + gradient);
        velocity <= LARGEST && weight + step <= LARGEST
    }

    fn with_rate_scaled(self, factor: f32) -> Self {
        Self { learning_rate: self.learning_rate * factor, ..self }
    }

    fn reset(velocity: &mut P) {
        velocity.set_zero();
    }
}

impl ConstZero for Momentum {
    const ZERO: Self =
        Self { learning_rate: 0.0, momentum: 0.0, nesterov: false, weight_decay: 0.0 };
}
