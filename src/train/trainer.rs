//! Trainer: one network learning from one stream.

use core::fmt;

use super::{
    EarlyStopping, Learner, Loss, Optimizer, OutputRow, Report, SquaredError, StreamState,
    TrainError,
};
use crate::nn::{Backward, LayerTypes, Parameters};
use crate::num::ConstZero;
use crate::safetensors::StateDict;
use crate::state_dict;

/// A [`Learner`] with one stream: one sample in, one prediction out, and an update every `K1` samples.
///
/// Truncated BPTT(`K1`, `K2`): each update goes back through the newest `K2` samples.
///
/// ```
/// use elman::{Adam, ConstZero, Dense, Elman, Initialize, Pcg32, Stack, Trainer};
///
/// type Net = Stack<(Elman<1, 8>, Dense<8, 1>)>;
/// let mut trainer = Trainer::<Net, Adam, 5, 20>::new(Adam::new(0.01));
/// trainer.learner.net.init_pytorch(&mut Pcg32::new(1, 0));
///
/// for t in 0..3000 {
///     match trainer.observe(&[(t % 7) as f32 / 7.0], &[((t + 1) % 7) as f32 / 7.0]) {
///         Ok(report) => assert!(t < 2900 || report.loss < 0.1),
///         Err(error) => println!("{error}"), // the sample was rejected; the stream goes on
///     }
/// }
/// ```
///
/// # In place
///
/// A trainer is larger than most stacks. [`ZERO`](ConstZero::ZERO) as the initial value of a `static` is in
/// `.bss`: it takes no flash and never crosses the stack. Settings and weights are set at start-up. With
/// `static_cell` it needs no lock:
///
/// ```
/// use static_cell::ConstStaticCell;
/// # use elman::{Adam, ConstZero, Dense, Elman, Initialize, Pcg32, Stack, Trainer};
/// # type Net = Stack<(Elman<1, 8>, Dense<8, 1>)>;
///
/// static TRAINER: ConstStaticCell<Trainer<Net, Adam, 5, 20>> = ConstStaticCell::new(Trainer::ZERO);
///
/// let trainer = TRAINER.take(); // a `&'static mut`, once
/// trainer.learner.optimizer = Adam::new(0.01);
/// trainer.learner.net.init_pytorch(&mut Pcg32::new(1, 0)); // or `checkpoint::load`, or `load_pytorch`
/// assert!(trainer.observe(&[0.1], &[0.2]).is_ok());
/// ```
///
/// A `static` `Mutex::new(Trainer::ZERO)`, or `critical_section::Mutex` with a `RefCell`, is as good.
/// `StaticCell::init(Trainer::new(…))` and `OnceCell::get_or_init(…)` are not: a value that is made at run time
/// may cross the stack on its way into the cell.
///
/// The loss is a type as well: `Trainer<Net, Adam, 20, 20, SoftmaxCrossEntropy>`.
pub struct Trainer<
    N: Backward + Parameters,
    O: Optimizer<N>,
    const K1: usize,
    const K2: usize,
    L = SquaredError,
> {
    /// The network and its optimiser.
    pub learner: Learner<N, O, L>,
    /// The stream.
    pub stream: StreamState<N, K1, K2>,
}

impl<N, O, const K1: usize, const K2: usize, L> Trainer<N, O, K1, K2, L>
where
    N: Backward + Parameters,
    O: Optimizer<N>,
{
    /// A trainer of a network of zeros. Give it weights.
    #[must_use]
    pub const fn new(optimizer: O) -> Self {
        Self { learner: Learner::new(optimizer), stream: StreamState::new() }
    }

    /// Ends the open window and the open batch now, and learns from the targets they hold.
    ///
    /// Returns whether there was an update: not if there was no target.
    ///
    /// # Errors
    ///
    /// See [`Learner::flush`].
    pub fn flush(&mut self) -> Result<bool, TrainError> {
        self.learner.flush(&mut self.stream)
    }

    /// Ends a sequence: its open window, whose gradient joins the batch, and a reset.
    ///
    /// # Errors
    ///
    /// See [`Learner::end_sequence`].
    pub fn end_sequence(&mut self) -> Result<bool, TrainError> {
        self.learner.end_sequence(&mut self.stream)
    }

    /// Starts a new sequence. Targets of the open window are lost; [`flush`](Self::flush) first.
    pub fn reset(&mut self) {
        self.stream.reset();
    }

    /// Starts a new sequence in a state of your own, as [`StreamState::reset_to`].
    pub fn reset_to(&mut self, state: &N::State) {
        self.stream.reset_to(state);
    }

    /// Restores the best network of `best`, as [`Learner::roll_back`].
    ///
    /// Returns `false`, and changes nothing, if there is none.
    ///
    /// ```
    /// # use elman::{Dense, EarlyStopping, Elman, Initialize, Pcg32, Sgd, Stack, Trainer};
    /// # type Net = Stack<(Elman<1, 4>, Dense<4, 1>)>;
    /// # let validation_error = |net: &Net| net.0.1.bias[0] * 0.0 + 1.0;
    /// let mut trainer = Trainer::<Net, Sgd, 5, 5>::new(Sgd::new(0.01));
    /// trainer.learner.net.init_pytorch(&mut Pcg32::new(1, 0));
    /// let mut best = EarlyStopping::new();
    ///
    /// // every now and then
    /// best.update(&trainer.learner.net, validation_error(&trainer.learner.net));
    /// if best.wait() >= 3 {
    ///     trainer.roll_back(&mut best);
    /// }
    /// ```
    pub fn roll_back(&mut self, best: &mut EarlyStopping<N>) -> bool {
        let restored = self.learner.roll_back(best);
        self.learner.begin(&mut self.stream);
        restored
    }
}

