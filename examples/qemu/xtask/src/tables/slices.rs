//! Learning in slices, from `costs/slices.csv`.

use std::fs;

use anyhow::Result;
use serde::Deserialize;

use super::markdown::{number, table as markdown};
use crate::paths;

/// A line of `costs/slices.csv`.
#[derive(Deserialize)]
struct Line {
    net: String,
    optimizer: String,
    macs: u64,
    backward: u64,
    #[serde(rename = "at once")]
    at_once: u64,
    observe: u64,
    slices: u64,
    longest: u64,
    total: u64,
    #[serde(rename = "bytes at once")]
    bytes_at_once: u64,
    bytes: u64,
}

const HEAD: [&str; 10] = [
    "network",
    "optimiser",
    "MACs a call",
    "`observe`",
    "calls of `learn`",
    "longest",
    "of the backward pass",
    "all together",
    "of learning at once",
    "bytes (at once)",
];

impl Line {
    fn read(csv: &[u8]) -> Result<Vec<Self>> {
        Ok(csv::Reader::from_reader(csv).into_deserialize().collect::<csv::Result<_>>()?)
    }

    fn longest_of_backward(&self) -> f64 {
        self.longest as f64 / self.backward as f64
    }

    fn of_at_once(&self) -> f64 {
        self.total as f64 / self.at_once as f64
    }

    fn row(&self) -> Vec<String> {
        vec![
            self.net.clone(),
            self.optimizer.clone(),
            number(self.macs),
            number(self.observe),
            number(self.slices),
            number(self.longest),
            format!("1/{:.0}", 1.0 / self.longest_of_backward()),
            number(self.total),
            format!("{:.2}", self.of_at_once()),
            format!("{} ({})", number(self.bytes), number(self.bytes_at_once)),
        ]
    }
}

pub fn table() -> Result<String> {
    of(&fs::read(paths::costs().join("slices.csv"))?)
}

fn of(csv: &[u8]) -> Result<String> {
    let rows: Vec<_> = Line::read(csv)?.iter().map(Line::row).collect();
    Ok(markdown(&HEAD, rows))
}

#[cfg(test)]
mod tests {
    use super::{Line, of, paths};

    #[test]
    fn a_row() {
        let csv = b"net,optimizer,macs,backward,at once,observe,slices,longest,total,bytes at once,bytes\n\
            3-16-1,Sgd,700,4000,5000,600,59,400,5250,1000,1500\n";
        let row = "| 3-16-1 | Sgd | 700 | 600 | 59 | 400 | 1/10 | 5 250 | 1.05 | 1 500 (1 000) |";
        assert!(of(csv).unwrap().ends_with(row), "{}", of(csv).unwrap());
        assert!(of(b"net,optimizer\nx,y\n").is_err());
    }

    /// What `PERFORMANCE.md` says of every network there.
    #[test]
    fn slices_are_short_and_cost_little() {
        let lines = Line::read(&std::fs::read(paths::costs().join("slices.csv")).unwrap()).unwrap();
        let mut four_times_the_weights = lines.iter().skip(1).step_by(3);
        assert_eq!(four_times_the_weights.len(), 4);
        assert!(
            four_times_the_weights.all(|line| {
                line.longest_of_backward() <= 1.0 / 8.0 && line.of_at_once() <= 1.1
            })
        );
    }
}
