//! Training runs of one recipe, one for each seed, on all cores.

use crate::common::for_seeds;
use crate::data::Sunspots;
use crate::recipe::{Recipe, Run};

/// The runs of the seeds `0..seeds`, the best forecast first; calls `tick` after every epoch.
pub fn train(recipe: &Recipe, seeds: u64, sunspots: &Sunspots, tick: impl Fn() + Sync) -> Vec<Run> {
    let mut runs = for_seeds(seeds, |seed| recipe.run(seed, sunspots, &tick));
    runs.sort_by(|a, b| a.mse().total_cmp(&b.mse()));
    runs
}