impl<N, O, const K1: usize, const K2: usize, L> Trainer<N, O, K1, K2, L>
where
    N: Backward<Out: OutputRow<N::Scalar>> + Parameters,
    O: Optimizer<N>,
    L: Loss<N::Out, Scalar = N::Scalar>,
{
    /// Predicts the target of a sample, then learns from it.
    ///
    /// # Errors
    ///
    /// See [`Learner::observe`].
    pub fn observe(
        &mut self,
        x: &N::In,
        target: &L::Target,
    ) -> Result<Report<N::Out, N::Scalar>, TrainError> {
        self.learner.observe(&mut self.stream, x, target)
    }

    /// A step without a target; the stream advances.
    ///
    /// # Errors
    ///
    /// See [`Learner::predict`].
    pub fn predict(&mut self, x: &N::In) -> Result<N::Out, TrainError> {
        self.learner.predict(&mut self.stream, x)
    }

    /// Ends a sequence with one target: its loss at the newest step, an update, and a reset.
    ///
    /// ```
    /// use elman::{Adam, Dense, Elman, Initialize, Pcg32, SoftmaxCrossEntropy, Stack, Trainer};
    ///
    /// type Net = Stack<(Elman<1, 4>, Dense<4, 2>)>;
    /// let mut trainer = Trainer::<Net, Adam, 8, 8, SoftmaxCrossEntropy>::new(Adam::new(0.05));
    /// trainer.learner.net.init_pytorch(&mut Pcg32::new(1, 0));
    ///
    /// let mut loss = f32::MAX;
    /// for n in 0..200 {
    ///     for _ in 0..3 + n % 4 {
    ///         trainer.predict(&[(n % 2) as f32])?;
    ///     }
    ///     loss = trainer.finish(&(n % 2))?.loss;
    /// }
    /// assert!(loss < 0.1);
    /// # Ok::<(), elman::TrainError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// See [`Learner::finish`].
    pub fn finish(&mut self, target: &L::Target) -> Result<Report<N::Out, N::Scalar>, TrainError> {
        self.learner.finish(&mut self.stream, target)
    }

    /// Ends a sequence with one target for the mean of its outputs.
    ///
    /// # Errors
    ///
    /// See [`Learner::finish_with_mean`].
    pub fn finish_with_mean<const C: usize>(
        &mut self,
        target: &L::Target,
    ) -> Result<Report<N::Out, N::Scalar>, TrainError>
    where
        N: LayerTypes<Out = [<N as Parameters>::Scalar; C]>,
    {
        self.learner.finish_with_mean(&mut self.stream, target)
    }
}

impl<N, O, const K1: usize, const K2: usize, L> fmt::Debug for Trainer<N, O, K1, K2, L>
where
    N: Backward + Parameters,
    O: Optimizer<N>,
    Learner<N, O, L>: fmt::Debug,
    StreamState<N, K1, K2>: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { learner, stream } = self;
        f.debug_struct("Trainer").field("learner", learner).field("stream", stream).finish()
    }
}

impl<N, O, const K1: usize, const K2: usize, L> ConstZero for Trainer<N, O, K1, K2, L>
where
    N: Backward + Parameters,
    O: Optimizer<N> + ConstZero,
{
    const ZERO: Self = Self::new(O::ZERO);
}

state_dict!([
    N: Backward + Parameters, O: Optimizer<N>, const K1: usize, const K2: usize, L
] Trainer<N, O, K1, K2, L> {
    learner: Learner<N, O, L>,
    stream: StreamState<N, K1, K2>,
} where Learner<N, O, L>: StateDict, StreamState<N, K1, K2>: StateDict);
