//! Report of one sample, and the reduction of the losses of one update.

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
///         learner.observe(&mut stream, &[0.0], &[1.0]).unwrap(); // ∂L/∂y = -2
///     }
///     learner.net.bias[0]
/// };
/// assert_eq!(bias_after_two_samples(Reduction::Sum), 0.4);
/// assert_eq!(bias_after_two_samples(Reduction::Mean), 0.2);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reduction {
    /// Their gradients are summed.
    #[default]
    Sum,
    /// Their gradients are averaged, over the steps that had a target.
    Mean,
}

/// The result of one sample.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Report<Y, T> {
    /// The network's output, before it learned from this sample.
    pub prediction: Y,
    /// Its loss.
    pub loss: T,
    /// Whether the weights changed.
    pub updated: bool,
}
