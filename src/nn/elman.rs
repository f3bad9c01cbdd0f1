//! The tanh cell: (1.1) forward, (1.3) backward.

use core::mem::take;
use core::ops::Range;
use core::slice::from_ref;

use super::init::size;
use super::layer::within;
use super::{
    Cell, Deltas, Initialize, Parameters, Pcg32, Reads, Tensor, Window, glorot_uniform, orthogonal,
    uniform,
};
use crate::matrix::{Matrix, add_rows, affine, cortex_m4, pays_to_transpose};
use crate::num::{ConstZero, Scalar};
use crate::safetensors::StateDict;
use crate::{layer, state_dict};

/// A simple recurrent layer of `H` tanh units that reads `I` numbers (Elman 1990).
///
/// ```text
/// h_t = tanh(x_t · kernel + h_{t-1} · recurrent_kernel + bias)        (1.1)
/// ```
///
/// Names and layout are those of Keras's `SimpleRNN`. PyTorch's `nn.RNN` stores the transposes and
/// two biases, of which this is the sum.
///
/// A pre-activation of ±∞ gives ±1, and one that is NaN gives NaN. Where |h| rounds to 1 the unit
/// is saturated: its derivative `1 − h²` is exactly 0, and no gradient passes.
///
/// ```
/// use elman::{Elman, Layer, Matrix};
///
/// let cell = Elman {
///     kernel: Matrix([[0.5, -0.5]]),
///     recurrent_kernel: Matrix([[0.0, 0.3], [0.2, 0.0]]),
///     bias: [0.0, 0.1],
/// };
/// let mut h = Elman::<1, 2>::INITIAL_STATE;
/// cell.step(&[1.0], &mut h);
/// assert!((h[0] - libm::tanhf(0.5)).abs() < 1e-6);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Elman<const I: usize, const H: usize, T = f32> {
    /// `W_x`, `I × H`
    pub kernel: Matrix<I, H, T>,
    /// `W_h`, `H × H`
    pub recurrent_kernel: Matrix<H, H, T>,
    /// `b`, `H`
    pub bias: [T; H],
}

/// (1.1), one body per size.
///
/// The weights are separate arguments: far into one `&self`, LLVM computes every address anew.
#[inline(never)]
pub(super) fn forward<T: Scalar, const I: usize, const H: usize>(
    x: &[T; I],
    kernel: &Matrix<I, H, T>,
    recurrent_kernel: &Matrix<H, H, T>,
    bias: &[T; H],
    h: &mut [T; H],
) {
    if cortex_m4::step(bias, (x, &kernel.0), &recurrent_kernel.0, h) {
        return;
    }
    let mut z = ConstZero::ZERO;
    affine(bias, [(x, &kernel.0), (h, &recurrent_kernel.0)], &mut z);
    activate(h, &z);
}

/// `h = tanh(z)`, one body for all lengths.
#[inline(never)]
fn activate<T: Scalar>(h: &mut [T], z: &[T]) {
    if cortex_m4::tanh(z, h) {
        return;
    }
    for (h, &z) in h.iter_mut().zip(z) {
        *h = z.tanh();
    }
}

/// (1.3a)  `δ_t = (∂L/∂h_t + δ_{t+1} · W_hᵀ) ∘ (1 − h_t²)`, newest step first.
///
/// `add_product` adds `δ · W_hᵀ`. The rows are separate arguments: of a struct's fields LLVM does not
/// know that nothing else points to `carry`, and keeps it in memory. Not `inline(always)`: rustc then
/// inlines before LLVM sees the arguments.
#[inline]
fn backward_through_time<T: Scalar, const H: usize>(
    h: &[[T; H]],
    delta: &mut [[T; H]],
    carry: &mut [T; H],
    add_product: impl Fn(&[T; H], &mut [T; H]),
) {
    for (delta, h) in delta.iter_mut().zip(h).rev() {
        for ((delta, carry), &h) in delta.iter_mut().zip(&mut *carry).zip(h) {
            *delta = (*delta + take(carry)) * (T::ONE - h * h);
        }
        add_product(delta, carry);
    }
}

impl<const I: usize, const H: usize, T: Scalar> Cell for Elman<I, H, T> {
    type In = [T; I];
    type Out = [T; H];

    fn step(&self, x: &[T; I], h: &mut [T; H]) {
        forward(x, &self.kernel, &self.recurrent_kernel, &self.bias, h);
    }

    fn backward(&self, window: Window<'_, [T; I], [T; H]>, _gradient: Option<&mut Self>) {
        let Window { outputs: h, d_outputs: delta, d_state, d_inputs, .. } = window;

        // (1.3a)
        let w_h = &self.recurrent_kernel;
        if pays_to_transpose::<T, H, H>(delta.len()) {
            w_h.with_transposed(|w_h| {
                backward_through_time(h, delta, d_state, |delta, d_h| w_h.add_product(delta, d_h));
            });
        } else {
            backward_through_time(h, delta, d_state, |delta, d_h| {
                w_h.add_product_transposed(delta, d_h);
            });
        }

        // (1.3d)  ∂L/∂x_t = δ_t · W_xᵀ
        if let Some(d_x) = d_inputs {
            self.kernel.products_transposed(delta, d_x);
        }
    }

