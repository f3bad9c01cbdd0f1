//! Recall against the delay: at equal parameters, and at equal training RAM.

use std::path::Path;

use plotters::prelude::*;

use crate::common::median;
use crate::common::plot::{
    self, Area, BLUE, Drawn, GREEN, INK, VERMILION, axes, legend, line, panel,
};
use crate::{Equal, Row};

const CELLS: [(&str, RGBColor); 6] = [
    ("Elman", BLUE),
    ("leaky Elman", RGBColor(86, 180, 233)),
    ("GRU", VERMILION),
    ("minGRU", GREEN),
    ("minGRU, no tape", RGBColor(204, 121, 167)),
    ("linear", INK),
];

pub fn draw(path: &Path, rows: &[Row]) -> Drawn {
    plot::draw(path, |left, right| {
        recall(left, rows, Equal::Parameters, "Recall of one of four symbols, equal parameters")?;
        recall(right, rows, Equal::Ram, "The same at equal training RAM")
    })
}

fn recall(area: &Area<'_>, rows: &[Row], equal: Equal, title: &str) -> Drawn {
    let mut chart = panel(area, title)?.build_cartesian_2d(0.0..210.0, 0.0..102.0)?;
    axes(&mut chart, "steps from the symbol to the question", "right, %")?;
    for (cell, colour) in CELLS {
        // A GRU is what the RAM of the others is made equal to; the linear layer is in both.
        let is_shown = |row: &&Row| {
            row.cell == cell && (row.equal == equal || matches!(cell, "GRU" | "linear"))
        };
        let points: Vec<(f64, f64)> = rows
            .iter()
            .filter(is_shown)
            .filter_map(|row| {
                let steps = row.task.strip_prefix("recall ")?.parse().ok()?;
                Some((steps, 100.0 * median(row.right.clone())))
            })
            .collect();
        if !points.is_empty() {
            line(&mut chart, cell, colour.stroke_width(3), points)?;
        }
    }
    legend(&mut chart, SeriesLabelPosition::LowerLeft)
}
