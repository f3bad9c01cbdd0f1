//! First weights: a seeded generator and what is drawn from it, the same on every platform.

use crate::matrix::dot;
use crate::stack::for_tuples;
use crate::{Dense, Elman, Layer, Matrix, Parameters, Scalar, Stack, saved};

/// The generator PCG32 (XSH-RR 64/32) of O'Neill 2014.
///
/// One seed gives the same numbers on every platform, and the same weights, rounded, in `f32` and
/// `f64`. Not for secrets.
///
/// ```
/// let mut rng = elman::Pcg32::new(42, 54);
/// assert_eq!(rng.next_u32(), 0xa15c_02b7); // as in the paper's own demonstration
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pcg32 {
    state: u64,
    increment: u64,
}

impl Pcg32 {
    /// The generator with a seed, on one of 2⁶³ independent streams.
    #[must_use]
    pub const fn new(seed: u64, stream: u64) -> Self {
        let mut rng = Self { state: 0, increment: stream << 1 | 1 };
        rng.advance();
        rng.state = rng.state.wrapping_add(seed);
        rng.advance();
        rng
    }

    const fn advance(&mut self) {
        self.state =
            self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(self.increment);
    }

    /// 32 random bits.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the generator's output is a part of its state"
    )]
    pub const fn next_u32(&mut self) -> u32 {
        let old = self.state;
        self.advance();
        let xor_shifted = ((old >> 18 ^ old) >> 27) as u32;
        xor_shifted.rotate_right((old >> 59) as u32)
    }

    /// A number about normally distributed, mean 0 and variance 1: half the sum of twelve uniform
    /// ones, exact in both scalars.
    ///
    /// ```
    /// let mut rng = elman::Pcg32::new(1, 0);
    /// let numbers: [f64; 10_000] = core::array::from_fn(|_| rng.normal());
    /// let mean = numbers.iter().sum::<f64>() / 1e4;
    /// let variance = numbers.iter().map(|x| x * x).sum::<f64>() / 1e4;
    /// assert!(mean.abs() < 0.05 && (variance - 1.0).abs() < 0.05);
    /// ```
    pub fn normal<T: Scalar>(&mut self) -> T {
        let sum = (0..12).fold(T::ZERO, |sum, _| sum + self.symmetric());
        sum / T::from_u32(2)
    }

    /// A number in [−1, 1), one of 2²⁴ equally far apart: exact in both scalars.
    ///
    /// ```
    /// use elman::Pcg32;
    ///
    /// let number: f32 = Pcg32::new(1, 0).symmetric();
    /// assert!((-1.0..1.0).contains(&number));
    /// assert_eq!(Pcg32::new(1, 0).symmetric::<f64>(), f64::from(number));
    /// ```
    pub fn symmetric<T: Scalar>(&mut self) -> T {
        T::from_u32(self.next_u32() >> 8) / T::from_u32(1 << 23) - T::ONE
    }
}

saved!(Pcg32 { state: u64, increment: u64 });

/// Fills every tensor of `net` with numbers uniform in ±`limit`.
///
/// `net` is a layer or a whole network; the numbers are drawn in the order of its tensors, row by
/// row. PyTorch's default for a cell is ±1/√H.
///
/// ```
/// use elman::{Elman, Pcg32, Zeros, uniform};
///
/// let mut cell = Elman::<1, 16>::ZEROS;
/// uniform(&mut cell, 0.25, &mut Pcg32::new(1, 0));
/// assert!(cell.bias.iter().all(|b| (-0.25..0.25).contains(b)));
/// ```
pub fn uniform<P: Parameters>(net: &mut P, limit: P::Scalar, rng: &mut Pcg32) {
    P::walk([], [net], &mut |[], [w]| w.fill_with(|| limit * rng.symmetric()));
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
    kernel.as_mut_slice().fill_with(|| limit * rng.symmetric());
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
            while !draw_orthogonal(row, above, rng) {}
        }
    }
}

/// Draws a row of norm 1 orthogonal to those `above`; `false` if what was drawn lies too much in
/// their span, which happens once in a few hundred times.
fn draw_orthogonal<const N: usize, T: Scalar>(
    row: &mut [T; N],
    above: &[[T; N]],
    rng: &mut Pcg32,
) -> bool {
    row.fill_with(|| rng.normal());
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

/// Makes a square matrix the identity: with a zero bias, each unit starts by remembering itself
/// (Le, Jaitly & Hinton 2015).
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
/// | | [`Elman`] | [`Dense`] |
/// |---|---|---|
/// | [`pytorch`](Self::pytorch) | all uniform in ±1/√H | all uniform in ±1/√I |
/// | [`keras`](Self::keras) | Glorot uniform, recurrent orthogonal, bias 0 | Glorot uniform, bias 0 |
///
/// PyTorch's `nn.RNN` draws two biases, of which an [`Elman`] has the sum; here one is drawn.
///
/// ```
/// use elman::{Dense, Elman, Init, Pcg32, Stack, Zeros};
///
/// let mut net = Stack::<(Elman<3, 16>, Dense<16, 2>)>::ZEROS;
/// net.keras(&mut Pcg32::new(1, 0));
/// assert_eq!(net.0.0.bias, [0.0; 16]);
/// ```
pub trait Init {
    /// Draws as PyTorch does.
    fn pytorch(&mut self, rng: &mut Pcg32);
    /// Draws as Keras does.
    fn keras(&mut self, rng: &mut Pcg32);
}

impl<const I: usize, const H: usize, T: Scalar> Init for Elman<I, H, T> {
    fn pytorch(&mut self, rng: &mut Pcg32) {
        uniform(self, T::ONE / size::<H, T>().sqrt(), rng);
    }

    fn keras(&mut self, rng: &mut Pcg32) {
        glorot_uniform(&mut self.kernel, rng);
        orthogonal(&mut self.recurrent_kernel, rng);
        self.bias.fill(T::ZERO);
    }
}

impl<const I: usize, const O: usize, T: Scalar> Init for Dense<I, O, T> {
    fn pytorch(&mut self, rng: &mut Pcg32) {
        uniform(self, T::ONE / size::<I, T>().sqrt(), rng);
    }

    fn keras(&mut self, rng: &mut Pcg32) {
        glorot_uniform(&mut self.kernel, rng);
        self.bias.fill(T::ZERO);
    }
}

impl<L: Layer + Init> Init for Stack<L> {
    fn pytorch(&mut self, rng: &mut Pcg32) {
        self.0.pytorch(rng);
    }

    fn keras(&mut self, rng: &mut Pcg32) {
        self.0.keras(rng);
    }
}

impl<L: Init, const N: usize> Init for [L; N] {
    fn pytorch(&mut self, rng: &mut Pcg32) {
        self.iter_mut().for_each(|layer| layer.pytorch(rng));
    }

    fn keras(&mut self, rng: &mut Pcg32) {
        self.iter_mut().for_each(|layer| layer.keras(rng));
    }
}

macro_rules! tuple {
    ($($L:ident $l:tt $(reads $B:ident)?),+; $($rest:tt)+) => {
        impl<$($L: Init),+> Init for ($($L,)+) {
            fn pytorch(&mut self, rng: &mut Pcg32) {
                $(self.$l.pytorch(rng);)+
            }

            fn keras(&mut self, rng: &mut Pcg32) {
                $(self.$l.keras(rng);)+
            }
        }
    };
}

for_tuples!(tuple);

#[expect(clippy::cast_possible_truncation, reason = "no layer has 2³² units")]
fn size<const N: usize, T: Scalar>() -> T {
    T::from_u32(N as u32)
}
