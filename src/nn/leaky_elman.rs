//! The tanh cell with a leak: leaky integration of (1.1).

use core::mem::take;
use core::ops::Range;
use core::slice::from_ref;

use super::elman::{forward, parts_of_both};
use super::init::size;
use super::layer::state_before;
use super::{
    Cell, Deltas, Initialize, Parameters, Pcg32, Reads, Tensor, Window, glorot_uniform, orthogonal,
    uniform,
};
use crate::matrix::{Matrix, add_rows};
use crate::num::{ConstZero, Scalar};
use crate::safetensors::StateDict;
use crate::{layer, state_dict};

/// A simple recurrent layer whose units keep a part of their state (Jaeger et al. 2007).
///
/// ```text
/// n_t = tanh(x_t · kernel + h_{t-1} · recurrent_kernel + bias)
/// h_t = a ∘ h_{t-1} + (1 − a) ∘ n_t,   a = σ(decay_logit)
/// ```
///
/// The decay `a` of a unit is that of an exponential moving average with the time constant
/// `1/(1 − a)` steps. [`time_constants`](crate::time_constants) spreads the units over a range of
/// them, as a start towards long memory. `LEARN_DECAY = false` keeps the logits as they are: they
/// are no parameters then.
///
/// The tape holds `h_t` alone; `n_t` is computed once more on the way back, from the recorded
/// states and the present weights, since `(h_t − a ∘ h_{t-1})/(1 − a)` has no value where `a` is 1.
/// Where `a` is 0, `n_t` is `h_t`, and is read from the tape.
///
/// With `a = 0`, in `f32` a logit below −17, outputs and gradients have the bits of
/// [`Elman`](crate::Elman), for every k1 ≤ k2.
///
/// ```
/// use elman::{ConstZero, Layer, LeakyElman};
///
/// let cell = LeakyElman::<1, 1> { bias: [9.0], ..ConstZero::ZERO }; // n = 1, a = ½
/// let mut h = [0.0];
/// cell.step(&[0.0], &mut h);
/// cell.step(&[0.0], &mut h);
/// assert!((h[0] - 0.75).abs() < 1e-6);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LeakyElman<const I: usize, const H: usize, T = f32, const LEARN_DECAY: bool = true> {
    /// `W_x`, `I × H`
    pub kernel: Matrix<I, H, T>,
    /// `W_h`, `H × H`
    pub recurrent_kernel: Matrix<H, H, T>,
    /// `b`, `H`
    pub bias: [T; H],
    /// The logits of `a`, `H`
    pub decay_logit: [T; H],
}

impl<const I: usize, const H: usize, T: Scalar, const D: bool> LeakyElman<I, H, T, D> {
    /// `n_t`
    fn candidate(&self, x: &[T; I], h: &[T; H]) -> [T; H] {
        let mut n = *h;
        forward(x, &self.kernel, &self.recurrent_kernel, &self.bias, &mut n);
        n
    }
}

/// `h = a ∘ h + (1 − a) ∘ n`, one body for all lengths.
#[inline(never)]
fn leak<T: Scalar>(h: &mut [T], decay_logit: &[T], n: &[T]) {
    for ((h, a), &n) in h.iter_mut().zip(decay_logit).zip(n) {
        let a = a.sigmoid();
        *h = a * *h + (T::ONE - a) * n;
    }
}

impl<const I: usize, const H: usize, T: Scalar, const D: bool> Cell for LeakyElman<I, H, T, D> {
    type In = [T; I];
    type Out = [T; H];

    fn step(&self, x: &[T; I], h: &mut [T; H]) {
        let n = self.candidate(x, h);
        leak(h, &self.decay_logit, &n);
    }

