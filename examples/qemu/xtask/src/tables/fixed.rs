//! Layers of integers, from `costs/fixed.csv`.

use std::fs;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::board::{Costs, STEPS};
use super::markdown::{number, number_or_dash, table as markdown};
use crate::board::{BOARDS, CODES};
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
    let board = BOARDS.iter().chain(&CODES).find(|board| board.name == line.board);
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

//////////// beside others ////////////

/// A cell of others on a core without an FPU.
#[derive(Deserialize)]
struct Peer {
    implementation: String,
    numbers: String,
    #[serde(rename = "step 3-16")]
    small: u64,
    #[serde(rename = "step 8-32")]
    medium: u64,
    #[serde(rename = "step 16-64")]
    large: u64,
}

/// Steps of a cell on the Cortex-M0, of this crate and of others (`peers-m0.csv`).
pub fn peers() -> Result<String> {
    let counts = fs::read(paths::costs().join("fixed.csv"))?;
    let others = fs::read(paths::firmware().join("peers-m0.csv"))?;
    peers_of(&counts, &others)
}

const CORES_M0: [&str; 2] = ["microbit", "cortex-m0"];

fn peers_of(counts: &[u8], others: &[u8]) -> Result<String> {
    let lines: csv::Result<Vec<Counts>> =
        csv::Reader::from_reader(counts).into_deserialize().collect();
    let mut lines = lines?;
    lines.retain(|line| CORES_M0.contains(&&*line.board) && line.opt_level == "3");
    let of_crate = |numbers: &str, step: fn(&Counts) -> u64| -> Result<Vec<String>> {
        let steps = ["3-16-1", "8-32-1", "16-64-1"].map(|size| {
            let line = lines.iter().find(|line| line.size == size);
            line.map(|line| number(step(line))).with_context(|| format!("no {size}"))
        });
        let steps: Vec<_> = steps.into_iter().collect::<Result<_>>()?;
        Ok([&["`elman::fixed`".to_string(), numbers.to_string()], &steps[..]].concat())
    };
    let mut rows = vec![
        of_crate("32 bits, which learn", |line| line.cell)?,
        of_crate("16 bits in flash", |line| line.narrow)?,
    ];
    for peer in csv::Reader::from_reader(others).into_deserialize() {
        let Peer { implementation, numbers, small, medium, large } = peer?;
        rows.push([&[implementation, numbers], &[small, medium, large].map(number)[..]].concat());
    }
    Ok(markdown(&["cell", "weights", "3-16", "8-32", "16-64"], rows))
}

#[cfg(test)]
mod tests {
    use super::{of, peers_of};

    #[test]
    fn beside_others() {
        let title = "board,opt-level,size,narrow,cell,step,record,backward,update,window,bytes,state,stack,code\n";
        let line = |board: &str, size: &str, cell: u64| {
            format!("{board},3,{size},{},{cell},0,0,0,0,0,0,0,0,\n", cell - 1)
        };
        let counts = [line("microbit", "3-16-1", 10), line("cortex-m0", "8-32-1", 20)].concat();
        let others = b"implementation,numbers,step 3-16,step 8-32,step 16-64\nX,int8,7,8,9000\n";
        let all = format!("{title}{counts}{}", line("cortex-m0", "16-64-1", 30));
        let table = peers_of(all.as_bytes(), others).unwrap();
        assert!(table.contains("| 16 bits in flash | 9 | 19 | 29 |"), "{table}");
        assert!(table.ends_with("| X | int8 | 7 | 8 | 9 000 |"), "{table}");
        let error = peers_of(format!("{title}{counts}").as_bytes(), others).unwrap_err();
        assert_eq!(error.to_string(), "no 16-64-1");
    }

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
