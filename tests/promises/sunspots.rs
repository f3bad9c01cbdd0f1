//! The main job: what the sunspots example promises, held by the example's own code.

use crate::baselines::{autoregression, persistence};
use crate::common::median;
use crate::data::{Sunspots, TEST};
use crate::recipe::{RECIPE, Recipe, Rule};
use crate::score::{arv, mse};
use crate::seeds;

/// The mean squared errors of the seeds 0 and 1 in PyTorch, from the same first weights:
/// `examples/sunspots/pytorch.py` with torch 2.15. Two, to be quick without optimisation.
const PYTORCH: [f64; 2] = [144.089_247, 155.336_033];
/// Both round to `f32` in each of the 6600 updates, in another order.
const PYTORCH_RELATIVE: f64 = 1e-5;

/// The median ARV of 20 seeds in PyTorch, with first weights of its own.
const PYTORCH_MEDIAN: f64 = 0.100;
/// Medians of 20 other seeds lie around it: three standard deviations, by 600 seeds.
const MEDIAN_SCATTER: f64 = 0.0036;

/// The worst of 20 seeds in PyTorch with Adam, 100 epochs; the median is the same.
const PYTORCH_ADAM_WORST: f64 = 0.122;

/// By numpy: the mean squared error of `y[t - 1]`, and of `lstsq` on a constant and nine lags.
const PERSISTENCE: f64 = 638.310_857_142_857;
const AUTOREGRESSION: f64 = 189.192_464_766_821_9;
/// Two solvers in `f64`, and a system that is well conditioned.
const BASELINE_RELATIVE: f64 = 1e-10;

#[test]
fn the_baselines_are_those_of_numpy() {
    let sunspots = Sunspots::load().unwrap();
    let error = |forecast: Vec<f64>| mse(&forecast, sunspots.years(TEST));
    assert_close(&[error(persistence(&sunspots))], &[PERSISTENCE], BASELINE_RELATIVE);
    assert_close(&[error(autoregression(&sunspots))], &[AUTOREGRESSION], BASELINE_RELATIVE);
}

#[test]
fn the_net_learns_what_it_learns_in_pytorch() {
    assert_close(&errors(&RECIPE, PYTORCH.len() as u64), &PYTORCH, PYTORCH_RELATIVE);
}

#[test]
#[cfg_attr(debug_assertions, ignore = "half a minute without optimisation: cargo test --release")]
fn twenty_seeds_are_as_good_as_in_pytorch() {
    let errors = errors(&RECIPE, 20);
    let (best, worst) = (arv(errors[0]), arv(errors[19]));
    let median = arv(median(errors));
    println!("ARV of 20 seeds: median {median:.4}, {best:.4}–{worst:.4}");
    assert!((median - PYTORCH_MEDIAN).abs() < MEDIAN_SCATTER);
    assert!(worst < arv(AUTOREGRESSION), "every net is better than AR(9)");
}

#[test]
#[cfg_attr(debug_assertions, ignore = "ten seconds without optimisation: cargo test --release")]
fn adam_is_as_good_as_in_pytorch() {
    let errors = errors(&Rule::Adam.recipe(), 20);
    let (best, worst) = (arv(errors[0]), arv(errors[19]));
    let median = arv(median(errors));
    println!("ARV of 20 seeds with Adam: median {median:.4}, {best:.4}–{worst:.4}");
    assert!(median < PYTORCH_MEDIAN + MEDIAN_SCATTER);
    assert!(worst < PYTORCH_ADAM_WORST);
}

/// The errors of the seeds from 0 on, the smallest first.
fn errors(recipe: &Recipe, seeds: u64) -> Vec<f64> {
    let sunspots = Sunspots::load().unwrap();
    let runs = seeds::train(recipe, seeds, &sunspots, || {});
    runs.iter().map(|run| run.mse()).collect()
}

fn assert_close(values: &[f64], expected: &[f64], relative: f64) {
    let difference = |(value, expected): (&f64, &f64)| (value / expected - 1.0).abs();
    let worst = values.iter().zip(expected).map(difference).fold(0.0, f64::max);
    println!("relative difference at most {worst:e}");
    assert!(worst < relative, "{values:?} is not {expected:?}");
}
