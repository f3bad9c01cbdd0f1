//! What a forecaster does with samples.

use core::array::from_fn;

use super::{ForecastReport, Forecaster, MAX_INPUT};
use crate::monitor::standard_scaler::or_one;
use crate::monitor::{AnomalyScore, Drift};
use crate::nn::{Backward, Parameters, Tensor};
use crate::num::{InRange, Scalar};
use crate::train::{Loss, Optimizer, Predictor, Report, TrainError, TrainErrorKind};

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
    /// diverged, as [`Trainer::observe`](crate::Trainer::observe) says.
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
