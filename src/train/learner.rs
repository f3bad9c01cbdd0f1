//! Learner: a network, its optimiser, and the checks before each update.

use core::fmt::Debug;
use core::marker::PhantomData;
use core::num::NonZeroU32;

use super::guard::{blame, finite, try_loss, try_step};
use super::{
    EarlyStopping, Learned, Limit, Loss, Optimizer, Reduction, Report, Schedule, SquaredError,
    StreamState, TrainError, TrainErrorKind, Update, clip_grad_norm_with_epsilon, clip_grad_value,
    global_norm,
};
use crate::nn::{Backward, LayerTypes, Parameters, Tensor};
use crate::num::{ConstZero, Scalar};
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
/// whatever the samples are; see [`TrainErrorKind`].
///
/// # Limits
///
/// One finite outlier among ordinary samples could spoil a network for good, so two limits are on
/// unless they are switched off. They act in this order, and change the gradient as said:
///
/// 1. [`max_output_gradient`](Self::max_output_gradient), 10: each number of ∂L/∂y is limited to ±10.
///    The squared error (y − target)² so counts as a straight line where |y − target| > 5. The loss in
///    the [`Report`] is not limited. Losses with a softmax or a logistic function never exceed it.
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
    /// [`clip_grad_norm_with_epsilon`]. Default: 0.
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

    fn end_window_if_due<const K1: usize, const K2: usize>(
        &mut self,
        stream: &mut StreamState<N, K1, K2>,
    ) {
        if stream.is_due() {
            self.end_window(stream);
        }
    }

    /// Ends a window: backpropagation, (1.3), and an update if the batch is full.
    fn end_window<const K1: usize, const K2: usize>(
        &mut self,
        stream: &mut StreamState<N, K1, K2>,
    ) {
        let targets = stream.end_window();
        if targets == 0 {
            return;
        }
        stream.backward(&self.net, &mut self.gradient);
        self.end_backward(targets);
        if matches!(self.last_update, Update::Skipped(_)) {
            stream.clear_gradients(); // they may be what is not finite
        }
    }

    /// After backpropagation: an update if the batch is full or lost.
    fn end_backward(&mut self, targets: u32) {
        self.targets = self.targets.saturating_add(targets);
        self.windows = self.windows.saturating_add(1);
        let is_full = self.batch.is_none_or(|batch| self.windows >= batch.get());
        if is_full || !global_norm(&self.gradient).is_finite() {
            self.update();
        }
    }

    /// An update with the gradient so far, which is then dropped.
    fn update(&mut self) {
        self.last_update = match self.try_update() {
            Ok((gradient_norm, clipped)) => Update::Done { gradient_norm, clipped },
            Err(kind) => Update::Skipped(kind),
        };
        self.drop_gradient();
    }

    /// Returns the gradient's norm, and whether it was clipped.
    fn try_update(&mut self) -> Result<(N::Scalar, bool), TrainErrorKind> {
        let clipping = self.clip()?;
        let optimizer = self.optimizer.with_rate_scaled(self.schedule.factor(self.updates));
        if !optimizer.is_safe(&self.net, &self.gradient, &self.optimizer_state) {
            return Err(TrainErrorKind::Update);
        }
        optimizer.update(&mut self.net, &self.gradient, &mut self.optimizer_state);
        self.updates = self.updates.saturating_add(1);
        Ok(clipping)
    }

    /// Averages and clips. Returns the norm before clipping, and whether a limit was exceeded.
    fn clip(&mut self) -> Result<(N::Scalar, bool), TrainErrorKind> {
        if self.reduction == Reduction::Mean {
            self.gradient.scale(N::Scalar::ONE / N::Scalar::from_u32(self.targets));
        }
        let max_norm = self.max_norm.or(N::Scalar::ONE);
        let norm = match max_norm {
            Some(limit) => {
                clip_grad_norm_with_epsilon(&mut self.gradient, limit, self.norm_epsilon)
            }
            None => global_norm(&self.gradient),
        };
        finite(norm, TrainErrorKind::Gradient)?;
        let mut clipped = max_norm.is_some_and(|limit| norm > limit);
        if let Some(limit) = self.max_value {
            clipped |= (0..N::TENSORS).any(|n| self.gradient.tensor(n).max_abs() > limit);
            clip_grad_value(&mut self.gradient, limit);
        }
        Ok((norm, clipped))
    }

    fn drop_gradient(&mut self) {
        self.gradient.set_zero();
        self.windows = 0;
        self.targets = 0;
    }
}

