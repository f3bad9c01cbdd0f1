//! The range of numbers that can be squared.

/// A check that every number of a value can be computed with: its square is finite.
///
/// A number in range is not NaN, not infinite, and below 1.8e19 in `f32` or 1.3e154 in `f64`, so
/// that the product of two such numbers is finite. Measured and learned values lie far below.
///
/// ```
/// use elman::InRange;
///
/// assert!([1.0_f32, -1e18].is_in_range());
/// assert!(!1e20_f32.is_in_range());
/// assert!(!([0.0, f64::NAN], [1.0]).is_in_range());
/// ```
pub trait InRange {
    /// Whether the square of every number is finite.
    #[must_use]
    fn is_in_range(&self) -> bool;
}

impl InRange for f32 {
    fn is_in_range(&self) -> bool {
        (self * self).is_finite()
    }
}

impl InRange for f64 {
    fn is_in_range(&self) -> bool {
        (self * self).is_finite()
    }
}

/// The index of a class is always in range.
impl InRange for usize {
    fn is_in_range(&self) -> bool {
        true
    }
}

impl<A: InRange, const N: usize> InRange for [A; N] {
    fn is_in_range(&self) -> bool {
        self.iter().all(A::is_in_range)
    }
}
