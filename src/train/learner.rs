//! Learner: a network, its optimiser, and the checks before each update.

mod samples;
mod slices;
mod update;

pub(super) use self::slices::Work;

use core::fmt::Debug;
use core::marker::PhantomData;
use core::num::NonZeroU32;

use super::{
    EarlyStopping, Learned, Limit, Optimizer, Reduction, Schedule, SquaredError, StreamState,
    TrainError, Update,
};
use crate::nn::{Backward, Parameters};
use crate::num::ConstZero;
use crate::safetensors::{StateDict, Tag};
use crate::state_dict;

/// A network with its optimiser, learning from any number of streams, each a [`StreamState`].
///
/// ```
/// use elman::{Adam, Dense, Elman, Initialize, Learner, Pcg32, Stack, StreamState};
///
/// type Net = Stack<(Elman<1, 8>, Dense<8, 1>)>;
/// let mut learner = Learner::<Net, Adam>::new(Adam::new(0.01));
/// learner.net.init_pytorch(&mut Pcg32::new(1, 0));
/// let mut pumps = [StreamState::<Net, 5, 20>::new(), StreamState::new()];
///
/// for t in 0..100 {
///     for pump in &mut pumps {
///         let _report = learner.observe(pump, &[t as f32 / 100.0], &[0.5]);
///     }
/// }
/// # assert_eq!(learner.updates(), 40);
/// ```
///
/// # Checks
///
/// Every sample is validated first: its numbers and the state it leads to must be
/// [`InRange`](crate::InRange), and its loss finite. A rejected sample changes nothing but the step
/// counter. The gradient is checked after each window, and an update is made only if
/// [`Optimizer::is_safe`] proves that every weight and the optimiser's state stay finite. So the network and the optimiser's state are finite
/// whatever the samples are; see
/// [`TrainErrorKind`](crate::TrainErrorKind).
///
/// # Limits
///
/// One finite outlier among ordinary samples could spoil a network for good, so two limits are on
/// unless they are switched off. They act in this order, and change the gradient as said:
///
/// 1. [`max_output_gradient`](Self::max_output_gradient), 10: each number of ∂L/∂y is limited to ±10.
///    The squared error (y − target)² so counts as a straight line where |y − target| > 5. The loss in
///    the [`Report`](crate::Report) is not limited. Losses with a softmax or a logistic function never exceed it.
/// 2. [`max_norm`](Self::max_norm), 1: a gradient of the weights with a larger norm is scaled to that
///    norm, as by [`clip_grad_norm`](crate::clip_grad_norm). With plain SGD, no update moves the weights by more than one learning
///    rate.
///
/// Both suit standardised signals. Without them the updates are exactly those of the optimiser on the
/// loss, as in PyTorch and Keras, which limit nothing: set both to [`Limit::Off`].
///
/// # Memory
///
/// The network, its gradient, the optimiser's state, and the settings. The settings are not zero, so
/// a `static` made by [`new`](Self::new) is in `.data`, with a copy in flash. Start from
/// [`ZERO`](ConstZero::ZERO), which is in `.bss`, and set `optimizer` and the weights at start-up.
#[derive(Clone, Debug)]
pub struct Learner<N: Backward + Parameters, O: Optimizer<N>, L = SquaredError> {
    /// The network.
    pub net: N,
    /// The update rule.
    pub optimizer: O,
    /// The factor of the learning rate. Default: 1.
    pub schedule: Schedule<N::Scalar>,
    /// The limit of the gradient's norm. Default: 1.
    pub max_norm: Limit<N::Scalar>,
    /// What is added to the norm that [`max_norm`](Self::max_norm) is divided by, 1e-6 in PyTorch; see
    /// [`clip_grad_norm_with_epsilon`](crate::clip_grad_norm_with_epsilon). Default: 0.
    pub norm_epsilon: N::Scalar,
    /// The limit of each number of the gradient. Default: none.
    pub max_value: Option<N::Scalar>,
    /// The limit of each number of ∂L/∂y. Default: 10.
    pub max_output_gradient: Limit<N::Scalar>,
    /// Whether the losses of an update are averaged or summed. Default: averaged.
    pub reduction: Reduction,
    /// The windows or sequences whose gradients add up to one update. Default: `None`, an update after
    /// each of them.
    pub batch: Option<NonZeroU32>,
    gradient: N,
    optimizer_state: O::State,
    /// Updates so far.
    updates: u32,
    /// Windows in the gradient.
    windows: u32,
    /// Targets in the gradient.
    targets: u32,
    roll_backs: u32,
    last_update: Update<N::Scalar>,
    loss: PhantomData<L>,
}

