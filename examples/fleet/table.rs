//! Tables: medians of the sites, then of the seeds, with the range of the seeds.

use core::fmt::{Error, Write};
use core::ops::RangeInclusive;

use super::attacks::Attack;
use super::common::median;
use super::dropouts::RATES;
use super::errors::{Errors, relative};
use super::experiments::Results;
use super::new_board::{LAST, MOUNTED, Ways};
use super::scale;
use super::server::Strategy;

/// The errors of each site.
type Sites = Vec<Vec<Errors>>;

const LAST_TWO: RangeInclusive<usize> = LAST - 1..=LAST;

/// Everything, as Markdown.
pub fn print(results: &Results, out: &mut impl Write) -> Result<(), Error> {
    let seeds = results.with_a_net.len();
    writeln!(out, "## Twenty car parks, {seeds} seeds\n")?;
    writeln!(
        out,
        "Squared error of the forecast of the change in half an hour, relative to persistence (no change): the \
         median of 20 sites, then of the seeds, in brackets their range.\n"
    )?;
    new_board(results, out)?;
    attacks(results, out)?;
    dropouts(results, out)?;
    scale::print(out)
}

fn new_board(results: &Results, out: &mut impl Write) -> Result<(), Error> {
    writeln!(out, "### A new board, in the sixth week, at each site in turn\n")?;
    writeln!(out, "| | its first week | weeks 2–4 | weeks 5–6 | worst site, first week |")?;
    writeln!(out, "|---|---:|---:|---:|---:|")?;
    for runs in [core::slice::from_ref(&results.without_a_net), &results.with_a_net] {
        for way in 0..runs[0][0].0.len() {
            let of = |sites: &Vec<Ways>| sites.iter().map(|ways| ways.0[way].1.clone()).collect();
            let seeds: Vec<Sites> = runs.iter().map(of).collect();
            write!(out, "| {} |", runs[0][0].0[way].0)?;
            for weeks in [MOUNTED..=MOUNTED, MOUNTED + 1..=MOUNTED + 3, LAST_TWO] {
                write!(out, " {} |", summary(&seeds, weeks))?;
            }
            writeln!(out, " {:.3} |", median(seeds.iter().map(worst).collect()))?;
        }
    }
    writeln!(out)
}

fn attacks(results: &Results, out: &mut impl Write) -> Result<(), Error> {
    writeln!(out, "### One poisoned site, from the sixth week on\n")?;
    writeln!(out, "The honest 19, weeks 10–11 of all.\n")?;
    header("the poisoned site sends", Strategy::ALL.map(Strategy::name), out)?;
    for (attack, by_strategy) in Attack::ALL.into_iter().zip(&results.attacks) {
        write!(out, "| {} |", attack.name())?;
        for seeds in by_strategy {
            write!(out, " {} |", summary(seeds, LAST_TWO))?;
        }
        writeln!(out)?;
    }
    writeln!(out)
}

fn dropouts(results: &Results, out: &mut impl Write) -> Result<(), Error> {
    writeln!(out, "### Boards that miss rounds, all 20 from the first day on\n")?;
    header("rounds missed", ["week 1", "week 2", "weeks 3–5", "weeks 10–11"], out)?;
    for (rate, seeds) in RATES.into_iter().zip(&results.dropouts) {
        write!(out, "| {rate} % |")?;
        for weeks in [0..=0, 1..=1, 2..=4, LAST_TWO] {
            write!(out, " {} |", summary(seeds, weeks))?;
        }
        writeln!(out)?;
    }
    writeln!(out)
}

fn header<const N: usize>(first: &str, rest: [&str; N], out: &mut impl Write) -> Result<(), Error> {
    writeln!(out, "| {first} | {} |", rest.join(" | "))?;
    writeln!(out, "|---|{}", "---:|".repeat(N))
}

/// The median of the seeds and their range; one number if there is one seed.
fn summary(seeds: &[Sites], weeks: RangeInclusive<usize>) -> String {
    let of =
        |sites: &Sites| median(sites.iter().map(|days| relative(days, weeks.clone())).collect());
    let medians: Vec<f64> = seeds.iter().map(of).collect();
    let least = medians.iter().copied().fold(f64::INFINITY, f64::min);
    let most = medians.iter().copied().fold(0.0, f64::max);
    let middle = median(medians);
    if seeds.len() == 1 {
        return format!("{middle:.3}");
    }
    format!("{middle:.3} ({least:.3}–{most:.3})")
}

fn worst(sites: &Sites) -> f64 {
    sites.iter().map(|days| relative(days, MOUNTED..=MOUNTED)).fold(0.0, f64::max)
}