impl<N, O, L> Learner<N, O, L>
where
    N: Backward<Out: AsMut<[N::Scalar]>> + Parameters,
    O: Optimizer<N>,
    L: Loss<N::Out, Scalar = N::Scalar>,
{
    /// Predicts the target of a sample, then learns from it.
    ///
    /// ```
    /// use elman::{Dense, Learner, Sgd, StreamState};
    ///
    /// let mut learner = Learner::<Dense<1, 1>, Sgd>::new(Sgd::new(0.1));
    /// let mut stream = StreamState::<Dense<1, 1>, 1, 1>::new();
    /// let report = learner.observe(&mut stream, &[0.0], &[0.5])?;
    /// assert_eq!((report.prediction, report.loss), ([0.0], 0.25));
    /// assert!(report.update.is_done());
    /// assert_eq!(learner.net.bias, [0.1]); // 0 - 0.1 · ∂L/∂y
    /// # Ok::<(), elman::TrainError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The sample was rejected: a number is not finite, or too large to compute with, or the network
    /// has diverged. Everything but [`StreamState::steps`] is unchanged. If only the update was
    /// skipped, the sample is recorded, and [`Report::update`] says why.
    pub fn observe<const K1: usize, const K2: usize>(
        &mut self,
        stream: &mut StreamState<N, K1, K2>,
        x: &N::In,
        target: &L::Target,
    ) -> Result<Report<N::Out, N::Scalar>, TrainError> {
        let result = self.try_observe(stream, x, target);
        stream.count(result)
    }

    /// A step without a target: the stream's state and window advance, and there is no loss.
    ///
    /// If the window ends here, the network learns from the earlier targets in it; whether it did is
    /// [`last_update`](Self::last_update). To predict without learning, use a
    /// [`Predictor`](crate::Predictor).
    ///
    /// ```
    /// use elman::{Dense, Learner, Sgd, StreamState};
    ///
    /// let mut learner = Learner::<Dense<1, 1>, Sgd>::new(Sgd::new(0.1));
    /// let mut stream = StreamState::<Dense<1, 1>, 2, 2>::new();
    /// learner.observe(&mut stream, &[0.0], &[0.5])?;
    /// assert_eq!(learner.predict(&mut stream, &[0.0])?, [0.0]); // the second step: the window ends
    /// assert!(learner.last_update().is_done());
    /// assert_eq!(learner.predict(&mut stream, &[0.0])?, [0.1]);
    /// # Ok::<(), elman::TrainError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`observe`](Self::observe).
    pub fn predict<const K1: usize, const K2: usize>(
        &mut self,
        stream: &mut StreamState<N, K1, K2>,
        x: &N::In,
    ) -> Result<N::Out, TrainError> {
        let result = self.try_predict(stream, x);
        stream.count(result)
    }

    /// Ends a sequence with one target: its loss at the newest step, an update, and a reset.
    ///
    /// The steps are calls of [`predict`](Self::predict), and may be of [`observe`](Self::observe);
    /// at a step that has a target, this one replaces it. The sequence may have any length; the
    /// gradient travels back through its newest `K2` steps.
    ///
    /// ```
    /// use elman::{Dense, Learner, Sgd, SoftmaxCrossEntropy, StreamState, argmax};
    ///
    /// type Net = Dense<1, 2>;
    /// let mut learner = Learner::<Net, Sgd, SoftmaxCrossEntropy>::new(Sgd::new(0.1));
    /// let mut stream = StreamState::<Net, 8, 8>::new();
    /// for x in [0.5, 0.25, 0.75] {
    ///     learner.predict(&mut stream, &[x])?;
    /// }
    /// let report = learner.finish(&mut stream, &1)?; // it was of class 1
    /// assert!(report.update.is_done());
    /// assert_eq!(argmax(&learner.predict(&mut stream, &[0.5])?), 1);
    /// # Ok::<(), elman::TrainError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`observe`](Self::observe), and without a step. The stream is reset in any case.
    pub fn finish<const K1: usize, const K2: usize>(
        &mut self,
        stream: &mut StreamState<N, K1, K2>,
        target: &L::Target,
    ) -> Result<Report<N::Out, N::Scalar>, TrainError> {
        let result = self.try_finish(stream, target);
        stream.reset();
        stream.count(result)
    }

    /// Ends a sequence with one target for the mean of its outputs: Keras's `GlobalAveragePooling1D`.
    ///
    /// As [`finish`](Self::finish), which reads the newest output only. The mean is over the recorded
    /// steps, the newest `K2`; the gradient of each is ∂L/∂mean / steps. It replaces the targets that
    /// wait in them. Above a linear readout it is the mean of the states as well.
    ///
    /// ```
    /// use elman::{Dense, Learner, Matrix, Sgd, StreamState};
    ///
    /// let mut learner = Learner::<Dense<1, 1>, Sgd>::new(Sgd::new(0.1));
    /// learner.net.kernel = Matrix([[1.0]]);
    /// let mut stream = StreamState::<Dense<1, 1>, 8, 8>::new();
    /// for x in [0.25, 0.5, 0.75] {
    ///     learner.predict(&mut stream, &[x])?;
    /// }
    /// assert_eq!(learner.finish_with_mean(&mut stream, &[0.5])?.prediction, [0.5]);
    /// # Ok::<(), elman::TrainError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`finish`](Self::finish).
    pub fn finish_with_mean<const K1: usize, const K2: usize, const C: usize>(
        &mut self,
        stream: &mut StreamState<N, K1, K2>,
        target: &L::Target,
    ) -> Result<Report<N::Out, N::Scalar>, TrainError>
    where
        N: LayerTypes<Out = [<N as Parameters>::Scalar; C]>,
    {
        let result = self.try_finish_with_mean(stream, target);
        stream.reset();
        stream.count(result)
    }

    /// The network and the optimiser's state, to save or load without the rest.
    pub const fn learned(&mut self) -> Learned<'_, N, O> {
        Learned { net: &mut self.net, optimizer_state: &mut self.optimizer_state }
    }

    fn try_observe<const K1: usize, const K2: usize>(
        &mut self,
        stream: &mut StreamState<N, K1, K2>,
        x: &N::In,
        target: &L::Target,
    ) -> Result<Report<N::Out, N::Scalar>, TrainErrorKind> {
        self.begin(stream);
        let state = try_step(&self.net, stream.state(), x)?;
        let prediction = *N::output(&state);
        let (loss, d_y) = self.try_loss(stream, &prediction, target)?;

        stream.record_step(x, &state);
        stream.set_output_gradient(&d_y);
        self.end_window_if_due(stream);
        Ok(Report { prediction, loss, update: self.last_update })
    }

    fn try_predict<const K1: usize, const K2: usize>(
        &mut self,
        stream: &mut StreamState<N, K1, K2>,
        x: &N::In,
    ) -> Result<N::Out, TrainErrorKind> {
        self.begin(stream);
        let state = try_step(&self.net, stream.state(), x)?;
        let prediction = *stream.record_step(x, &state);
        self.end_window_if_due(stream);
        Ok(prediction)
    }

    fn try_finish<const K1: usize, const K2: usize>(
        &mut self,
        stream: &mut StreamState<N, K1, K2>,
        target: &L::Target,
    ) -> Result<Report<N::Out, N::Scalar>, TrainErrorKind> {
        self.begin(stream);
        let prediction = stream.output(0).ok_or(TrainErrorKind::NoStep)?;
        let (loss, d_y) = self.try_loss(stream, &prediction, target)?;

        stream.set_output_gradient(&d_y);
        self.end_window(stream);
        Ok(Report { prediction, loss, update: self.last_update })
    }

    fn try_finish_with_mean<const K1: usize, const K2: usize, const C: usize>(
        &mut self,
        stream: &mut StreamState<N, K1, K2>,
        target: &L::Target,
    ) -> Result<Report<N::Out, N::Scalar>, TrainErrorKind>
    where
        N: LayerTypes<Out = [<N as Parameters>::Scalar; C]>,
    {
        self.begin(stream);
        let outputs = (0..stream.len()).rev().filter_map(|ago| stream.output(ago));
        let steps = outputs.clone().fold(N::Scalar::ZERO, |steps, _| steps + N::Scalar::ONE);
        let mut mean = outputs.reduce(add).ok_or(TrainErrorKind::NoStep)?;
        mean.iter_mut().for_each(|y| *y = *y / steps);
        let (loss, d_y) = self.try_loss(stream, &mean, target)?;

        stream.set_output_gradients(&d_y.map(|d_y| d_y / steps));
        self.end_window(stream);
        Ok(Report { prediction: mean, loss, update: self.last_update })
    }

    /// The loss of `prediction`, which is or follows the stream's state.
    fn try_loss<const K1: usize, const K2: usize>(
        &self,
        stream: &StreamState<N, K1, K2>,
        prediction: &N::Out,
        target: &L::Target,
    ) -> Result<(N::Scalar, N::Out), TrainErrorKind> {
        let limit = self.max_output_gradient.or(N::Scalar::from_u32(MAX_OUTPUT_GRADIENT));
        try_loss::<N, L>(prediction, target, limit)
            .map_err(|kind| blame::<N, L>(kind, &self.net, stream.state(), target, limit))
    }
}

/// The default of [`Learner::max_output_gradient`].
const MAX_OUTPUT_GRADIENT: u32 = 10;

/// `y + z`
fn add<T: Scalar, const C: usize>(mut y: [T; C], z: [T; C]) -> [T; C] {
    y.iter_mut().zip(z).for_each(|(y, z)| *y += z);
    y
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
