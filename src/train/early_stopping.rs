//! The best network so far, to go back to.

use crate::safetensors::Saved;
use crate::{Parameters, Scalar, Zeros, saved};

/// A copy of the network that did best on a validation set.
///
/// ```
/// use elman::{Dense, Snapshot, Zeros};
///
/// let mut net = Dense::<1, 1>::ZEROS;
/// let mut best = Snapshot::new();
/// assert!(best.offer(&net, 0.5)); // the first is the best
///
/// net.bias = [7.0];
/// assert!(!best.offer(&net, 0.9)); // the error rose
/// best.restore(&mut net);
/// assert_eq!(net.bias, [0.0]);
/// ```
///
/// A learner's moments point where the network left for; after a roll-back clear them with
/// [`Learner::roll_back`](crate::Learner::roll_back).
pub struct Snapshot<P: Parameters> {
    net: P,
    error: Option<P::Scalar>,
    worse: u32,
}

impl<P: Parameters> Snapshot<P> {
    /// Nothing taken yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { net: P::ZEROS, error: None, worse: 0 }
    }

    /// Copies `net` if its validation error is the lowest so far; says whether it did.
    ///
    /// An error that is not finite is never the lowest.
    pub fn offer(&mut self, net: &P, error: P::Scalar) -> bool {
        let better = error.is_finite() && self.error.is_none_or(|lowest| error < lowest);
        if better {
            self.net.copy_from(net);
            self.error = Some(error);
            self.worse = 0;
        } else {
            self.worse = self.worse.saturating_add(1);
        }
        better
    }

    /// How many networks in a row were offered and not better.
    ///
    /// When it reaches your patience, go back.
    #[must_use]
    pub const fn worse(&self) -> u32 {
        self.worse
    }

    /// The lowest error so far.
    #[must_use]
    pub const fn error(&self) -> Option<P::Scalar> {
        self.error
    }

    /// Makes `net` the best network so far; does nothing, and says so, if there is none.
    pub fn restore(&mut self, net: &mut P) -> bool {
        if self.error.is_some() {
            self.worse = 0;
            net.copy_from(&self.net);
        }
        self.error.is_some()
    }
}

impl<P: Parameters> Zeros for Snapshot<P> {
    const ZEROS: Self = Self::new();
}

impl<P: Parameters> Default for Snapshot<P> {
    fn default() -> Self {
        Self::new()
    }
}

saved!([P: Parameters + Saved] Snapshot<P> { net: P, error: Option<P::Scalar>, worse: u32 });
