//! The table in `src/nn/mod.rs` says what the example `memory` printed.

use std::collections::BTreeMap;

const DOCS: &str = include_str!("../../src/nn/mod.rs");
const RESULTS: &str = include_str!("../../examples/memory/results.md");

/// The columns of the docs: a cell of the example, and what it has in common with the others.
const COLUMNS: [(&str, &str); 6] = [
    ("Elman", "parameters"),
    ("leaky Elman", "parameters"),
    ("GRU", "parameters"),
    ("minGRU", "parameters"),
    ("minGRU, no tape", "RAM"),
    ("linear", ""),
];

fn cells(line: &str) -> Vec<&str> {
    line.trim_start_matches("//!").trim().trim_matches('|').split('|').map(str::trim).collect()
}

#[test]
fn the_table_of_cells_is_what_the_example_printed() {
    let mut medians = BTreeMap::new();
    for line in RESULTS.lines().filter(|line| line.contains('%')) {
        let [task, cell, equal, _, _, median, _] = cells(line)[..] else { panic!("{line}") };
        medians.insert((task, cell, equal), median);
    }
    let rows: Vec<Vec<&str>> = DOCS
        .lines()
        .filter(|line| line.starts_with("//! | ") && line.contains('%'))
        .map(cells)
        .collect();
    assert_eq!(rows.len(), 7);
    for row in rows {
        for ((cell, equal), figure) in COLUMNS.iter().zip(&row[1..]) {
            assert_eq!(medians[&(row[0], *cell, *equal)], *figure, "{cell} at {}", row[0]);
        }
    }
}
