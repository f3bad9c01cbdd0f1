//! Momentum SGD.

use super::{Bound, HyperParameters, Optimizer, Term};
use crate::nn::Parameters;
use crate::num::{ConstZero, Scalar};
use crate::safetensors::StateDict;
use crate::state_dict;

/// Momentum SGD, Polyak's or Nesterov's (Sutskever et al. 2013).
///
/// ```text
/// g ← g + weight_decay · w
/// v ← momentum · v + g
/// w ← w − learning_rate · v                       Polyak
/// w ← w − learning_rate · (g + momentum · v)      Nesterov
/// ```
///
/// Its state is the velocity `v`, in [`MomentumState`].
///
/// ```
/// use elman::{ConstZero, Dense, Matrix, Momentum, Optimizer};
///
/// let mut net = Dense::<1, 1>::ZERO;
/// let mut state = <Momentum as Optimizer<Dense<1, 1>>>::State::ZERO;
/// let gradient = Dense { kernel: Matrix([[1.0]]), bias: [0.0] };
/// for _ in 0..2 {
///     Momentum::new(0.1).update(&mut net, &gradient, &mut state);
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

/// The state of [`Momentum`].
#[derive(Clone, Debug, PartialEq)]
pub struct MomentumState<P> {
    /// The velocity, `v`.
    pub velocity: P,
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
    fn next<A: Term<T>>(&self, w: A, g: A, v: A) -> (A, A) {
        let g = g + w * self.weight_decay;
        let v = (v * self.momentum + g).flush_subnormal();
        let step = if self.nesterov { g + v * self.momentum } else { v };
        (w - step * self.learning_rate, v)
    }
}

impl<T: Scalar, P: Parameters<Scalar = T, Tensor = [T]>> Optimizer<P> for Momentum<T> {
    type State = MomentumState<P>;
    const NAME: &'static str = "Momentum";

    fn update(&self, net: &mut P, gradient: &P, state: &mut MomentumState<P>) {
        for n in 0..P::TENSORS {
            let (w, v, g) = (net.tensor_mut(n), state.velocity.tensor_mut(n), gradient.tensor(n));
            for ((w, v), &g) in w.iter_mut().zip(v).zip(g) {
                (*w, *v) = self.next(*w, g, *v);
            }
        }
    }

    fn is_safe_within(&self, weight: T, gradient: T, state: &MomentumState<P>) -> bool {
        let (w, v) =
            self.next(Bound::new(weight), Bound::new(gradient), Bound::of(&state.velocity));
        w.is_finite() && v.is_finite()
    }

    fn with_rate_scaled(self, factor: T) -> Self {
        Self { learning_rate: self.learning_rate * factor, ..self }
    }

    fn reset(state: &mut MomentumState<P>) {
        state.velocity.set_zero();
    }
}

impl<T: Scalar> ConstZero for Momentum<T> {
    const ZERO: Self =
        Self { learning_rate: T::ZERO, momentum: T::ZERO, nesterov: false, weight_decay: T::ZERO };
}

impl<P: ConstZero> ConstZero for MomentumState<P> {
    const ZERO: Self = Self { velocity: P::ZERO };
}

state_dict!([P: StateDict] MomentumState<P> { velocity: P });
