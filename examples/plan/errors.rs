//! How far off the model is: its worst errors on counts that it was not fitted to.

use core::error::Error;

use serde::Serialize;

use crate::counts::Count;
use crate::model::Model;

/// The worst error of each kind, in percent of what was counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Errors {
    pub step: f64,
    /// A sample without learning.
    pub sample: f64,
    pub mean: f64,
    /// The sample that learns at once.
    pub pause: f64,
    pub longest_slice: f64,
    /// All slices of a window.
    pub slices: f64,
    pub stack_to_run: f64,
    pub stack_to_train: f64,
}

impl Errors {
    /// Those on a board's counts that are held out.
    pub fn on(counts: &[Count], board: &str, model: &Model) -> Result<Self, Box<dyn Error>> {
        let held_out = counts.iter().filter(|count| count.board == board && !count.is_fitted());
        held_out
            .map(|count| Self::of(count, model))
            .try_fold(Self::default(), |worst, errors| Ok(worst.max(&errors?)))
    }

    /// Those of one count.
    pub fn of(count: &Count, model: &Model) -> Result<Self, Box<dyn Error>> {
        let training = count.training()?;
        let network = &training.network;
        let slices = model.slices(&training, count.macs.unwrap_or(usize::MAX));
        let [run, train, _] = model.stack(&training);
        Ok(Self {
            step: percent(model.step(network), count.step),
            sample: percent(model.sample(network), count.observe),
            mean: percent(model.mean(&training), count.mean),
            pause: percent(model.pause(&training), count.pause),
            longest_slice: percent(slices.longest, count.longest),
            slices: percent(slices.total, count.total),
            stack_to_run: percent(run, count.run_stack),
            stack_to_train: percent(train, count.train_stack),
        })
    }

    fn max(self, other: &Self) -> Self {
        Self {
            step: self.step.max(other.step),
            sample: self.sample.max(other.sample),
            mean: self.mean.max(other.mean),
            pause: self.pause.max(other.pause),
            longest_slice: self.longest_slice.max(other.longest_slice),
            slices: self.slices.max(other.slices),
            stack_to_run: self.stack_to_run.max(other.stack_to_run),
            stack_to_train: self.stack_to_train.max(other.stack_to_train),
        }
    }
}

/// How far a model's number is from a count. Without a count, as far as can be.
fn percent(model: f64, count: Option<f64>) -> f64 {
    count.map_or(f64::INFINITY, |count| 100.0 * (model / count - 1.0).abs())
}
