//! Adam and AdamW.

use super::{Bound, HyperParameters, Optimizer, Term, moving_average};
use crate::nn::Parameters;
use crate::num::{ConstZero, Scalar};
use crate::safetensors::StateDict;
use crate::state_dict;

/// Adam (Kingma & Ba 2015), as PyTorch has it.
///
/// ```text
/// g ← g + weight_decay · w
/// m ← beta_1 · m + (1 − beta_1) · g
/// s ← beta_2 · s + (1 − beta_2) · g²
/// w ← w − learning_rate · m̂ / (√ŝ + epsilon),    m̂ = m / (1 − beta_1ⁿ),  ŝ = s / (1 − beta_2ⁿ)
/// ```
///
/// in the n-th update. An example is at [`Optimizer`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adam<T = f32> {
    /// About the largest step of a weight.
    pub learning_rate: T,
    /// The decay of the mean. Default: 0.9.
    pub beta_1: T,
    /// The decay of the mean square. Default: 0.999.
    pub beta_2: T,
    /// Keeps the quotient finite. Default: 1e-8.
    pub epsilon: T,
    /// The pull of every weight towards zero, a part of the gradient. Default: 0.
    pub weight_decay: T,
}

/// AdamW: Adam with decoupled weight decay (Loshchilov & Hutter 2019).
///
/// ```text
/// w ← w − learning_rate · weight_decay · w, then as Adam
/// ```
///
/// The decay is no part of the gradient.
///
/// ```
/// use elman::{AdamW, ConstZero, Dense, Matrix, Optimizer};
///
/// let mut net = Dense { kernel: Matrix([[1.0]]), bias: [0.0] };
/// let mut state = <AdamW as Optimizer<Dense<1, 1>>>::State::ZERO;
/// AdamW::new(0.1).update(&mut net, &Dense::ZERO, &mut state);
/// assert_eq!(net.kernel.0[0][0], 0.999);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdamW<T = f32> {
    /// The rule after the decay.
    pub adam: Adam<T>,
    /// The pull of every weight towards zero. Default: 0.01.
    pub weight_decay: T,
}

/// The state of [`Adam`] and [`AdamW`].
#[derive(Clone, Debug, PartialEq)]
pub struct AdamState<P: Parameters> {
    /// The mean of the gradients, `m`.
    pub mean: P,
    /// The mean of their squares, `s`.
    pub mean_square: P,
    /// Bias corrections `1 − beta_1ⁿ` and `1 − beta_2ⁿ`.
    pub corrections: [P::Scalar; 2],
}

impl<T: Scalar + HyperParameters> Adam<T> {
    /// Adam with a learning rate.
    #[must_use]
    pub const fn new(learning_rate: T) -> Self {
        Self {
            learning_rate,
            beta_1: T::MOMENTUM,
            beta_2: T::BETA_2,
            epsilon: T::EPS,
            weight_decay: T::ZERO,
        }
    }
}

impl<T: Scalar> Adam<T> {
    /// `1 − βⁿ` from `1 − βⁿ⁻¹`: no power, and no number that underflows.
    fn next_corrections(&self, [c1, c2]: [T; 2]) -> [T; 2] {
        [moving_average(self.beta_1, c1, T::ONE), moving_average(self.beta_2, c2, T::ONE)]
    }

    /// The factors of `m` and of `√s` in an update with these corrections.
    fn factors(&self, [c1, c2]: [T; 2]) -> [T; 2] {
        [self.learning_rate / c1, T::ONE / c2.sqrt()]
    }

    /// The new weight, mean and mean square.
    #[inline]
    fn next<A: Term<T>>(&self, w: A, g: A, (m, s): (A, A), [of_m, of_root]: [T; 2]) -> (A, A, A) {
        let g = g + w * self.weight_decay;
        let m = moving_average(self.beta_1, m, g).flush_subnormal();
        let s = moving_average(self.beta_2, s, g.squared()).flush_mean_square();
        (w - (m * of_m).over_root(s, of_root, self.epsilon), m, s)
    }

