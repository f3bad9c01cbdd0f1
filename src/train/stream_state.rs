//! State of one of the streams that a network learns from.

use core::mem::take;

use super::{Tape, TrainError, TrainErrorKind};
use crate::nn::Backward;
use crate::num::ConstZero;
use crate::safetensors::{StateDict, Tag};
use crate::state_dict;

/// The state of one stream of samples: the network's state, the tape of the newest `K2` steps, and
/// counters.
///
/// Truncated BPTT(`K1`, `K2`): after every `K1` steps their output gradients travel back through the
/// newest `K2`. `1 <= K1 <= K2`; anything else does not compile. A [`Learner`](crate::Learner)
/// learns from it.
///
/// ```
/// use elman::{Dense, Learner, Sgd, StreamState};
///
/// let mut learner = Learner::<Dense<1, 1>, Sgd>::new(Sgd::new(0.1));
/// let mut stream = StreamState::<Dense<1, 1>, 1, 1>::new();
/// learner.observe(&mut stream, &[0.0], &[0.5])?;
/// assert!(learner.observe(&mut stream, &[f32::NAN], &[1.0]).is_err());
/// learner.predict(&mut stream, &[0.0])?;
/// assert_eq!((stream.state(), stream.steps()), (&[0.1], 3)); // a rejected sample counts
///
/// stream.reset();
/// assert_eq!((stream.state(), stream.steps()), (&[0.0], 3));
/// # Ok::<(), elman::TrainError>(())
/// ```
#[derive(Clone, Debug)]
pub struct StreamState<N: Backward, const K1: usize, const K2: usize> {
    pub(super) tape: Tape<N, K2>,
    /// Calls so far, those with a rejected sample included.
    steps: u64,
    /// Steps in the open window.
    window: usize,
    /// Targets in the open window.
    targets: u32,
    /// The steps in the open window when the newest of them came, and 1 more; 0 if there is none.
    newest_target: usize,
    /// The roll-backs of the learner that the recorded steps come after.
    roll_backs: u32,
}

impl<N: Backward, const K1: usize, const K2: usize> StreamState<N, K1, K2> {
    /// A stream before its first sample.
    #[must_use]
    pub const fn new() -> Self {
        const { assert!(0 < K1 && K1 <= K2, "truncated BPTT(k1, k2) needs 1 <= k1 <= k2") };
        Self { tape: Tape::new(), steps: 0, window: 0, targets: 0, newest_target: 0, roll_backs: 0 }
    }

    /// The state now.
    #[must_use]
    pub const fn state(&self) -> &N::State {
        self.tape.state()
    }

    /// The calls of `observe`, `predict` and `finish` so far, rejected samples included. A reset does
    /// not change it.
    #[must_use]
    pub const fn steps(&self) -> u64 {
        self.steps
    }

    /// Starts a new sequence: the initial state and an empty tape.
    ///
    /// Targets of the open window are lost; [`Learner::flush`](crate::Learner::flush) first.
    pub fn reset(&mut self) {
        self.reset_to(&N::INITIAL_STATE);
    }

    /// Starts a new sequence in a state of your own: PyTorch's `h_0`, Keras's `initial_state`.
    ///
    /// Targets of the open window are lost.
    ///
    /// ```
    /// use elman::{Adam, Elman, StreamState};
    ///
    /// let mut stream = StreamState::<Elman<1, 2>, 5, 20>::new();
    /// stream.reset_to(&[0.5, -0.5]);
    /// assert_eq!(stream.state(), &[0.5, -0.5]);
    /// ```
    pub fn reset_to(&mut self, state: &N::State) {
        self.tape.reset(*state);
        self.end_window();
    }

    /// The recorded steps, at most `K2`.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tape.len()
    }

    /// Whether no step is recorded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tape.is_empty()
    }

    /// The recorded output of an earlier step, `ago` steps before the newest.
    #[must_use]
    pub fn output(&self, ago: usize) -> Option<N::Out> {
        self.tape.output(ago)
    }

    /// Records a step from input `x` to `state`.
    pub(super) fn record_step(&mut self, x: &N::In, state: &N::State) -> &N::Out {
        self.window = self.window.saturating_add(1);
        self.tape.record_step(x, state)
    }

    /// Sets ∂L/∂y of the newest step, in place of one that it has already.
    pub(super) fn set_output_gradient(&mut self, d_y: &N::Out) {
        self.count_target();
        self.tape.set_output_gradient(d_y);
    }

    /// Sets ∂L/∂y of every recorded step: one target of them all.
    pub(super) fn set_output_gradients(&mut self, d_y: &N::Out) {
        self.targets = 1;
        self.newest_target = self.window.saturating_add(1);
        for ago in 0..self.tape.len() {
            self.tape.set_output_gradient_at(ago, d_y);
        }
    }

    /// Counts the newest step as a target, once.
    fn count_target(&mut self) {
        if self.newest_target != self.window.saturating_add(1) {
            self.targets = self.targets.saturating_add(1);
        }
        self.newest_target = self.window.saturating_add(1);
    }

    /// Drops the recorded steps and what waits in them if the learner was rolled back since: they are
    /// those of a network that was given up. The state stays.
    pub(super) fn follow(&mut self, roll_backs: u32) {
        if self.roll_backs != roll_backs {
            self.roll_backs = roll_backs;
            self.tape.detach();
            self.end_window();
        }
    }

    /// Whether the window has its `K1` steps.
    pub(super) const fn is_due(&self) -> bool {
        self.window >= K1
    }

    /// Ends the window; returns the number of its targets.
    pub(super) fn end_window(&mut self) -> u32 {
        self.window = 0;
        self.newest_target = 0;
        take(&mut self.targets)
    }

    /// Adds the number of the newest step to an error.
    pub(super) fn at_newest<A>(&self, result: Result<A, TrainErrorKind>) -> Result<A, TrainError> {
        result.map_err(|kind| TrainError { kind, step: self.steps.saturating_sub(1) })
    }

    /// Counts a step, and adds its number to an error.
    pub(super) fn count<A>(&mut self, result: Result<A, TrainErrorKind>) -> Result<A, TrainError> {
        let step = self.steps;
        self.steps = self.steps.saturating_add(1);
        result.map_err(|kind| TrainError { kind, step })
    }
}

impl<N: Backward, const K1: usize, const K2: usize> Default for StreamState<N, K1, K2> {
    fn default() -> Self {
        Self::new()
    }
}

impl<N: Backward, const K1: usize, const K2: usize> ConstZero for StreamState<N, K1, K2> {
    const ZERO: Self = Self::new();
}

state_dict!([N: Backward, const K1: usize, const K2: usize] StreamState<N, K1, K2> {} packed {
    tape: Tape<N, K2>,
    steps: u64,
    window: usize,
    targets: u32,
    newest_target: usize,
    roll_backs: u32,
} tags {
    k1: Tag::Number(K1),
    k2: Tag::Number(K2),
} where Tape<N, K2>: StateDict);
