//! The linear readout of integers.

use super::parameters::{draw_uniform, parameters};
use super::{Matrix, Row, Vector, Weight, inference_layer};
use crate::matrix::fixed::{CHUNK, align, fold_exponents};
use crate::nn::init::size;
use crate::nn::{Cell, Initialize, Pcg32, Reads, Window};
use crate::num::{ConstZero, Scalar};
use crate::safetensors::StateDict;
use crate::{layer, state_dict};

/// The [`Dense`](crate::Dense) readout of integers: the same equation, names and layout.
///
/// ```text
/// y_t = x_t · kernel + bias
/// ```
///
/// `W` is `i32` for a layer that learns, `i16` or `i8` for one that runs from flash.
///
/// ```
/// use elman::{Layer, Matrix, fixed};
///
/// let dense = elman::Dense { kernel: Matrix([[2.0], [3.0]]), bias: [1.0] };
/// let dense = fixed::Dense::new(&dense);
/// let y = *dense.step(&fixed::Row::from([10.0, 1.0]), &mut fixed::Dense::<2, 1>::INITIAL_STATE);
/// assert!((y.to_f32()[0] - 24.0).abs() < 0.01);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixedDense<const I: usize, const O: usize, W = i32> {
    /// `W`, `I × O`
    pub kernel: Matrix<I, O, W>,
    /// `b`, `O`
    pub bias: Vector<O>,
}

/// [`FixedDense`] by the name of the layer of floats.
pub type Dense<const I: usize, const O: usize, W = i32> = FixedDense<I, O, W>;

impl<const I: usize, const O: usize> Dense<I, O> {
    /// The layer of integers nearest to one of floats, at compile time or at run time.
    #[must_use]
    pub const fn new(dense: &crate::Dense<I, O>) -> Self {
        Self { kernel: Matrix::new(&dense.kernel), bias: Vector::new(&dense.bias) }
    }

    /// The layer of floats, rounded to `f32`.
    #[must_use]
    pub fn to_f32(&self) -> crate::Dense<I, O> {
        crate::Dense { kernel: self.kernel.to_f32(), bias: self.bias.to_f32() }
    }

    /// For inference: 16 bits a weight.
    #[must_use]
    pub const fn to_i16(&self) -> Dense<I, O, i16> {
        Dense { kernel: self.kernel.to_i16(), bias: Vector::copy(&self.bias) }
    }

    /// For inference where flash is short: 8 bits a weight.
    #[must_use]
    pub const fn to_i8(&self) -> Dense<I, O, i8> {
        Dense { kernel: self.kernel.to_i8(), bias: Vector::copy(&self.bias) }
    }
}

impl<const I: usize, const O: usize, W: Weight> Dense<I, O, W> {
    #[inline(never)]
    pub(super) fn forward(&self, x: &Row<I>, y: &mut Row<O>) {
        let mut sums = [Matrix::<I, O, W>::middle(&x.mantissas); O];
        let exponent = self.kernel.add_product(x, &mut sums);
        let exponent = add_bias(&mut sums, exponent, self.bias.numbers(), self.bias.exponent());
        y.round(&sums, exponent);
    }
}

/// `y + b` at the larger of their exponents, plus one for the carry; returns it.
#[inline(never)]
fn add_bias(y: &mut [i32], exponent: i32, bias: &[i32], bias_exponent: i32) -> i32 {
    let sum = exponent.max(bias_exponent) + 1;
    let (by, bias_by) = ((sum - exponent).min(31), (sum - bias_exponent).min(31));
    for (y, b) in y.iter_mut().zip(bias) {
        *y = (*y >> by) + (b >> bias_by);
    }
    sum
}

impl<const I: usize, const O: usize> Cell for Dense<I, O> {
    type In = Row<I>;
    type Out = Row<O>;

    fn step(&self, x: &Row<I>, y: &mut Row<O>) {
        self.forward(x, y);
    }

    /// (1.3b–d) with δ_t = ∂L/∂y_t.
    fn backward(&self, window: Window<'_, Row<I>, Row<O>>, gradient: Option<&mut Self>) {
        let Window { inputs: x, d_outputs: delta, d_inputs, .. } = window;
        for (d_x, delta) in d_inputs.unwrap_or_default().iter_mut().zip(&*delta) {
            self.kernel.product_transposed(delta, d_x);
        }
        let Some(gradient) = gradient else { return };
        for (delta, x) in delta.chunks_mut(CHUNK).zip(x.chunks(CHUNK)) {
            gradient.add(x, delta);
        }
    }
}

impl<const I: usize, const O: usize> Dense<I, O> {
    /// Adds ∂L/∂weights of a few steps. The deltas are scratch.
    #[inline(never)]
    fn add(&mut self, x: &[Row<I>], delta: &mut [Row<O>]) {
        align(delta);
        let Some(first) = delta.first() else { return };
        self.bias.add_rows(delta, first.exponent());
        let exponent = fold_exponents(x, delta);
        if let (Some((x, xs)), Some((delta, deltas))) = (x.split_first(), delta.split_first()) {
            self.kernel.add_outer_products((x, delta), (xs, deltas), exponent);
        }
    }
}

layer!([const I: usize, const O: usize] Dense<I, O>);
impl<const I: usize, const O: usize> Reads<Row<I>> for Dense<I, O> {}
inference_layer!([const I: usize, const O: usize] Dense<I, O, i16>: Row<I> => Row<O>);
inference_layer!([const I: usize, const O: usize] Dense<I, O, i8>: Row<I> => Row<O>);

//////////// parameters ////////////

parameters!([const I: usize, const O: usize] Dense<I, O> { 0 kernel, 1 bias });

impl<const I: usize, const O: usize, W: Weight> ConstZero for Dense<I, O, W> {
    const ZERO: Self = Self { kernel: ConstZero::ZERO, bias: ConstZero::ZERO };
}

/// Draws the numbers of the layer of floats.
impl<const I: usize, const O: usize> Initialize for Dense<I, O> {
    fn init_pytorch(&mut self, rng: &mut Pcg32) {
        let limit = 1.0 / size::<I, f32>().sqrt();
        draw_uniform(&mut self.kernel, limit, rng);
        draw_uniform(&mut self.bias, limit, rng);
    }

    fn init_keras(&mut self, rng: &mut Pcg32) {
        let limit = Scalar::sqrt(6.0 / (size::<I, f32>() + size::<O, f32>()));
        draw_uniform(&mut self.kernel, limit, rng);
        self.bias = Vector::ZERO;
    }
}

state_dict!([const I: usize, const O: usize, W: Weight] Dense<I, O, W> {
    kernel: Matrix<I, O, W>,
    bias: Vector<O>,
} where Matrix<I, O, W>: StateDict);
