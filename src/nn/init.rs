//! Initial weights: uniform, Glorot uniform, orthogonal, identity.

use core::array::from_mut;

use super::{Parameters, Pcg32};
use crate::matrix::{Matrix, dot};
use crate::num::Scalar;

/// Fills every tensor of `net` with numbers uniform in ±`limit`.
///
/// `net` is a layer or a whole network; the numbers are drawn in the order of its tensors, row by
/// row. PyTorch's default for a cell is ±1/√H.
///
/// ```
/// use elman::{ConstZero, Elman, Pcg32, uniform};
///
/// let mut cell = Elman::<1, 16>::ZERO;
/// uniform(&mut cell, 0.25, &mut Pcg32::new(1, 0));
/// assert!(cell.bias.iter().all(|b| (-0.25..0.25).contains(b)));
/// ```
pub fn uniform<T: Scalar, P>(net: &mut P, limit: T, rng: &mut Pcg32)
where
    P: Parameters<Scalar = T, Tensor = [T]>,
{
    for n in 0..P::TENSORS {
        net.tensor_mut(n).fill_with(|| limit * rng.uniform_symmetric());
    }
}

/// Fills a matrix with numbers uniform in `±√(6 / (R + C))` (Glorot & Bengio 2010), Keras's default.
///
/// ```
/// use elman::{Matrix, Pcg32, glorot_uniform};
///
/// let mut kernel = Matrix([[0.0_f32; 2]; 4]);
/// glorot_uniform(&mut kernel, &mut Pcg32::new(1, 0));
/// assert!(kernel.as_slice().iter().all(|w| w.abs() <= 1.0));
/// ```
pub fn glorot_uniform<const R: usize, const C: usize, T: Scalar>(
    kernel: &mut Matrix<R, C, T>,
    rng: &mut Pcg32,
) {
    glorot_uniform_gates(from_mut(kernel), rng);
}

/// The same for G gates whose kernels are one matrix, `R × G·C`.
pub(super) fn glorot_uniform_gates<const R: usize, const C: usize, const G: usize, T: Scalar>(
    kernels: &mut [Matrix<R, C, T>; G],
    rng: &mut Pcg32,
) {
    let columns = size::<G, T>() * size::<C, T>();
    let limit = (T::from_u32(6) / (size::<R, T>() + columns)).sqrt();
    for kernel in kernels {
        kernel.as_mut_slice().fill_with(|| limit * rng.uniform_symmetric());
    }
}

/// Fills a square matrix with a random orthogonal one, `Qᵀ · Q = I`: Keras's default for a recurrent
/// kernel (Saxe et al. 2014).
///
/// Rows are drawn from a normal distribution and made orthogonal to those above by Gram and
/// Schmidt's procedure, each twice, which is enough for full precision.
///
/// ```
/// use elman::{Matrix, Pcg32, orthogonal};
///
/// let mut q = Matrix([[0.0_f32; 2]; 2]);
/// orthogonal(&mut q, &mut Pcg32::new(1, 0));
/// let Matrix([[a, b], [c, d]]) = q;
/// assert!((a * a + b * b - 1.0).abs() < 1e-6 && (a * c + b * d).abs() < 1e-6);
/// ```
pub fn orthogonal<const N: usize, T: Scalar>(kernel: &mut Matrix<N, N, T>, rng: &mut Pcg32) {
    orthogonal_gates(from_mut(kernel), rng);
}

/// The same for G gates whose kernels are one matrix, `N × G·N`: its rows are orthogonal.
pub(super) fn orthogonal_gates<const N: usize, const G: usize, T: Scalar>(
    kernels: &mut [Matrix<N, N, T>; G],
    rng: &mut Pcg32,
) {
    for r in 0..N {
        let _last = (0..MOST_DRAWS).any(|_| draw_orthogonal(kernels, r, rng));
    }
}

/// Draws of one row: so many fail for no seed, and the loop has a bound.
const MOST_DRAWS: u32 = 100;

/// Draws row `r`, of norm 1, orthogonal to those above. Returns `false` if the draw lies almost in
/// their span, which happens once in a few hundred times.
fn draw_orthogonal<const N: usize, const G: usize, T: Scalar>(
    kernels: &mut [Matrix<N, N, T>; G],
    r: usize,
    rng: &mut Pcg32,
) -> bool {
    let mut row = [[T::ZERO; N]; G];
    row.as_flattened_mut().fill_with(|| rng.approx_normal());
    for other in (0..r).chain(0..r) {
        let other = row_of(kernels, other);
        let overlap = dots(&row, &other);
        for (w, &other) in row.as_flattened_mut().iter_mut().zip(other.as_flattened()) {
            *w -= overlap * other;
        }
    }
    let norm = dots(&row, &row).sqrt();
    for (kernel, part) in kernels.iter_mut().zip(&row) {
        if let Some(row) = kernel.0.get_mut(r) {
            *row = part.map(|w| w / norm);
        }
    }
    norm > T::ONE / T::from_u32(256)
}

