//! Learner: a network, its optimiser, and the checks before each update.

use core::fmt::Debug;
use core::marker::PhantomData;

use super::{
    EarlyStopping, Loss, NonFinite, Optimizer, Reduction, Report, Schedule, SquaredError,
    StreamState, TrainError, clip_grad_norm_with_epsilon, clip_grad_value, global_norm,
};
use crate::nn::{Backward, Layer, Parameters};
use crate::num::{ConstZero, InRange, Scalar};
use crate::safetensors::StateDict;
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
/// Every sample is validated first: its numbers and the state it leads to must be [`InRange`], and
/// its loss finite. A rejected sample changes nothing but the step counter. An update is made only if
/// [`Optimizer::is_safe`] proves that every weight and the optimiser's state stay finite. So the network and the optimiser's state are finite whatever the samples are; see
/// [`TrainError`].
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
    /// The limit of the gradient's norm. Default: none.
    pub max_norm: Option<N::Scalar>,
    /// What is added to the norm that [`max_norm`](Self::max_norm) is divided by, 1e-6 in PyTorch; see
    /// [`clip_grad_norm_with_epsilon`]. Default: 0.
    pub norm_epsilon: N::Scalar,
    /// The limit of each number of the gradient. Default: none.
    pub max_value: Option<N::Scalar>,
    /// Whether the losses of an update are summed or averaged. Default: summed.
    pub reduction: Reduction,
    /// The windows or sequences whose gradients add up to one update; 0, the default, means 1.
    pub batch: u32,
    gradient: N,
    optimizer_state: O::State,
    /// Updates so far.
    updates: u32,
    /// Windows in the gradient.
    windows: u32,
    /// Targets in the gradient.
    targets: u32,
    loss: PhantomData<L>,
}

