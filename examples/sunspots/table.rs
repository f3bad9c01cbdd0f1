//! Table of the errors of the network and of two baselines.

use crate::baselines::{autoregression, persistence};
use crate::common::median;
use crate::data::{Sunspots, TEST};
use crate::recipe::{Recipe, Run};
use crate::score::{arv, mse};

/// Prints the table; `runs` are in order of their error.
pub fn print(recipe: &Recipe, runs: &[Run], sunspots: &Sunspots) {
    let truth = sunspots.years(TEST);
    let errors: Vec<f64> = runs.iter().map(|run| run.mse()).collect();
    let (best, worst) = (errors[0], errors[errors.len() - 1]);

    println!(
        "Forecasts of sunspot numbers one year ahead, trained on 1700–1920, tested on 1921–1955\n"
    );
    println!("{:34}{:>11} {:>14}", "", "MSE", "ARV");
    row("persistence", mse(&persistence(sunspots), truth));
    row("AR(9), least squares", mse(&autoregression(sunspots), truth));
    let name = format!("Elman 1-{}-1, median of {} seeds", recipe.hidden, runs.len());
    row(&name, median(errors));
    range("range", best, worst);
}

fn row(name: &str, mse: f64) {
    println!("{name:34}{mse:>11.0} {:>14.3}", arv(mse));
}

fn range(name: &str, best: f64, worst: f64) {
    let mse = format!("{best:.0}–{worst:.0}");
    let arv = format!("{:.3}–{:.3}", arv(best), arv(worst));
    println!("{name:>34} {mse:>10} {arv:>14}");
}
