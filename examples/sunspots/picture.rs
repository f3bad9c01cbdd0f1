//! Picture of the result: the learning curves, and the forecast of the median network.

use std::path::Path;

use plotters::coord::combinators::BindKeyPoints;
use plotters::prelude::{Circle, IntoLogRange, SeriesLabelPosition};
use plotters::style::Color;

use crate::baselines::autoregression;
use crate::common::plot::{
    self, Area, BLUE, Drawn, GREEN, INK, VERMILION, axes, curves, legend, line, panel,
};
use crate::data::{Sunspots, TEST};
use crate::recipe::Run;
use crate::score::{arv, mse};

/// Draws both panels, and beside that file the forecast alone; `runs` are in order of their error.
pub fn draw(path: &Path, runs: &[Run], sunspots: &Sunspots) -> Drawn {
    let median = &runs[(runs.len() - 1) / 2];
    plot::draw(path, |left, right| {
        learning(left, runs, sunspots)?;
        forecast(right, median, sunspots)
    })?;
    let alone = path.with_file_name("forecast.svg");
    plot::draw_panel(&alone, (1000, 560), |area| forecast(area, median, sunspots))
}

/// Learning curves: the errors after each epoch, every seed thin, the median bold.
fn learning(area: &Area<'_>, runs: &[Run], sunspots: &Sunspots) -> Drawn {
    let end = runs[0].train.len() as f64;
    let errors = (0.05..1.5).log_scale().with_key_points(vec![0.05, 0.1, 0.2, 0.5, 1.0]);
    let mut chart = panel(area, "Learning curves: each network thin, the median bold")?
        .build_cartesian_2d(0.0..end, errors)?;
    axes(&mut chart, "epoch", "average relative variance")?;

    let epochs: Vec<f64> = (1..=runs[0].train.len()).map(|epoch| epoch as f64).collect();
    let (train, test): (Vec<_>, Vec<_>) =
        runs.iter().map(|run| (arvs(&run.train), arvs(&run.test))).unzip();
    curves(&mut chart, "training years 1701–1920", GREEN, &epochs, &train)?;
    curves(&mut chart, "test years 1921–1955", BLUE, &epochs, &test)?;
    let baseline = arv(mse(&autoregression(sunspots), sunspots.years(TEST)));
    let baseline = [(0.0, baseline), (end, baseline)];
    line(&mut chart, "AR(9), test years", VERMILION.stroke_width(2), baseline)?;
    legend(&mut chart, SeriesLabelPosition::UpperRight)
}

/// The test years: observed numbers, and the forecasts of the network and of AR(9).
fn forecast(area: &Area<'_>, median: &Run, sunspots: &Sunspots) -> Drawn {
    let years = || TEST.map(|year| year as f64);
    let mut chart = panel(area, "Forecast of the test years, each from the years before it")?
        .build_cartesian_2d(1920.0..1956.0, 0.0..180.0)?;
    axes(&mut chart, "year", "sunspot number, yearly mean")?;

    let truth = sunspots.years(TEST);
    line(&mut chart, "observed", INK.filled(), years().zip(truth.iter().copied()))?;
    chart.draw_series(
        years().zip(truth).map(|(year, &n)| Circle::new((year, n), 3, INK.filled())),
    )?;
    let net = years().zip(median.forecast.iter().copied());
    line(&mut chart, "network of the median seed", BLUE.stroke_width(2), net)?;
    line(&mut chart, "AR(9)", VERMILION.stroke_width(2), years().zip(autoregression(sunspots)))?;
    legend(&mut chart, SeriesLabelPosition::UpperLeft)
}

/// The average relative variance after each epoch.
fn arvs(errors: &[f64]) -> Vec<f64> {
    errors.iter().map(|&mse| arv(mse)).collect()
}
