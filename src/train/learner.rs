//! A network that learns from streams, and refuses what would harm it.

use core::marker::PhantomData;

use crate::safetensors::Saved;
use crate::{
    Bounded, Error, Layer, Loss, NonFinite, Optimizer, Scalar, Schedule, Snapshot, SquaredError,
    Stream, Zeros, clip_norm, clip_value, norm, saved,
};

/// A network and what it needs to learn from any number of [`Stream`]s.
///
/// ```
/// use elman::{Adam, Dense, Elman, Init, Learner, Pcg32, Stack, Stream};
///
/// type Net = Stack<(Elman<1, 8>, Dense<8, 1>)>;
/// let mut learner = Learner::<Net, Adam>::new(Adam::new(0.01));
/// learner.net.pytorch(&mut Pcg32::new(1, 0));
/// let mut pumps = [Stream::<Net, 5, 20>::new(), Stream::new()];
///
/// for t in 0..100 {
///     for pump in &mut pumps {
///         let _report = learner.observe(pump, &[t as f32 / 100.0], &[0.5]);
///     }
/// }
/// # assert_eq!(learner.updates(), 40);
/// ```
///
/// # What is refused
///
/// A sample is looked at before it counts: its numbers must be [`Bounded`], the state it leads to
/// too, and its loss must be finite. An update is computed once to see whether every weight and moment
/// stays finite, and a second time to write them. So whatever the samples are, the network and
/// its moments are finite for good, and a refused sample leaves no trace but its number: see [`Error`].
///
/// # Memory
///
/// The network, its gradient, its moments, and a few numbers that say how to learn. These are not
/// zero, so a `static` made by [`new`](Self::new) is in `.data`, with all its bytes in flash too.
/// Start from [`ZEROS`](Zeros::ZEROS), which is in `.bss`, and set `optimizer` and the weights when the
/// program starts.
pub struct Learner<N: Layer, O: Optimizer<N>, L = SquaredError> {
    /// The network.
    pub net: N,
    /// The rule from gradient to weights.
    pub optimizer: O,
    /// The factor of the learning rate; 1 unless it is set.
    pub schedule: Schedule<N::Scalar>,
    /// The limit of the gradient's norm; none unless it is set.
    pub max_norm: Option<N::Scalar>,
    /// The limit of the gradient's numbers; none unless it is set.
    pub max_value: Option<N::Scalar>,
    /// Whether the losses of an update are added, which is the default, or averaged.
    pub reduction: Reduction,
    /// The windows or sequences that add into one gradient; 0, the default, is the same as 1.
    pub batch: u32,
    gradient: N,
    moments: O::Moments,
    /// Updates so far.
    updates: u32,
    /// Windows and targets in the gradient.
    windows: u32,
    targets: u32,
    loss: PhantomData<L>,
}

/// What becomes of the losses of one update.
///
/// ```
/// use elman::{Dense, Learner, Reduction, Sgd, Stream};
///
/// let bias_after_two_samples = |reduction| {
///     let mut learner = Learner::<Dense<1, 1>, Sgd>::new(Sgd::new(0.1));
///     learner.reduction = reduction;
///     let mut stream = Stream::<Dense<1, 1>, 2, 2>::new();
///     for _ in 0..2 {
///         learner.observe(&mut stream, &[0.0], &[1.0]).unwrap(); // ∂L/∂y = -2
///     }
///     learner.net.bias[0]
/// };
/// assert_eq!(bias_after_two_samples(Reduction::Sum), 0.4);
/// assert_eq!(bias_after_two_samples(Reduction::Mean), 0.2);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reduction {
    /// Their gradients are added.
    #[default]
    Sum,
    /// Their gradients are averaged, over the steps that had a target.
    Mean,
}

/// What one sample did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Report<Y, T> {
    /// The network's output, before it learned from this sample.
    pub prediction: Y,
    /// Its loss.
    pub loss: T,
    /// Whether the weights changed.
    pub updated: bool,
}