    /// Adam on weights that are first multiplied by `kept`, which is 1 without decoupled decay.
    #[inline]
    fn update_after_decay<P: Parameters<Scalar = T, Tensor = [T]>>(
        &self,
        kept: T,
        net: &mut P,
        gradient: &P,
        state: &mut AdamState<P>,
    ) {
        state.corrections = self.next_corrections(state.corrections);
        let factors = self.factors(state.corrections);
        for n in 0..P::TENSORS {
            let (w, g) = (net.tensor_mut(n), gradient.tensor(n));
            let (m, s) = (state.mean.tensor_mut(n), state.mean_square.tensor_mut(n));
            for (((w, m), s), &g) in w.iter_mut().zip(m).zip(s).zip(g) {
                (*w, *m, *s) = self.next(*w * kept, g, (*m, *s), factors);
            }
        }
    }

    /// [`Optimizer::is_safe_within`] of the same.
    fn is_safe_after_decay<P: Parameters<Scalar = T>>(
        &self,
        kept: T,
        weight: T,
        gradient: T,
        state: &AdamState<P>,
    ) -> bool {
        let corrections = self.next_corrections(state.corrections);
        let (m, s) = (Bound::of(&state.mean), Bound::of(&state.mean_square));
        let (w, g) = (Bound::new(weight) * kept, Bound::new(gradient));
        let (w, m, s) = self.next(w, g, (m, s), self.factors(corrections));
        w.is_finite() && m.is_finite() && s.is_finite() && corrections.iter().all(|c| c.is_finite())
    }
}

impl<T: Scalar, P: Parameters<Scalar = T, Tensor = [T]>> Optimizer<P> for Adam<T> {
    type State = AdamState<P>;
    const NAME: &'static str = "Adam";

    fn update(&self, net: &mut P, gradient: &P, state: &mut AdamState<P>) {
        self.update_after_decay(T::ONE, net, gradient, state);
    }

    fn is_safe_within(&self, weight: T, gradient: T, state: &AdamState<P>) -> bool {
        self.is_safe_after_decay(T::ONE, weight, gradient, state)
    }

    fn with_rate_scaled(self, factor: T) -> Self {
        Self { learning_rate: self.learning_rate * factor, ..self }
    }

    fn reset(state: &mut AdamState<P>) {
        state.mean.set_zero();
        state.mean_square.set_zero();
        state.corrections = ConstZero::ZERO;
    }
}

impl<T: Scalar + HyperParameters> AdamW<T> {
    /// AdamW with a learning rate.
    #[must_use]
    pub const fn new(learning_rate: T) -> Self {
        Self { adam: Adam::new(learning_rate), weight_decay: T::WEIGHT_DECAY }
    }
}

impl<T: Scalar> AdamW<T> {
    /// What the decay leaves of a weight.
    fn kept(&self) -> T {
        T::ONE - self.adam.learning_rate * self.weight_decay
    }
}

impl<T: Scalar, P: Parameters<Scalar = T, Tensor = [T]>> Optimizer<P> for AdamW<T> {
    type State = AdamState<P>;
    const NAME: &'static str = "AdamW";

    fn update(&self, net: &mut P, gradient: &P, state: &mut AdamState<P>) {
        self.adam.update_after_decay(self.kept(), net, gradient, state);
    }

    fn is_safe_within(&self, weight: T, gradient: T, state: &AdamState<P>) -> bool {
        self.adam.is_safe_after_decay(self.kept(), weight, gradient, state)
    }

    fn with_rate_scaled(self, factor: T) -> Self {
        Self { adam: Optimizer::<P>::with_rate_scaled(self.adam, factor), ..self }
    }

    fn reset(state: &mut AdamState<P>) {
        <Adam<T> as Optimizer<P>>::reset(state);
    }
}

impl<T: Scalar> ConstZero for Adam<T> {
    const ZERO: Self = Self {
        learning_rate: T::ZERO,
        beta_1: T::ZERO,
        beta_2: T::ZERO,
        epsilon: T::ZERO,
        weight_decay: T::ZERO,
    };
}

impl<T: Scalar> ConstZero for AdamW<T> {
    const ZERO: Self = Self { adam: Adam::ZERO, weight_decay: T::ZERO };
}

impl<P: Parameters> ConstZero for AdamState<P> {
    const ZERO: Self =
        Self { mean: P::ZERO, mean_square: P::ZERO, corrections: [P::Scalar::ZERO; 2] };
}

impl<P: Parameters> Default for AdamState<P> {
    fn default() -> Self {
        Self::ZERO
    }
}

state_dict!([P: Parameters + StateDict] AdamState<P> {
    mean: P,
    mean_square: P,
    corrections: [P::Scalar; 2],
} where P::Scalar: StateDict);
