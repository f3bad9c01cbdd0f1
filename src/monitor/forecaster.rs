//! Forecaster: a trainer of the next sample of a stream, standardised and monitored.

use core::array::from_fn;
use core::fmt;

use super::standard_scaler::or_one;
use super::{AnomalyDetector, AnomalyScore, Drift, PageHinkley, StandardScaler};
use crate::nn::{Backward, Parameters, Tensor};
use crate::num::{ConstZero, InRange, Scalar};
use crate::safetensors::StateDict;
use crate::state_dict;
use crate::train::{
    Limit, Loss, Optimizer, Predictor, Report, SquaredError, TrainError, TrainErrorKind, Trainer,
};

/// The default of [`Forecaster::max_input`].
const MAX_INPUT: u32 = 10;

/// A [`Trainer`] of the next sample of a stream: a sample in, a forecast of the next one out.
///
/// A sample is a row of `S` numbers, of which the first `C` are forecast; the others only help. The
/// network reads the sample and the change of what is forecast, so it has `S + C` inputs and `C`
/// outputs; any other does not compile. It forecasts the change:
///
/// ```text
/// input    z_t = ((x_t, x_t − x_{t−1}) − mean) / deviation,   limited to ±10
/// target   ((x_{t+1} − x_t) − mean) / deviation
/// forecast x_t + mean + deviation · y_t
/// ```
///
/// Mean and deviation are those of a [`StandardScaler`] of the `S + C` inputs: all numbers given and
/// returned are in the units of the sensor. The change is forecast, since on a slow signal a network
/// that forecasts the level must first learn to copy its input; the example `levels` measures what
/// that costs.
///
/// ```
/// use elman::{Adam, Dense, Elman, Forecaster, Initialize, Pcg32, Stack};
///
/// type Net = Stack<(Elman<2, 8>, Dense<8, 1>)>; // a level and its change in, one forecast out
/// let mut forecaster = Forecaster::<Net, Adam, 5, 20>::new(Adam::new(0.01));
/// forecaster.trainer.learner.net.init_pytorch(&mut Pcg32::new(1, 0));
///
/// let mut forecast = [0.0];
/// for t in 0..4000 {
///     let pressure = 1013.0 + 5.0 * (t % 8) as f32;
///     assert!(t < 3900 || (forecast[0] - pressure).abs() < 2.0);
///     match forecaster.observe(&[pressure]) {
///         Ok(report) => forecast = report.forecast,
///         Err(error) => println!("{error}"), // the sample was rejected; the stream goes on
///     }
/// }
/// ```
///
/// A channel that never changed is forecast to stay as it is.
///
/// # Warm-up
///
/// Until the scaler is ready, 100 samples, the forecast is the present value and nothing is learned;
/// anomalies are flagged from 1000 errors on. Until then an outlier counts like any other sample: on a
/// sensor that starts with one, begin after it.
///
/// # Anomalies and drift
///
/// [`AnomalyDetector`] scores each error. An anomaly is neither learned by the network nor counted by
/// the scaler, for at most [`AnomalyDetector::max_hold`] in a row; the network's state follows it.
/// Scores, those above the threshold limited to it, go through [`PageHinkley`]: `Up` when errors
/// grow, `Down` when they shrink, as when the network learns or a sensor is stuck.
///
/// Measured on a synthetic vibration with normal noise, ten networks of eight units, each fault fifty
/// times (`tests/behaviour/faults.rs`); delays are in samples, and deviations those of the noise:
///
#[doc = include_str!("faults.md")]
///
/// The threshold promises 10 false alarms in 10⁵ normal errors; those of a network that goes on
/// learning have somewhat heavier tails.
///
/// # Rejected samples
///
/// A sample that is not [`InRange`] changes nothing but the step counter. The change across the gap is
/// unknown, so the sample after it is neither learned nor counted.
///
/// # Cost
///
/// A trainer's, and one step forward more each sample, for the forecast.
pub struct Forecaster<
    N: Backward + Parameters,
    O: Optimizer<N>,
    const K1: usize,
    const K2: usize,
    L = SquaredError,
> {
    /// The network, its optimiser and its stream, all in standardised units.
    pub trainer: Trainer<N, O, K1, K2, L>,
    /// Mean and deviation of the sample's numbers, then of the changes.
    pub scaler: StandardScaler<N::In>,
    /// The score of the forecast's error, in the units of the sensor.
    pub anomaly: AnomalyDetector<N::Out, N::Scalar>,
    /// The drift of the scores.
    pub drift: PageHinkley<N::Scalar>,
    /// The limit of each standardised input. Default: 10.
    pub max_input: Limit<N::Scalar>,
    /// The newest sample's numbers that are forecast.
    value: N::Out,
    /// The newest input, of which the trainer does not know yet.
    input: N::In,
    forecast: N::Out,
    has_value: bool,
    has_input: bool,
    has_forecast: bool,
    steps: u64,
}