    const PARTS: usize = Matrix::<I, H, T>::PARTS + Matrix::<H, H, T>::PARTS + 1;

    fn accumulate(
        &self,
        steps: Deltas<'_, [T; I], [T; H]>,
        gradient: &mut Self,
        parts: Range<usize>,
    ) {
        let Deltas { inputs: x, before, outputs: h, deltas: delta } = steps;
        let Self { kernel, recurrent_kernel, bias } = gradient;
        let (of_kernel, of_recurrent) = parts_of_both::<T, I, H>(&parts);

        // (1.3b)  ΔW_x = Σ_t x_tᵀ · δ_t
        kernel.add_outer([(x, delta)], of_kernel);

        // (1.3c)  ΔW_h = Σ_t h_{t-1}ᵀ · δ_t,  Δb = Σ_t δ_t
        if let Some((first, later)) = delta.split_first() {
            let (first, before) = (from_ref(first), from_ref(before));
            recurrent_kernel.add_outer([(before, first), (h, later)], of_recurrent);
        }
        if parts.end == Self::PARTS {
            add_rows(bias, delta);
        }
    }
}

/// The parts that are of the kernel, and those of the recurrent kernel.
pub(super) fn parts_of_both<T: Scalar, const I: usize, const H: usize>(
    parts: &Range<usize>,
) -> (Range<usize>, Range<usize>) {
    let (kernel, recurrent) = (Matrix::<I, H, T>::PARTS, Matrix::<H, H, T>::PARTS);
    (within(parts, 0, kernel), within(parts, kernel, recurrent))
}

impl<const I: usize, const H: usize, T: Scalar> Elman<I, H, T> {
    /// A cell from TensorFlow's `BasicRNNCell`, which has one kernel for `concat[x, h]`: `W_x` on top
    /// of `W_h`.
    ///
    /// ```
    /// use elman::{Elman, Matrix};
    ///
    /// let cell = Elman::<1, 2>::from_concatenated(
    ///     &Matrix([[0.5, -0.5], [0.0, 0.3], [0.2, 0.0]]),
    ///     [0.0, 0.1],
    /// );
    /// assert_eq!(cell.kernel, Matrix([[0.5, -0.5]]));
    /// assert_eq!(cell.recurrent_kernel, Matrix([[0.0, 0.3], [0.2, 0.0]]));
    /// ```
    ///
    /// Any other number of rows than `I + H` does not compile.
    #[must_use]
    pub const fn from_concatenated<const R: usize>(kernel: &Matrix<R, H, T>, bias: [T; H]) -> Self {
        const { assert!(R == I + H, "a concatenated kernel has I + H rows: W_x on top of W_h") };
        let mut cell = Self { bias, ..Self::ZERO };
        let (w_x, w_h) = kernel.0.split_at(I);
        cell.kernel.0.copy_from_slice(w_x);
        cell.recurrent_kernel.0.copy_from_slice(w_h);
        cell
    }
}

layer!([const I: usize, const H: usize, T: Scalar] Elman<I, H, T>);
impl<const I: usize, const H: usize, T: Scalar> Reads<[T; I]> for Elman<I, H, T> {}

//////////// parameters ////////////

impl<const I: usize, const H: usize, T: Scalar> Parameters for Elman<I, H, T> {
    type Scalar = T;
    type Tensor = [T];
    const TENSORS: usize = 3;

    fn tensor(&self, n: usize) -> &[T] {
        match n {
            0 => self.kernel.as_slice(),
            1 => self.recurrent_kernel.as_slice(),
            2 => &self.bias,
            _ => Tensor::empty(),
        }
    }

    fn tensor_mut(&mut self, n: usize) -> &mut [T] {
        match n {
            0 => self.kernel.as_mut_slice(),
            1 => self.recurrent_kernel.as_mut_slice(),
            2 => &mut self.bias,
            _ => Tensor::empty(),
        }
    }
}

impl<const I: usize, const H: usize, T: ConstZero> ConstZero for Elman<I, H, T> {
    const ZERO: Self =
        Self { kernel: ConstZero::ZERO, recurrent_kernel: ConstZero::ZERO, bias: ConstZero::ZERO };
}

impl<const I: usize, const H: usize, T: ConstZero> Default for Elman<I, H, T> {
    fn default() -> Self {
        Self::ZERO
    }
}

impl<const I: usize, const H: usize, T: Scalar> Initialize for Elman<I, H, T> {
    fn init_pytorch(&mut self, rng: &mut Pcg32) {
        uniform(self, T::ONE / size::<H, T>().sqrt(), rng);
    }

    fn init_keras(&mut self, rng: &mut Pcg32) {
        glorot_uniform(&mut self.kernel, rng);
        orthogonal(&mut self.recurrent_kernel, rng);
        self.bias.fill(T::ZERO);
    }
}

state_dict!([const I: usize, const H: usize, T: Scalar + StateDict] Elman<I, H, T> {
    kernel: Matrix<I, H, T>,
    recurrent_kernel: Matrix<H, H, T>,
    bias: [T; H],
});
