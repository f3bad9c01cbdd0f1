//! Model: a forecaster of the next sample that learns in slices.
//!
//! The equations are those of the crate's `Forecaster`, around a `SlicedTrainer`: the test holds their
//! bits equal.

use core::array::from_fn;
use core::num::NonZeroU32;

use elman::{
    Adam, AnomalyDetector, AnomalyScore, Dense, Drift, Elman, InRange, Initialize, Limit,
    PageHinkley, Pcg32, Predictor, Stack, StandardScaler, TrainErrorKind, Update, state_dict,
};

use crate::learning::Learning;
use crate::sensor::{AXES, Row};

/// A sample and its change in; the standardised change to the next sample out.
pub const INPUTS: usize = 2 * AXES;
pub type Input = [f32; INPUTS];
pub type Net = Stack<(Elman<INPUTS, 16>, Dense<16, AXES>)>;

/// The limit of each standardised input.
const MAX_INPUT: f32 = 10.0;
/// The score above which an error is an anomaly.
const THRESHOLD: f32 = 3.8906;
/// The threshold of the drift flag.
const DRIFT: f32 = 80.0;
/// Errors before the first alarm.
const WARM_UP: Option<NonZeroU32> = NonZeroU32::new(500);

/// What outlasts a power cut. The state after a sample depends on the samples alone.
pub struct Model {
    learning: Learning,
    scaler: StandardScaler<Input>,
    anomaly: AnomalyDetector<Row>,
    drift: PageHinkley<f32>,
    value: Row,
    input: Input,
    forecast: Row,
    has_value: bool,
    has_input: bool,
    has_forecast: bool,
    samples: u32,
    /// The forecast is due when the learning is done. Not saved: no model is saved until then.
    is_learning: bool,
}

/// What a sample turned out to be.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen {
    pub anomaly: AnomalyScore,
    pub drift: Drift,
}

impl Model {
    /// In `.bss`. [`start`](Self::start) comes first.
    pub const ZERO: Self = Self {
        learning: Learning::ZERO,
        scaler: StandardScaler::new(),
        anomaly: AnomalyDetector::new(),
        drift: PageHinkley::new(),
        value: [0.0; AXES],
        input: [0.0; INPUTS],
        forecast: [0.0; AXES],
        has_value: false,
        has_input: false,
        has_forecast: false,
        samples: 0,
        is_learning: false,
    };

    /// The settings, which no checkpoint holds, and the first weights, which one replaces.
    pub fn start(&mut self) {
        let trainer = self.learning.trainer.complete();
        trainer.learner.optimizer = Adam::new(0.003);
        trainer.learner.net.init_pytorch(&mut Pcg32::new(1, 0));
        self.anomaly.warm_up = WARM_UP;
        self.anomaly.threshold = Limit::At(THRESHOLD);
        self.drift.threshold = Limit::At(DRIFT);
    }

    /// The samples so far, rejected ones included.
    pub const fn samples(&self) -> u32 {
        self.samples
    }

    pub const fn net(&self) -> &Net {
        self.learning.trainer.net()
    }

    pub const fn is_learning(&self) -> bool {
        self.is_learning
    }

    /// Looks at a sample and records it. Then call [`learn`](Self::learn) while it
    /// [`is_learning`](Self::is_learning).
    pub fn observe(&mut self, x: &Row) -> Result<Seen, TrainErrorKind> {
        self.samples += 1;
        self.is_learning = true;
        let seen = self.try_observe(x);
        if seen.is_err() {
            self.begin_gap();
        }
        seen
    }

    /// Learns a slice of about `macs` multiply-accumulates; the last slice forecasts. Returns the update
    /// that it completed, if any.
    pub fn learn(&mut self, macs: usize) -> Result<Update, TrainErrorKind> {
        if self.learning.trainer.is_pending() {
            return Ok(self.learning.trainer.learn(macs));
        }
        self.is_learning = false;
        if self.has_value && self.has_input {
            self.next_forecast().inspect_err(|_| self.begin_gap())?;
        }
        Ok(Update::NotDue)
    }