/// The result of one sample, in the units of the sensor.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct ForecastReport<Y, T> {
    /// The forecast of the next sample.
    pub forecast: Y,
    /// This sample less its forecast; `None` if there was none.
    pub error: Option<Y>,
    /// The score of the error.
    pub anomaly: AnomalyScore<T>,
    /// Whether the scores have changed.
    pub drift: Drift,
    /// What was learned, in standardised units; `None` if nothing was: in the warm-up, after a gap, or
    /// while an anomaly is held.
    pub learned: Option<Report<Y, T>>,
}

impl<N, O, const K1: usize, const K2: usize, L> Forecaster<N, O, K1, K2, L>
where
    N: Backward + Parameters,
    O: Optimizer<N>,
{
    /// A forecaster with a network of zeros. Give it weights.
    #[must_use]
    pub const fn new(optimizer: O) -> Self {
        Self {
            trainer: Trainer::new(optimizer),
            scaler: StandardScaler::new(),
            anomaly: AnomalyDetector::new(),
            drift: PageHinkley::new(),
            max_input: Limit::Default,
            value: N::Out::ZERO,
            input: N::In::ZERO,
            forecast: N::Out::ZERO,
            has_value: false,
            has_input: false,
            has_forecast: false,
            steps: 0,
        }
    }

    /// The samples so far, rejected ones included.
    #[must_use]
    pub const fn steps(&self) -> u64 {
        self.steps
    }

    /// Starts a new sequence: the change to the next sample is unknown, and the network's state is
    /// the initial one. What was learned stays.
    pub fn reset(&mut self) {
        self.trainer.reset();
        self.has_input = false;
        self.begin_gap();
    }

    fn begin_gap(&mut self) {
        self.has_value = false;
        self.has_forecast = false;
    }
}

impl<N, O, L, T, const I: usize, const C: usize, const K1: usize, const K2: usize>
    Forecaster<N, O, K1, K2, L>
