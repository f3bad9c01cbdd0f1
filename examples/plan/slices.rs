//! Which slices a window is cut into: what `SlicedTrainer::learn` does, with the work of each.

use std::collections::VecDeque;

use crate::features::{Features, plus};
use crate::fit::Costs;

/// Work that is not cut: what the steps and their gradients do, and instructions of all else.
#[derive(Clone, Debug, Default)]
pub struct Work {
    pub learn: Features,
    pub rest: f64,
}

impl Work {
    /// Instructions.
    pub fn cost(&self, learn: &Costs) -> f64 {
        learn.of(&self.learn) + self.rest
    }

    pub fn plus(self, other: &Self) -> Self {
        Self { learn: plus(self.learn, &other.learn), rest: self.rest + other.rest }
    }
}

/// A kind of work in pieces that are not cut.
#[derive(Clone, Debug)]
pub struct Phase {
    /// Multiply-accumulates of a piece.
    pub macs: usize,
    /// What a slice that does some of it does beside each piece.
    pub call: Features,
    pub pieces: VecDeque<Work>,
}

impl Phase {
    /// Pieces that all take as long.
    pub fn even(macs: usize, pieces: usize, all: f64) -> Self {
        let piece = Work { learn: Features::default(), rest: all / pieces as f64 };
        Self { macs, call: Features::default(), pieces: vec![piece; pieces].into() }
    }

    /// Pieces of steps and their gradients.
    pub fn of(macs: usize, call: Features, pieces: Vec<Features>) -> Self {
        let pieces = pieces.into_iter().map(|learn| Work { learn, rest: 0.0 }).collect();
        Self { macs, call, pieces }
    }
}

/// What a window costs with a budget.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slices {
    pub count: usize,
    pub longest: f64,
    pub total: f64,
}

impl Slices {
    pub fn new(slices: &[Work], learn: &Costs) -> Self {
        let costs = slices.iter().map(|slice| slice.cost(learn));
        Self { count: slices.len(), longest: costs.clone().fold(0.0, f64::max), total: costs.sum() }
    }
}

/// Multiply-accumulates of a window, `SlicedTrainer::MACS`, about.
pub fn macs(phases: &[Phase]) -> usize {
    phases.iter().map(|phase| phase.pieces.len() * phase.macs).sum()
}

/// Cuts the work of a window into calls of `learn` with a budget.
pub fn cut(phases: &[Phase], budget: usize) -> Vec<Work> {
    let mut slices = Vec::new();
    let mut work: VecDeque<_> =
        phases.iter().filter(|phase| !phase.pieces.is_empty()).cloned().collect();
    while !work.is_empty() {
        slices.push(slice(&mut work, budget));
    }
    slices
}

/// One call: as many pieces as the budget has, and at least one.
fn slice(work: &mut VecDeque<Phase>, budget: usize) -> Work {
    let (mut spent, mut all) = (0, Work::default());
    while let Some(phase) = work.front_mut() {
        let pieces = budget.saturating_sub(spent) / phase.macs.max(1);
        if pieces == 0 && spent > 0 {
            break;
        }
        let pieces = pieces.clamp(1, phase.pieces.len());
        spent += pieces * phase.macs.max(1);
        all.learn = plus(all.learn, &phase.call);
        all = phase.pieces.drain(..pieces).fold(all, |all, piece| all.plus(&piece));
        if phase.pieces.is_empty() {
            work.pop_front();
        }
    }
    all
}
