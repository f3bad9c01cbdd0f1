//! Table of the errors of the network and of simpler methods, with what each takes.

use crate::baselines;
use crate::common::baselines::{Line, net_operations};
use crate::common::median;
use crate::data::Sunspots;
use crate::recipe::{Recipe, Run};
use crate::score::arv;

/// Prints the table; `runs` are in order of their error.
pub fn print(recipe: &Recipe, runs: &[Run], sunspots: &Sunspots) {
    let errors: Vec<f64> = runs.iter().map(|run| run.mse()).collect();
    let (best, worst) = (errors[0], errors[errors.len() - 1]);

    println!(
        "Forecasts of sunspot numbers one year ahead, trained on 1700–1920, tested on 1921–1955\n"
    );
    println!("{:36}{:>11} {:>14}{:>9}{:>12}", "", "MSE", "ARV", "RAM", "operations");
    for line in baselines::lines(sunspots) {
        print_line(&line);
    }
    let name = format!("Elman 1-{}-1, median of {} seeds", recipe.hidden, runs.len());
    let operations = net_operations([1, recipe.hidden, 1], recipe.k1, recipe.k2);
    print_line(&Line { name, mse: median(errors), ram: runs[0].ram, operations });
    range("range", best, worst);
    println!(
        "\nRAM in bytes, while learning; operations are multiplications a number, without those"
    );
    println!(
        "of the network's optimiser. Least squares is fitted at a desk, the others learn online."
    );
}

fn print_line(line: &Line) {
    let Line { name, mse, ram, operations } = line;
    println!("{name:36}{mse:>11.0} {:>14.3}{ram:>9}{operations:>12}", arv(*mse));
}

fn range(name: &str, best: f64, worst: f64) {
    let mse = format!("{best:.0}–{worst:.0}");
    let arv = format!("{:.3}–{:.3}", arv(best), arv(worst));
    println!("{name:>36} {mse:>10} {arv:>14}");
}
