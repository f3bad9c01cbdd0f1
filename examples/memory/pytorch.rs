//! What `pytorch.py` wrote: PyTorch's version, and its results for the same recipe, cells and sizes.

use serde::Deserialize;

const FILE: &str = include_str!("pytorch.csv");

#[derive(Deserialize)]
struct Run {
    task: String,
    cell: String,
    parameters: usize,
    #[serde(rename = "seed")]
    _seed: u64,
    right: f64,
}

/// "PyTorch" and its version.
pub fn version() -> &'static str {
    FILE.lines()
        .next()
        .and_then(|line| line.strip_prefix("# ")?.split(',').next())
        .unwrap_or_default()
}

/// The shares of right sequences, seed by seed; empty if PyTorch has no run of this cell and size.
pub fn right(task: &str, cell: &str, parameters: usize) -> Vec<f64> {
    let name = match cell {
        "Elman" => "nn.RNN",
        "GRU" => "nn.GRU",
        _ => return Vec::new(),
    };
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(FILE.as_bytes());
    reader
        .deserialize::<Run>()
        .map(|run| run.expect("pytorch.py writes what is read here"))
        .filter(|run| (&*run.task, &*run.cell, run.parameters) == (task, name, parameters))
        .map(|run| run.right)
        .collect()
}
