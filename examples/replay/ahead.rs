//! Ahead: a trainer of a sample several steps on, of a level, or in integers; a board can run this file as
//! it stands.

use core::array::from_fn;

use elman::{
    Backward, InRange, Loss, Optimizer, OutputRow, Parameters, Predictor, SquaredError,
    StandardScaler, TrainErrorKind, Trainer, fixed,
};
use heapless::Deque;

/// The longest horizon.
pub const MAX_HORIZON: usize = 64;

/// The limit of each standardised input, as in a [`Forecaster`](elman::Forecaster).
const MAX_INPUT: f32 = 10.0;

/// What a [`Forecaster`](elman::Forecaster) is for the change of one step in floats, for other targets
/// and for integers.
///
/// The first number of a sample is forecast. Inputs are those of a `Forecaster`, the sample and the
/// change of its first number; the target has a scaler of its own:
///
/// ```text
/// change   target x_{t+h} − x_t    forecast x_t + mean + deviation · y_t
/// level    target x_{t+h}          forecast       mean + deviation · y_t
/// ```
///
/// Two streams run through the one network. The trainer's is `h` samples late, since the target of a
/// sample comes so late; the predictor's is at the newest sample. A rejected sample is a gap: nothing
/// is learned of it, nor of the sample after it, whose change is unknown. Anomalies are not held.
///
/// Scalers compute in `f32`; a network of integers reads the standardised input as a
/// [`Row`](fixed::Row).
pub struct Ahead<N, O, const I: usize, const K1: usize, const K2: usize>
where
    N: Backward + Parameters,
    O: Optimizer<N>,
{
    pub trainer: Trainer<N, O, K1, K2>,
    pub scaler: StandardScaler<[f32; I]>,
    pub target_scaler: StandardScaler<[f32; 1]>,
    target: Target,
    predictor: Predictor<N>,
    waiting: Deque<Option<Sample<N::In>>, MAX_HORIZON>,
    value: Option<f32>,
}

/// What is forecast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// From 1 to [`MAX_HORIZON`].
    pub horizon: usize,
    pub is_level: bool,
}

impl Target {
    /// What a [`Forecaster`](elman::Forecaster) forecasts.
    pub const NEXT_CHANGE: Self = Self { horizon: 1, is_level: false };
}

/// A sample whose target is to come. There is no input in the warm-up and after a gap.
pub struct Sample<X> {
    value: f32,
    input: Option<X>,
}

/// An output of one number, of each kind of numbers.
pub trait Output: OutputRow<f32> {
    fn number(&self) -> f32;
}

impl Output for [f32; 1] {
    fn number(&self) -> f32 {
        let [y] = *self;
        y
    }
}

impl Output for fixed::Row<1> {
    fn number(&self) -> f32 {
        let [y] = self.to_f32();
        y
    }
}

impl<N, O, const I: usize, const K1: usize, const K2: usize> Ahead<N, O, I, K1, K2>
where
    N: Backward<In: From<[f32; I]>, Out: Output> + Parameters<Scalar = f32>,
    O: Optimizer<N>,
    SquaredError: Loss<N::Out, Scalar = f32, Target = [f32; 1]>,
{
    pub const fn new(optimizer: O, target: Target) -> Self {
        Self {
            trainer: Trainer::new(optimizer),
            scaler: StandardScaler::new(),
            target_scaler: StandardScaler::new(),
            target,
            predictor: Predictor::new(),
            waiting: Deque::new(),
            value: None,
        }
    }

    /// Learns from a sample, and forecasts the one `horizon` steps on.
    ///
    /// In the warm-up and after a gap the forecast is the present value.
    pub fn observe<const S: usize>(&mut self, x: &[f32; S]) -> Result<f32, TrainErrorKind> {
        let value = x.first().copied().filter(|_| x.is_in_range());
        let due = self.due();
        let learned = self.learn(due, value);
        let before = core::mem::replace(&mut self.value, value);
        let forecast = learned.and_then(|()| self.forecast(x, value, before));
        if forecast.is_err() {
            self.value = None;
            self.wait(None);
        }
        forecast
    }

    /// Starts a new sequence: what waits is dropped. What was learned stays.
    pub fn reset(&mut self) {
        self.trainer.reset();
        self.predictor = Predictor::new();
        self.waiting.clear();
        self.value = None;
    }

    /// Bytes of RAM, without the samples that this horizon leaves unused.
    pub const fn ram(&self) -> usize {
        let unused = (MAX_HORIZON - self.target.horizon) * size_of::<Option<Sample<N::In>>>();
        size_of::<Self>() - unused
    }

    //////////// learning ////////////

    /// The sample of `horizon` steps ago.
    fn due(&mut self) -> Option<Sample<N::In>> {
        let is_full = self.waiting.len() >= self.target.horizon;
        is_full.then(|| self.waiting.pop_front()).flatten().flatten()
    }

    fn learn(
        &mut self,
        due: Option<Sample<N::In>>,
        value: Option<f32>,
    ) -> Result<(), TrainErrorKind> {
        let Some(Sample { value: base, input }) = due else { return Ok(()) };
        let target = value.map(|value| [value - self.base(base)]);
        if let Some(input) = input {
            self.pass(&input, target.as_ref())?;
        }
        target.map_or(Ok(()), |target| self.target_scaler.update(&target))
    }

    /// The trainer's step, with a target or without.
    fn pass(&mut self, input: &N::In, target: Option<&[f32; 1]>) -> Result<(), TrainErrorKind> {
        let passed = match target {
            Some(target) => {
                let z = self.target_scaler.transform(target);
                self.trainer.observe(input, &z).map(|_| ())
            }
            None => self.trainer.predict(input).map(|_| ()),
        };
        passed.map_err(|error| error.kind)
    }

    /// What is added to the network's output.
    const fn base(&self, value: f32) -> f32 {
        if self.target.is_level { 0.0 } else { value }
    }

    //////////// forecasting ////////////

    fn forecast<const S: usize>(
        &mut self,
        x: &[f32; S],
        value: Option<f32>,
        before: Option<f32>,
    ) -> Result<f32, TrainErrorKind> {
        const { assert!(I == S + 1, "the network reads a sample and its change") };
        let value = value.ok_or(TrainErrorKind::Input)?;
        let input = match before {
            Some(before) => {
                self.input(&from_fn(|i| x.get(i).copied().unwrap_or(value - before)))?
            }
            None => None,
        };
        let forecast = match &input {
            Some(input) => self.step(value, input)?,
            None => value,
        };
        self.wait(Some(Sample { value, input }));
        Ok(forecast)
    }

    /// The standardised input, if the scaler was ready before this sample.
    fn input(&mut self, raw: &[f32; I]) -> Result<Option<N::In>, TrainErrorKind> {
        let was_ready = self.scaler.is_ready();
        self.scaler.update(raw)?;
        let mut input = self.scaler.transform(raw);
        input.clamp(MAX_INPUT);
        Ok(was_ready.then(|| input.into()))
    }

    fn step(&mut self, value: f32, input: &N::In) -> Result<f32, TrainErrorKind> {
        let y = self.predictor.predict(&self.trainer.learner.net, input)?;
        let [y] = self.target_scaler.inverse_transform(&[y.number()]);
        let forecast = self.base(value) + y;
        if forecast.is_in_range() { Ok(forecast) } else { Err(TrainErrorKind::State) }
    }

    fn wait(&mut self, sample: Option<Sample<N::In>>) {
        let _never_full = self.waiting.push_back(sample);
    }
}
