//! Sliced trainer: a trainer whose learning is done in slices, between samples.

use core::fmt;

use heapless::Vec;

use super::guard::try_step;
use super::learner::{UPDATE_PARTS, Work};
use super::{
    Learner, Loss, Report, SlicedOptimizer, SquaredError, TrainError, TrainErrorKind, Trainer,
    Update,
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
///     // as much as has to be done for one sample of five
///     if let Update::Skipped(kind) = trainer.learn(Learning::UNITS.div_ceil(5)) {
///         println!("no update: {kind}");
///     }
/// }
/// assert_eq!(trainer.complete().learner.updates(), 200);
/// # Ok::<(), elman::TrainError>(())
/// ```
///
/// # Units
///
/// [`UNITS`](Self::UNITS), `2 · K2 + 19`, are enough for one window, whatever is in it:
///
/// | phase | units | one unit is |
/// |---|---|---|
/// | backward, (1.3a) and (1.3d) | `K2` | one recorded step, all layers |
/// | sums over steps, (1.3b–c) | `K2` | one recorded step, all layers |
/// | mean, norm and limits of the gradient | 1 | up to four passes over it |
/// | [`is_safe`](crate::Optimizer::is_safe) | 1 | a pass over weights, gradient and state |
/// | update | 16 | a sixteenth of the weights |
/// | commit | 1 | a copy of the weights |
///
/// Several units in one call cost a little less than one by one, since the sums over steps load and
/// store each weight's gradient once a call. The counts of a slice are in `PERFORMANCE.md`.
///
/// # Weights
///
/// A sample that comes while work is pending sees the weights from before the update, however much
/// of it is done: the new ones wait in the place of the gradient, and all become the network's in the
/// last unit. The pending gradient does not hold this sample; it is kept for the next window. What is
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
///     TRAINER.lock().unwrap().learn(1); // interrupts are off for this slice
/// }
/// # assert_eq!(sampling_interrupt([0.5]), Some([0.0]));
/// # main_loop();
/// ```
///
/// # Memory
///
/// Beside the [`Trainer`]: `K1` inputs, states and outputs, and one state. A checkpoint is the
/// trainer's, of [`complete`](Self::complete); both kinds of trainer load it.
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
    /// The units of work of one window, at most.
    pub const UNITS: usize = 2 * K2 + UPDATE_PARTS + 3;

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
}

impl<N, O, const K1: usize, const K2: usize, L> SlicedTrainer<N, O, K1, K2, L>
where
    N: Backward + Parameters<Tensor = [<N as Parameters>::Scalar]>,
    O: SlicedOptimizer<N>,
{
    /// Does at most `units` of the pending work. Returns the update that it completed, if any.
    ///
    /// It ends with the window: what the next one has to do is left for the next call. Without
    /// pending work it returns at once.
    ///
    /// ```
    /// use elman::{Dense, Sgd, SlicedTrainer, Update};
    ///
    /// let mut trainer = SlicedTrainer::<Dense<1, 1>, Sgd, 1, 1>::new(Sgd::new(0.1));
    /// trainer.observe(&[0.0], &[0.5])?;
    /// let mut units = 0;
    /// while trainer.is_pending() {
    ///     assert_eq!(trainer.net().bias, [0.0]); // until the last unit
    ///     trainer.learn(1);
    ///     units += 1;
    /// }
    /// assert_eq!(trainer.net().bias, [0.1]);
    /// assert!(units <= SlicedTrainer::<Dense<1, 1>, Sgd, 1, 1>::UNITS);
    /// # Ok::<(), elman::TrainError>(())
    /// ```
    pub fn learn(&mut self, mut units: usize) -> Update<N::Scalar> {
        let Trainer { learner, stream } = &mut self.trainer;
        if !matches!(self.work, Work::None) {
            learner.begin(stream);
            while units > 0 && !matches!(self.work, Work::None) {
                units = units.saturating_sub(learner.slice(stream, &mut self.work, units));
            }
            if matches!(self.work, Work::None) {
                let update = *learner.last_update();
                self.record_arrived();
                return update;
            }
        }
        Update::NotDue
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
            self.learn(Self::UNITS);
        }
        &mut self.trainer
    }

    /// Keeps a step, and records it unless work is pending.
    fn keep(&mut self, x: &N::In, state: &N::State, d_y: Option<N::Out>) {
        // There is space: `begin` saw to it.
        drop(self.arrived.push(Step { x: *x, state: *state, d_y }));
        if !self.is_pending() {
            self.record_arrived();
        }
    }

    /// Records the steps that were kept, at most `K1`: a window ends with the last of them or later.
    fn record_arrived(&mut self) {
        let stream = &mut self.trainer.stream;
        for Step { x, state, d_y } in &self.arrived {
            stream.record_step(x, state);
            if let Some(d_y) = d_y {
                stream.set_output_gradient(d_y);
            }
        }
        self.arrived.clear();
        if stream.is_due() {
            self.work = Learner::<N, O, L>::begin_work(stream);
        }
    }
}

impl<N, O, const K1: usize, const K2: usize, L> SlicedTrainer<N, O, K1, K2, L>
where
    N: Backward<Out: AsMut<[N::Scalar]>> + Parameters<Tensor = [<N as Parameters>::Scalar]>,
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
        let (state, report, d_y) = self.trainer.learner.try_sample(self.state(), x, target)?;
        self.keep(x, &state, Some(d_y));
        Ok(report)
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
            self.complete();
        }
        let Trainer { learner, stream } = &mut self.trainer;
        learner.begin(stream);
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
