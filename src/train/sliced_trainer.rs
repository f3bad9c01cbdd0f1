//! Sliced trainer: a trainer whose learning is done in slices, between samples.

use core::fmt;

use heapless::Vec;

use super::guard::try_step;
use super::learner::Work;
use super::{
    Learner, Loss, OutputRow, Report, SlicedOptimizer, SquaredError, StreamState, TrainError,
    TrainErrorKind, Trainer, Update,
};
use crate::nn::{Backward, Parameters};
use crate::num::ConstZero;

/// A [`Trainer`] that learns in slices of bounded work, so that a sampler stays on time.
///
/// [`observe`](Self::observe) checks a sample, predicts and records; it never learns. When a window
/// has its `K1` steps, the backward pass and the update are pending, and [`learn`](Self::learn) does a
/// part of them. Samples may come in between.
///
/// ```
/// use elman::{Adam, Dense, Elman, Initialize, Pcg32, SlicedTrainer, Stack, Update};
///
/// type Net = Stack<(Elman<1, 8>, Dense<8, 1>)>;
/// type Learning = SlicedTrainer<Net, Adam, 5, 20>;
///
/// let mut trainer = Learning::new(Adam::new(0.01));
/// trainer.complete().learner.net.init_pytorch(&mut Pcg32::new(1, 0));
/// for t in 0..1000 {
///     let x = [(t % 7) as f32 / 7.0];
///     let _prediction = trainer.observe(&x, &[((t + 1) % 7) as f32 / 7.0])?.prediction;
///     while trainer.is_pending() { // and there is time before the next sample
///         if let Update::Skipped(kind) = trainer.learn(Learning::MACS / 10) {
///             println!("no update: {kind}");
///         }
///     }
/// }
/// assert_eq!(trainer.complete().learner.updates(), 200);
/// # Ok::<(), elman::TrainError>(())
/// ```
///
/// # Budget
///
/// The budget of a slice is in multiply-accumulates, with W weights about so many:
///
/// | phase | in all | smallest piece |
/// |---|---|---|
/// | backward, (1.3a) and (1.3d) | `K2` · W | W: one recorded step |
/// | sums over steps, (1.3b–c) | `K2` · W | a block of rows of one matrix |
/// | mean, norm and limits of the gradient | 4 · W | all of it |
/// | [`is_safe`](crate::Optimizer::is_safe) | 4 · W to 8 · W | 2 · W |
/// | update | [`MACS_PER_WEIGHT`](SlicedOptimizer::MACS_PER_WEIGHT) · W | one weight |
/// | commit | 2 · W | all of it |
///
/// A slice is as long as its budget, or one smallest piece if that is longer.
/// [`MACS`](Self::MACS) are those of a window, and [`slices`](Self::slices) says how many slices are
/// enough for it. `PERFORMANCE.md` has counts of both.
///
/// # Weights
///
/// A sample that comes while work is pending sees the weights from before the update, however much
/// of it is done: the new ones wait in the place of the gradient, and all become the network's in the
/// last slice. The pending gradient does not hold this sample; it is kept for the next window. What is
/// learned does not depend on how the work is cut, to the bit; and if no sample comes while work is
/// pending, every bit is that of [`Trainer::observe`]. If `K1` samples came and the work is still
/// pending, the next [`observe`](Self::observe) completes it first: late, but nothing is lost.
///
/// # Inference in an interrupt
///
/// The network needs no second copy. Put the trainer in a mutex that masks interrupts
/// (`critical_section::Mutex<RefCell<_>>`); the interrupt calls [`observe`](Self::observe) or
/// [`predict`](Self::predict), and the main loop calls [`learn`](Self::learn) with one lock a slice.
/// The interrupt then waits for one slice at most, and the samples of both are the same stream. An
/// inference on a stream of its own is a [`Predictor`](crate::Predictor) on [`net`](Self::net) under
/// the same lock.
///
/// ```
/// use std::sync::Mutex; // on the device: critical_section::Mutex<RefCell<_>>
/// # use elman::{Adam, ConstZero, Dense, Elman, Initialize, Pcg32, SlicedTrainer, Stack};
/// # type Net = Stack<(Elman<1, 8>, Dense<8, 1>)>;
///
/// static TRAINER: Mutex<SlicedTrainer<Net, Adam, 5, 20>> = Mutex::new(SlicedTrainer::ZERO);
///
/// fn sampling_interrupt(x: [f32; 1]) -> Option<[f32; 1]> {
///     TRAINER.lock().unwrap().predict(&x).ok()
/// }
///
/// fn main_loop() {
///     TRAINER.lock().unwrap().learn(500); // interrupts are off for this slice
/// }
/// # assert_eq!(sampling_interrupt([0.5]), Some([0.0]));
/// # main_loop();
/// ```
///
/// # Memory
///
/// Beside the [`Trainer`]: `K1` inputs, states and outputs, and one state. A checkpoint is the
/// trainer's, of [`trainer`](Self::trainer) or [`complete`](Self::complete); both kinds of trainer load it.
pub struct SlicedTrainer<
    N: Backward + Parameters,
    O: SlicedOptimizer<N>,
    const K1: usize,
    const K2: usize,
    L = SquaredError,
