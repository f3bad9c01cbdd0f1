//! Zero as a constant, so that whole networks can be `static`s in `.bss`.

use heapless::Vec;

/// A type whose zero is known at compile time.
///
/// ```
/// use elman::{Dense, Elman, Stack, Zeros};
///
/// type Net = Stack<(Elman<1, 12>, Dense<12, 1>)>;
/// static NET: Net = Net::ZEROS; // all bits zero: takes no flash
/// assert_eq!(NET.0.1.bias, [0.0]);
/// ```
pub trait Zeros {
    /// Every number is zero; every list is empty.
    const ZEROS: Self;
}

impl Zeros for () {
    const ZEROS: Self = ();
}

impl Zeros for f32 {
    const ZEROS: Self = 0.0;
}

impl Zeros for f64 {
    const ZEROS: Self = 0.0;
}

impl<A: Zeros, const N: usize> Zeros for [A; N] {
    const ZEROS: Self = [A::ZEROS; N];
}

impl<A, const N: usize> Zeros for Vec<A, N> {
    const ZEROS: Self = Self::new();
}
