//! Experiment: a device learns the log, with each setting and seed.

use crate::ahead::Target;
use crate::common::{for_seeds, median};
use crate::device::Device;
use crate::score::Scored;
use crate::settings::Settings;
use crate::sizes;

/// How often, and how, the log is gone through.
#[derive(Clone, Copy)]
pub struct Plan {
    pub target: Target,
    /// The last one is scored; those before it end where the last third begins.
    pub passes: u32,
    pub seeds: u64,
}

/// The errors of the networks of all seeds, relative to persistence.
pub struct Outcome {
    pub settings: Settings,
    pub middle: Vec<f64>,
    pub last: Vec<f64>,
    pub ram: usize,
}

impl Outcome {
    pub fn middle(&self) -> f64 {
        median(self.middle.clone())
    }

    pub fn last(&self) -> f64 {
        median(self.last.clone())
    }

    /// The seed with the least error in the middle third.
    pub fn seed(&self) -> u64 {
        let seeds = (0..).zip(&self.middle);
        seeds.min_by(|a, b| a.1.total_cmp(b.1)).map_or(0, |(seed, _)| seed)
    }
}

/// One run.
pub struct Run {
    pub forecasts: Vec<f64>,
    /// Whole rows that the device had no forecast for, where the present value counts as one.
    pub lost: usize,
    pub device: Box<dyn Device>,
}

/// The outcomes, that with the least error in the middle third first.
pub fn outcomes(
    scored: &Scored<'_>,
    plan: Plan,
    grid: &[Settings],
    tick: impl Fn() + Sync,
) -> Vec<Outcome> {
    let jobs = grid.len() as u64 * plan.seeds;
    let errors = for_seeds(jobs, |job| {
        let settings = &grid[(job / plan.seeds) as usize];
        let run = run(scored, plan, settings, job % plan.seeds, &tick);
        let relative = |rows| scored.relative(&run.forecasts, rows);
        (relative(scored.middle()), relative(scored.last()), run.device.ram())
    });
    let mut outcomes: Vec<Outcome> = grid
        .iter()
        .zip(errors.chunks(plan.seeds as usize))
        .map(|(settings, seeds)| Outcome {
            settings: *settings,
            middle: seeds.iter().map(|seed| seed.0).collect(),
            last: seeds.iter().map(|seed| seed.1).collect(),
            ram: seeds[0].2,
        })
        .collect();
    outcomes.sort_by(|a, b| a.middle().total_cmp(&b.middle()));
    outcomes
}

/// A device learns the log.
pub fn run(
    scored: &Scored<'_>,
    plan: Plan,
    settings: &Settings,
    seed: u64,
    tick: impl Fn(),
) -> Run {
    let columns = scored.log.names.len();
    let device = sizes::build(settings, columns, plan.target, seed).expect("the size was checked");
    let mut run = Run { forecasts: Vec::new(), lost: 0, device };
    for _ in 1..plan.passes {
        run.pass(scored, scored.last().start);
        run.device.reset();
        tick();
    }
    run.pass(scored, scored.target.len());
    tick();
    run
}

impl Run {
    fn pass(&mut self, scored: &Scored<'_>, rows: usize) {
        (self.forecasts, self.lost) = (Vec::with_capacity(rows), 0);
        for (row, &now) in scored.log.rows.iter().zip(&scored.target).take(rows) {
            let forecast = self.device.observe(row).ok().map(f64::from);
            let is_lost = forecast.is_none() && row.iter().all(|number| number.is_finite());
            self.lost += usize::from(is_lost);
            self.forecasts.push(forecast.unwrap_or(now));
        }
    }
}
