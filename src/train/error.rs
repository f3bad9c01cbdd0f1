//! What can go wrong while a network learns.

use core::fmt;

/// A sample or an update that was refused, and where in its stream.
///
/// The weights and the moments are as before; so is the state, if it was the sample that was refused.
///
/// ```
/// let error = elman::Error { what: elman::NonFinite::Input, step: 17 };
/// assert_eq!(error.to_string(), "step 17: an input is not finite or too large");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error {
    /// The number that was not finite.
    pub what: NonFinite,
    /// The step of the stream, the first one is 0.
    pub step: u64,
}

/// Which number was not finite.
///
/// ```
/// use elman::{Dense, NonFinite, Sgd, Trainer};
///
/// let mut trainer = Trainer::<Dense<1, 1>, Sgd, 1, 1>::new(Sgd::new(0.1));
/// match trainer.observe(&[f32::NAN], &[1.0]).unwrap_err().what {
///     NonFinite::Gradient | NonFinite::Update => panic!("a smaller learning rate might help"),
///     what => assert_eq!(what, NonFinite::Input), // look at the sensor
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NonFinite {
    /// An input, not [`Bounded`](crate::Bounded). The sample was refused.
    Input,
    /// A target, not [`Bounded`](crate::Bounded). The sample was refused.
    Target,
    /// The state the sample would lead to. The sample was refused.
    State,
    /// The loss or its gradient. The sample was refused.
    Loss,
    /// The gradient of the weights. The update was skipped and the gradient dropped.
    Gradient,
    /// A weight or a moment after the update. It was skipped and the gradient dropped.
    Update,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "step {}: {}", self.step, self.what)
    }
}

impl fmt::Display for NonFinite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Input => "an input is not finite or too large",
            Self::Target => "a target is not finite or too large",
            Self::State => "the state would not be finite, or too large",
            Self::Loss => "the loss is not finite",
            Self::Gradient => "the gradient is not finite",
            Self::Update => "the update would leave a weight or a moment that is not finite",
        })
    }
}

impl core::error::Error for Error {}
impl core::error::Error for NonFinite {}