impl<N, O, L> Learner<N, O, L>
where
    N: Backward + Parameters,
    O: Optimizer<N>,
    L: Loss<N::Out, Scalar = N::Scalar>,
{
    /// A network of zeros. Give it weights: with zeros everywhere only the last bias learns.
    #[must_use]
    pub const fn new(optimizer: O) -> Self {
        Self {
            net: N::ZERO,
            optimizer,
            schedule: Schedule::constant(),
            max_norm: None,
            norm_epsilon: ConstZero::ZERO,
            max_value: None,
            reduction: Reduction::Sum,
            batch: 0,
            gradient: N::ZERO,
            optimizer_state: ConstZero::ZERO,
            updates: 0,
            windows: 0,
            targets: 0,
            loss: PhantomData,
        }
    }

    /// Predicts the target of a sample, then learns from it.
    ///
    /// ```
    /// use elman::{Dense, Learner, Sgd, StreamState};
    ///
    /// let mut learner = Learner::<Dense<1, 1>, Sgd>::new(Sgd::new(0.1));
    /// let mut stream = StreamState::<Dense<1, 1>, 1, 1>::new();
    /// let report = learner.observe(&mut stream, &[0.0], &[1.0])?;
    /// assert_eq!((report.prediction, report.loss, report.updated), ([0.0], 1.0, true));
    /// assert_eq!(learner.net.bias, [0.2]); // 0 - 0.1 · ∂L/∂y
    /// # Ok::<(), elman::TrainError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A number is not finite, or too large to compute with. After an error about the sample (input,
    /// target, state or loss) everything but [`StreamState::steps`] is unchanged. After an error about
    /// the update (gradient or weights) the sample is recorded, and the gradient of this update is
    /// dropped.
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
    /// If the window ends here, the network learns from the earlier targets in it. To predict without
    /// learning, step the network with a state of your own.
    ///
    /// ```
    /// use elman::{Dense, Learner, Sgd, StreamState};
    ///
    /// let mut learner = Learner::<Dense<1, 1>, Sgd>::new(Sgd::new(0.1));
    /// let mut stream = StreamState::<Dense<1, 1>, 2, 2>::new();
    /// learner.observe(&mut stream, &[0.0], &[1.0])?;
    /// assert_eq!(learner.predict(&mut stream, &[0.0])?, [0.0]); // the second step: the window ends
    /// assert_eq!(learner.predict(&mut stream, &[0.0])?, [0.2]);
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
    /// The steps are calls of [`predict`](Self::predict). The sequence may have any length; the
    /// gradient travels back through its newest `K2` steps.
    ///
    /// ```
    /// use elman::{Dense, Learner, Sgd, SoftmaxCrossEntropy, StreamState};
    ///
    /// type Net = Dense<1, 2>;
    /// let mut learner = Learner::<Net, Sgd, SoftmaxCrossEntropy>::new(Sgd::new(0.1));
    /// let mut stream = StreamState::<Net, 8, 8>::new();
    /// for x in [0.5, 0.25, 0.75] {
    ///     learner.predict(&mut stream, &[x])?;
    /// }
    /// let report = learner.finish(&mut stream, &1)?; // it was of class 1
    /// assert!(report.updated);
    /// assert!(learner.net.bias[0] < learner.net.bias[1]);
    /// # Ok::<(), elman::TrainError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`observe`](Self::observe). The stream is reset in any case.
    pub fn finish<const K1: usize, const K2: usize>(
        &mut self,
        stream: &mut StreamState<N, K1, K2>,
        target: &L::Target,
    ) -> Result<Report<N::Out, N::Scalar>, TrainError> {
        let result = self.try_finish(stream, target);
        stream.reset();
        stream.count(result)
    }

    /// Ends the open window now, and learns from its targets.
    ///
    /// Returns whether there was an update: not if the window had no target, or if its gradient waits
    /// for others of its [`batch`](Self::batch).
    ///
    /// ```
    /// use elman::{Dense, Learner, Sgd, StreamState};
    ///
    /// let mut learner = Learner::<Dense<1, 1>, Sgd>::new(Sgd::new(0.1));
    /// let mut stream = StreamState::<Dense<1, 1>, 5, 5>::new();
    /// learner.observe(&mut stream, &[0.0], &[1.0])?;
    /// assert!(learner.flush(&mut stream)?);
    /// assert!(!learner.flush(&mut stream)?); // nothing new
    /// assert_eq!(learner.net.bias, [0.2]);
    /// # Ok::<(), elman::TrainError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The gradient or a new weight is not finite.
    pub fn flush<const K1: usize, const K2: usize>(
        &mut self,
        stream: &mut StreamState<N, K1, K2>,
    ) -> Result<bool, TrainError> {
        self.end_window(stream).map_err(|what| TrainError { what, step: stream.steps() })
    }

    /// Restores the best network of `best`, and resets the optimiser's state, which belongs to the
    /// discarded weights.
    ///
    /// Returns `false`, and changes nothing, if there is none. The place in the schedule,
    /// [`updates`](Self::updates), is kept.
    ///
    /// ```
    /// use elman::{Dense, EarlyStopping, Learner, Sgd, StreamState};
    ///
    /// let mut learner = Learner::<Dense<1, 1>, Sgd>::new(Sgd::new(0.1));
    /// let mut best = EarlyStopping::new();
    /// assert!(!learner.roll_back(&mut best)); // there is none yet
    /// best.update(&learner.net, 0.5);
    ///
    /// learner.observe(&mut StreamState::<_, 1, 1>::new(), &[0.0], &[1.0])?;
    /// assert!(learner.roll_back(&mut best));
    /// assert_eq!((learner.net.bias, learner.updates()), ([0.0], 1));
    /// # Ok::<(), elman::TrainError>(())
    /// ```
    pub fn roll_back(&mut self, best: &mut EarlyStopping<N>) -> bool {
        let restored = best.restore_best(&mut self.net);
        if restored {
            O::reset(&mut self.optimizer_state);
            self.drop_gradient();
        }
        restored
    }

    /// The updates so far: the place in the schedule.
    #[must_use]
    pub const fn updates(&self) -> u32 {
        self.updates
    }

    /// The optimiser's state.
    #[must_use]
    pub const fn optimizer_state(&self) -> &O::State {
        &self.optimizer_state
    }

    fn try_observe<const K1: usize, const K2: usize>(
        &mut self,
        stream: &mut StreamState<N, K1, K2>,
        x: &N::In,
        target: &L::Target,
    ) -> Result<Report<N::Out, N::Scalar>, NonFinite> {
        let state = self.try_step(stream, x)?;
        let prediction = *N::output(&state);
        let (loss, d_y) = try_loss::<N, L>(&prediction, target)?;

        stream.record_step(x, &state);
        stream.set_output_gradient(&d_y);
        Ok(Report { prediction, loss, updated: self.end_window_if_due(stream)? })
    }

    fn try_predict<const K1: usize, const K2: usize>(
        &mut self,
        stream: &mut StreamState<N, K1, K2>,
        x: &N::In,
    ) -> Result<N::Out, NonFinite> {
        let state = self.try_step(stream, x)?;
        let prediction = *stream.record_step(x, &state);
        self.end_window_if_due(stream)?;
        Ok(prediction)
    }

    fn try_finish<const K1: usize, const K2: usize>(
        &mut self,
        stream: &mut StreamState<N, K1, K2>,
        target: &L::Target,
    ) -> Result<Report<N::Out, N::Scalar>, NonFinite> {
        let prediction = *N::output(stream.state());
        let (loss, d_y) = try_loss::<N, L>(&prediction, target)?;

        stream.set_output_gradient(&d_y);
        Ok(Report { prediction, loss, updated: self.end_window(stream)? })
    }

    /// The state that `x` leads to; changes nothing.
    fn try_step<const K1: usize, const K2: usize>(
        &self,
        stream: &StreamState<N, K1, K2>,
        x: &N::In,
    ) -> Result<N::State, NonFinite> {
        check(x, NonFinite::Input)?;
        let mut state = *stream.state();
        self.net.step(x, &mut state);
        check(&state, NonFinite::State)?;
        Ok(state)
    }

    fn end_window_if_due<const K1: usize, const K2: usize>(
        &mut self,
        stream: &mut StreamState<N, K1, K2>,
    ) -> Result<bool, NonFinite> {
        if stream.is_due() { self.end_window(stream) } else { Ok(false) }
    }

    /// Ends a window: backpropagation, (1.3), and an update if the batch is full.
    fn end_window<const K1: usize, const K2: usize>(
        &mut self,
        stream: &mut StreamState<N, K1, K2>,
    ) -> Result<bool, NonFinite> {
        let targets = stream.end_window();
        if targets == 0 {
            return Ok(false);
        }
        stream.backward(&self.net, &mut self.gradient);
        self.targets = self.targets.saturating_add(targets);
        self.windows = self.windows.saturating_add(1);
        if self.windows < self.batch {
            return Ok(false);
        }
        self.update().map(|()| true)
    }

    /// An update with the gradient so far, which is then dropped.
    fn update(&mut self) -> Result<(), NonFinite> {
        let result = self.try_update();
        self.drop_gradient();
        result
    }

    fn try_update(&mut self) -> Result<(), NonFinite> {
        self.clip()?;
        let optimizer = self.optimizer.with_rate_scaled(self.schedule.factor(self.updates));
        if !optimizer.is_safe(&self.net, &self.gradient, &self.optimizer_state) {
            let finite = global_norm(&self.gradient).is_finite();
            return Err(if finite { NonFinite::Update } else { NonFinite::Gradient });
        }
        optimizer.update(&mut self.net, &self.gradient, &mut self.optimizer_state);
        self.updates = self.updates.saturating_add(1);
        Ok(())
    }

    /// Averages and clips.
    fn clip(&mut self) -> Result<(), NonFinite> {
        if self.reduction == Reduction::Mean {
            self.gradient.scale(N::Scalar::ONE / N::Scalar::from_u32(self.targets));
        }
        if let Some(limit) = self.max_norm {
            let gradient = &mut self.gradient;
            let norm = clip_grad_norm_with_epsilon(gradient, limit, self.norm_epsilon);
            finite(norm, NonFinite::Gradient)?;
        }
        if let Some(limit) = self.max_value {
            finite(global_norm(&self.gradient), NonFinite::Gradient)?; // clipped, an infinity would look sound
            clip_grad_value(&mut self.gradient, limit);
        }
        Ok(())
    }

    fn drop_gradient(&mut self) {
        self.gradient.set_zero();
        self.windows = 0;
        self.targets = 0;
    }
}

