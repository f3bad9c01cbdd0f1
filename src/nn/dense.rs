//! Linear readout.

use core::ops::Range;
use core::slice::from_ref;

use super::init::size;
use super::{
    Cell, Deltas, FeedForward, Initialize, Parameters, Pcg32, Reads, Tensor, Window,
    glorot_uniform, uniform,
};
use crate::matrix::{Matrix, add_rows, affine};
use crate::num::{ConstZero, Scalar};
use crate::safetensors::StateDict;
use crate::{layer, state_dict};

/// A linear layer from `I` numbers to `O`, Keras's `Dense` without activation.
///
/// ```text
/// y_t = x_t · kernel + bias
/// ```
///
/// It has no memory: its state is its last output, and no gradient travels through time.
///
/// ```
/// use elman::{Dense, Layer, Matrix};
///
/// let readout = Dense { kernel: Matrix([[2.0], [3.0]]), bias: [1.0] };
/// assert_eq!(readout.step(&[10.0, 1.0], &mut Dense::<2, 1>::INITIAL_STATE), &[24.0]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Dense<const I: usize, const O: usize, T = f32> {
    /// `W`, `I × O`
    pub kernel: Matrix<I, O, T>,
    /// `b`, `O`
    pub bias: [T; O],
}

impl<const I: usize, const O: usize, T: Scalar> Cell for Dense<I, O, T> {
    type In = [T; I];
    type Out = [T; O];

    fn step(&self, x: &[T; I], y: &mut [T; O]) {
        affine(&self.bias, [(x, &self.kernel.0)], y);
    }

    /// (1.3d) with δ_t = ∂L/∂y_t.
    fn backward(&self, window: Window<'_, [T; I], [T; O]>, _gradient: Option<&mut Self>) {
        if let Some(d_x) = window.d_inputs {
            self.kernel.products_transposed(window.d_outputs, d_x);
        }
    }

    const PARTS: usize = Matrix::<I, O, T>::PARTS;

    /// (1.3b–c)
    fn accumulate(
        &self,
        steps: Deltas<'_, [T; I], [T; O]>,
        gradient: &mut Self,
        parts: Range<usize>,
    ) {
        let is_last = parts.end == Self::PARTS;
        gradient.kernel.add_outer([(steps.inputs, steps.deltas)], parts);
        if is_last {
            add_rows(&mut gradient.bias, steps.deltas);
        }
    }
}

layer!([const I: usize, const O: usize, T: Scalar] Dense<I, O, T>);
impl<const I: usize, const O: usize, T: Scalar> Reads<[T; I]> for Dense<I, O, T> {}
impl<const I: usize, const O: usize, T: Scalar> FeedForward for Dense<I, O, T> {}

/// What [`MinGru`](super::MinGru) needs of its two linear maps, one step at a time.
impl<const I: usize, const O: usize, T: Scalar> Dense<I, O, T> {
    /// `kernel += xᵀ · δ`, `bias += δ`: (1.3b–c) of one step.
    pub(super) fn add_step(&mut self, x: &[T; I], delta: &[T; O]) {
        self.kernel.add_outer_products(from_ref(x), from_ref(delta));
        add_rows(&mut self.bias, from_ref(delta));
    }

    /// Multiplies each column by its factor.
    pub(super) fn multiply_columns(&mut self, factors: &[T; O]) {
        for row in self.kernel.0.iter_mut().chain([&mut self.bias]) {
            for (w, &factor) in row.iter_mut().zip(factors) {
                *w *= factor;
            }
        }
    }

    /// Adds another's columns, each times its factor.
    pub(super) fn add_columns_scaled(&mut self, other: &Self, factors: &[T; O]) {
        let rows = self.kernel.0.iter_mut().chain([&mut self.bias]);
        for (row, other) in rows.zip(other.kernel.0.iter().chain([&other.bias])) {
            for ((w, &other), &factor) in row.iter_mut().zip(other).zip(factors) {
                *w += other * factor;
            }
        }
    }
}

//////////// parameters ////////////

impl<const I: usize, const O: usize, T: Scalar> Parameters for Dense<I, O, T> {
    type Scalar = T;
    type Tensor = [T];
    const TENSORS: usize = 2;

    fn tensor(&self, n: usize) -> &[T] {
        match n {
            0 => self.kernel.as_slice(),
            1 => &self.bias,
            _ => Tensor::empty(),
        }
    }

    fn tensor_mut(&mut self, n: usize) -> &mut [T] {
        match n {
            0 => self.kernel.as_mut_slice(),
            1 => &mut self.bias,
            _ => Tensor::empty(),
        }
    }
}

impl<const I: usize, const O: usize, T: ConstZero> ConstZero for Dense<I, O, T> {
    const ZERO: Self = Self { kernel: ConstZero::ZERO, bias: ConstZero::ZERO };
}

impl<const I: usize, const O: usize, T: ConstZero> Default for Dense<I, O, T> {
    fn default() -> Self {
        Self::ZERO
    }
}

impl<const I: usize, const O: usize, T: Scalar> Initialize for Dense<I, O, T> {
    fn init_pytorch(&mut self, rng: &mut Pcg32) {
        // Without inputs the limit is 0, as in PyTorch.
        let limit = if I == 0 { T::ZERO } else { T::ONE / size::<I, T>().sqrt() };
        uniform(self, limit, rng);
    }

    fn init_keras(&mut self, rng: &mut Pcg32) {
        glorot_uniform(&mut self.kernel, rng);
        self.bias.fill(T::ZERO);
    }
}

state_dict!([const I: usize, const O: usize, T: Scalar + StateDict] Dense<I, O, T> {
    kernel: Matrix<I, O, T>,
    bias: [T; O],
});
