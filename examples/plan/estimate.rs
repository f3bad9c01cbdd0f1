//! The plan of one kind of core: memory, instructions, cycles, and the highest rate of samples.

use core::error::Error;

use serde::Serialize;

use crate::cores::Core;
use crate::counts::{Count, Cycles, Flash};
use crate::errors::Errors;
use crate::model::Model;
use crate::network::Network;
use crate::ram::{BOARD, Training};
use crate::slices::{self, Slices};

/// Instructions, and cycles.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Time {
    pub instructions: f64,
    pub cycles: f64,
}

/// What a way to learn takes.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Way {
    /// Bytes of the trainer.
    pub ram: usize,
    /// Bytes of stack below the caller's.
    pub stack: f64,
    /// A sample that brings no learning.
    pub sample: Time,
    /// The mean of all samples, learning included.
    pub mean: Time,
    /// What inference must wait for: the sample that learns, or the longest slice.
    pub longest: Time,
    /// Samples a second: every one is done before the next comes.
    pub highest_rate: f64,
}

/// A plan on one kind of core.
#[derive(Clone, Debug, Serialize)]
pub struct Estimate {
    #[serde(flatten)]
    pub core: Core,
    pub cycles_per_instruction: f64,
    /// Whether they are by the tables of this core; if not, they are those of a Cortex-M4F.
    pub cycles_are_tabled: bool,
    pub mhz: f64,
    /// Bytes of the state: all that a network in flash needs to run.
    pub ram_to_run: usize,
    pub stack_to_run: f64,
    /// One step of inference.
    pub step: Time,
    /// `Trainer`: a window at once.
    pub at_once: Way,
    /// `SlicedTrainer`: a window in slices between samples.
    pub sliced: Way,
    /// Calls of `learn` for a window, and the budget of each in multiply-accumulates.
    pub slices: usize,
    pub macs: usize,
    /// Bytes of the smallest and the largest of the small programs that learn.
    pub flash: [usize; 2],
    /// Bytes of a small program with a network in flash.
    pub flash_to_run: usize,
    /// In percent, the worst on networks that were held out.
    pub errors: Errors,
}

/// What all estimates are made from.
pub struct Planner {
    counts: Vec<Count>,
    cycles: Vec<Cycles>,
    flash: Vec<Flash>,
}

/// Slices that a window is cut into if no budget is given, about.
const SLICES: usize = 10;

impl Planner {
    pub fn new() -> Result<Self, Box<dyn Error>> {
        Ok(Self { counts: Count::all()?, cycles: Cycles::all()?, flash: Flash::all()? })
    }

    /// Whether the counts are of networks of this kind.
    pub fn knows(&self, network: &Network) -> Result<bool, Box<dyn Error>> {
        let counted = self.counts.iter().map(|count| Ok(count.training()?.network));
        Ok(network.is_among(&counted.collect::<Result<Vec<_>, Box<dyn Error>>>()?))
    }

    /// The plan of `training` on a core.
    pub fn estimate(
        &self,
        training: &Training,
        core: Core,
        mhz: f64,
        budget: Option<usize>,
    ) -> Result<Estimate, Box<dyn Error>> {
        let model = Model::fit(&self.counts, core.counts)?;
        let (cpi, cycles_are_tabled) = self.cycles_per_instruction(&core)?;
        let clock = Clock { cpi, mhz };
        let network = &training.network;
        let macs = budget.unwrap_or_else(|| slices::macs(&model.phases(training)) / SLICES);
        let slices = model.slices(training, macs);
        let stack = model.stack(training);
        let (flash, flash_to_run) = self.flash(training, &core)?;
        Ok(Estimate {
            core,
            cycles_per_instruction: cpi,
            cycles_are_tabled,
            mhz,
            ram_to_run: size_of::<f32>() * network.state(),
            stack_to_run: stack[0],
            step: clock.time(model.step(network)),
            at_once: at_once(&model, training, &clock, stack[1]),
            sliced: sliced(&model, training, &clock, stack[2], slices),
            slices: slices.count,
            macs,
            flash,
            flash_to_run,
            errors: Errors::on(&self.counts, core.counts, &model)?,
        })
    }

    /// Those of the board, or of the Cortex-M4F.
    fn cycles_per_instruction(&self, core: &Core) -> Result<(f64, bool), Box<dyn Error>> {
        let own = self.cycles.iter().find(|cycles| cycles.board == core.programs);
        let like = self.cycles.iter().find(|cycles| cycles.board == core.counts);
        let cycles = own.or(like).or(self.cycles.first()).ok_or("no cycles are known")?;
        Ok((cycles.cycles / cycles.instructions, own.is_some()))
    }

    /// The programs that learn, each cell above the first as large as the whole largest; and one that runs.
    fn flash(
        &self,
        training: &Training,
        core: &Core,
    ) -> Result<([usize; 2], usize), Box<dyn Error>> {
        let ours = self.flash.iter().filter(|flash| flash.board == core.programs);
        let (run, learn): (Vec<_>, Vec<_>) = ours.partition(|flash| flash.program == "infer");
        let sizes = learn.iter().map(|flash| flash.flash);
        let (smallest, largest) = (sizes.clone().min(), sizes.max());
        let cells = training.network.0.len() - 1;
        let weights = size_of::<f32>() * training.network.weights();
        let run = run.first().ok_or("no program that runs is known")?.flash;
        let known = smallest.zip(largest).ok_or("no program that learns is known")?;
        Ok(([known.0, known.1 * cells], run + weights))
    }
}

/// Cycles for instructions, and seconds for cycles.
struct Clock {
    cpi: f64,
    mhz: f64,
}

impl Clock {
    fn time(&self, instructions: f64) -> Time {
        let instructions = instructions.round();
        Time { instructions, cycles: (instructions * self.cpi).round() }
    }

    /// How often a second so many instructions can be done.
    fn rate(&self, instructions: f64) -> f64 {
        self.mhz * 1e6 / (instructions * self.cpi)
    }
}

/// Every sample is done before the next, the one that learns too.
fn at_once(model: &Model, training: &Training, clock: &Clock, stack: f64) -> Way {
    let pause = model.pause(training);
    Way {
        ram: training.trainer(BOARD),
        stack,
        sample: clock.time(model.sample(&training.network)),
        mean: clock.time(model.mean(training)),
        longest: clock.time(pause),
        highest_rate: clock.rate(pause),
    }
}

/// A sample waits for one slice at most, and a window is learned before the next has ended.
fn sliced(model: &Model, training: &Training, clock: &Clock, stack: f64, slices: Slices) -> Way {
    let sample = model.sliced_sample(&training.network);
    let mean = sample + slices.total / training.k1 as f64;
    Way {
        ram: training.sliced(BOARD),
        stack,
        sample: clock.time(sample),
        mean: clock.time(mean),
        longest: clock.time(slices.longest),
        highest_rate: clock.rate(mean.max(sample + slices.longest)),
    }
}
