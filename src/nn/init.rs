//! Initial weights: uniform, Glorot uniform, orthogonal, identity.

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
    let limit = (T::from_u32(6) / (size::<R, T>() + size::<C, T>())).sqrt();
    kernel.as_mut_slice().fill_with(|| limit * rng.uniform_symmetric());
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
    for r in 0..N {
        let (above, rest) = kernel.0.split_at_mut(r);
        if let Some(row) = rest.first_mut() {
            let _last = (0..MOST_DRAWS).any(|_| draw_orthogonal(row, above, rng));
        }
    }
}

/// Draws of one row: so many fail for no seed, and the loop has a bound.
const MOST_DRAWS: u32 = 100;

/// Draws a row of norm 1 orthogonal to those `above`. Returns `false` if the draw lies almost in their
/// span, which happens once in a few hundred times.
fn draw_orthogonal<const N: usize, T: Scalar>(
    row: &mut [T; N],
    above: &[[T; N]],
    rng: &mut Pcg32,
) -> bool {
    row.fill_with(|| rng.approx_normal());
    for other in above.iter().chain(above) {
        let overlap = dot(row, other);
        for (w, &other) in row.iter_mut().zip(other) {
            *w -= overlap * other;
        }
    }
    let norm = dot(row, row).sqrt();
    for w in row.iter_mut() {
        *w = *w / norm;
    }
    norm > T::ONE / T::from_u32(256)
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

/// The initial weights of a whole layer or network, as one of the large frameworks draws them.
///
/// | | [`Elman`](crate::Elman) | [`Dense`](crate::Dense) |
/// |---|---|---|
/// | [`init_pytorch`](Self::init_pytorch) | all uniform in ±1/√H | all uniform in ±1/√I |
/// | [`init_keras`](Self::init_keras) | Glorot uniform, recurrent orthogonal, bias 0 | Glorot uniform, bias 0 |
///
/// PyTorch's `nn.RNN` draws two biases, of which an [`Elman`](crate::Elman) has the sum; here one is drawn.
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
