//! Forecaster: a trainer of the next sample of a stream, standardised and monitored.

mod samples;

use core::fmt;

use super::{AnomalyDetector, AnomalyScore, Drift, PageHinkley, StandardScaler};
use crate::nn::{Backward, Parameters};
use crate::num::ConstZero;
use crate::safetensors::StateDict;
use crate::state_dict;
use crate::train::{Limit, Optimizer, Report, SquaredError, Trainer};

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
/// A sample that is not [`InRange`](crate::InRange) changes nothing but the step counter. The change across the gap is
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
