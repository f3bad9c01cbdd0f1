//! Plot of the cost of training against units H, window K and depth of a network.
//!
//!     cargo run --release --example scaling
//!
//! Draws the counts of the firmware `scaling` on a Cortex-M4F (`examples/qemu/costs/`) to
//! `examples/scaling.svg`. Both scales are logarithmic: linear growth is a line of slope 1, and quadratic
//! growth a line of slope 2.

#[allow(dead_code, reason = "each example needs a part of it")]
mod common;
#[path = "common/scaling.rs"]
mod scaling;

use core::error::Error;
use std::path::Path;

use common::plot::{self, Area, BLUE, Drawn, GREEN, INK, VERMILION, axes, legend, line, panel};
use plotters::coord::combinators::BindKeyPoints;
use plotters::prelude::{Circle, IntoLogRange, SeriesLabelPosition};
use plotters::style::{Color, RGBColor};
use scaling::{Count, counts};

const PICTURE: &str = "examples/scaling.svg";

/// A label, its colour, the part of the counts, and the cost to plot.
type Series = (&'static str, RGBColor, &'static str, fn(&Count) -> f64);

const INSTRUCTIONS: [Series; 4] = [
    ("back through the window, units H", BLUE, "H", |count| count.backward),
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
    plot::draw(&Path::new(env!("CARGO_MANIFEST_DIR")).join(PICTURE), |left, right| {
        growth(left, "Instructions on a Cortex-M4F", "thousand instructions", &INSTRUCTIONS)?;
        growth(right, "RAM to train: net, gradient and tape", "thousand bytes", &BYTES)
    })?;
    println!("picture: {PICTURE}");
    Ok(())
}

/// Costs, in thousands, against what varies.
fn growth(area: &Area<'_>, title: &str, thousands: &str, series: &[Series]) -> Drawn {
    let sizes = (1.0..400.0).log_scale().with_key_points(vec![1.0, 4.0, 16.0, 64.0, 256.0]);
    let costs = (0.5..1e4).log_scale().with_key_points(vec![1.0, 10.0, 100.0, 1e3, 1e4]);
    let mut chart = panel(area, title)?.build_cartesian_2d(sizes, costs)?;
    axes(&mut chart, "units H, window K or depth", thousands)?;
    for &(label, colour, part, cost) in series {
        let points =
            counts(part)?.iter().map(|count| (count.value, cost(count) / 1e3)).collect::<Vec<_>>();
        line(&mut chart, label, colour.stroke_width(2), points.clone())?;
        chart.draw_series(points.into_iter().map(|at| Circle::new(at, 4, colour.filled())))?;
    }
    legend(&mut chart, SeriesLabelPosition::UpperLeft)
}