/// The loss of a prediction and its gradient, if they are finite.
fn try_loss<N: Layer + Parameters, L: Loss<N::Out, Scalar = N::Scalar>>(
    prediction: &N::Out,
    target: &L::Target,
) -> Result<(N::Scalar, N::Out), NonFinite> {
    check(target, NonFinite::Target)?;
    let (loss, d_y) = L::loss(prediction, target);
    finite(loss, NonFinite::Loss)?;
    check(&d_y, NonFinite::Loss)?;
    Ok((loss, d_y))
}

fn check(numbers: &impl InRange, what: NonFinite) -> Result<(), NonFinite> {
    if numbers.is_in_range() { Ok(()) } else { Err(what) }
}

fn finite(number: impl Scalar, what: NonFinite) -> Result<(), NonFinite> {
    if number.is_finite() { Ok(()) } else { Err(what) }
}

impl<N, O, L> ConstZero for Learner<N, O, L>
where
    N: Backward + Parameters,
    O: Optimizer<N> + ConstZero,
    L: Loss<N::Out, Scalar = N::Scalar>,
{
    const ZERO: Self = Self::new(O::ZERO);
}

// The settings are the program's: a checkpoint does not hold them, and loading one keeps them.
state_dict!([N: Backward + Parameters + StateDict, O: Optimizer<N>, L] Learner<N, O, L> {
    net: N,
    gradient: N,
    optimizer_state: O::State,
    updates: u32,
    windows: u32,
    targets: u32,
} where O::State: StateDict);
