//! Report of one sample, and the reduction of the losses of one update.

use super::TrainErrorKind;

/// The reduction of the losses of one update: PyTorch's `reduction`.
///
/// ```
/// use elman::{Dense, Learner, Reduction, Sgd, StreamState};
///
/// let bias_after_two_samples = |reduction| {
///     let mut learner = Learner::<Dense<1, 1>, Sgd>::new(Sgd::new(0.1));
///     learner.reduction = reduction;
///     let mut stream = StreamState::<Dense<1, 1>, 2, 2>::new();
///     for _ in 0..2 {
///         learner.observe(&mut stream, &[0.0], &[0.25]).unwrap(); // ∂L/∂y = -0.5
///     }
///     learner.net.bias[0]
/// };
/// assert_eq!(bias_after_two_samples(Reduction::Mean), 0.05);
/// assert_eq!(bias_after_two_samples(Reduction::Sum), 0.1);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reduction {
    /// Their gradients are averaged, over the steps that had a target: PyTorch's and Keras's default.
    #[default]
    Mean,
    /// Their gradients are summed.
    Sum,
}

/// The result of one sample.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Report<Y, T> {
    /// The network's output, before it learned from this sample.
    pub prediction: Y,
    /// Its loss.
    pub loss: T,
    /// The update that the sample brought, if any.
    pub update: Update<T>,
}

/// The update at the end of a window or batch.
///
/// ```
/// use elman::{Dense, Sgd, Trainer, Update};
///
/// let mut trainer = Trainer::<Dense<1, 1>, Sgd, 2, 2>::new(Sgd::new(0.1));
/// assert_eq!(trainer.observe(&[0.0], &[1.0])?.update, Update::NotDue);
/// let clipped = Update::Done { gradient_norm: 2.0, clipped: true }; // ∂L/∂bias = -2, of which 1 is used
/// assert_eq!(trainer.observe(&[0.0], &[1.0])?.update, clipped);
/// assert_eq!(trainer.learner.net.bias, [0.1]);
/// # Ok::<(), elman::TrainError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Update<T = f32> {
    /// None was due, or its gradient waits for others of its batch.
    #[default]
    NotDue,
    /// The weights changed.
    Done {
        /// The norm of the gradient before it was clipped.
        gradient_norm: T,
        /// Whether a limit was exceeded.
        clipped: bool,
    },
    /// The update was skipped and its gradient dropped; nothing else changed.
    Skipped(TrainErrorKind),
}

impl<T> Update<T> {
    /// Whether the weights changed.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        matches!(self, Self::Done { .. })
    }

    /// Whether the weights changed, or why the update was skipped.
    pub(super) const fn result(&self) -> Result<bool, TrainErrorKind> {
        match self {
            Self::Skipped(kind) => Err(*kind),
            _ => Ok(self.is_done()),
        }
    }
}
