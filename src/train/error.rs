//! Errors of training.

use core::fmt;

/// A rejected sample or a skipped update, and its step in the stream.
///
/// The weights and the optimiser's state are unchanged; the stream's state too, if the sample was
/// rejected.
///
/// ```
/// let error = elman::TrainError { kind: elman::TrainErrorKind::Input, step: 17 };
/// assert_eq!(error.to_string(), "step 17: an input is not finite or too large");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrainError {
    /// What is wrong.
    pub kind: TrainErrorKind,
    /// The step of the stream, the first one is 0.
    pub step: u64,
}

/// What is wrong with a sample, an update or the network.
///
/// ```
/// use elman::{Dense, Sgd, TrainErrorKind, Trainer};
///
/// let mut trainer = Trainer::<Dense<1, 1>, Sgd, 1, 1>::new(Sgd::new(0.1));
/// match trainer.observe(&[f32::NAN], &[1.0]).unwrap_err().kind {
///     TrainErrorKind::Diverged => panic!("roll back: Trainer::roll_back"),
///     kind => assert_eq!(kind, TrainErrorKind::Input), // look at the sensor
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TrainErrorKind {
    /// An input is not [`InRange`](crate::InRange). The sample was rejected.
    Input,
    /// A target is not [`InRange`](crate::InRange). The sample was rejected.
    Target,
    /// The target is the number of a class that the output does not have. The sample was rejected.
    Class,
    /// A sequence was finished before its first step.
    NoStep,
    /// The state the sample would lead to. The sample was rejected.
    State,
    /// The loss or its gradient. The sample was rejected.
    Loss,
    /// The network: with its weights a sample of zeros would be rejected as well, or a prediction a
    /// thousand times as large as that of zeros.
    ///
    /// The sample is not to blame, and was rejected. The network stays as it is until it is given
    /// other weights, by [`roll_back`](crate::Learner::roll_back) or new initial ones.
    Diverged,
    /// The gradient of the weights. The update was skipped and the gradient dropped.
    Gradient,
    /// A weight or the optimiser's state after the update. It was skipped and the gradient dropped.
    Update,
}

impl fmt::Display for TrainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "step {}: {}", self.step, self.kind)
    }
}

impl fmt::Display for TrainErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Input => "an input is not finite or too large",
            Self::Target => "a target is not finite or too large",
            Self::Class => "the target is a class that does not exist",
            Self::NoStep => "a sequence without a step",
            Self::State => "the state would not be finite, or too large",
            Self::Loss => "the loss is not finite",
            Self::Diverged => "the network has diverged: its weights give no finite loss",
            Self::Gradient => "the gradient is not finite",
            Self::Update => "the update would leave a weight or a moment that is not finite",
        })
    }
}

impl core::error::Error for TrainError {}
impl core::error::Error for TrainErrorKind {}
