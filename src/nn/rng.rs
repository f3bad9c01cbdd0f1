//! PCG32, a seeded random number generator with the same numbers on every platform.

use crate::num::Scalar;
use crate::safetensors::{Reader, Schema, StateDict, Writer};

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
    /// A generator with a seed, on one of 2⁶³ independent streams.
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

    /// An approximately normal number, mean 0 and variance 1: half the sum of twelve uniform numbers
    /// (Irwin–Hall), exact in both scalars.
    ///
    /// ```
    /// let mut rng = elman::Pcg32::new(1, 0);
    /// let numbers: [f64; 10_000] = core::array::from_fn(|_| rng.approx_normal());
    /// let mean = numbers.iter().sum::<f64>() / 1e4;
    /// let variance = numbers.iter().map(|x| x * x).sum::<f64>() / 1e4;
    /// assert!(mean.abs() < 0.05 && (variance - 1.0).abs() < 0.05);
    /// ```
    pub fn approx_normal<T: Scalar>(&mut self) -> T {
        let sum = (0..12).fold(T::ZERO, |sum, _| sum + self.uniform_symmetric());
        sum / T::from_u32(2)
    }

    /// A uniform number in [−1, 1), one of 2²⁴ equally spaced: exact in both scalars.
    ///
    /// ```
    /// use elman::Pcg32;
    ///
    /// let number: f32 = Pcg32::new(1, 0).uniform_symmetric();
    /// assert!((-1.0..1.0).contains(&number));
    /// assert_eq!(Pcg32::new(1, 0).uniform_symmetric::<f64>(), f64::from(number));
    /// ```
    pub fn uniform_symmetric<T: Scalar>(&mut self) -> T {
        T::from_u32(self.next_u32() >> 8) / T::from_u32(1 << 23) - T::ONE
    }

    /// A uniform number in `0..n`, without bias; 0 if `n` is 0 (Lemire 2019).
    ///
    /// ```
    /// let mut rng = elman::Pcg32::new(1, 0);
    /// let mut counts = [0; 6];
    /// (0..6000).for_each(|_| counts[rng.below(6) as usize] += 1);
    /// assert!(counts.iter().all(|count| (880..1120).contains(count)));
    /// ```
    #[expect(clippy::cast_possible_truncation, reason = "the two halves of a product")]
    pub fn below(&mut self, n: u32) -> u32 {
        // The products `number · n` whose lower half is below 2³² mod n are one too many.
        let too_many = n.wrapping_neg().checked_rem(n).unwrap_or(0);
        loop {
            let product = u64::from(self.next_u32()) * u64::from(n);
            if product as u32 >= too_many {
                return (product >> 32) as u32;
            }
        }
    }

    /// Brings `items` into a random order, each order equally probable (Fisher–Yates).
    ///
    /// ```
    /// let mut order = [0, 1, 2, 3, 4, 5, 6, 7];
    /// elman::Pcg32::new(1, 0).shuffle(&mut order);
    /// assert_ne!(order, [0, 1, 2, 3, 4, 5, 6, 7]);
    /// order.sort();
    /// assert_eq!(order, [0, 1, 2, 3, 4, 5, 6, 7]);
    /// ```
    ///
    /// Of more than 2³² items only the first 2³² change places.
    pub fn shuffle<A>(&mut self, items: &mut [A]) {
        let mut unplaced = items;
        while let Some((last, others)) = unplaced.split_last_mut() {
            let n = u32::try_from(others.len() + 1).unwrap_or(0);
            if let Some(other) = others.get_mut(self.below(n) as usize) {
                core::mem::swap(last, other);
            }
            unplaced = others;
        }
    }
}

/// An increment is odd, or the numbers would repeat: one that is not is made so.
impl StateDict for Pcg32 {
    const SCHEMA: Schema =
        Schema::fields(const { &[("state", &u64::SCHEMA), ("increment", &u64::SCHEMA)] });

    fn write(&self, writer: &mut Writer<'_>) {
        writer.part(&self.state);
        writer.part(&self.increment);
    }

    fn read(&mut self, reader: &mut Reader<'_>) {
        reader.part(&mut self.state);
        reader.part(&mut self.increment);
        self.increment |= 1;
    }
}
