//! First weights: a seeded generator and what is drawn from it, the same on every platform.

use crate::{Parameters, Scalar, saved};

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

    /// A number in [−1, 1), one of 2²⁴ equally far apart: exact in both scalars.
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