> {
    trainer: Trainer<N, O, K1, K2, L>,
    work: Work<N::State, O, N::Scalar>,
    /// Steps that are not on the tape yet.
    arrived: Vec<Step<N::In, N::State, N::Out>, K1>,
}

/// A step before it is on the tape.
#[derive(Clone, Debug)]
struct Step<X, S, Y> {
    x: X,
    state: S,
    /// ∂L/∂y, if there was a target.
    d_y: Option<Y>,
}

impl<N, O, const K1: usize, const K2: usize, L> SlicedTrainer<N, O, K1, K2, L>
where
    N: Backward + Parameters,
    O: SlicedOptimizer<N>,
{
    /// The multiply-accumulates of a window, about.
    pub const MACS: usize = Learner::<N, O, L>::macs(K2);

    /// How many calls of [`learn`](Self::learn) with a budget of `macs` are enough for one window.
    ///
    /// ```
    /// use elman::{Dense, Elman, Sgd, SlicedTrainer, Stack};
    ///
    /// type Learning = SlicedTrainer<Stack<(Elman<3, 16>, Dense<16, 1>)>, Sgd, 20, 20>;
    /// assert!(Learning::slices(Learning::MACS) < Learning::slices(1000));
    /// ```
    #[must_use]
    pub const fn slices(macs: usize) -> usize {
        Learner::<N, O, L>::slices(K2, macs)
    }

    /// A trainer of a network of zeros. Give it weights.
    #[must_use]
    pub const fn new(optimizer: O) -> Self {
        Self { trainer: Trainer::new(optimizer), work: Work::None, arrived: Vec::new() }
    }

    /// The network: the weights that the next sample sees.
    #[must_use]
    pub const fn net(&self) -> &N {
        &self.trainer.learner.net
    }

    /// The state now.
    #[must_use]
    pub fn state(&self) -> &N::State {
        self.arrived.last().map_or(self.trainer.stream.state(), |step| &step.state)
    }

    /// Whether work is pending.
    #[must_use]
    pub const fn is_pending(&self) -> bool {
        !matches!(self.work, Work::None)
    }

    /// The trainer, to be saved; `None` while work is pending. A
    /// [`Saver`](crate::checkpoint::Saver) borrows it as long as it writes, and an interrupt may go on
    /// to predict with [`net`](Self::net).
    ///
    /// ```
    /// use elman::{Dense, Sgd, SlicedTrainer, checkpoint::Saver};
    ///
    /// let mut trainer = SlicedTrainer::<Dense<1, 1>, Sgd, 1, 1>::new(Sgd::new(0.1));
    /// trainer.observe(&[0.0], &[0.5])?;
    /// assert!(trainer.trainer().is_none());
    /// trainer.complete();
    /// let mut saver = trainer.trainer().map(|trainer| Saver::new(trainer, 1));
    /// # assert!(saver.is_some_and(|saver| saver.is_ok()));
    /// # Ok::<(), elman::TrainError>(())
    /// ```
    #[must_use]
    pub const fn trainer(&self) -> Option<&Trainer<N, O, K1, K2, L>> {
        if self.is_pending() { None } else { Some(&self.trainer) }
    }
}

