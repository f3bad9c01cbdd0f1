//! The tanh cell of integers: (1.1) forward, (1.3) backward.

use core::hint::black_box;

use super::parameters::{draw_uniform, parameters};
use super::{Matrix, Row, Vector, Weight, inference_layer};
use crate::matrix::fixed::{CHUNK, align, fold_exponents};
use crate::nn::init::size;
use crate::nn::{Cell, Initialize, Pcg32, Reads, Window, orthogonal};
use crate::num::fixed::{keep_rolled, opaque, outlined_shift, tanh};
use crate::num::{ConstZero, Scalar};
use crate::safetensors::StateDict;
use crate::{layer, state_dict};

/// The [`Elman`](crate::Elman) cell of integers: the same equation, names and layout.
///
/// ```text
/// h_t = tanh(x_t · kernel + h_{t-1} · recurrent_kernel + bias)        (1.1)
/// ```
///
/// `W` is `i32` for a cell that learns. Cells of `i16` and `i8`, made by [`to_i16`](Self::to_i16) and
/// [`to_i8`](Self::to_i8), run from flash. How the numbers are kept, and why none wraps, is at
/// [`fixed`](crate::fixed).
///
/// ```
/// use elman::{Layer, Matrix, fixed};
///
/// let cell = elman::Elman {
///     kernel: Matrix([[0.5, -0.5]]),
///     recurrent_kernel: Matrix([[0.0, 0.3], [0.2, 0.0]]),
///     bias: [0.0, 0.1],
/// };
/// let fixed = fixed::Elman::new(&cell);
/// let mut h = fixed::Elman::<1, 2>::INITIAL_STATE;
/// fixed.step(&fixed::Row::from([1.0]), &mut h);
/// assert!((h.to_f32()[0] - libm::tanhf(0.5)).abs() < 1e-4);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixedElman<const I: usize, const H: usize, W = i32> {
    /// `W_x`, `I × H`
    pub kernel: Matrix<I, H, W>,
    /// `W_h`, `H × H`
    pub recurrent_kernel: Matrix<H, H, W>,
    /// `b`, `H`
    pub bias: Vector<H>,
}

/// [`FixedElman`] by the name of the cell of floats.
pub type Elman<const I: usize, const H: usize, W = i32> = FixedElman<I, H, W>;

/// The exponent of pre-activations.
const Q18: i32 = -18;
/// The exponent of states.
const Q15: i32 = -15;

impl<const I: usize, const H: usize> Elman<I, H> {
    /// The cell of integers nearest to one of floats, at compile time or at run time.
    #[must_use]
    pub const fn new(cell: &crate::Elman<I, H>) -> Self {
        Self {
            kernel: Matrix::new(&cell.kernel),
            recurrent_kernel: Matrix::new(&cell.recurrent_kernel),
            bias: Vector::new(&cell.bias),
        }
    }

    /// The cell of floats, rounded to `f32`.
    #[must_use]
    pub fn to_f32(&self) -> crate::Elman<I, H> {
        crate::Elman {
            kernel: self.kernel.to_f32(),
            recurrent_kernel: self.recurrent_kernel.to_f32(),
            bias: self.bias.to_f32(),
        }
    }

    /// For inference: 16 bits a weight.
    #[must_use]
    pub const fn to_i16(&self) -> Elman<I, H, i16> {
        Elman {
            kernel: self.kernel.to_i16(),
            recurrent_kernel: self.recurrent_kernel.to_i16(),
            bias: Vector::copy(&self.bias),
        }
    }

    /// For inference where flash is short: 8 bits a weight.
    #[must_use]
    pub const fn to_i8(&self) -> Elman<I, H, i8> {
        Elman {
            kernel: self.kernel.to_i8(),
            recurrent_kernel: self.recurrent_kernel.to_i8(),
            bias: Vector::copy(&self.bias),
        }
    }
}

impl<const I: usize, const H: usize, W: Weight> Elman<I, H, W> {
    fn is_finite(&self) -> bool {
        self.kernel.is_finite() && self.recurrent_kernel.is_finite() && self.bias.is_finite()
    }

