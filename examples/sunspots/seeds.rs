//! The same recipe from many first weights, on all cores.

use std::thread;

use crate::data::Sunspots;
use crate::recipe::{Recipe, Run};

/// The runs of the seeds `0..seeds`, the best forecast first; calls `tick` after every epoch.
pub fn train(recipe: &Recipe, seeds: u64, sunspots: &Sunspots, tick: impl Fn() + Sync) -> Vec<Run> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let share = |core: usize| -> Vec<Run> {
        let seeds = (0..seeds).skip(core).step_by(cores);
        seeds.map(|seed| recipe.run(seed, sunspots, &tick)).collect()
    };
    let mut runs: Vec<Run> = thread::scope(|scope| {
        let share = &share;
        let workers: Vec<_> = (0..cores).map(|core| scope.spawn(move || share(core))).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("no worker panics")).collect()
    });
    runs.sort_by(|a, b| a.mse().total_cmp(&b.mse()));
    runs
}
