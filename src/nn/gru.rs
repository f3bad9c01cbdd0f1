//! The gated recurrent unit: forward, backward.

use core::array::from_fn;
use core::slice::{from_mut, from_ref};

use super::init::{glorot_uniform_gates, orthogonal_gates, size};
use super::layer::state_before;
use super::{Cell, Initialize, Parameters, Pcg32, Reads, Tensor, Window, uniform};
use crate::matrix::{Matrix, add_rows, affine};
use crate::num::{ConstZero, Scalar};
use crate::safetensors::StateDict;
use crate::{layer, state_dict};

/// A gated recurrent layer of `H` units that reads `I` numbers (Cho et al. 2014).
///
/// With W, U, b the three parts of `kernel`, `recurrent_kernel` and `bias`:
///
/// ```text
/// z_t = σ(x_t · W_z + h_{t-1} · U_z + b_z)                    keeps the old state
/// r_t = σ(x_t · W_r + h_{t-1} · U_r + b_r)                    resets it for the candidate
/// u_t = h_{t-1} · U_n + recurrent_bias
/// n_t = tanh(x_t · W_n + b_n + r_t ∘ u_t)                     the candidate
/// h_t = (1 − z_t) ∘ n_t + z_t ∘ h_{t-1}
/// ```
///
/// This is `torch.nn.GRU`, and Keras's `GRU` with `reset_after=True`, its default. With
/// `RESET_AFTER = false` the reset comes before the product, as in the paper and in Keras with
/// `reset_after=False`; `recurrent_bias` is not used and no parameter then:
///
/// ```text
/// n_t = tanh(x_t · W_n + b_n + (r_t ∘ h_{t-1}) · U_n)
/// ```
///
/// Chung et al. 2014 write `z` for `1 − z`; the paper and both programs do not. The order of the
/// parts is Keras's. PyTorch's is r, z, n, and it has a second bias for each, of which `bias` holds
/// the sum for z and r.
///
/// The tape holds `h_t` alone, as an [`Elman`](crate::Elman)'s does. z, r, u and n, four numbers a
/// unit and step, are computed once more on the way back, from the recorded states and the present
/// weights. That costs one step forward for each step back and spares two thirds of the tape.
///
/// ```
/// use elman::{ConstZero, Gru, Layer};
///
/// let mut cell = Gru::<1, 1>::ZERO; // z = r = ½
/// cell.bias[2] = [9.0]; // n = 1
/// let mut h = Gru::<1, 1>::INITIAL_STATE;
/// cell.step(&[0.0], &mut h);
/// cell.step(&[0.0], &mut h);
/// assert!((h[0] - 0.75).abs() < 1e-6);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Gru<const I: usize, const H: usize, T = f32, const RESET_AFTER: bool = true> {
    /// `W` of z, r and n, `I × H` each
    pub kernel: [Matrix<I, H, T>; 3],
    /// `U` of z, r and n, `H × H` each
    pub recurrent_kernel: [Matrix<H, H, T>; 3],
    /// `b` of z, r and n, `H` each
    pub bias: [[T; H]; 3],
    /// The bias of `u`, `H`
    pub recurrent_bias: [T; H],
}

/// What a step computes on its way. With the reset before the product, `u` is `r ∘ h_{t-1}`.
struct Gates<const H: usize, T> {
    z: [T; H],
    r: [T; H],
    u: [T; H],
    n: [T; H],
}

/// ∂L/∂ of the sums in z, r, n, and of the product with `U_n`; and of `h_{t-1}` so far.
struct Deltas<const H: usize, T> {
    z: [T; H],
    r: [T; H],
    n: [T; H],
    u: [T; H],
}

/// `b + x · W + h · U`, one body per size.
#[inline(never)]
fn sum<T: Scalar, const I: usize, const H: usize>(
    b: &[T; H],
    (x, w): (&[T; I], &Matrix<I, H, T>),
    (h, u): (&[T; H], &Matrix<H, H, T>),
) -> [T; H] {
    let mut sum = [T::ZERO; H];
    affine(b, [(x, &w.0), (h, &u.0)], &mut sum);
    sum
}

