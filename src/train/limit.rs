//! Limits that are on unless switched off.

use crate::num::{ConstZero, Scalar};

/// A limit of a [`Learner`](crate::Learner): on, with a default, unless it is switched off.
///
/// ```
/// use elman::Limit;
///
/// assert_eq!(Limit::Default.or(1.0), Some(1.0));
/// assert_eq!(Limit::At(0.5).or(1.0), Some(0.5));
/// assert_eq!(Limit::Off.or(1.0), None);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Limit<T = f32> {
    /// The default of the field it stands in.
    #[default]
    Default,
    /// This number.
    At(T),
    /// No limit.
    Off,
}

impl<T: Scalar> Limit<T> {
    /// The number, `default` if none is set, or `None` if the limit is off.
    #[must_use]
    pub const fn or(self, default: T) -> Option<T> {
        match self {
            Self::Default => Some(default),
            Self::At(limit) => Some(limit),
            Self::Off => None,
        }
    }
}

impl<T> ConstZero for Limit<T> {
    const ZERO: Self = Self::Default;
}