where
    N: Backward<In = [T; I], Out = [T; C]> + Parameters<Scalar = T>,
    O: Optimizer<N>,
    L: Loss<[T; C], Scalar = T, Target = [T; C]>,
    T: Scalar,
{
    /// Learns from a sample, and forecasts the next one.
    ///
    /// # Errors
    ///
    /// The sample was rejected, and changes nothing but [`steps`](Self::steps); or the network has
    /// diverged, as [`Trainer::observe`] says.
    pub fn observe<const S: usize>(
        &mut self,
        x: &[T; S],
    ) -> Result<ForecastReport<[T; C], T>, TrainError> {
        const { assert!(I == S + C && C <= S, "a forecaster's network has S + C inputs") };
        let step = self.steps;
        self.steps = self.steps.saturating_add(1);
        let report = self.try_observe(x);
        if report.is_err() {
            self.begin_gap();
        }
        report.map_err(|kind| TrainError { kind, step })
    }

    fn try_observe<const S: usize>(
        &mut self,
        x: &[T; S],
    ) -> Result<ForecastReport<[T; C], T>, TrainErrorKind> {
        if !x.is_in_range() {
            return Err(TrainErrorKind::Input);
        }
        let value = from_fn(|c| at(x, c));
        if !self.has_value {
            self.pass_input(None)?;
            return Ok(self.without_forecast(value));
        }
        let change = difference(&value, &self.value);
        let raw = from_fn(|i| if i < S { at(x, i) } else { at(&change, i.saturating_sub(S)) });
        let scaler = self.scaler.updated(&raw)?;
        if !self.scaler.is_ready() {
            self.scaler = scaler;
            return Ok(self.without_forecast(value));
        }
        let error = self.has_forecast.then(|| difference(&value, &self.forecast));
        if error.is_some_and(|error| !error.is_in_range()) {
            return Err(TrainErrorKind::Input);
        }
        let (anomaly, drift, learned) = self.learn(&change, error.as_ref())?;
        if !anomaly.is_held {
            self.scaler = scaler;
        }
        let forecast = self.next_forecast(value, &raw)?;
        Ok(ForecastReport { forecast, error, anomaly, drift, learned })
    }

    /// The trainer's step with the input before this sample, and what its error says.
    #[expect(clippy::type_complexity, reason = "three parts of a report")]
    fn learn(
        &mut self,
        change: &[T; C],
        error: Option<&[T; C]>,
    ) -> Result<(AnomalyScore<T>, Drift, Option<Report<[T; C], T>>), TrainErrorKind> {
        let anomaly = error.map_or_else(AnomalyScore::default, |error| self.anomaly.score(error));
        let is_learned = error.is_some() && !anomaly.is_held;
        let target = self.standardized_change(change);
        let learned = self.pass_input(is_learned.then_some(&target))?;
        let Some(error) = error else { return Ok((anomaly, Drift::None, learned)) };
        let was_ready = self.anomaly.is_ready();
        self.anomaly.update(error)?;
        let drift =
            if was_ready { self.drift.update(self.limited(anomaly.score)) } else { Drift::None };
        Ok((anomaly, drift, learned))
    }

    /// Lets the trainer take the input that waits, with its target if it is to be learned.
    fn pass_input(
        &mut self,
        target: Option<&[T; C]>,
    ) -> Result<Option<Report<[T; C], T>>, TrainErrorKind> {
        if !core::mem::take(&mut self.has_input) {
            return Ok(None);
        }
        let report = match target {
            Some(target) => self.trainer.observe(&self.input, target).map(Some),
            None => self.trainer.predict(&self.input).map(|_| None),
        };
        report.map_err(|error| error.kind)
    }

    /// In the warm-up and after a gap: the present value.
    fn without_forecast(&mut self, value: [T; C]) -> ForecastReport<[T; C], T> {
        self.value = value;
        self.has_value = true;
        self.has_forecast = false;
        let (anomaly, drift) = (AnomalyScore::default(), Drift::None);
        ForecastReport { forecast: value, error: None, anomaly, drift, learned: None }
    }

    /// The output to the newest input, from the trainer's state, which it does not change.
    fn next_forecast(&mut self, value: [T; C], raw: &[T; I]) -> Result<[T; C], TrainErrorKind> {
        self.value = value;
        self.input = self.scaler.transform(raw);
        if let Some(limit) = self.max_input.or(T::from_u32(MAX_INPUT)) {
            self.input.clamp(limit);
        }
        self.has_input = true;
        let mut predictor = Predictor::new();
        predictor.reset(*self.trainer.stream.state());
        let y = predictor.predict(&self.trainer.learner.net, &self.input)?;
        self.forecast = *y;
        let changes = self.scaler.channels().skip(const { I.saturating_sub(C) });
        for ((y, now), (mean, deviation)) in self.forecast.iter_mut().zip(value).zip(changes) {
            *y = now + (mean + deviation * *y);
        }
        self.has_forecast = self.forecast.is_in_range();
        if self.has_forecast { Ok(self.forecast) } else { Err(TrainErrorKind::State) }
    }

    fn standardized_change(&self, change: &[T; C]) -> [T; C] {
        let mut z = *change;
        for (z, (mean, deviation)) in
            z.iter_mut().zip(self.scaler.channels().skip(const { I.saturating_sub(C) }))
        {
            *z = (*z - mean) / or_one(deviation);
        }
        z
    }

    /// A score, limited to the threshold: one outlier is no drift.
    fn limited(&self, score: T) -> T {
        match self.anomaly.limit() {
            Some(limit) if score > limit => limit,
            _ => score,
        }
    }
}

fn difference<T: Scalar, const C: usize>(a: &[T; C], b: &[T; C]) -> [T; C] {
    from_fn(|c| at(a, c) - at(b, c))
}

/// Number `n` of a row.
fn at<T: Scalar, const C: usize>(row: &[T; C], n: usize) -> T {
    row.get(n).copied().unwrap_or(T::ZERO)
}

impl<N, O, const K1: usize, const K2: usize, L> fmt::Debug for Forecaster<N, O, K1, K2, L>
where
    N: Backward + Parameters,
    O: Optimizer<N>,
    Trainer<N, O, K1, K2, L>: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Forecaster")
            .field("trainer", &self.trainer)
            .field("scaler", &self.scaler)
            .field("anomaly", &self.anomaly)
            .field("drift", &self.drift)
            .field("steps", &self.steps)
            .finish_non_exhaustive()
    }
}

impl<N, O, const K1: usize, const K2: usize, L> ConstZero for Forecaster<N, O, K1, K2, L>
where
    N: Backward + Parameters,
    O: Optimizer<N> + ConstZero,
{
    const ZERO: Self = Self::new(O::ZERO);
}

state_dict!([
    N: Backward + Parameters, O: Optimizer<N>, const K1: usize, const K2: usize, L
] Forecaster<N, O, K1, K2, L> {
    trainer: Trainer<N, O, K1, K2, L>,
    scaler: StandardScaler<N::In>,
    anomaly: AnomalyDetector<N::Out, N::Scalar>,
    drift: PageHinkley<N::Scalar>,
} packed {
    value: N::Out,
    input: N::In,
    forecast: N::Out,
    has_value: bool,
    has_input: bool,
    has_forecast: bool,
    steps: u64,
} where
    Trainer<N, O, K1, K2, L>: StateDict,
    N::In: StateDict,
    N::Out: StateDict,
    N::Scalar: StateDict
);
