//! RMSprop.

use super::{Bound, HyperParameters, Optimizer, Term, moving_average};
use crate::nn::Parameters;
use crate::num::{ConstZero, Scalar};
use crate::safetensors::StateDict;
use crate::state_dict;

/// RMSprop (Tieleman & Hinton 2012), as PyTorch has it.
///
/// ```text
/// g ← g + weight_decay · w
/// s ← alpha · s + (1 − alpha) · g²
/// w ← w − learning_rate · g / (√s + epsilon)
/// ```
///
/// Its state is the mean square `s`, in [`RmsPropState`].
///
/// ```
/// use elman::{ConstZero, Dense, Matrix, Optimizer, RmsProp};
///
/// let mut net = Dense::<1, 1>::ZERO;
/// let mut state = <RmsProp as Optimizer<Dense<1, 1>>>::State::ZERO;
/// let gradient = Dense { kernel: Matrix([[2.0]]), bias: [0.0] };
/// RmsProp::new(0.01).update(&mut net, &gradient, &mut state);
/// assert!((net.kernel.0[0][0] + 0.01 * 2.0 / 0.2).abs() < 1e-6);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RmsProp<T = f32> {
    /// The step, in units of the gradient's root mean square.
    pub learning_rate: T,
    /// The decay of the mean square. Default: 0.99.
    pub alpha: T,
    /// Keeps the quotient finite. Default: 1e-8.
    pub epsilon: T,
    /// The pull of every weight towards zero, a part of the gradient. Default: 0.
    pub weight_decay: T,
}

/// The state of [`RmsProp`].
#[derive(Clone, Debug, PartialEq)]
pub struct RmsPropState<P> {
    /// The mean of the squared gradients, `s`.
    pub mean_square: P,
}

impl<T: Scalar + HyperParameters> RmsProp<T> {
    /// RMSprop with a learning rate.
    #[must_use]
    pub const fn new(learning_rate: T) -> Self {
        Self { learning_rate, alpha: T::ALPHA, epsilon: T::EPS, weight_decay: T::ZERO }
    }
}

impl<T: Scalar> RmsProp<T> {
    /// The new weight and mean square.
    #[inline]
    fn next<A: Term<T>>(&self, w: A, g: A, s: A) -> (A, A) {
        let g = g + w * self.weight_decay;
        let s = moving_average(self.alpha, s, g.squared()).flush_mean_square();
        (w - g.over_root(s, T::ONE, self.epsilon) * self.learning_rate, s)
    }
}

impl<T: Scalar, P: Parameters<Scalar = T, Tensor = [T]>> Optimizer<P> for RmsProp<T> {
    type State = RmsPropState<P>;
    const NAME: &'static str = "RmsProp";

    fn update(&self, net: &mut P, gradient: &P, state: &mut RmsPropState<P>) {
        for n in 0..P::TENSORS {
            let (w, s, g) =
                (net.tensor_mut(n), state.mean_square.tensor_mut(n), gradient.tensor(n));
            for ((w, s), &g) in w.iter_mut().zip(s).zip(g) {
                (*w, *s) = self.next(*w, g, *s);
            }
        }
    }

    fn is_safe_within(&self, weight: T, gradient: T, state: &RmsPropState<P>) -> bool {
        let (w, s) =
            self.next(Bound::new(weight), Bound::new(gradient), Bound::of(&state.mean_square));
        w.is_finite() && s.is_finite()
    }

    fn with_rate_scaled(self, factor: T) -> Self {
        Self { learning_rate: self.learning_rate * factor, ..self }
    }

    fn reset(state: &mut RmsPropState<P>) {
        state.mean_square.set_zero();
    }
}

impl<T: Scalar> ConstZero for RmsProp<T> {
    const ZERO: Self =
        Self { learning_rate: T::ZERO, alpha: T::ZERO, epsilon: T::ZERO, weight_decay: T::ZERO };
}

impl<P: ConstZero> ConstZero for RmsPropState<P> {
    const ZERO: Self = Self { mean_square: P::ZERO };
}

state_dict!([P: StateDict] RmsPropState<P> { mean_square: P });
