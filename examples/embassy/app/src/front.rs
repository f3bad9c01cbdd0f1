//! Front: what an interrupt does with a sample, by a model that it only reads.

use elman::{AnomalyScore, InRange, Predictor, TrainErrorKind};

use crate::model::{Model, Net, difference, with_change};
use crate::sensor::Row;

/// The stream of the interrupt: its own state on the learner's weights.
#[derive(Default)]
pub struct Front {
    predictor: Predictor<Net>,
    value: Option<Row>,
    forecast: Option<Row>,
}

impl Front {
    /// Scores a sample by the forecast of it, and forecasts the next one.
    ///
    /// A sample that is not finite, or leads to a state that is not, changes nothing but that the next
    /// one has no forecast.
    pub fn observe(&mut self, model: &Model, x: &Row) -> Result<AnomalyScore, TrainErrorKind> {
        let (before, forecast) = (self.value.take(), self.forecast.take());
        if !x.is_in_range() {
            return Err(TrainErrorKind::Input);
        }
        self.value = Some(*x);
        if let Some(before) = before.filter(|_| model.is_ready()) {
            let input = model.standardized(&with_change(x, &before));
            self.forecast = Some(model.forecast(&mut self.predictor, x, &input)?);
        }
        Ok(forecast
            .map_or_else(AnomalyScore::default, |forecast| model.score(&difference(x, &forecast))))
    }
}
