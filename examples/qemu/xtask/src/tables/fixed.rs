//! Layers of integers, from `costs/fixed.csv`.

use std::fs;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::board::{Costs, STEPS};
use super::markdown::{number, number_or_dash, table as markdown};
use crate::board::BOARDS;
use crate::paths;

/// A line of `costs/fixed.csv`.
#[derive(Deserialize)]
struct Counts {
    board: String,
    #[serde(rename = "opt-level")]
    opt_level: String,
    size: String,
    narrow: u64,
    cell: u64,
    record: u64,
    backward: u64,
    update: u64,
    window: u64,
    bytes: u64,
    stack: u64,
    code: Option<u64>,
}

const HEAD: [&str; 13] = [
    "core",
    "opt-level",
    "network",
    "cell, 16 bits",
    "cell",
    "recorded step",
    "backward",
    "update",
    "window of 20",
    "f32 takes",
    "RAM to train",
    "stack to train",
    "code",
];

pub fn table(costs: &Costs) -> Result<String> {
    of(&fs::read(paths::costs().join("fixed.csv"))?, |line| {
        let small = if line.opt_level == "s" { "-s" } else { "" };
        costs.whole_update(&format!("{}{small}", line.board), &line.size)
    })
}

/// `float` has the instructions that the same takes in `f32`, if they are known.
fn of(csv: &[u8], float: impl Fn(&Counts) -> Option<u64>) -> Result<String> {
    let lines = csv::Reader::from_reader(csv).into_deserialize::<Counts>();
    let rows = lines.map(|line| {
        let line = line?;
        row(&line, float(&line))
    });
    Ok(markdown(&HEAD, rows.collect::<Result<Vec<_>>>()?))
}

fn row(line: &Counts, float: Option<u64>) -> Result<Vec<String>> {
    let board = BOARDS.iter().find(|board| board.name == line.board);
    let core = board.context("no such board")?.core.to_string();
    let &Counts { narrow, cell, record, backward, update, window, bytes, stack, .. } = line;
    let counts = [narrow, cell, record, backward, update, window].map(number);
    let without_loss = STEPS * record + backward + update;
    let times = float.map(|float| format!("{:.1} times", float as f64 / without_loss as f64));
    let times = times.unwrap_or_else(|| "–".to_string());
    let names = [core, line.opt_level.clone(), line.size.clone()];
    let bytes = [number(bytes), number(stack), number_or_dash(line.code)];
    Ok([&names[..], &counts, &[times], &bytes].concat())
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn a_row() {
        let csv = b"board,opt-level,size,narrow,cell,step,record,backward,update,window,bytes,state,stack,code\n\
            microbit,3,3-16-1,1,2,3,4,5,6,7000,8,9,10,11\nmicrobit,3,1-12-1,1,2,3,4,5,6,7,8,9,10,\n";
        let float = |line: &super::Counts| (line.size == "3-16-1").then_some(2 * (20 * 4 + 5 + 6));
        let table = of(csv, float).unwrap();
        let counts = "| 1 | 2 | 4 | 5 | 6 | 7 000 | 2.0 times | 8 | 10 | 11 |";
        assert!(table.contains(&format!("| Cortex-M0 | 3 | 3-16-1 {counts}")), "{table}");
        assert!(table.ends_with("| 7 | – | 8 | 10 | – |"), "{table}");
        assert!(of(b"board,cell\nmicrobit,x\n", float).is_err());
    }
}
