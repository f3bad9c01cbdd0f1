//! Picture: the error of a new board over its weeks, and what a poisoned site does to a mean.

use std::path::Path;

use plotters::coord::combinators::{BindKeyPoints, WithKeyPoints};
use plotters::prelude::{IntoLogRange, LogCoord, SeriesLabelPosition};

use super::common::median;
use super::common::plot::{self, Area, BLUE, Drawn, GREEN, VERMILION, axes, curves, legend, panel};
use super::errors::{Errors, relative};
use super::experiments::Results;
use super::new_board::{ALONE, IN_FLEET, LAST, MOUNTED, Ways};
use super::server::Strategy;

pub fn draw(path: &Path, results: &Results) -> Drawn {
    plot::draw(path, |left, right| {
        new_board(left, &results.with_a_net)?;
        poisoned(right, results)
    })
}

/// Of both panels: from less than the least of all sites to more than persistence.
fn errors() -> WithKeyPoints<LogCoord<f64>> {
    let marks = vec![0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0];
    LogCoord::from((0.02..3.0).log_scale()).with_key_points(marks)
}

fn new_board(area: &Area<'_>, seeds: &[Vec<Ways>]) -> Drawn {
    let mut chart = panel(area, "A new board: each site thin, the median bold")?
        .build_cartesian_2d(0.5..6.5, errors())?;
    axes(&mut chart, "week of the new board", "squared error / persistence")?;
    for (way, colour) in [(ALONE, VERMILION), (IN_FLEET, BLUE)] {
        let sites: Vec<Vec<f64>> =
            (0..seeds[0].len()).map(|site| weekly(seeds, site, way)).collect();
        let weeks: Vec<f64> = (1..=LAST + 1 - MOUNTED).map(|week| week as f64).collect();
        curves(&mut chart, way, colour, &weeks, &sites)?;
    }
    legend(&mut chart, SeriesLabelPosition::UpperRight)
}

/// The error of each week at one site, the median of the seeds.
fn weekly(seeds: &[Vec<Ways>], site: usize, way: &str) -> Vec<f64> {
    let days = |ways: &Ways| -> Vec<Errors> {
        ways.0
            .iter()
            .find(|(name, _)| *name == way)
            .map(|(_, days)| days.clone())
            .unwrap_or_default()
    };
    let runs: Vec<_> = seeds.iter().map(|sites| days(&sites[site])).collect();
    let week = |week| median(runs.iter().map(|run| relative(run, week..=week)).collect());
    (MOUNTED..=LAST).map(week).collect()
}

/// Weights × −10 from the sixth week on: the honest sites over the weeks, by strategy.
fn poisoned(area: &Area<'_>, results: &Results) -> Drawn {
    let mut chart = panel(area, "One of 20 sites sends weights × −10 from week 6 on")?
        .build_cartesian_2d(0.5..11.5, errors())?;
    axes(&mut chart, "week", "squared error / persistence")?;
    let by_strategy = &results.attacks[1];
    for (strategy, colour) in
        [(Strategy::Mean, VERMILION), (Strategy::Median, BLUE), (Strategy::TrimmedMean, GREEN)]
    {
        let place = Strategy::ALL.iter().position(|&of| of == strategy).unwrap_or_default();
        let seeds = &by_strategy[place];
        let sites = 0..seeds[0].len();
        let week = |site: usize, week| {
            median(seeds.iter().map(|sites| relative(&sites[site], week..=week)).collect())
        };
        let sites: Vec<Vec<f64>> =
            sites.map(|site| (0..=LAST).map(|number| week(site, number)).collect()).collect();
        let weeks: Vec<f64> = (1..=LAST + 1).map(|week| week as f64).collect();
        curves(&mut chart, strategy.name(), colour, &weeks, &sites)?;
    }
    legend(&mut chart, SeriesLabelPosition::UpperLeft)
}