    fn try_observe(&mut self, x: &Row) -> Result<Seen, TrainErrorKind> {
        if !x.is_in_range() {
            return Err(TrainErrorKind::Input);
        }
        if !self.has_value {
            self.record(None)?;
            return Ok(self.without_forecast(x));
        }
        let raw = with_change(x, &self.value);
        let mut scaler = self.scaler.clone();
        scaler.update(&raw)?;
        if !self.scaler.is_ready() {
            self.scaler = scaler;
            return Ok(self.without_forecast(x));
        }
        let seen = self.compare(x, &raw)?;
        if !seen.anomaly.is_held {
            self.scaler = scaler;
        }
        (self.value, self.input, self.has_input) = (*x, self.standardized(&raw), true);
        Ok(seen)
    }

    /// In the warm-up and after a gap.
    fn without_forecast(&mut self, x: &Row) -> Seen {
        (self.value, self.has_value, self.has_forecast) = (*x, true, false);
        Seen::default()
    }

    /// After it the change to the next sample is unknown.
    fn begin_gap(&mut self) {
        (self.has_value, self.has_forecast) = (false, false);
    }

    /// The sample beside its forecast. An anomaly is not learned.
    fn compare(&mut self, x: &Row, raw: &Input) -> Result<Seen, TrainErrorKind> {
        if !self.has_forecast {
            return self.record(None).map(|()| Seen::default());
        }
        let error = difference(x, &self.forecast);
        if !error.is_in_range() {
            return Err(TrainErrorKind::Input);
        }
        let anomaly = self.anomaly.score(&error);
        let target = changes(&self.scaler.transform(raw));
        self.record((!anomaly.is_held).then_some(&target))?;
        let was_ready = self.anomaly.is_ready();
        self.anomaly.update(&error)?;
        let score = anomaly.score.min(THRESHOLD); // one outlier is no drift
        let drift = if was_ready { self.drift.update(score) } else { Drift::None };
        Ok(Seen { anomaly, drift })
    }

    /// Lets the trainer take the input that waits, with its target if it is to be learned.
    fn record(&mut self, target: Option<&Row>) -> Result<(), TrainErrorKind> {
        if !core::mem::take(&mut self.has_input) {
            return Ok(());
        }
        let trainer = &mut self.learning.trainer;
        let result = match target {
            Some(target) => trainer.observe(&self.input, target).map(drop),
            None => trainer.predict(&self.input).map(drop),
        };
        result.map_err(|error| error.kind)
    }

    /// By the trainer's state, which it does not change.
    fn next_forecast(&mut self) -> Result<(), TrainErrorKind> {
        let mut predictor = Predictor::new();
        predictor.reset(*self.learning.trainer.state());
        self.forecast = self.forecast(&mut predictor, &self.value, &self.input)?;
        self.has_forecast = true;
        Ok(())
    }
}

/// What an interrupt reads.
impl Model {
    /// Nothing is standardised before the scaler has seen enough.
    pub fn is_ready(&self) -> bool {
        self.scaler.is_ready()
    }

    pub fn score(&self, error: &Row) -> AnomalyScore {
        self.anomaly.score(error)
    }

    pub fn standardized(&self, raw: &Input) -> Input {
        self.scaler.transform(raw).map(|z| z.clamp(-MAX_INPUT, MAX_INPUT))
    }

    /// The sample after `value`, of which `input` was made.
    pub fn forecast(
        &self,
        predictor: &mut Predictor<Net>,
        value: &Row,
        input: &Input,
    ) -> Result<Row, TrainErrorKind> {
        let y = predictor.predict(self.net(), input)?;
        let mut z = [0.0; INPUTS];
        z[AXES..].copy_from_slice(y);
        let change = changes(&self.scaler.inverse_transform(&z));
        let forecast = from_fn(|axis| value[axis] + change[axis]);
        if forecast.is_in_range() { Ok(forecast) } else { Err(TrainErrorKind::State) }
    }
}

/// A sample and its change.
pub fn with_change(x: &Row, before: &Row) -> Input {
    from_fn(|n| if n < AXES { x[n] } else { x[n - AXES] - before[n - AXES] })
}

pub fn difference(a: &Row, b: &Row) -> Row {
    from_fn(|axis| a[axis] - b[axis])
}

fn changes(input: &Input) -> Row {
    from_fn(|axis| input[AXES + axis])
}

state_dict!(Model {
    learning: Learning,
    scaler: StandardScaler<Input>,
    anomaly: AnomalyDetector<Row>,
    drift: PageHinkley<f32>,
} packed {
    value: Row,
    input: Input,
    forecast: Row,
    has_value: bool,
    has_input: bool,
    has_forecast: bool,
    samples: u32,
});