impl<N, O, L> Learner<N, O, L>
where
    N: Backward + Parameters,
    O: Optimizer<N>,
{
    /// A network of zeros. Give it weights: with zeros everywhere only the last bias learns.
    #[must_use]
    pub const fn new(optimizer: O) -> Self {
        Self {
            net: N::ZERO,
            optimizer,
            schedule: Schedule::constant(),
            max_norm: Limit::Default,
            norm_epsilon: ConstZero::ZERO,
            max_value: None,
            max_output_gradient: Limit::Default,
            reduction: Reduction::Mean,
            batch: None,
            gradient: N::ZERO,
            optimizer_state: ConstZero::ZERO,
            updates: 0,
            windows: 0,
            targets: 0,
            roll_backs: 0,
            last_update: Update::NotDue,
            loss: PhantomData,
        }
    }

    /// The updates so far: the place in the schedule.
    #[must_use]
    pub const fn updates(&self) -> u32 {
        self.updates
    }

    /// The update that the latest call brought, if any; after [`predict`](Self::predict) too, which
    /// has no report.
    #[must_use]
    pub const fn last_update(&self) -> &Update<N::Scalar> {
        &self.last_update
    }

    /// The optimiser's state.
    #[must_use]
    pub const fn optimizer_state(&self) -> &O::State {
        &self.optimizer_state
    }

    /// The network and the optimiser's state, to save or load without the rest.
    pub const fn learned(&mut self) -> Learned<'_, N, O> {
        Learned { net: &mut self.net, optimizer_state: &mut self.optimizer_state }
    }

    /// Restores the best network of `best`, and resets the optimiser's state. What belongs to the
    /// discarded weights is dropped: the gradient of an open batch, and in every stream the recorded
    /// steps with the targets that wait in them. A stream's state stays.
    ///
    /// A stream notices at its next call, so none can be forgotten. Returns `false`, and changes
    /// nothing, if there is no best network. The place in the schedule, [`updates`](Self::updates), is
    /// kept.
    ///
    /// ```
    /// use elman::{Dense, EarlyStopping, Learner, Sgd, StreamState};
    ///
    /// let mut learner = Learner::<Dense<1, 1>, Sgd>::new(Sgd::new(0.1));
    /// let mut stream = StreamState::<_, 2, 2>::new();
    /// let mut best = EarlyStopping::new();
    /// assert!(!learner.roll_back(&mut best)); // there is none yet
    /// best.update(&learner.net, 0.5);
    ///
    /// learner.net.bias = [1e6]; // it diverged
    /// learner.observe(&mut stream, &[0.0], &[0.0])?;
    /// assert!(learner.roll_back(&mut best));
    /// learner.observe(&mut stream, &[0.0], &[0.0])?;
    /// learner.flush(&mut stream)?;
    /// assert_eq!(learner.net.bias, [0.0]); // the error of 1e6 was dropped
    /// # Ok::<(), elman::TrainError>(())
    /// ```
    pub fn roll_back(&mut self, best: &mut EarlyStopping<N>) -> bool {
        let restored = best.restore_best(&mut self.net);
        if restored {
            O::reset(&mut self.optimizer_state);
            self.drop_gradient();
            self.roll_backs = self.roll_backs.wrapping_add(1);
        }
        restored
    }

    /// Ends the open window and the open batch now, and learns from the targets they hold.
    ///
    /// A partial batch counts like a full one: with [`Reduction::Mean`] the gradient is the mean over
    /// the targets it holds. Returns whether there was an update: not if there was no target. To end
    /// a sequence inside a batch, call [`end_sequence`](Self::end_sequence).
    ///
    /// ```
    /// use elman::{Dense, Learner, Sgd, StreamState};
    ///
    /// let mut learner = Learner::<Dense<1, 1>, Sgd>::new(Sgd::new(0.1));
    /// learner.batch = core::num::NonZeroU32::new(8);
    /// let mut stream = StreamState::<Dense<1, 1>, 5, 5>::new();
    /// learner.observe(&mut stream, &[0.0], &[0.5])?;
    /// assert!(learner.flush(&mut stream)?);
    /// assert!(!learner.flush(&mut stream)?); // nothing new
    /// assert_eq!(learner.net.bias, [0.1]);
    /// # Ok::<(), elman::TrainError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The gradient or a new weight is not finite. The step is the stream's newest.
    pub fn flush<const K1: usize, const K2: usize>(
        &mut self,
        stream: &mut StreamState<N, K1, K2>,
    ) -> Result<bool, TrainError> {
        self.begin(stream);
        self.end_window(stream);
        if self.windows > 0 {
            self.update();
        }
        stream.at_newest(self.last_update.result())
    }

    /// Ends a sequence: its open window, whose gradient joins the batch, and a reset of the stream.
    ///
    /// Returns whether there was an update: not if there was no target, or if the gradient waits for
    /// others of its [`batch`](Self::batch).
    ///
    /// ```
    /// use elman::{Dense, Learner, Sgd, StreamState};
    ///
    /// let mut learner = Learner::<Dense<1, 1>, Sgd>::new(Sgd::new(0.1));
    /// learner.batch = core::num::NonZeroU32::new(2);
    /// let mut stream = StreamState::<Dense<1, 1>, 5, 5>::new();
    /// for (length, updated) in [(1, false), (3, true)] {
    ///     for _ in 0..length {
    ///         learner.observe(&mut stream, &[0.0], &[0.5])?;
    ///     }
    ///     assert_eq!(learner.end_sequence(&mut stream)?, updated);
    /// }
    /// # Ok::<(), elman::TrainError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`flush`](Self::flush). The stream is reset in any case.
    pub fn end_sequence<const K1: usize, const K2: usize>(
        &mut self,
        stream: &mut StreamState<N, K1, K2>,
    ) -> Result<bool, TrainError> {
        self.begin(stream);
        self.end_window(stream);
        stream.reset();
        stream.at_newest(self.last_update.result())
    }

    /// Begins a call: the stream notices a roll-back.
    pub(super) fn begin<const K1: usize, const K2: usize>(
        &mut self,
        stream: &mut StreamState<N, K1, K2>,
    ) {
        self.last_update = Update::NotDue;
        stream.follow(self.roll_backs);
    }
}

impl<N, O, L> ConstZero for Learner<N, O, L>
where
    N: Backward + Parameters,
    O: Optimizer<N> + ConstZero,
{
    const ZERO: Self = Self::new(O::ZERO);
}

// The settings are the program's: a checkpoint does not hold them, and loading one keeps them.
state_dict!([N: Backward + Parameters + StateDict, O: Optimizer<N>, L] Learner<N, O, L> {
    net: N,
    optimizer_state: O::State,
} packed {
    gradient: N,
    updates: u32,
    windows: u32,
    targets: u32,
    roll_backs: u32,
} tags {
    optimizer: Tag::Word(O::NAME),
} where O::State: StateDict);