impl<const I: usize, const H: usize, T: Scalar, const RESET_AFTER: bool> Gru<I, H, T, RESET_AFTER> {
    fn gates(&self, x: &[T; I], h: &[T; H]) -> Gates<H, T> {
        let ([w_z, w_r, w_n], [u_z, u_r, u_n]) = (&self.kernel, &self.recurrent_kernel);
        let [b_z, b_r, b_n] = &self.bias;
        let z = sum(b_z, (x, w_z), (h, u_z)).map(T::sigmoid);
        let r = sum(b_r, (x, w_r), (h, u_r)).map(T::sigmoid);
        if RESET_AFTER {
            let (mut u, mut n) = (self.recurrent_bias, *b_n);
            u_n.add_product(h, &mut u);
            w_n.add_product(x, &mut n);
            let n = from_fn(|j| (n[j] + r[j] * u[j]).tanh());
            Gates { z, r, u, n }
        } else {
            let u = from_fn(|j| r[j] * h[j]);
            let n = sum(b_n, (x, w_n), (&u, u_n)).map(T::tanh);
            Gates { z, r, u, n }
        }
    }

    /// On entry `d` is ∂L/∂h_t, on return ∂L/∂h_{t-1}.
    fn deltas(&self, h: &[T; H], gates: &Gates<H, T>, d: &mut [T; H]) -> Deltas<H, T> {
        let Gates { z, r, u, n } = gates;
        let [u_z, u_r, u_n] = &self.recurrent_kernel;
        let one = T::ONE;

        let delta_n = from_fn(|j| d[j] * (one - z[j]) * (one - n[j] * n[j]));
        let delta_z = from_fn(|j| d[j] * (h[j] - n[j]) * z[j] * (one - z[j]));
        *d = from_fn(|j| d[j] * z[j]);

        let (delta_u, delta_r);
        if RESET_AFTER {
            delta_u = from_fn(|j| delta_n[j] * r[j]);
            delta_r = from_fn(|j| delta_n[j] * u[j] * r[j] * (one - r[j]));
            u_n.add_product_transposed(&delta_u, d);
        } else {
            delta_u = delta_n;
            let mut d_u = [T::ZERO; H];
            u_n.add_product_transposed(&delta_n, &mut d_u);
            delta_r = from_fn(|j| d_u[j] * h[j] * r[j] * (one - r[j]));
            *d = from_fn(|j| d[j] + d_u[j] * r[j]);
        }
        u_z.add_product_transposed(&delta_z, d);
        u_r.add_product_transposed(&delta_r, d);
        Deltas { z: delta_z, r: delta_r, n: delta_n, u: delta_u }
    }

    /// `∂L/∂x_t = Σ δ · Wᵀ`
    fn input_gradient(&self, delta: &Deltas<H, T>, d_x: &mut [T; I]) {
        let [w_z, w_r, w_n] = &self.kernel;
        w_z.products_transposed(from_ref(&delta.z), from_mut(d_x));
        w_r.add_product_transposed(&delta.r, d_x);
        w_n.add_product_transposed(&delta.n, d_x);
    }

    /// Adds `ΔW = xᵀ · δ`, `ΔU = hᵀ · δ`, `Δb = δ` of one step.
    fn add_step(&mut self, x: &[T; I], h: &[T; H], gates: &Gates<H, T>, delta: &Deltas<H, T>) {
        let candidate_reads = if RESET_AFTER { h } else { &gates.u };
        for (w, delta) in self.kernel.iter_mut().zip([&delta.z, &delta.r, &delta.n]) {
            w.add_outer_products(from_ref(x), from_ref(delta));
        }
        let factors = [(h, &delta.z), (h, &delta.r), (candidate_reads, &delta.u)];
        for (u, (h, delta)) in self.recurrent_kernel.iter_mut().zip(factors) {
            u.add_outer_products(from_ref(h), from_ref(delta));
        }
        for (b, delta) in self.bias.iter_mut().zip([&delta.z, &delta.r, &delta.n]) {
            add_rows(b, from_ref(delta));
        }
        add_rows(&mut self.recurrent_bias, from_ref(&delta.u));
    }
}

