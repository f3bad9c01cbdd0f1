//! Which numbers can be computed with.

/// Numbers that can be computed with: the square of each is finite.
///
/// Not NaN, not infinite, and not so large that the product of two such numbers would be: below
/// 1.8e19 in `f32`, 1.3e154 in `f64`. What is measured or learned is far below that; what is above
/// it is a defect.
///
/// ```
/// use elman::Bounded;
///
/// assert!([1.0_f32, -1e18].is_bounded());
/// assert!(!1e20_f32.is_bounded());
/// assert!(!([0.0, f64::NAN], [1.0]).is_bounded());
/// ```
pub trait Bounded {
    /// Whether every number is such a number.
    #[must_use]
    fn is_bounded(&self) -> bool;
}

impl Bounded for f32 {
    fn is_bounded(&self) -> bool {
        (self * self).is_finite()
    }
}

impl Bounded for f64 {
    fn is_bounded(&self) -> bool {
        (self * self).is_finite()
    }
}

/// The number of a class.
impl Bounded for usize {
    fn is_bounded(&self) -> bool {
        true
    }
}

impl<A: Bounded, const N: usize> Bounded for [A; N] {
    fn is_bounded(&self) -> bool {
        self.iter().all(A::is_bounded)
    }
}