impl<N, O, L> Learner<N, O, L>
where
    N: Layer,
    O: Optimizer<N>,
    L: Loss<N::Out, Scalar = N::Scalar>,
{
    /// A network of zeros, which must be given its weights: of a net that is zero everywhere only the
    /// last bias learns.
    #[must_use]
    pub const fn new(optimizer: O) -> Self {
        Self {
            net: N::ZEROS,
            optimizer,
            schedule: Schedule::constant(),
            max_norm: None,
            max_value: None,
            reduction: Reduction::Sum,
            batch: 0,
            gradient: N::ZEROS,
            moments: Zeros::ZEROS,
            updates: 0,
            windows: 0,
            targets: 0,
            loss: PhantomData,
        }
    }

    /// Predicts the target of a sample, then learns from it.
    ///
    /// ```
    /// use elman::{Dense, Learner, Sgd, Stream};
    ///
    /// let mut learner = Learner::<Dense<1, 1>, Sgd>::new(Sgd::new(0.1));
    /// let mut stream = Stream::<Dense<1, 1>, 1, 1>::new();
    /// let report = learner.observe(&mut stream, &[0.0], &[1.0])?;
    /// assert_eq!((report.prediction, report.loss, report.updated), ([0.0], 1.0, true));
    /// assert_eq!(learner.net.bias, [0.2]); // 0 - 0.1 · ∂L/∂y
    /// # Ok::<(), elman::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When a number is not finite, or too large to compute with. After an error about the sample
    /// (input, target, state or loss) everything but [`Stream::steps`] is as before. After one about
    /// the update (gradient or weights) the sample was taken, and what was to be learned in this update
    /// is lost.
    pub fn observe<const K1: usize, const K2: usize>(
        &mut self,
        stream: &mut Stream<N, K1, K2>,
        x: &N::In,
        target: &L::Target,
    ) -> Result<Report<N::Out, N::Scalar>, Error> {
        let result = self.learn(stream, x, target);
        stream.count(result)
    }

    /// A step without a target: the stream advances, its state and its window, and there is no loss.
    ///
    /// If the window ends here, the network learns from the targets that came before in it. To predict
    /// without any of this, step the network with a state of your own.
    ///
    /// ```
    /// use elman::{Dense, Learner, Sgd, Stream};
    ///
    /// let mut learner = Learner::<Dense<1, 1>, Sgd>::new(Sgd::new(0.1));
    /// let mut stream = Stream::<Dense<1, 1>, 2, 2>::new();
    /// learner.observe(&mut stream, &[0.0], &[1.0])?;
    /// assert_eq!(learner.predict(&mut stream, &[0.0])?, [0.0]); // the second step: the window ends
    /// assert_eq!(learner.predict(&mut stream, &[0.0])?, [0.2]);
    /// # Ok::<(), elman::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`observe`](Self::observe).
    pub fn predict<const K1: usize, const K2: usize>(
        &mut self,
        stream: &mut Stream<N, K1, K2>,
        x: &N::In,
    ) -> Result<N::Out, Error> {
        let result = self.advance(stream, x);
        stream.count(result)
    }

    /// Ends a sequence that has one target: gives it to the newest step, learns, and resets.
    ///
    /// The steps before were [`predict`](Self::predict)ed. The sequence may have any length; the error
    /// travels back through its newest `K2` steps.
    ///
    /// ```
    /// use elman::{Dense, Learner, Sgd, SoftmaxCrossEntropy, Stream};
    ///
    /// type Net = Dense<1, 2>;
    /// let mut learner = Learner::<Net, Sgd, SoftmaxCrossEntropy>::new(Sgd::new(0.1));
    /// let mut stream = Stream::<Net, 8, 8>::new();
    /// for x in [0.5, 0.25, 0.75] {
    ///     learner.predict(&mut stream, &[x])?;
    /// }
    /// let report = learner.finish(&mut stream, &1)?; // it was of class 1
    /// assert!(report.updated);
    /// assert!(learner.net.bias[0] < learner.net.bias[1]);
    /// # Ok::<(), elman::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`observe`](Self::observe). The stream is reset in any case.
    pub fn finish<const K1: usize, const K2: usize>(
        &mut self,
        stream: &mut Stream<N, K1, K2>,
        target: &L::Target,
    ) -> Result<Report<N::Out, N::Scalar>, Error> {
        let result = self.learn_label(stream, target);
        stream.reset();
        stream.count(result)
    }

    /// Ends the window that is open: learns from its targets now.
    ///
    /// `true` if that made an update. `false` if the window had no target, or if its gradient waits for
    /// others of its [`batch`](Self::batch).
    ///
    /// ```
    /// use elman::{Dense, Learner, Sgd, Stream};
    ///
    /// let mut learner = Learner::<Dense<1, 1>, Sgd>::new(Sgd::new(0.1));
    /// let mut stream = Stream::<Dense<1, 1>, 5, 5>::new();
    /// learner.observe(&mut stream, &[0.0], &[1.0])?;
    /// assert!(learner.flush(&mut stream)?);
    /// assert!(!learner.flush(&mut stream)?); // nothing new
    /// assert_eq!(learner.net.bias, [0.2]);
    /// # Ok::<(), elman::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the gradient or a new weight is not finite.
    pub fn flush<const K1: usize, const K2: usize>(
        &mut self,
        stream: &mut Stream<N, K1, K2>,
    ) -> Result<bool, Error> {
        self.close(stream).map_err(|what| Error { what, step: stream.steps() })
    }

    /// Goes back to the best network of `snapshot`, and forgets the moments that led away from it.
    ///
    /// `true` if there was one; `false` if there was none, and nothing changed. The place in the
    /// schedule, [`updates`](Self::updates), stays as it is.
    ///
    /// ```
    /// use elman::{Dense, Learner, Sgd, Snapshot, Stream};
    ///
    /// let mut learner = Learner::<Dense<1, 1>, Sgd>::new(Sgd::new(0.1));
    /// let mut best = Snapshot::new();
    /// assert!(!learner.roll_back(&mut best)); // there is none yet
    /// best.offer(&learner.net, 0.5);
    ///
    /// learner.observe(&mut Stream::<_, 1, 1>::new(), &[0.0], &[1.0])?;
    /// assert!(learner.roll_back(&mut best));
    /// assert_eq!((learner.net.bias, learner.updates()), ([0.0], 1));
    /// # Ok::<(), elman::Error>(())
    /// ```
    pub fn roll_back(&mut self, snapshot: &mut Snapshot<N>) -> bool {
        let restored = snapshot.restore(&mut self.net);
        if restored {
            O::forget(&mut self.moments);
            self.drop_gradient();
        }
        restored
    }

    /// The updates so far, which is where the schedule is.
    #[must_use]
    pub const fn updates(&self) -> u32 {
        self.updates
    }

    /// What the optimiser remembers.
    #[must_use]
    pub const fn moments(&self) -> &O::Moments {
        &self.moments
    }

    fn learn<const K1: usize, const K2: usize>(
        &mut self,
        stream: &mut Stream<N, K1, K2>,
        x: &N::In,
        target: &L::Target,
    ) -> Result<Report<N::Out, N::Scalar>, NonFinite> {
        let state = self.try_step(stream, x)?;
        let prediction = *N::output(&state);
        let (loss, d_y) = try_loss::<N, L>(&prediction, target)?;

        stream.advance(x, &state);
        stream.error(&d_y);
        Ok(Report { prediction, loss, updated: self.close_if_due(stream)? })
    }

    fn advance<const K1: usize, const K2: usize>(
        &mut self,
        stream: &mut Stream<N, K1, K2>,
        x: &N::In,
    ) -> Result<N::Out, NonFinite> {
        let state = self.try_step(stream, x)?;
        let prediction = *stream.advance(x, &state);
        self.close_if_due(stream)?;
        Ok(prediction)
    }

    fn learn_label<const K1: usize, const K2: usize>(
        &mut self,
        stream: &mut Stream<N, K1, K2>,
        target: &L::Target,
    ) -> Result<Report<N::Out, N::Scalar>, NonFinite> {
        let prediction = *N::output(stream.state());
        let (loss, d_y) = try_loss::<N, L>(&prediction, target)?;

        stream.error(&d_y);
        Ok(Report { prediction, loss, updated: self.close(stream)? })
    }

    /// The state a sample leads to. Nothing has changed yet.
    fn try_step<const K1: usize, const K2: usize>(
        &self,
        stream: &Stream<N, K1, K2>,
        x: &N::In,
    ) -> Result<N::State, NonFinite> {
        check(x, NonFinite::Input)?;
        let mut state = *stream.state();
        self.net.step(x, &mut state);
        check(&state, NonFinite::State)?;
        Ok(state)
    }

    fn close_if_due<const K1: usize, const K2: usize>(
        &mut self,
        stream: &mut Stream<N, K1, K2>,
    ) -> Result<bool, NonFinite> {
        if stream.is_due() { self.close(stream) } else { Ok(false) }
    }

    /// Ends a window: its errors travel back, (1.3), and the batch, if it is full, makes an update.
    fn close<const K1: usize, const K2: usize>(
        &mut self,
        stream: &mut Stream<N, K1, K2>,
    ) -> Result<bool, NonFinite> {
        let targets = stream.close();
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

    /// Makes an update of the gradient gathered so far, and drops the gradient.
    fn update(&mut self) -> Result<(), NonFinite> {
        let result = self.try_update();
        self.drop_gradient();
        result
    }

    fn try_update(&mut self) -> Result<(), NonFinite> {
        self.limit_gradient()?;
        let optimizer = self.optimizer.scaled(self.schedule.factor(self.updates));
        if !optimizer.is_safe(&self.net, &self.gradient, &self.moments) {
            let finite = norm(&self.gradient).is_finite();
            return Err(if finite { NonFinite::Update } else { NonFinite::Gradient });
        }
        optimizer.apply(&mut self.net, &self.gradient, &mut self.moments);
        self.updates = self.updates.saturating_add(1);
        Ok(())
    }

    /// Averages and clips.
    fn limit_gradient(&mut self) -> Result<(), NonFinite> {
        if self.reduction == Reduction::Mean {
            self.gradient.scale(N::Scalar::ONE / N::Scalar::from_u32(self.targets));
        }
        if let Some(limit) = self.max_norm {
            finite(clip_norm(&mut self.gradient, limit), NonFinite::Gradient)?;
        }
        if let Some(limit) = self.max_value {
            finite(norm(&self.gradient), NonFinite::Gradient)?; // clipped, an infinity would look sound
            clip_value(&mut self.gradient, limit);
        }
        Ok(())
    }

    fn drop_gradient(&mut self) {
        self.gradient.fill(N::Scalar::ZERO);
        self.windows = 0;
        self.targets = 0;
    }
}

/// The loss of a prediction and its gradient, if these can be computed with.
fn try_loss<N: Layer, L: Loss<N::Out, Scalar = N::Scalar>>(
    prediction: &N::Out,
    target: &L::Target,
) -> Result<(N::Scalar, N::Out), NonFinite> {
    check(target, NonFinite::Target)?;
    let (loss, d_y) = L::loss(prediction, target);
    finite(loss, NonFinite::Loss)?;
    check(&d_y, NonFinite::Loss)?;
    Ok((loss, d_y))
}

fn check(numbers: &impl Bounded, what: NonFinite) -> Result<(), NonFinite> {
    if numbers.is_bounded() { Ok(()) } else { Err(what) }
}

fn finite(number: impl Scalar, what: NonFinite) -> Result<(), NonFinite> {
    if number.is_finite() { Ok(()) } else { Err(what) }
}

impl<N, O, L> Zeros for Learner<N, O, L>
where
    N: Layer,
    O: Optimizer<N> + Zeros,
    L: Loss<N::Out, Scalar = N::Scalar>,
{
    const ZEROS: Self = Self::new(O::ZEROS);
}

// How it learns is the program's, and stays as it is when a checkpoint is read.
saved!([N: Layer + Saved, O: Optimizer<N>, L] Learner<N, O, L> {
    net: N,
    gradient: N,
    moments: O::Moments,
    updates: u32,
    windows: u32,
    targets: u32,
} where O::Moments: Saved);