    /// (1.1)
    #[inline(never)]
    pub(super) fn forward(&self, x: &Row<I>, h: &mut Row<H>) {
        let finite = x.is_finite() && h.is_finite() && self.is_finite();
        let mut of_x = [Matrix::<I, H, W>::middle(&x.mantissas); H];
        let x_exponent = self.kernel.add_product(x, &mut of_x);
        let mut of_h = [Matrix::<H, H, W>::middle(&h.mantissas); H];
        let h_exponent = self.recurrent_kernel.add_product(h, &mut of_h);
        let bias = self.bias.numbers();
        let exponents = [x_exponent, h_exponent, self.bias.exponent()];
        let [x_by, h_by, b_by] = exponents.map(|exponent| Q18 - exponent);
        let h_by = if x_by.min(h_by).min(b_by) < 2 {
            add_limited(opaque(&mut of_x[..]), x_by, opaque(&bias[..]), b_by);
            limit(opaque(&mut of_h[..]), h_by);
            0
        } else {
            // Of 30 bits: three of them keep within 32.
            add_shifted(opaque(&mut of_x[..]), x_by.min(31), opaque(&bias[..]), b_by.min(31));
            h_by.min(31)
        };
        activate(&of_x, &of_h, h_by, &mut h.mantissas);
        h.set_exponent(Q15, finite);
    }
}

/// `x ← x / 2^x_by + b / 2^b_by`
#[cfg_attr(all(target_arch = "arm", not(target_has_atomic = "32")), inline(never))]
fn add_shifted(x: &mut [i32], x_by: i32, b: &[i32], b_by: i32) {
    for (x, b) in x.iter_mut().zip(b) {
        *x = (*x >> x_by) + (b >> b_by);
        keep_rolled();
    }
}

/// `tanh(z + h / 2^by)` of Q18. The sum of three is made in two loops: the values of one do not fit
/// into the registers of Arm.
#[inline(never)]
fn activate(z: &[i32], h: &[i32], by: i32, y: &mut [i16]) {
    for ((z, h), y) in z.iter().zip(h).zip(y) {
        *y = tanh(z + (h >> by));
        black_box(()); // written out, it would build every address anew
    }
}

/// [`add_shifted`] where a number can be so large that it must be limited.
#[cold]
#[inline(never)]
fn add_limited(x: &mut [i32], x_by: i32, b: &[i32], b_by: i32) {
    limit(x, x_by);
    for (x, &b) in x.iter_mut().zip(b) {
        *x += limited(b, b_by);
        keep_rolled();
    }
}

#[cold]
#[inline(never)]
fn limit(numbers: &mut [i32], by: i32) {
    for n in numbers {
        *n = limited(*n, by);
        keep_rolled();
    }
}

#[cold]
#[inline(never)]
fn limited(n: i32, by: i32) -> i32 {
    outlined_shift(n, by).clamp(-LIMIT, LIMIT)
}

/// Where `tanh` is saturated, and three of which can be added.
const LIMIT: i32 = 1 << 28;

/// (1.3b–c) stand in `backward` and not in `accumulate`, which may not write to the deltas: those of some
/// steps are first brought to one exponent.
impl<const I: usize, const H: usize> Cell for Elman<I, H> {
    type In = Row<I>;
    type Out = Row<H>;

    fn step(&self, x: &Row<I>, h: &mut Row<H>) {
        self.forward(x, h);
    }

    fn backward(&self, window: Window<'_, Row<I>, Row<H>>, gradient: Option<&mut Self>) {
        let Window { inputs: x, before, outputs: h, d_outputs: delta, d_state, d_inputs } = window;

        // (1.3a)  δ_t = (∂L/∂h_t + δ_{t+1} · W_hᵀ) ∘ (1 − h_t²), newest step first
        for (delta, h) in delta.iter_mut().zip(h).rev() {
            let carry = *d_state;
            delta.round_sum_by_slope(&carry, h);
            self.recurrent_kernel.product_transposed(delta, d_state);
        }

        // (1.3d)  ∂L/∂x_t = δ_t · W_xᵀ
        for (d_x, delta) in d_inputs.unwrap_or_default().iter_mut().zip(&*delta) {
            self.kernel.product_transposed(delta, d_x);
        }

        let Some(gradient) = gradient else { return };
        let mut before = before;
        let chunks = delta.chunks_mut(CHUNK).zip(h.chunks(CHUNK)).zip(x.chunks(CHUNK));
        for ((delta, h), x) in chunks {
            gradient.add(x, before, h, delta);
            before = h.last().unwrap_or(before);
        }
    }
}