impl<const I: usize, const H: usize, T: Scalar, const RESET_AFTER: bool> Cell
    for Gru<I, H, T, RESET_AFTER>
{
    type In = [T; I];
    type Out = [T; H];

    fn step(&self, x: &[T; I], h: &mut [T; H]) {
        let Gates { z, n, .. } = self.gates(x, h);
        *h = from_fn(|j| (T::ONE - z[j]) * n[j] + z[j] * h[j]);
    }

    fn backward(&self, window: Window<'_, [T; I], [T; H]>, mut gradient: Option<&mut Self>) {
        let Window { inputs, before, outputs, d_outputs, d_state, d_inputs } = window;
        let d_inputs = d_inputs.unwrap_or_default();
        for (t, (x, d_h)) in inputs.iter().zip(d_outputs).enumerate().rev() {
            let h = state_before(before, outputs, t);
            let gates = self.gates(x, h);
            add_rows(d_state, from_ref(d_h));
            let delta = self.deltas(h, &gates, d_state);
            if let Some(d_x) = d_inputs.get_mut(t) {
                self.input_gradient(&delta, d_x);
            }
            if let Some(gradient) = gradient.as_deref_mut() {
                gradient.add_step(x, h, &gates, &delta);
            }
        }
    }
}

layer!([const I: usize, const H: usize, T: Scalar, const R: bool] Gru<I, H, T, R>);
impl<const I: usize, const H: usize, T: Scalar, const R: bool> Reads<[T; I]> for Gru<I, H, T, R> {}

//////////// parameters ////////////

/// The kernels of z, r, n; the recurrent kernels; the biases in one; `recurrent_bias` if it is used.
impl<const I: usize, const H: usize, T: Scalar, const RESET_AFTER: bool> Parameters
    for Gru<I, H, T, RESET_AFTER>
{
    type Scalar = T;
    type Tensor = [T];
    const TENSORS: usize = if RESET_AFTER { 8 } else { 7 };

    fn tensor(&self, n: usize) -> &[T] {
        match n {
            0..3 => self.kernel.get(n).map_or(Tensor::empty(), Matrix::as_slice),
            3..6 => self.recurrent_kernel.get(n - 3).map_or(Tensor::empty(), Matrix::as_slice),
            6 => self.bias.as_flattened(),
            7 if RESET_AFTER => &self.recurrent_bias,
            _ => Tensor::empty(),
        }
    }

    fn tensor_mut(&mut self, n: usize) -> &mut [T] {
        match n {
            0..3 => self.kernel.get_mut(n).map_or(Tensor::empty(), Matrix::as_mut_slice),
            3..6 => {
                self.recurrent_kernel.get_mut(n - 3).map_or(Tensor::empty(), Matrix::as_mut_slice)
            }
            6 => self.bias.as_flattened_mut(),
            7 if RESET_AFTER => &mut self.recurrent_bias,
            _ => Tensor::empty(),
        }
    }
}

impl<const I: usize, const H: usize, T: ConstZero, const R: bool> ConstZero for Gru<I, H, T, R> {
    const ZERO: Self = Self {
        kernel: ConstZero::ZERO,
        recurrent_kernel: ConstZero::ZERO,
        bias: ConstZero::ZERO,
        recurrent_bias: ConstZero::ZERO,
    };
}

impl<const I: usize, const H: usize, T: Scalar, const R: bool> Initialize for Gru<I, H, T, R> {
    fn init_pytorch(&mut self, rng: &mut Pcg32) {
        uniform(self, T::ONE / size::<H, T>().sqrt(), rng);
    }

    fn init_keras(&mut self, rng: &mut Pcg32) {
        glorot_uniform_gates(&mut self.kernel, rng);
        orthogonal_gates(&mut self.recurrent_kernel, rng);
        self.bias = ConstZero::ZERO;
        self.recurrent_bias = ConstZero::ZERO;
    }
}

state_dict!([const I: usize, const H: usize, T: Scalar + StateDict, const R: bool] Gru<I, H, T, R> {
    kernel: [Matrix<I, H, T>; 3],
    recurrent_kernel: [Matrix<H, H, T>; 3],
    bias: [[T; H]; 3],
    recurrent_bias: [T; H],
});
