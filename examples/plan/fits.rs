//! What fits what is asked for.

use core::error::Error;

use serde::Serialize;

use crate::arguments::Question;
use crate::chips::Chip;
use crate::estimate::{Estimate, Planner, Way};

/// The answer: a plan for each kind of core.
#[derive(Serialize)]
pub struct Plan {
    pub network: String,
    pub weights: usize,
    pub optimizer: &'static str,
    pub k1: usize,
    pub k2: usize,
    /// Whether the counts are of networks of this kind.
    pub checked: bool,
    /// Whether something fits.
    pub fits: bool,
    pub cores: Vec<Answer>,
}

/// The plan of one kind of core, and where it fits.
#[derive(Serialize)]
pub struct Answer {
    #[serde(flatten)]
    pub estimate: Estimate,
    /// Learning at once fits what is asked for.
    pub at_once_fits: bool,
    /// Learning in slices does.
    pub sliced_fits: bool,
    /// Chips that learning in one of the ways fits, at their own clocks.
    pub chips: Vec<String>,
}

/// What there is.
struct Limits {
    ram: Option<usize>,
    flash: Option<usize>,
    rate: Option<f64>,
}

impl Plan {
    pub fn new(question: &Question) -> Result<Self, Box<dyn Error>> {
        let (planner, chips) = (Planner::new()?, Chip::all()?);
        let training = &question.training;
        let mut cores = Vec::new();
        for &core in &question.cores {
            let estimate = planner.estimate(training, core, question.mhz, question.macs)?;
            cores.push(answer(question, estimate, &chips));
        }
        Ok(Self {
            network: training.network.to_string(),
            weights: training.network.weights(),
            optimizer: training.optimizer.name(),
            k1: training.k1,
            k2: training.k2,
            checked: planner.knows(&training.network)?,
            fits: cores.iter().any(|answer| answer.at_once_fits || answer.sliced_fits),
            cores,
        })
    }
}

fn answer(question: &Question, estimate: Estimate, chips: &[Chip]) -> Answer {
    let limits = Limits { ram: question.ram, flash: question.flash, rate: question.rate };
    let [at_once_fits, sliced_fits] = ways(&estimate).map(|way| limits.hold(&estimate, way, 1.0));
    let chips = chips.iter().filter(|chip| chip.core == estimate.core.chips);
    let chips = chips.filter(|chip| is_enough(chip, question.rate, &estimate));
    let chips = chips.map(|chip| chip.name.clone()).collect();
    Answer { at_once_fits, sliced_fits, chips, estimate }
}

fn ways(estimate: &Estimate) -> [&Way; 2] {
    [&estimate.at_once, &estimate.sliced]
}

/// Whether a chip has the RAM, the flash, and at its own clock the rate.
fn is_enough(chip: &Chip, rate: Option<f64>, estimate: &Estimate) -> bool {
    let limits = Limits { ram: Some(chip.ram()), flash: Some(chip.flash()), rate };
    ways(estimate).into_iter().any(|way| limits.hold(estimate, way, chip.mhz / estimate.mhz))
}

impl Limits {
    /// Whether a way to learn holds them, its stack as large as the model may be off, on a clock so many times as fast.
    fn hold(&self, estimate: &Estimate, way: &Way, speed: f64) -> bool {
        let margin = 1.0 + estimate.errors.stack_to_train / 100.0;
        let ram = way.ram + (margin * way.stack).ceil() as usize;
        self.ram.is_none_or(|limit| ram <= limit)
            && self.flash.is_none_or(|limit| estimate.flash[1] <= limit)
            && self.rate.is_none_or(|rate| rate <= way.highest_rate * speed)
    }
}