impl<N, O, const K1: usize, const K2: usize, L> SlicedTrainer<N, O, K1, K2, L>
where
    N: Backward + Parameters<Tensor = [<N as Parameters>::Scalar]>,
    O: SlicedOptimizer<N>,
{
    /// Does a slice of the pending work, of about `macs` multiply-accumulates. Returns the update that
    /// it completed, if any.
    ///
    /// It ends with the window: what the next one has to do is left for the next call. Without
    /// pending work it returns at once.
    ///
    /// ```
    /// use elman::{Dense, Sgd, SlicedTrainer};
    ///
    /// type Learning = SlicedTrainer<Dense<1, 1>, Sgd, 1, 1>;
    /// let mut trainer = Learning::new(Sgd::new(0.1));
    /// trainer.observe(&[0.0], &[0.5])?;
    /// let mut slices = 0;
    /// while trainer.is_pending() {
    ///     assert_eq!(trainer.net().bias, [0.0]); // until the last slice
    ///     trainer.learn(2);
    ///     slices += 1;
    /// }
    /// assert_eq!(trainer.net().bias, [0.1]);
    /// assert!(slices <= Learning::slices(2));
    /// # Ok::<(), elman::TrainError>(())
    /// ```
    pub fn learn(&mut self, macs: usize) -> Update<N::Scalar> {
        if !self.is_pending() {
            return Update::NotDue;
        }
        let Trainer { learner, stream } = &mut self.trainer;
        learner.begin(stream);
        let mut spent = 0_usize;
        while !matches!(self.work, Work::None) {
            let granule = Learner::<N, O, L>::granule(stream, &self.work).max(1);
            let n = macs.saturating_sub(spent) / granule;
            if n == 0 && spent > 0 {
                break;
            }
            let granules = learner.slice(stream, &mut self.work, n.max(1));
            spent = spent.saturating_add(granule.saturating_mul(granules));
        }
        let update = *learner.last_update();
        if !self.is_pending() {
            self.record_arrived();
        }
        update
    }

    /// Completes what is pending. Returns the trainer: to save or load it, to end a sequence, to
    /// change settings or weights, to roll back.
    ///
    /// ```
    /// use elman::{Dense, Sgd, SlicedTrainer};
    ///
    /// let mut trainer = SlicedTrainer::<Dense<1, 1>, Sgd, 1, 1>::new(Sgd::new(0.1));
    /// trainer.observe(&[0.0], &[0.5])?;
    /// assert_eq!(trainer.complete().learner.net.bias, [0.1]);
    /// trainer.complete().end_sequence()?;
    /// # Ok::<(), elman::TrainError>(())
    /// ```
    pub fn complete(&mut self) -> &mut Trainer<N, O, K1, K2, L> {
        while self.is_pending() {
            self.learn(usize::MAX);
        }
        &mut self.trainer
    }

    /// Records a step, or keeps it while work is pending.
    fn keep(&mut self, x: &N::In, state: &N::State, d_y: Option<N::Out>) {
        if self.is_pending() {
            // There is space: `begin` saw to it.
            drop(self.arrived.push(Step { x: *x, state: *state, d_y }));
        } else {
            record(&mut self.trainer.stream, x, state, d_y.as_ref());
            self.begin_work_if_due();
        }
    }

    /// Records the steps that were kept, at most `K1`: a window ends with the last of them or later.
    fn record_arrived(&mut self) {
        for Step { x, state, d_y } in &self.arrived {
            record(&mut self.trainer.stream, x, state, d_y.as_ref());
        }
        self.arrived.clear();
        self.begin_work_if_due();
    }

    fn begin_work_if_due(&mut self) {
        let stream = &mut self.trainer.stream;
        if stream.is_due() {
            self.work = Learner::<N, O, L>::begin_work(stream);
        }
    }
}

