//! Predictor: guarded inference.

use super::TrainErrorKind;
use super::guard::try_step;
use crate::nn::Layer;
use crate::num::ConstZero;

/// The state of a stream that is predicted and not learned from.
///
/// [`Layer::step`] computes whatever it is given, and a state that became NaN stays NaN. A predictor
/// rejects a sample that is not [`InRange`](crate::InRange), or that leads to such a state, and keeps
/// the state before it. It costs a second copy of the state on the stack, and a few comparisons.
///
/// ```
/// use elman::{ConstZero, Dense, Elman, Layer, Predictor, Stack, TrainErrorKind};
///
/// type Net = Stack<(Elman<1, 4>, Dense<4, 1>)>;
/// static NET: Net = Net::ZERO; // trained
/// let mut predictor = Predictor::new();
///
/// assert!(predictor.predict(&NET, &[0.5]).is_ok());
/// assert_eq!(predictor.predict(&NET, &[f32::NAN]), Err(TrainErrorKind::Input));
/// assert!(predictor.predict(&NET, &[0.7]).is_ok());
/// ```
///
/// # Beside a learner
///
/// The network that learns is the network that predicts: there is no second copy. A predictor reads
/// `&learner.net`, and has a state of its own, so it may run at another rate or on other sensors:
///
/// ```
/// # use elman::{Dense, Elman, Predictor, Sgd, Stack, Trainer};
/// # type Net = Stack<(Elman<1, 4>, Dense<4, 1>)>;
/// let mut trainer = Trainer::<Net, Sgd, 5, 20>::new(Sgd::new(0.05));
/// let mut predictor = Predictor::new();
/// let _ = trainer.observe(&[0.5], &[0.7]);
/// let y = predictor.predict(&trainer.learner.net, &[0.5]);
/// # assert!(y.is_ok());
/// ```
#[derive(Clone, Debug)]
pub struct Predictor<N: Layer> {
    state: N::State,
}

impl<N: Layer> Predictor<N> {
    /// A predictor in the initial state.
    #[must_use]
    pub const fn new() -> Self {
        Self { state: N::INITIAL_STATE }
    }

    /// One step. Returns the output.
    ///
    /// # Errors
    ///
    /// [`TrainErrorKind::Input`], [`State`](TrainErrorKind::State) or
    /// [`Diverged`](TrainErrorKind::Diverged); then the state is as it was.
    pub fn predict(&mut self, net: &N, x: &N::In) -> Result<&N::Out, TrainErrorKind> {
        self.state = try_step(net, &self.state, x)?;
        Ok(N::output(&self.state))
    }

    /// The state now.
    #[must_use]
    pub const fn state(&self) -> &N::State {
        &self.state
    }

    /// Starts a new sequence in `state`.
    pub const fn reset(&mut self, state: N::State) {
        self.state = state;
    }
}

impl<N: Layer> Default for Predictor<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<N: Layer> ConstZero for Predictor<N> {
    const ZERO: Self = Self::new();
}
