//! The cells beside each other, from `costs/cells.csv`.

use std::fs;

use anyhow::Result;
use serde::Deserialize;

use super::markdown::{number, table as markdown};
use crate::paths;

/// A line of `costs/cells.csv`.
#[derive(Deserialize)]
struct Cell {
    cell: String,
    parameters: u64,
    step: u64,
    record: u64,
    backward: u64,
    update: u64,
    training: u64,
    bytes: u64,
}

const HEAD: [&str; 8] = [
    "cell",
    "parameters",
    "step",
    "recorded step",
    "backward",
    "update",
    "a step of training",
    "bytes",
];

pub fn table() -> Result<String> {
    of(&fs::read(paths::costs().join("cells.csv"))?)
}

fn of(csv: &[u8]) -> Result<String> {
    let lines = csv::Reader::from_reader(csv).into_deserialize::<Cell>();
    let rows = lines.map(|line| {
        let Cell { cell, parameters, step, record, backward, update, training, bytes } = line?;
        let numbers = [parameters, step, record, backward, update, training, bytes].map(number);
        Ok([vec![cell], numbers.to_vec()].concat())
    });
    Ok(markdown(&HEAD, rows.collect::<Result<Vec<_>>>()?))
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn a_row() {
        let csv =
            b"cell,parameters,step,record,backward,update,training,bytes\nGru,1,2,3,4,5,6,7000\n";
        let row = "| Gru | 1 | 2 | 3 | 4 | 5 | 6 | 7 000 |";
        assert!(of(csv).unwrap().ends_with(row));
        assert!(of(b"cell,parameters\nGru,x\n").is_err());
    }
}
