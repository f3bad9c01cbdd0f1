//! Errors of training.

use core::fmt;

/// A rejected sample or a skipped update, and its step in the stream.
///
/// The weights and the optimiser's state are unchanged; the stream's state too, if the sample was
/// rejected.
///
/// ```
/// let error = elman::TrainError { what: elman::NonFinite::Input, step: 17 };
/// assert_eq!(error.to_string(), "step 17: an input is not finite or too large");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrainError {
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
    /// An input is not [`InRange`](crate::InRange). The sample was rejected.
    Input,
    /// A target is not [`InRange`](crate::InRange). The sample was rejected.
    Target,
    /// The state the sample would lead to. The sample was rejected.
    State,
    /// The loss or its gradient. The sample was rejected.
    Loss,
    /// The gradient of the weights. The update was skipped and the gradient dropped.
    Gradient,
    /// A weight or the optimiser's state after the update. It was skipped and the gradient dropped.
    Update,
}

impl fmt::Display for TrainError {
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

impl core::error::Error for TrainError {}
impl core::error::Error for NonFinite {}
