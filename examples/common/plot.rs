//! Plots: SVG pictures of two panels with axes, curves and a legend.

use core::error::Error;
use std::fs;
use std::path::Path;

use plotters::coord::Shift;
use plotters::coord::ranged1d::ValueFormatter;
use plotters::prelude::*;

use super::median;

pub type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
pub type Chart<'a, X, Y> = ChartContext<'a, SVGBackend<'a>, Cartesian2d<X, Y>>;
pub type Drawn = Result<(), Box<dyn Error>>;

// Colours that the colour-blind can tell apart (Okabe & Ito 2008).
pub const BLUE: RGBColor = RGBColor(0, 114, 178);
#[allow(dead_code, reason = "each example picks its colours")]
pub const SKY: RGBColor = RGBColor(86, 180, 233);
#[allow(dead_code, reason = "each example picks its colours")]
pub const GREEN: RGBColor = RGBColor(0, 158, 115);
pub const VERMILION: RGBColor = RGBColor(213, 94, 0);
#[allow(dead_code, reason = "each example picks its colours")]
pub const ORANGE: RGBColor = RGBColor(230, 159, 0);
#[allow(dead_code, reason = "each example picks its colours")]
pub const PINK: RGBColor = RGBColor(204, 121, 167);
pub const INK: RGBColor = RGBColor(51, 51, 51);
pub const GRID: RGBColor = RGBColor(230, 230, 230);

const SIZE: (u32, u32) = (1680, 640);
const SPLIT: i32 = 680;
/// The margin around each panel.
const MARGIN: i32 = 20;
/// The top of each plot, below its title.
const TOP: i32 = 72;
/// The left edge of each plot, right of its labels.
const LEFT: i32 = 96;

/// Draws two panels side by side into an SVG file.
pub fn draw(path: &Path, panels: impl FnOnce(&Area<'_>, &Area<'_>) -> Drawn) -> Drawn {
    draw_panel(path, SIZE, |picture| {
        let (left, right) = picture.split_horizontally(SPLIT);
        panels(&left, &right)
    })
}

/// Draws one panel into an SVG file.
pub fn draw_panel(path: &Path, size: (u32, u32), panel: impl FnOnce(&Area<'_>) -> Drawn) -> Drawn {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let picture = SVGBackend::new(path, size).into_drawing_area();
    picture.fill(&WHITE)?;
    panel(&picture)?;
    picture.present()?;
    Ok(())
}

pub trait Axis: Ranged<ValueType = f64> + ValueFormatter<f64> {}
impl<A: Ranged<ValueType = f64> + ValueFormatter<f64>> Axis for A {}

pub fn panel<'a, 'b>(
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

pub fn text(size: u32) -> TextStyle<'static> {
    ("sans-serif", size).into_font().color(&INK)
}

/// With at most two decimals.
fn number(value: &f64) -> String {
    let number = format!("{value:.2}");
    number.trim_end_matches('0').trim_end_matches('.').into()
}

pub fn axes<X: Axis, Y: Axis>(chart: &mut Chart<'_, X, Y>, x: &str, y: &str) -> Drawn {
    chart
        .configure_mesh()
        .disable_x_mesh()
        .x_desc(x)
        .y_desc(y)
        .x_label_formatter(&number)
        .y_label_formatter(&number)
        .label_style(text(19))
        .axis_desc_style(text(20))
        .axis_style(INK)
        .bold_line_style(GRID)
        .light_line_style(TRANSPARENT)
        .draw()?;
    Ok(())
}

#[allow(dead_code, reason = "each example draws its own curves")]
/// Curves of several runs, thin, and their median at each place, bold.
pub fn curves<X: Axis, Y: Axis>(
    chart: &mut Chart<'_, X, Y>,
    label: &str,
    colour: RGBColor,
    places: &[f64],
    runs: &[Vec<f64>],
) -> Drawn {
    let points = |run: &[f64]| places.iter().copied().zip(run.to_vec()).collect::<Vec<_>>();
    for run in runs {
        chart.draw_series(LineSeries::new(points(run), colour.mix(0.2)))?;
    }
    let medians: Vec<f64> = (0..places.len())
        .map(|place| median(runs.iter().map(|run| run[place]).collect()))
        .collect();
    line(chart, label, colour.stroke_width(3), points(&medians))
}

pub fn line<X: Axis, Y: Axis>(
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

pub fn legend<X: Axis, Y: Axis>(
    chart: &mut Chart<'_, X, Y>,
    position: SeriesLabelPosition,
) -> Drawn {
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
