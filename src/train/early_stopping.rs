//! Early stopping: a copy of the best network so far.

use crate::nn::Parameters;
use crate::num::{ConstZero, Scalar};
use crate::safetensors::StateDict;
use crate::state_dict;

/// A copy of the network with the lowest validation error, as Keras's `EarlyStopping`.
///
/// ```
/// use elman::{ConstZero, Dense, EarlyStopping};
///
/// let mut net = Dense::<1, 1>::ZERO;
/// let mut best = EarlyStopping::new();
/// assert!(best.update(&net, 0.5)); // the first is the best
///
/// net.bias = [7.0];
/// assert!(!best.update(&net, 0.9)); // the error rose
/// best.restore_best(&mut net);
/// assert_eq!(net.bias, [0.0]);
/// ```
///
/// The optimiser's state still belongs to the discarded weights: to restore the network of a
/// learner, call [`Learner::roll_back`](crate::Learner::roll_back), which resets it.
#[derive(Clone, Debug)]
pub struct EarlyStopping<P: Parameters> {
    net: P,
    error: Option<P::Scalar>,
    wait: u32,
}

impl<P: Parameters> EarlyStopping<P> {
    /// No network yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { net: P::ZERO, error: None, wait: 0 }
    }

    /// Copies `net` if its validation error is the lowest so far; returns whether it is.
    ///
    /// An error that is not finite is never the lowest.
    pub fn update(&mut self, net: &P, error: P::Scalar) -> bool {
        let better = error.is_finite() && self.error.is_none_or(|lowest| error < lowest);
        if better {
            self.net.copy_from(net);
            self.error = Some(error);
            self.wait = 0;
        } else {
            self.wait = self.wait.saturating_add(1);
        }
        better
    }

    /// The updates in a row without a lower error: Keras's `wait`.
    ///
    /// When it reaches your patience, restore the best network.
    #[must_use]
    pub const fn wait(&self) -> u32 {
        self.wait
    }

    /// The lowest error so far.
    #[must_use]
    pub const fn error(&self) -> Option<P::Scalar> {
        self.error
    }

    /// Copies the best network to `net`. Returns `false`, and changes nothing, if there is none.
    pub fn restore_best(&mut self, net: &mut P) -> bool {
        if self.error.is_some() {
            self.wait = 0;
            net.copy_from(&self.net);
        }
        self.error.is_some()
    }
}

impl<P: Parameters> ConstZero for EarlyStopping<P> {
    const ZERO: Self = Self::new();
}

impl<P: Parameters> Default for EarlyStopping<P> {
    fn default() -> Self {
        Self::new()
    }
}

state_dict!([P: Parameters + StateDict] EarlyStopping<P> {
    net: P,
    error: Option<P::Scalar>,
    wait: u32,
} where P::Scalar: StateDict);
