//! What belongs to one of several streams that a network learns from.

use core::mem::take;

use crate::safetensors::Saved;
use crate::{Error, Layer, NonFinite, Tape, Zeros, saved};

/// One stream of samples: a state, the newest `K2` steps of it, and the place in it.
///
/// Truncated BPTT(`K1`, `K2`): after every `K1` steps their errors travel back through the newest `K2`.
/// `1 <= K1 <= K2`; anything else does not compile. A [`Learner`](crate::Learner) learns from it.
///
/// ```
/// use elman::{Dense, Learner, Sgd, Stream};
///
/// let mut learner = Learner::<Dense<1, 1>, Sgd>::new(Sgd::new(0.1));
/// let mut stream = Stream::<Dense<1, 1>, 1, 1>::new();
/// learner.observe(&mut stream, &[0.0], &[1.0])?;
/// assert!(learner.observe(&mut stream, &[f32::NAN], &[1.0]).is_err());
/// learner.predict(&mut stream, &[0.0])?;
/// assert_eq!((stream.state(), stream.steps()), (&[0.2], 3)); // the refused sample counts
///
/// stream.reset();
/// assert_eq!((stream.state(), stream.steps()), (&[0.0], 3));
/// # Ok::<(), elman::Error>(())
/// ```
pub struct Stream<N: Layer, const K1: usize, const K2: usize> {
    tape: Tape<N, K2>,
    /// Steps asked for, those that were refused included.
    steps: u64,
    /// Steps in the window that is open, and how many of them had a target.
    fresh: usize,
    targets: u32,
}

impl<N: Layer, const K1: usize, const K2: usize> Stream<N, K1, K2> {
    /// A stream before its first sample.
    #[must_use]
    pub const fn new() -> Self {
        const { assert!(0 < K1 && K1 <= K2, "truncated BPTT(k1, k2) needs 1 <= k1 <= k2") };
        Self { tape: Tape::new(), steps: 0, fresh: 0, targets: 0 }
    }

    /// The state now.
    #[must_use]
    pub const fn state(&self) -> &N::State {
        self.tape.state()
    }

    /// The calls of `observe`, `predict` and `finish` so far, refused ones included; a reset does not
    /// count anew.
    #[must_use]
    pub const fn steps(&self) -> u64 {
        self.steps
    }

    /// Starts a new sequence: the state at rest, nothing recorded.
    ///
    /// Errors that have not been learned from are lost; [`Learner::flush`](crate::Learner::flush) first.
    pub fn reset(&mut self) {
        self.tape.reset(N::REST);
        self.fresh = 0;
        self.targets = 0;
    }

    /// Records a step: `x` was read, `state` is where it led.
    pub(crate) fn advance(&mut self, x: &N::In, state: &N::State) -> &N::Out {
        self.fresh = self.fresh.saturating_add(1);
        self.tape.advance(x, state)
    }

    /// Gives the newest step, if there is one, the error of its target.
    pub(crate) fn error(&mut self, d_y: &N::Out) {
        if !self.tape.is_empty() {
            self.targets = self.targets.saturating_add(1);
        }
        self.tape.error(d_y);
    }

    /// Whether the window has its `K1` steps.
    pub(crate) const fn is_due(&self) -> bool {
        self.fresh >= K1
    }

    /// Ends the window, and says how many targets it had.
    pub(crate) fn close(&mut self) -> u32 {
        self.fresh = 0;
        take(&mut self.targets)
    }

    /// Sends the errors back, (1.3).
    pub(crate) fn backward(&mut self, net: &N, gradient: &mut N) {
        self.tape.backward(net, gradient);
    }

    /// Counts a step and says which one it is if it fails.
    pub(crate) fn count<A>(&mut self, result: Result<A, NonFinite>) -> Result<A, Error> {
        let step = self.steps;
        self.steps = self.steps.saturating_add(1);
        result.map_err(|what| Error { what, step })
    }
}

impl<N: Layer, const K1: usize, const K2: usize> Default for Stream<N, K1, K2> {
    fn default() -> Self {
        Self::new()
    }
}

impl<N: Layer, const K1: usize, const K2: usize> Zeros for Stream<N, K1, K2> {
    const ZEROS: Self = Self::new();
}

saved!([N: Layer, const K1: usize, const K2: usize] Stream<N, K1, K2> {
    tape: Tape<N, K2>,
    steps: u64,
    fresh: usize,
    targets: u32,
} where Tape<N, K2>: Saved);
