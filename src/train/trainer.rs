//! One network learning from one stream.

use crate::safetensors::Saved;
use crate::{
    Error, Layer, Learner, Loss, Optimizer, Report, Snapshot, SquaredError, Stream, Zeros, saved,
};

/// A [`Learner`] and its one [`Stream`]: one sample in, one prediction out, learning as it goes.
///
/// Truncated BPTT(`K1`, `K2`): an update after every `K1` samples, through the newest `K2`.
///
/// ```
/// use elman::{Adam, Dense, Elman, Init, Pcg32, Stack, Trainer, Zeros};
///
/// type Net = Stack<(Elman<1, 8>, Dense<8, 1>)>;
/// let mut trainer = Trainer::<Net, Adam, 5, 20>::new(Adam::new(0.01));
/// trainer.learner.net.pytorch(&mut Pcg32::new(1, 0));
///
/// for t in 0..3000 {
///     match trainer.observe(&[(t % 7) as f32 / 7.0], &[((t + 1) % 7) as f32 / 7.0]) {
///         Ok(report) => assert!(t < 2900 || report.loss < 0.1),
///         Err(error) => println!("{error}"), // a sample was refused; the stream goes on
///     }
/// }
/// ```
///
/// On a device it is a `static`. [`ZEROS`](Zeros::ZEROS) takes no flash; what is not zero is set when the
/// program starts:
///
/// ```
/// use std::sync::Mutex; // on the device: critical_section::Mutex<RefCell<_>> or the like
/// # use elman::{Adam, Dense, Elman, Init, Pcg32, Stack, Trainer, Zeros};
/// # type Net = Stack<(Elman<1, 8>, Dense<8, 1>)>;
///
/// static TRAINER: Mutex<Trainer<Net, Adam, 5, 20>> = Mutex::new(Trainer::ZEROS);
///
/// let mut trainer = TRAINER.lock().unwrap();
/// trainer.learner.optimizer = Adam::new(0.01);
/// trainer.learner.max_norm = Some(1.0);
/// trainer.learner.net.pytorch(&mut Pcg32::new(1, 0));
/// assert!(trainer.observe(&[0.1], &[0.2]).is_ok());
/// ```
///
/// The loss is a type as well: `Trainer<Net, Adam, 20, 20, SoftmaxCrossEntropy>`.
pub struct Trainer<N: Layer, O: Optimizer<N>, const K1: usize, const K2: usize, L = SquaredError> {
    /// The network and how it learns.
    pub learner: Learner<N, O, L>,
    /// The stream.
    pub stream: Stream<N, K1, K2>,
}

impl<N, O, const K1: usize, const K2: usize, L> Trainer<N, O, K1, K2, L>
where
    N: Layer,
    O: Optimizer<N>,
    L: Loss<N::Out, Scalar = N::Scalar>,
{
    /// A trainer of a network of zeros, which must be given its weights.
    #[must_use]
    pub const fn new(optimizer: O) -> Self {
        Self { learner: Learner::new(optimizer), stream: Stream::new() }
    }

    /// Predicts the target of a sample, then learns from it.
    ///
    /// # Errors
    ///
    /// See [`Learner::observe`].
    pub fn observe(
        &mut self,
        x: &N::In,
        target: &L::Target,
    ) -> Result<Report<N::Out, N::Scalar>, Error> {
        self.learner.observe(&mut self.stream, x, target)
    }

    /// A step without a target; the stream advances.
    ///
    /// # Errors
    ///
    /// See [`Learner::predict`].
    pub fn predict(&mut self, x: &N::In) -> Result<N::Out, Error> {
        self.learner.predict(&mut self.stream, x)
    }

    /// Ends a sequence that has one target: gives it to the newest step, learns, and resets.
    ///
    /// ```
    /// use elman::{Adam, Dense, Elman, Init, Pcg32, SoftmaxCrossEntropy, Stack, Trainer};
    ///
    /// type Net = Stack<(Elman<1, 4>, Dense<4, 2>)>;
    /// let mut trainer = Trainer::<Net, Adam, 8, 8, SoftmaxCrossEntropy>::new(Adam::new(0.05));
    /// trainer.learner.net.pytorch(&mut Pcg32::new(1, 0));
    ///
    /// let mut loss = f32::MAX;
    /// for n in 0..200 {
    ///     for _ in 0..3 + n % 4 {
    ///         trainer.predict(&[(n % 2) as f32])?;
    ///     }
    ///     loss = trainer.finish(&(n % 2))?.loss;
    /// }
    /// assert!(loss < 0.1);
    /// # Ok::<(), elman::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// See [`Learner::finish`].
    pub fn finish(&mut self, target: &L::Target) -> Result<Report<N::Out, N::Scalar>, Error> {
        self.learner.finish(&mut self.stream, target)
    }

    /// Learns from the steps since the last update, without waiting for `K1`.
    ///
    /// `true` if that made an update. `false` if those steps had no target, or if their gradient waits
    /// for others of its [`batch`](Learner::batch).
    ///
    /// # Errors
    ///
    /// See [`Learner::flush`].
    pub fn flush(&mut self) -> Result<bool, Error> {
        self.learner.flush(&mut self.stream)
    }

    /// Starts a new sequence; what was not [`flush`](Self::flush)ed is lost.
    pub fn reset(&mut self) {
        self.stream.reset();
    }

    /// Goes back to the best network of `snapshot`, as [`Learner::roll_back`] does.
    ///
    /// `true` if there was one; `false` if there was none, and nothing changed.
    ///
    /// ```
    /// # use elman::{Dense, Elman, Init, Pcg32, Sgd, Snapshot, Stack, Trainer};
    /// # type Net = Stack<(Elman<1, 4>, Dense<4, 1>)>;
    /// # let validation_error = |net: &Net| net.0.1.bias[0] * 0.0 + 1.0;
    /// let mut trainer = Trainer::<Net, Sgd, 5, 5>::new(Sgd::new(0.01));
    /// trainer.learner.net.pytorch(&mut Pcg32::new(1, 0));
    /// let mut best = Snapshot::new();
    ///
    /// // every now and then
    /// best.offer(&trainer.learner.net, validation_error(&trainer.learner.net));
    /// if best.worse() >= 3 {
    ///     trainer.roll_back(&mut best);
    /// }
    /// ```
    pub fn roll_back(&mut self, snapshot: &mut Snapshot<N>) -> bool {
        self.learner.roll_back(snapshot)
    }
}

impl<N, O, const K1: usize, const K2: usize, L> Zeros for Trainer<N, O, K1, K2, L>
where
    N: Layer,
    O: Optimizer<N> + Zeros,
    L: Loss<N::Out, Scalar = N::Scalar>,
{
    const ZEROS: Self = Self::new(O::ZEROS);
}

saved!([N: Layer, O: Optimizer<N>, const K1: usize, const K2: usize, L] Trainer<N, O, K1, K2, L> {
    learner: Learner<N, O, L>,
    stream: Stream<N, K1, K2>,
} where Learner<N, O, L>: Saved, Stream<N, K1, K2>: Saved);