impl<N, O, const K1: usize, const K2: usize, L> SlicedTrainer<N, O, K1, K2, L>
where
    N: Backward<Out: OutputRow<N::Scalar>> + Parameters<Tensor = [<N as Parameters>::Scalar]>,
    O: SlicedOptimizer<N>,
    L: Loss<N::Out, Scalar = N::Scalar>,
{
    /// Predicts the target of a sample, and records both to learn from.
    ///
    /// The report has no update; [`learn`](Self::learn) returns it.
    ///
    /// # Errors
    ///
    /// See [`Learner::observe`](crate::Learner::observe). Nothing but the count of steps changed.
    pub fn observe(
        &mut self,
        x: &N::In,
        target: &L::Target,
    ) -> Result<Report<N::Out, N::Scalar>, TrainError> {
        let result = self.try_observe(x, target);
        self.trainer.stream.count(result)
    }

    /// A step without a target.
    ///
    /// # Errors
    ///
    /// See [`Learner::predict`](crate::Learner::predict). Nothing but the count of steps changed.
    pub fn predict(&mut self, x: &N::In) -> Result<N::Out, TrainError> {
        let result = self.try_predict(x);
        self.trainer.stream.count(result)
    }

    fn try_observe(
        &mut self,
        x: &N::In,
        target: &L::Target,
    ) -> Result<Report<N::Out, N::Scalar>, TrainErrorKind> {
        self.begin();
        let sample = self.trainer.learner.try_sample(self.state(), x, target)?;
        self.keep(x, &sample.state, Some(sample.d_y));
        Ok(sample.report)
    }

    fn try_predict(&mut self, x: &N::In) -> Result<N::Out, TrainErrorKind> {
        self.begin();
        let state = try_step(self.net(), self.state(), x)?;
        self.keep(x, &state, None);
        Ok(*N::output(&state))
    }

    /// Begins a call: there is space for a step, and the stream notices a roll-back.
    fn begin(&mut self) {
        if self.arrived.is_full() {
            self.learn(usize::MAX);
        }
        let Trainer { learner, stream } = &mut self.trainer;
        learner.begin(stream);
    }
}

/// Records a step, with its ∂L/∂y if it had a target.
fn record<N: Backward, const K1: usize, const K2: usize>(
    stream: &mut StreamState<N, K1, K2>,
    x: &N::In,
    state: &N::State,
    d_y: Option<&N::Out>,
) {
    stream.record_step(x, state);
    if let Some(d_y) = d_y {
        stream.set_output_gradient(d_y);
    }
}

impl<N, O, const K1: usize, const K2: usize, L> ConstZero for SlicedTrainer<N, O, K1, K2, L>
where
    N: Backward + Parameters,
    O: SlicedOptimizer<N> + ConstZero,
{
    const ZERO: Self = Self::new(O::ZERO);
}

impl<N, O, const K1: usize, const K2: usize, L> fmt::Debug for SlicedTrainer<N, O, K1, K2, L>
where
    N: Backward + Parameters,
    O: SlicedOptimizer<N> + fmt::Debug,
    Trainer<N, O, K1, K2, L>: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { trainer, work, arrived } = self;
        f.debug_struct("SlicedTrainer")
            .field("trainer", trainer)
            .field("work", work)
            .field("arrived", arrived)
            .finish()
    }
}
