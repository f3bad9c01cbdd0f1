//! The result as a picture: how the nets learned, and what the median one foretells.

use core::error::Error;
use std::fs;
use std::path::Path;

use plotters::coord::Shift;
use plotters::coord::combinators::BindKeyPoints;
use plotters::coord::ranged1d::ValueFormatter;
use plotters::prelude::*;

use crate::baselines::autoregression;
use crate::data::{Sunspots, TEST};
use crate::recipe::Run;
use crate::score::{arv, median, mse};

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Chart<'a, X, Y> = ChartContext<'a, SVGBackend<'a>, Cartesian2d<X, Y>>;
type Drawn = Result<(), Box<dyn Error>>;

// Colours that the colour-blind can tell apart (Okabe & Ito 2008).
const BLUE: RGBColor = RGBColor(0, 114, 178);
const GREEN: RGBColor = RGBColor(0, 158, 115);
const VERMILION: RGBColor = RGBColor(213, 94, 0);
const INK: RGBColor = RGBColor(51, 51, 51);
const GRID: RGBColor = RGBColor(230, 230, 230);

const SIZE: (u32, u32) = (1680, 640);
const SPLIT: i32 = 680;
/// Around each panel.
const MARGIN: i32 = 20;
/// Where each plot begins, below its title.
const TOP: i32 = 72;
/// Where each plot begins, right of its labels.
const LEFT: i32 = 96;

/// Draws both panels; `runs` are in order of their error.
pub fn draw(path: &Path, runs: &[Run], sunspots: &Sunspots) -> Drawn {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let picture = SVGBackend::new(path, SIZE).into_drawing_area();
    picture.fill(&WHITE)?;
    let (left, right) = picture.split_horizontally(SPLIT);
    learning(&left, runs, sunspots)?;
    forecast(&right, &runs[(runs.len() - 1) / 2], sunspots)?;
    picture.present()?;
    Ok(())
}

/// The error of the nets over the epochs: every seed thin, the median bold.
fn learning(area: &Area<'_>, runs: &[Run], sunspots: &Sunspots) -> Drawn {
    let end = runs[0].train.len() as f64;
    let errors = (0.05..1.5).log_scale().with_key_points(vec![0.05, 0.1, 0.2, 0.5, 1.0]);
    let mut chart = panel(area, "Learning: every net thin, the median bold")?
        .build_cartesian_2d(0.0..end, errors)?;
    axes(&mut chart, "epoch", "average relative variance")?;

    let (train, test): (Vec<_>, Vec<_>) =
        runs.iter().map(|run| (run.train.as_slice(), run.test.as_slice())).unzip();
    curves(&mut chart, "training years 1701–1920", GREEN, &train)?;
    curves(&mut chart, "test years 1921–1955", BLUE, &test)?;
    let baseline = arv(mse(&autoregression(sunspots), sunspots.years(TEST)));
    let baseline = [(0.0, baseline), (end, baseline)];
    line(&mut chart, "AR(9), test years", VERMILION.stroke_width(2), baseline)?;
    legend(&mut chart, SeriesLabelPosition::UpperRight)
}

/// The test years: what was, and what the net and AR(9) foretold.
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
    line(&mut chart, "the net of the median seed", BLUE.stroke_width(2), net)?;
    line(&mut chart, "AR(9)", VERMILION.stroke_width(2), years().zip(autoregression(sunspots)))?;
    legend(&mut chart, SeriesLabelPosition::UpperLeft)
}

//////////// what both panels are made of ////////////

trait Axis: Ranged<ValueType = f64> + ValueFormatter<f64> {}
impl<A: Ranged<ValueType = f64> + ValueFormatter<f64>> Axis for A {}

fn panel<'a, 'b>(
    area: &'a Area<'b>,
    title: &str,
) -> Result<ChartBuilder<'a, 'b, SVGBackend<'b>>, Box<dyn Error>> {
    area.draw_text(title, &text(25), (LEFT, 24))?;
    let mut panel = ChartBuilder::on(area);
    panel
        .margin(MARGIN)
        .margin_top(TOP)
        .margin_right(2 * MARGIN)
        .x_label_area_size(64)
        .y_label_area_size(LEFT - MARGIN);
    Ok(panel)
}

fn text(size: u32) -> TextStyle<'static> {
    ("sans-serif", size).into_font().color(&INK)
}

fn axes<X: Axis, Y: Axis>(chart: &mut Chart<'_, X, Y>, x: &str, y: &str) -> Drawn {
    chart
        .configure_mesh()
        .disable_x_mesh()
        .x_desc(x)
        .y_desc(y)
        .x_label_formatter(&|x| format!("{x:.0}"))
        .y_label_formatter(&|y| y.to_string())
        .label_style(text(19))
        .axis_desc_style(text(20))
        .axis_style(INK)
        .bold_line_style(GRID)
        .light_line_style(TRANSPARENT)
        .draw()?;
    Ok(())
}

/// One curve for each net, thin, and their median, bold.
fn curves<X: Axis, Y: Axis>(
    chart: &mut Chart<'_, X, Y>,
    label: &str,
    colour: RGBColor,
    errors: &[&[f64]],
) -> Drawn {
    for errors in errors {
        chart.draw_series(LineSeries::new(by_epoch(errors), colour.mix(0.2)))?;
    }
    let epochs = 0..errors[0].len();
    let medians: Vec<f64> =
        epochs.map(|epoch| median(errors.iter().map(|errors| errors[epoch]).collect())).collect();
    line(chart, label, colour.stroke_width(3), by_epoch(&medians))
}

fn by_epoch(errors: &[f64]) -> impl Iterator<Item = (f64, f64)> {
    errors.iter().enumerate().map(|(epoch, &mse)| ((epoch + 1) as f64, arv(mse)))
}

fn line<X: Axis, Y: Axis>(
    chart: &mut Chart<'_, X, Y>,
    label: &str,
    style: ShapeStyle,
    points: impl IntoIterator<Item = (f64, f64)>,
) -> Drawn {
    chart
        .draw_series(LineSeries::new(points, style))?
        .label(label)
        .legend(move |(x, y)| PathElement::new([(x, y), (x + 24, y)], style));
    Ok(())
}

fn legend<X: Axis, Y: Axis>(chart: &mut Chart<'_, X, Y>, position: SeriesLabelPosition) -> Drawn {
    chart
        .configure_series_labels()
        .position(position)
        .margin(14)
        .legend_area_size(30)
        .background_style(WHITE)
        .label_font(text(19))
        .draw()?;
    Ok(())
}
