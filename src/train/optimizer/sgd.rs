//! Stochastic gradient descent.

use super::{Bound, Optimizer, SlicedOptimizer, Term, is_safe};
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

/// The numbers that one turn of the loop updates. On RISC-V the loop itself is a third of the cost; on Arm
/// LLVM's own choice is the best.
const BLOCK: usize = if cfg!(target_arch = "riscv32") { 8 } else { 1 };

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
            let (w, w_rest) = net.tensor_mut(n).as_chunks_mut::<BLOCK>();
            let (g, g_rest) = gradient.tensor(n).as_chunks::<BLOCK>();
            for (w, g) in w.iter_mut().zip(g) {
                w.iter_mut().zip(g).for_each(|(w, &g)| *w = self.next(*w, g));
            }
            w_rest.iter_mut().zip(g_rest).for_each(|(w, &g)| *w = self.next(*w, g));
        }
    }

    fn is_safe(&self, net: &P, gradient: &P, state: &()) -> bool {
        is_safe(self, net, gradient, state)
    }

    fn with_rate_scaled(self, factor: T) -> Self {
        Self { learning_rate: self.learning_rate * factor, ..self }
    }

    fn reset((): &mut ()) {}
}

impl<T: Scalar, P: Parameters<Scalar = T, Tensor = [T]>> SlicedOptimizer<P> for Sgd<T> {
    const MACS_PER_WEIGHT: usize = 3;
    const STATES: usize = 0;

    fn is_safe_within(&self, [w, g, ..]: [T; 4], (): &()) -> bool {
        self.next(Bound::of(w), Bound::of(g)).is_finite()
    }

    #[inline(always)]
    fn update_part<'w>(
        &self,
        weights: impl Iterator<Item = (T, T, &'w mut T)>,
        (): &mut (),
        _: usize,
        _: usize,
    ) where
        T: 'w,
    {
        for (w, g, new) in weights {
            *new = self.next(w, g);
        }
    }
}

impl<T: Scalar> ConstZero for Sgd<T> {
    const ZERO: Self = Self { learning_rate: T::ZERO, weight_decay: T::ZERO };
}
