//! The minimal gated cell: forward, backward, and the traces of its exact gradient without a tape.

use core::slice::{from_mut, from_ref};

use super::layer::state_before;
use super::{Cell, Dense, Initialize, Parameters, Pcg32, Reads, Window};
use crate::num::{ConstZero, Scalar};
use crate::safetensors::StateDict;
use crate::{layer, state_dict};

/// A recurrent layer of `H` gated units whose gates see the input only: minGRU (Feng et al. 2024).
///
/// ```text
/// z_t = σ(linear_z(x_t)),   h̃_t = linear_h(x_t)
/// h_t = (1 − z_t) ∘ h_{t-1} + z_t ∘ h̃_t
/// ```
///
/// Here `z` lets the new value in; in [`Gru`](crate::Gru) it keeps the old one.
///
/// A unit's state depends on its own last state alone. So ∂h_t/∂weights is one number for each
/// weight, and can be carried forward: [`Rtrl`](crate::Rtrl) trains without a tape, with a gradient
/// that reaches back to the first step. In stacks it trains on a [`Tape`](crate::Tape) as any cell.
///
/// The tape holds `h_t` alone; the gates are computed once more on the way back.
///
/// ```
/// use elman::{ConstZero, Dense, Layer, Matrix, MinGru};
///
/// let cell = MinGru { linear_h: Dense { kernel: Matrix([[2.0]]), ..Dense::ZERO }, ..MinGru::<1, 1>::ZERO };
/// let mut h = [0.0];
/// cell.step(&[1.0], &mut h); // z = ½
/// cell.step(&[1.0], &mut h);
/// assert_eq!(h, [1.5]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct MinGru<const I: usize, const H: usize, T = f32> {
    /// The gate `z` before its `σ`
    pub linear_z: Dense<I, H, T>,
    /// The new value `h̃`
    pub linear_h: Dense<I, H, T>,
}

/// `z` and `h̃` of one step.
struct Gates<const H: usize, T> {
    z: [T; H],
    h_new: [T; H],
}

impl<const I: usize, const H: usize, T: Scalar> MinGru<I, H, T> {
    fn gates(&self, x: &[T; I]) -> Gates<H, T> {
        let mut gates = Gates { z: [T::ZERO; H], h_new: [T::ZERO; H] };
        Cell::step(&self.linear_z, x, &mut gates.z);
        Cell::step(&self.linear_h, x, &mut gates.h_new);
        gates.z.iter_mut().for_each(|z| *z = z.sigmoid());
        gates
    }
}

impl<const H: usize, T: Scalar> Gates<H, T> {
    /// `h = (1 − z) ∘ h + z ∘ h̃`
    fn update(&self, h: &mut [T; H]) {
        for ((h, &z), &h_new) in h.iter_mut().zip(&self.z).zip(&self.h_new) {
            *h = (T::ONE - z) * *h + z * h_new;
        }
    }

    /// ∂h_t/∂ of what `linear_z` and `linear_h` give: `(h̃ − h_{t-1}) ∘ z ∘ (1 − z)` and `z`.
    fn slopes(&self, h: &[T; H]) -> [[T; H]; 2] {
        let mut d_z = self.z;
        for ((d_z, &h_new), &h) in d_z.iter_mut().zip(&self.h_new).zip(h) {
            *d_z = (h_new - h) * *d_z * (T::ONE - *d_z);
        }
        [d_z, self.z]
    }
}

impl<const I: usize, const H: usize, T: Scalar> Cell for MinGru<I, H, T> {
    type In = [T; I];
    type Out = [T; H];

    fn step(&self, x: &[T; I], h: &mut [T; H]) {
        self.gates(x).update(h);
    }