/// Row `r` of matrices side by side.
fn row_of<const N: usize, const G: usize, T: Scalar>(
    kernels: &[Matrix<N, N, T>; G],
    r: usize,
) -> [[T; N]; G] {
    kernels.each_ref().map(|kernel| kernel.0.get(r).copied().unwrap_or([T::ZERO; N]))
}

/// `x · yᵀ` of two rows in parts.
fn dots<const N: usize, const G: usize, T: Scalar>(x: &[[T; N]; G], y: &[[T; N]; G]) -> T {
    x.iter().zip(y).fold(T::ZERO, |sum, (x, y)| sum + dot(x, y))
}

/// Makes a square matrix the identity (Le, Jaitly & Hinton 2015): with a zero bias, each unit starts
/// by keeping its value.
///
/// ```
/// use elman::{Matrix, identity};
///
/// let mut kernel = Matrix([[0.5, 0.5], [0.5, 0.5]]);
/// identity(&mut kernel);
/// assert_eq!(kernel, Matrix([[1.0, 0.0], [0.0, 1.0]]));
/// ```
pub fn identity<const N: usize, T: Scalar>(kernel: &mut Matrix<N, N, T>) {
    for (r, row) in kernel.0.iter_mut().enumerate() {
        for (c, w) in row.iter_mut().enumerate() {
            *w = if r == c { T::ONE } else { T::ZERO };
        }
    }
}

/// Fills the logits of decays so that the time constants `1/(1 − σ(logit))` of the units go from
/// `shortest` to `longest` steps, each the same multiple of the one before.
///
/// `logit = ln(τ − 1)` with τ above 1 (the chrono initialisation of Tallec & Ollivier 2018, evenly spaced
/// where they draw). For a gate that lets the new value in, as [`MinGru`](crate::MinGru)'s, the
/// logits change sign.
///
/// ```
/// use elman::{ConstZero, Gru, LeakyElman, MinGru, time_constants};
///
/// let mut cell = LeakyElman::<1, 4, f64>::ZERO;
/// time_constants(&mut cell.decay_logit, 2.0, 128.0);
/// assert!(cell.decay_logit[0].abs() < 1e-12); // a = ½
/// assert!((cell.decay_logit[3] - 127.0_f64.ln()).abs() < 1e-12); // a = 127/128
///
/// let mut cell = Gru::<1, 4>::ZERO;
/// time_constants(&mut cell.bias[0], 2.0, 128.0); // z
///
/// let mut cell = MinGru::<1, 4>::ZERO;
/// time_constants(&mut cell.linear_z.bias, 2.0, 128.0);
/// cell.linear_z.bias = cell.linear_z.bias.map(|logit| -logit);
/// ```
pub fn time_constants<T: Scalar, const H: usize>(logits: &mut [T; H], shortest: T, longest: T) {
    let steps = size::<H, T>() - T::ONE;
    let ratio = if steps > T::ZERO { ((longest / shortest).ln() / steps).exp() } else { T::ONE };
    let mut time_constant = shortest;
    for logit in logits {
        *logit = (time_constant - T::ONE).ln();
        time_constant *= ratio;
    }
}

/// The initial weights of a whole layer or network, as one of the large frameworks draws them.
///
/// | | [`Elman`](crate::Elman), [`LeakyElman`](crate::LeakyElman), [`Gru`](crate::Gru) | [`Dense`](crate::Dense), [`MinGru`](crate::MinGru) |
/// |---|---|---|
/// | [`init_pytorch`](Self::init_pytorch) | all uniform in ±1/√H | all uniform in ±1/√I |
/// | [`init_keras`](Self::init_keras) | Glorot uniform, recurrent orthogonal, bias 0 | Glorot uniform, bias 0 |
///
/// The matrices of a `Gru`'s gates are drawn as one, side by side, as Keras has them. PyTorch's
/// `nn.RNN` and `nn.GRU` draw two biases, of which the cells here have the sum; one is drawn.
///
/// ```
/// use elman::{ConstZero, Dense, Elman, Initialize, Pcg32, Stack};
///
/// let mut net = Stack::<(Elman<3, 16>, Dense<16, 2>)>::ZERO;
/// net.init_keras(&mut Pcg32::new(1, 0));
/// assert_eq!(net.0.0.bias, [0.0; 16]);
/// ```
pub trait Initialize {
    /// Draws as PyTorch does.
    fn init_pytorch(&mut self, rng: &mut Pcg32);
    /// Draws as Keras does.
    fn init_keras(&mut self, rng: &mut Pcg32);
}

#[expect(clippy::cast_possible_truncation, reason = "no layer has 2³² units")]
pub(super) fn size<const N: usize, T: Scalar>() -> T {
    T::from_u32(N as u32)
}
