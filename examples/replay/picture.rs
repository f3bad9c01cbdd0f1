//! Picture: the newest rows with their forecasts, and the errors along the log.

use std::path::Path;

use plotters::prelude::{Color, SeriesLabelPosition};

use crate::baselines::BaselineRun;
use crate::common::plot::{
    self, Area, BLUE, Drawn, GREEN, INK, VERMILION, axes, legend, line, panel,
};
use crate::experiment::Run;
use crate::score::Scored;

/// Rows of the left panel.
const ROWS: usize = 120;
/// Points of each curve of the right panel.
const POINTS: usize = 30;

pub fn draw(path: &Path, scored: &Scored<'_>, run: &Run, baselines: &[BaselineRun]) -> Drawn {
    let of_two = baselines[1..].iter().min_by(|a, b| a.last.total_cmp(&b.last));
    let best = of_two.expect("least squares are always there");
    plot::draw(path, |left, right| {
        newest(left, scored, run, best)?;
        errors(right, scored, run, baselines)
    })
}

fn newest(area: &Area<'_>, scored: &Scored<'_>, run: &Run, best: &BaselineRun) -> Drawn {
    let rows = scored.target.len();
    let shown = rows - ROWS..rows;
    let seen = &scored.target[shown.clone()];
    let least = seen.iter().copied().fold(f64::INFINITY, f64::min);
    let most = seen.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let margin = 0.15 * (most - least) + f64::MIN_POSITIVE;
    let mut chart = panel(area, "The newest rows")?
        .build_cartesian_2d(shown.start as f64..rows as f64, least - margin..most + 2.0 * margin)?;
    axes(&mut chart, "row", &scored.log.names[0])?;
    let points = |of: &[f64], by: usize| {
        shown.clone().map(|row| (row as f64, of[row - by])).collect::<Vec<_>>()
    };
    line(&mut chart, "log", INK.into(), points(&scored.target, 0))?;
    line(&mut chart, &best.name, GREEN.into(), points(&best.forecasts, scored.horizon))?;
    line(&mut chart, "network", BLUE.into(), points(&run.forecasts, scored.horizon))?;
    legend(&mut chart, SeriesLabelPosition::UpperRight)
}

fn errors(area: &Area<'_>, scored: &Scored<'_>, run: &Run, baselines: &[BaselineRun]) -> Drawn {
    let rows = scored.target.len() as f64;
    let mut chart = panel(area, "Squared error along the log: above 1 persistence is better")?
        .build_cartesian_2d(0.0..rows, 0.0..1.5)?;
    axes(&mut chart, "row", "squared error / persistence")?;
    let fitted_in_part = baselines.iter().find(|baseline| baseline.middle.is_none());
    let online = baselines.last().filter(|baseline| baseline.middle.is_some());
    for (baseline, colour) in [(fitted_in_part, GREEN), (online, VERMILION)] {
        if let Some(baseline) = baseline {
            line(&mut chart, &baseline.name, colour.into(), along(scored, &baseline.forecasts))?;
        }
    }
    line(&mut chart, "network", BLUE.stroke_width(3), along(scored, &run.forecasts))?;
    legend(&mut chart, SeriesLabelPosition::UpperRight)
}

/// The relative error in each part of the log, limited to what the panel shows.
fn along(scored: &Scored<'_>, forecasts: &[f64]) -> Vec<(f64, f64)> {
    let rows = scored.target.len();
    let place = |part: usize| rows * part / POINTS;
    let part = |part: usize| {
        let error = scored.relative(forecasts, place(part)..place(part + 1));
        error.is_finite().then_some((place(part + 1) as f64, error.min(1.5)))
    };
    (0..POINTS).filter_map(part).collect()
}