impl<const I: usize, const H: usize> Elman<I, H> {
    /// Adds ∂L/∂weights of a few steps. The deltas are scratch.
    #[inline(never)]
    fn add(&mut self, x: &[Row<I>], before: &Row<H>, h: &[Row<H>], delta: &mut [Row<H>]) {
        align(delta);
        // (1.3c)  ΔW_h = Σ_t h_{t-1}ᵀ · δ_t,  Δb = Σ_t δ_t
        let Some((first, later)) = delta.split_first() else { return };
        let exponent = first.exponent();
        self.bias.add_rows(delta, exponent);
        let nothing = (&[] as &[_], &[] as &[_]);
        if before.exponent() == Q15 || later.is_empty() {
            let exponent = exponent + before.exponent();
            self.recurrent_kernel.add_outer_products((before, first), (h, later), exponent);
        } else {
            let of_first = exponent + before.exponent();
            self.recurrent_kernel.add_outer_products((before, first), nothing, of_first);
            self.recurrent_kernel.add_outer_products(
                (&Row::ZERO, first),
                (h, later),
                exponent + Q15,
            );
        }

        // (1.3b)  ΔW_x = Σ_t x_tᵀ · δ_t
        let exponent = fold_exponents(x, delta);
        if let (Some((x, xs)), Some((delta, deltas))) = (x.split_first(), delta.split_first()) {
            self.kernel.add_outer_products((x, delta), (xs, deltas), exponent);
        }
    }
}

layer!([const I: usize, const H: usize] Elman<I, H>);
impl<const I: usize, const H: usize> Reads<Row<I>> for Elman<I, H> {}
inference_layer!([const I: usize, const H: usize] Elman<I, H, i16>: Row<I> => Row<H>);
inference_layer!([const I: usize, const H: usize] Elman<I, H, i8>: Row<I> => Row<H>);

//////////// parameters ////////////

parameters!([const I: usize, const H: usize] Elman<I, H> { 0 kernel, 1 recurrent_kernel, 2 bias });

impl<const I: usize, const H: usize, W: Weight> ConstZero for Elman<I, H, W> {
    const ZERO: Self =
        Self { kernel: ConstZero::ZERO, recurrent_kernel: ConstZero::ZERO, bias: ConstZero::ZERO };
}

/// Draws the numbers of the cell of floats. Keras's recurrent kernel is drawn on the stack, as `H × H`
/// floats.
impl<const I: usize, const H: usize> Initialize for Elman<I, H> {
    fn init_pytorch(&mut self, rng: &mut Pcg32) {
        let limit = 1.0 / size::<H, f32>().sqrt();
        draw_uniform(&mut self.kernel, limit, rng);
        draw_uniform(&mut self.recurrent_kernel, limit, rng);
        draw_uniform(&mut self.bias, limit, rng);
    }

    fn init_keras(&mut self, rng: &mut Pcg32) {
        let limit = Scalar::sqrt(6.0 / (size::<I, f32>() + size::<H, f32>()));
        draw_uniform(&mut self.kernel, limit, rng);
        let mut recurrent = crate::Matrix::ZERO;
        orthogonal(&mut recurrent, rng);
        self.recurrent_kernel = Matrix::new(&recurrent);
        self.bias = Vector::ZERO;
    }
}

state_dict!([const I: usize, const H: usize, W: Weight] Elman<I, H, W> {
    kernel: Matrix<I, H, W>,
    recurrent_kernel: Matrix<H, H, W>,
    bias: Vector<H>,
} where Matrix<I, H, W>: StateDict, Matrix<H, H, W>: StateDict);
