//! Helpers of several examples: baselines, plots, runs of many seeds, the median.

#[allow(dead_code, reason = "each example needs a part of it")]
pub mod baselines;
pub mod plot;

use std::thread;

/// The results of `run` for the seeds `0..seeds`, in this order, computed on all cores.
pub fn for_seeds<R: Send>(seeds: u64, run: impl Fn(u64) -> R + Sync) -> Vec<R> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let share = |core: usize| -> Vec<(u64, R)> {
        (0..seeds).skip(core).step_by(cores).map(|seed| (seed, run(seed))).collect()
    };
    let mut runs: Vec<(u64, R)> = thread::scope(|scope| {
        let share = &share;
        let workers: Vec<_> = (0..cores).map(|core| scope.spawn(move || share(core))).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("no worker panics")).collect()
    });
    runs.sort_by_key(|&(seed, _)| seed);
    runs.into_iter().map(|(_, run)| run).collect()
}

/// The middle value, or the mean of the two in the middle.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let (below, above) = ((values.len() - 1) / 2, values.len() / 2);
    f64::midpoint(values[below], values[above])
}