    fn backward(&self, window: Window<'_, [T; I], [T; H]>, mut gradient: Option<&mut Self>) {
        let Window { inputs, before, outputs, d_outputs, d_state, d_inputs } = window;
        let d_inputs = d_inputs.unwrap_or_default();

        for (t, (x, d)) in inputs.iter().zip(d_outputs).enumerate().rev() {
            let gates = self.gates(x);
            let [mut d_z, mut d_h] = gates.slopes(state_before(before, outputs, t));

            // d_t = ∂L/∂h_t + (1 − z_{t+1}) ∘ d_{t+1}
            for ((d, carry), &z) in d.iter_mut().zip(&mut *d_state).zip(&gates.z) {
                *d += *carry;
                *carry = (T::ONE - z) * *d;
            }
            multiply(&mut d_z, d);
            multiply(&mut d_h, d);
            if let Some(d_x) = d_inputs.get_mut(t) {
                self.linear_z.kernel.products_transposed(from_ref(&d_z), from_mut(d_x));
                self.linear_h.kernel.add_product_transposed(&d_h, d_x);
            }
            if let Some(gradient) = gradient.as_deref_mut() {
                gradient.linear_z.add_step(x, &d_z);
                gradient.linear_h.add_step(x, &d_h);
            }
        }
    }
}

/// `y = y ∘ x`
fn multiply<T: Scalar>(y: &mut [T], x: &[T]) {
    for (y, &x) in y.iter_mut().zip(x) {
        *y *= x;
    }
}

layer!([const I: usize, const H: usize, T: Scalar] MinGru<I, H, T>);
impl<const I: usize, const H: usize, T: Scalar> Reads<[T; I]> for MinGru<I, H, T> {}

//////////// the gradient without a tape ////////////

impl<const I: usize, const H: usize, T: Scalar> MinGru<I, H, T> {
    /// One step forward that carries `trace`, which is ∂h_t/∂weights, forward too.
    ///
    /// ```text
    /// ∂h_t/∂W = (1 − z_t) ∘ ∂h_{t-1}/∂W + x_tᵀ · slope_t
    /// ```
    ///
    /// with the slope of `linear_z`, `(h̃_t − h_{t-1}) ∘ z_t ∘ (1 − z_t)`, or of `linear_h`, `z_t`.
    /// The weight from input i to unit j moves unit j alone, so the trace has the network's type.
    /// Real-time recurrent learning (Williams & Zipser 1989), which for a diagonal recurrence needs
    /// as many numbers as there are weights (Mozer 1989).
    pub fn step_with_trace(&self, x: &[T; I], h: &mut [T; H], trace: &mut Self) {
        let gates = self.gates(x);
        let [d_z, d_h] = gates.slopes(h);
        for (trace, slope) in [(&mut trace.linear_z, d_z), (&mut trace.linear_h, d_h)] {
            trace.multiply_columns(&gates.z.map(|z| T::ONE - z));
            trace.add_step(x, &slope);
        }
        gates.update(h);
    }

    /// Adds ∂L/∂weights of a loss at the present step to `self`, a gradient: every column of the
    /// trace times ∂L/∂h_t of its unit.
    pub fn add_trace(&mut self, trace: &Self, d_h: &[T; H]) {
        self.linear_z.add_columns_scaled(&trace.linear_z, d_h);
        self.linear_h.add_columns_scaled(&trace.linear_h, d_h);
    }
}

//////////// parameters ////////////

impl<const I: usize, const H: usize, T: Scalar> Parameters for MinGru<I, H, T> {
    type Scalar = T;
    type Tensor = [T];
    const TENSORS: usize = 4;

    fn tensor(&self, n: usize) -> &[T] {
        if n < 2 { self.linear_z.tensor(n) } else { self.linear_h.tensor(n - 2) }
    }

    fn tensor_mut(&mut self, n: usize) -> &mut [T] {
        if n < 2 { self.linear_z.tensor_mut(n) } else { self.linear_h.tensor_mut(n - 2) }
    }
}

impl<const I: usize, const H: usize, T: ConstZero> ConstZero for MinGru<I, H, T> {
    const ZERO: Self = Self { linear_z: ConstZero::ZERO, linear_h: ConstZero::ZERO };
}

/// As two [`Dense`] layers.
impl<const I: usize, const H: usize, T: Scalar> Initialize for MinGru<I, H, T> {
    fn init_pytorch(&mut self, rng: &mut Pcg32) {
        self.linear_z.init_pytorch(rng);
        self.linear_h.init_pytorch(rng);
    }

    fn init_keras(&mut self, rng: &mut Pcg32) {
        self.linear_z.init_keras(rng);
        self.linear_h.init_keras(rng);
    }
}

state_dict!([const I: usize, const H: usize, T: Scalar + StateDict] MinGru<I, H, T> {
    linear_z: Dense<I, H, T>,
    linear_h: Dense<I, H, T>,
});
