//! A mean of the gradients, in units of their size.

use crate::safetensors::Saved;
use crate::{Optimizer, Parameters, Scalar, Zeros, saved};

use super::flush;

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
    /// The share of the mean that stays; 0.9 unless it is set.
    pub beta_1: T,
    /// The share of the mean square that stays; 0.999 unless it is set.
    pub beta_2: T,
    /// What keeps the quotient finite; 1e-8 unless it is set.
    pub epsilon: T,
    /// The pull of every weight towards zero, a part of the gradient; 0 unless it is set.
    pub weight_decay: T,
}

/// Adam with decoupled weight decay (Loshchilov & Hutter 2019): the decay is no part of the gradient.
///
/// ```text
/// w ← w − learning_rate · weight_decay · w, then as Adam
/// ```
///
/// ```
/// use elman::{AdamW, Dense, Matrix, Optimizer, Zeros};
///
/// let mut net = Dense { kernel: Matrix([[1.0]]), bias: [0.0] };
/// let mut moments = <AdamW as Optimizer<Dense<1, 1>>>::Moments::ZEROS;
/// AdamW::new(0.1).apply(&mut net, &Dense::ZEROS, &mut moments);
/// assert_eq!(net.kernel.0[0][0], 0.999);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdamW<T = f32> {
    /// The rule after the decay.
    pub adam: Adam<T>,
    /// The pull of every weight towards zero; 0.01 unless it is set.
    pub weight_decay: T,
}

/// What [`Adam`] remembers.
#[derive(Clone, Debug, PartialEq)]
pub struct AdamMoments<P: Parameters> {
    /// The mean of the gradients, `m`.
    pub mean: P,
    /// The mean of their squares, `s`.
    pub mean_square: P,
    /// `1 − beta_1ⁿ` and `1 − beta_2ⁿ`: how much of a mean has come together.
    pub corrections: [P::Scalar; 2],
}

impl<T: Scalar> Adam<T> {
    /// Adam with a learning rate.
    #[must_use]
    pub const fn new(learning_rate: T) -> Self {
        Self {
            learning_rate,
            beta_1: T::MOMENTUM,
            beta_2: T::BETA_2,
            epsilon: T::TINY,
            weight_decay: T::ZERO,
        }
    }

    /// `1 − βⁿ` from `1 − βⁿ⁻¹`: no power, and no number that underflows.
    fn next_corrections(&self, [c1, c2]: [T; 2]) -> [T; 2] {
        [mean(self.beta_1, c1, T::ONE), mean(self.beta_2, c2, T::ONE)]
    }

    /// The factors of `m` and of `√s` in an update with these corrections.
    fn factors(&self, [c1, c2]: [T; 2]) -> [T; 2] {
        [self.learning_rate / c1, T::ONE / c2.sqrt()]
    }

    /// The new weight, mean and mean square.
    #[inline]
    fn next(&self, w: T, g: T, (m, s): (T, T), [of_m, of_root]: [T; 2]) -> (T, T, T) {
        let g = g + self.weight_decay * w;
        let m = flush(mean(self.beta_1, m, g));
        let s = flush(mean(self.beta_2, s, g * g));
        (w - of_m * m / (s.sqrt() * of_root + self.epsilon), m, s)
    }

    /// Whether an update of the net, its weights first multiplied by `kept`, stays finite.
    fn is_safe_after_decay<P: Parameters<Scalar = T>>(
        &self,
        kept: T,
        net: &P,
        gradient: &P,
        moments: &AdamMoments<P>,
    ) -> bool {
        let factors = self.factors(self.next_corrections(moments.corrections));
        let AdamMoments { mean, mean_square, .. } = moments;
        let mut safe = true;
        P::walk([gradient, net, mean, mean_square], [], &mut |[g, w, m, s], []| {
            for (((&w, &m), &s), &g) in w.iter().zip(m).zip(s).zip(g) {
                let (w, m, s) = self.next(w * kept, g, (m, s), factors);
                safe &= w.is_finite() && m.is_finite() && s.is_finite();
            }
        });
        safe
    }
}

/// `β · old + (1 − β) · new`
#[inline]
fn mean<T: Scalar>(beta: T, old: T, new: T) -> T {
    beta * old + (T::ONE - beta) * new
}

impl<P: Parameters> Optimizer<P> for Adam<P::Scalar> {
    type Moments = AdamMoments<P>;

    fn apply(&self, net: &mut P, gradient: &P, moments: &mut AdamMoments<P>) {
        let AdamMoments { mean, mean_square, corrections } = moments;
        *corrections = self.next_corrections(*corrections);
        let factors = self.factors(*corrections);
        P::walk([gradient], [net, mean, mean_square], &mut |[g], [w, m, s]| {
            for (((w, m), s), &g) in w.iter_mut().zip(m).zip(s).zip(g) {
                (*w, *m, *s) = self.next(*w, g, (*m, *s), factors);
            }
        });
    }

    fn is_safe(&self, net: &P, gradient: &P, moments: &AdamMoments<P>) -> bool {
        self.is_safe_after_decay(P::Scalar::ONE, net, gradient, moments)
    }

    fn scaled(self, factor: P::Scalar) -> Self {
        Self { learning_rate: self.learning_rate * factor, ..self }
    }

    fn forget(moments: &mut AdamMoments<P>) {
        moments.mean.fill(P::Scalar::ZERO);
        moments.mean_square.fill(P::Scalar::ZERO);
        moments.corrections = Zeros::ZEROS;
    }
}

impl<T: Scalar> AdamW<T> {
    /// AdamW with a learning rate.
    #[must_use]
    pub const fn new(learning_rate: T) -> Self {
        Self { adam: Adam::new(learning_rate), weight_decay: T::WEIGHT_DECAY }
    }

    /// The share of a weight that the decay leaves.
    fn kept(&self) -> T {
        T::ONE - self.adam.learning_rate * self.weight_decay
    }
}

impl<P: Parameters> Optimizer<P> for AdamW<P::Scalar> {
    type Moments = AdamMoments<P>;

    fn apply(&self, net: &mut P, gradient: &P, moments: &mut AdamMoments<P>) {
        net.scale(self.kept());
        self.adam.apply(net, gradient, moments);
    }

    fn is_safe(&self, net: &P, gradient: &P, moments: &AdamMoments<P>) -> bool {
        self.adam.is_safe_after_decay(self.kept(), net, gradient, moments)
    }

    fn scaled(self, factor: P::Scalar) -> Self {
        Self { adam: Optimizer::<P>::scaled(self.adam, factor), ..self }
    }

    fn forget(moments: &mut AdamMoments<P>) {
        <Adam<P::Scalar> as Optimizer<P>>::forget(moments);
    }
}

impl<T: Scalar> Zeros for Adam<T> {
    const ZEROS: Self = Self {
        learning_rate: T::ZERO,
        beta_1: T::ZERO,
        beta_2: T::ZERO,
        epsilon: T::ZERO,
        weight_decay: T::ZERO,
    };
}

impl<T: Scalar> Zeros for AdamW<T> {
    const ZEROS: Self = Self { adam: Adam::ZEROS, weight_decay: T::ZERO };
}

impl<P: Parameters> Zeros for AdamMoments<P> {
    const ZEROS: Self =
        Self { mean: P::ZEROS, mean_square: P::ZEROS, corrections: [P::Scalar::ZERO; 2] };
}

saved!([P: Parameters + Saved] AdamMoments<P> {
    mean: P,
    mean_square: P,
    corrections: [P::Scalar; 2],
});
