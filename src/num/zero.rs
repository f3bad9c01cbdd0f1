//! Zero as a constant.

use heapless::Vec;

/// A type whose zero is a constant, as num-traits' `ConstZero`.
///
/// A `static` of zeros lies in `.bss`: it takes no flash and is never moved through the stack.
///
/// ```
/// use elman::{ConstZero, Dense, Elman, Stack};
///
/// type Net = Stack<(Elman<1, 12>, Dense<12, 1>)>;
/// static NET: Net = Net::ZERO;
/// assert_eq!(NET.0.1.bias, [0.0]);
/// ```
pub trait ConstZero {
    /// Every number is 0; every list is empty.
    const ZERO: Self;
}

impl ConstZero for () {
    const ZERO: Self = ();
}

impl ConstZero for f32 {
    const ZERO: Self = 0.0;
}

impl ConstZero for f64 {
    const ZERO: Self = 0.0;
}

impl<A: ConstZero, const N: usize> ConstZero for [A; N] {
    const ZERO: Self = [A::ZERO; N];
}

impl<A, const N: usize> ConstZero for Vec<A, N> {
    const ZERO: Self = Self::new();
}