    fn backward(&self, window: Window<'_, [T; I], [T; H]>, mut gradient: Option<&mut Self>) {
        let Window { inputs: x, before, outputs, d_outputs: delta, d_state, d_inputs } = window;

        // d_t = ∂L/∂h_t + a ∘ d_{t+1} + δ_{t+1} · W_hᵀ,  δ_t = d_t ∘ (1 − a) ∘ (1 − n_t²)
        for (t, ((x, h_t), delta)) in x.iter().zip(outputs).zip(delta.iter_mut()).enumerate().rev()
        {
            let h = state_before(before, outputs, t);
            let n = self.candidate(x, h);
            for (j, delta) in delta.iter_mut().enumerate() {
                let (a, d) = (self.decay_logit[j].sigmoid(), *delta + take(&mut d_state[j]));
                // With older weights than these, if k1 < k2, `h_t` was another tanh than `n_t` is.
                let n = if a > T::ZERO { n[j] } else { h_t[j] };
                *delta = d * (T::ONE - a) * (T::ONE - n * n);
                if let Some(gradient) = &mut gradient {
                    gradient.decay_logit[j] += d * (h[j] - n) * a * (T::ONE - a);
                }
                d_state[j] += a * d; // to 0: −0 is not left there
            }
            self.recurrent_kernel.add_product_transposed(delta, d_state);
        }

        // (1.3d) with this δ
        if let Some(d_x) = d_inputs {
            self.kernel.products_transposed(delta, d_x);
        }
    }

    const PARTS: usize = Matrix::<I, H, T>::PARTS + Matrix::<H, H, T>::PARTS + 1;

    /// (1.3b–c) with this δ.
    fn accumulate(
        &self,
        steps: Deltas<'_, [T; I], [T; H]>,
        gradient: &mut Self,
        parts: Range<usize>,
    ) {
        let Deltas { inputs: x, before, outputs, deltas: delta } = steps;
        let (of_kernel, of_recurrent) = parts_of_both::<T, I, H>(&parts);
        gradient.kernel.add_outer([(x, delta)], of_kernel);
        if let Some((first, later)) = delta.split_first() {
            let (first, before) = (from_ref(first), from_ref(before));
            let steps = [(before, first), (outputs, later)];
            gradient.recurrent_kernel.add_outer(steps, of_recurrent);
        }
        if parts.end == Self::PARTS {
            add_rows(&mut gradient.bias, delta);
        }
    }
}

layer!([const I: usize, const H: usize, T: Scalar, const D: bool] LeakyElman<I, H, T, D>);
impl<const I: usize, const H: usize, T: Scalar, const D: bool> Reads<[T; I]>
    for LeakyElman<I, H, T, D>
{
}

//////////// parameters ////////////

impl<const I: usize, const H: usize, T: Scalar, const LEARN_DECAY: bool> Parameters
    for LeakyElman<I, H, T, LEARN_DECAY>
{
    type Scalar = T;
    type Tensor = [T];
    const TENSORS: usize = if LEARN_DECAY { 4 } else { 3 };

    fn tensor(&self, n: usize) -> &[T] {
        match n {
            0 => self.kernel.as_slice(),
            1 => self.recurrent_kernel.as_slice(),
            2 => &self.bias,
            3 if LEARN_DECAY => &self.decay_logit,
            _ => Tensor::empty(),
        }
    }

    fn tensor_mut(&mut self, n: usize) -> &mut [T] {
        match n {
            0 => self.kernel.as_mut_slice(),
            1 => self.recurrent_kernel.as_mut_slice(),
            2 => &mut self.bias,
            3 if LEARN_DECAY => &mut self.decay_logit,
            _ => Tensor::empty(),
        }
    }
}

/// Every decay is ½.
impl<const I: usize, const H: usize, T: ConstZero, const D: bool> ConstZero
    for LeakyElman<I, H, T, D>
{
    const ZERO: Self = Self {
        kernel: ConstZero::ZERO,
        recurrent_kernel: ConstZero::ZERO,
        bias: ConstZero::ZERO,
        decay_logit: ConstZero::ZERO,
    };
}

/// The weights as those of [`Elman`](crate::Elman), the decays as they are.
impl<const I: usize, const H: usize, T: Scalar, const D: bool> Initialize
    for LeakyElman<I, H, T, D>
{
    fn init_pytorch(&mut self, rng: &mut Pcg32) {
        let decay_logit = self.decay_logit;
        uniform(self, T::ONE / size::<H, T>().sqrt(), rng);
        self.decay_logit = decay_logit;
    }

    fn init_keras(&mut self, rng: &mut Pcg32) {
        glorot_uniform(&mut self.kernel, rng);
        orthogonal(&mut self.recurrent_kernel, rng);
        self.bias.fill(T::ZERO);
    }
}

state_dict!([const I: usize, const H: usize, T: Scalar + StateDict, const D: bool]
LeakyElman<I, H, T, D> {
    kernel: Matrix<I, H, T>,
    recurrent_kernel: Matrix<H, H, T>,
    bias: [T; H],
    decay_logit: [T; H],
});
