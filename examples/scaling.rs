//! Plot of the cost of training against units H, window K and depth of a network, and of loading and
//! saving against the tensors.
//!
//!     cargo run --release --example scaling
//!
//! Draws the counts of the firmware programs `scaling` and `persist` on a Cortex-M4F (`examples/qemu/costs/`) to
//! `examples/scaling.svg`. Both scales are logarithmic: linear growth is a line of slope 1, and quadratic
//! growth a line of slope 2.

#[allow(dead_code, reason = "each example needs a part of it")]
mod common;
#[allow(dead_code, reason = "each user needs a part of it")]
#[path = "common/scaling.rs"]
mod scaling;

use core::error::Error;
use std::path::Path;

use common::plot::{
    self, Area, BLUE, Drawn, GREEN, INK, ORANGE, PINK, SKY, VERMILION, axes, legend, line, panel,
};
use plotters::coord::combinators::BindKeyPoints;
use plotters::prelude::{Circle, IntoLogRange, SeriesLabelPosition};
use plotters::style::{Color, RGBColor};
use scaling::{Checkpoint, Count, checkpoints, counts};

/// The board that is drawn.
const BOARD: &str = "mps2-an386";
const PICTURE: &str = "examples/scaling.svg";

/// A label, its colour, the part of the counts, and the cost to plot.
type Series = (&'static str, RGBColor, &'static str, fn(&Count) -> f64);

const INSTRUCTIONS: [Series; 5] = [
    ("back through the window, units H", BLUE, "H", |count| count.backward),
    ("the same in integers", SKY, "H in integers", |count| count.backward),
    ("back through the window, window K", GREEN, "K", |count| count.backward),
    ("back through the window, depth", VERMILION, "depth", |count| count.backward),
    ("one step, units H", INK, "H", |count| count.step),
];
const BYTES: [Series; 3] = [
    ("units H", BLUE, "H", Count::ram),
    ("window K", GREEN, "K", Count::ram),
    ("depth", VERMILION, "depth", Count::ram),
];

fn main() -> Result<(), Box<dyn Error>> {
    let tensors = checkpoints()?.into_iter().filter(|c| c.board == BOARD && c.opt_level == "3");
    let tensors: Vec<_> = tensors.filter_map(|count| Some((count.tensors()?, count))).collect();
    let checkpoints = CHECKPOINTS.map(|(label, colour, cost)| {
        (label, colour, tensors.iter().map(|(n, count)| (*n, cost(count) / 1e3)).collect())
    });
    plot::draw(&Path::new(env!("CARGO_MANIFEST_DIR")).join(PICTURE), |left, right| {
        growth(left, "Instructions on a Cortex-M4F", "instructions", &INSTRUCTIONS, &checkpoints)?;
        growth(right, "RAM to train: net, gradient and tape", "bytes", &BYTES, &[])
    })?;
    println!("picture: {PICTURE}");
    Ok(())
}

/// Label, colour and cost of what varies with the number of tensors.
type OfTensors = (&'static str, RGBColor, fn(&Checkpoint) -> f64);

const CHECKPOINTS: [OfTensors; 2] = [
    ("loading, tensors", PINK, |count| count.load),
    ("saving, tensors", ORANGE, |count| count.save),
];

/// A label, its colour, and points.
type Line = (&'static str, RGBColor, Vec<(f64, f64)>);

/// Costs, in thousands, against what varies.
fn growth(area: &Area<'_>, title: &str, unit: &str, series: &[Series], others: &[Line]) -> Drawn {
    let sizes = (1.0..400.0).log_scale().with_key_points(vec![1.0, 4.0, 16.0, 64.0, 256.0]);
    // Above all curves there is space for the legend.
    let costs = (0.5..3e5).log_scale().with_key_points(vec![1.0, 10.0, 100.0, 1e3, 1e4]);
    let mut chart = panel(area, title)?.build_cartesian_2d(sizes, costs)?;
    axes(&mut chart, "units H, window K, depth or tensors", &format!("thousand {unit}"))?;
    let mut lines = others.to_vec();
    for &(label, colour, part, cost) in series {
        let points = counts(part)?.iter().map(|count| (count.value, cost(count) / 1e3)).collect();
        lines.push((label, colour, points));
    }
    for (label, colour, points) in lines {
        line(&mut chart, label, colour.stroke_width(2), points.clone())?;
        chart.draw_series(points.into_iter().map(|at| Circle::new(at, 4, colour.filled())))?;
    }
    legend(&mut chart, SeriesLabelPosition::UpperLeft)
}
