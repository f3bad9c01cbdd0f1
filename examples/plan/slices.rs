//! Which slices a window is cut into: what `SlicedTrainer::learn` does, with costs for work.

use std::collections::VecDeque;

/// A kind of work in pieces that are not cut.
#[derive(Clone, Debug)]
pub struct Phase {
    /// Multiply-accumulates of a piece.
    pub macs: usize,
    /// Instructions of a slice that does some of it, beside those of each piece.
    pub call: f64,
    /// Instructions of each piece.
    pub pieces: VecDeque<f64>,
}

impl Phase {
    /// Pieces that are all the same.
    pub fn even(macs: usize, call: f64, pieces: usize, all: f64) -> Self {
        Self { macs, call, pieces: (0..pieces).map(|_| all / pieces as f64).collect() }
    }
}

/// What a window costs with a budget.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slices {
    pub count: usize,
    pub longest: f64,
    pub total: f64,
}

/// Multiply-accumulates of a window, `SlicedTrainer::MACS`, about.
pub fn macs(phases: &[Phase]) -> usize {
    phases.iter().map(|phase| phase.pieces.len() * phase.macs).sum()
}

/// Cuts the work of a window into calls of `learn` with a budget.
pub fn cut(phases: &[Phase], budget: usize) -> Slices {
    let mut slices = Slices { count: 0, longest: 0.0, total: 0.0 };
    let mut work: Vec<_> =
        phases.iter().filter(|phase| !phase.pieces.is_empty()).cloned().collect();
    while !work.is_empty() {
        let slice = slice(&mut work, budget);
        slices.count += 1;
        slices.longest = slices.longest.max(slice);
        slices.total += slice;
    }
    slices
}

/// One call: as many pieces as the budget has, and at least one.
fn slice(work: &mut Vec<Phase>, budget: usize) -> f64 {
    let (mut spent, mut cost) = (0, 0.0);
    while let Some(phase) = work.first_mut() {
        let pieces = budget.saturating_sub(spent) / phase.macs.max(1);
        if pieces == 0 && spent > 0 {
            break;
        }
        let pieces = pieces.clamp(1, phase.pieces.len());
        spent += pieces * phase.macs.max(1);
        cost += phase.call + phase.pieces.drain(..pieces).sum::<f64>();
        if phase.pieces.is_empty() {
            work.remove(0);
        }
    }
    cost
}
