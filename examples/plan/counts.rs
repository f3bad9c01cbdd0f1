//! The counts that the model is fitted to, and those it is checked on: `counts.csv`.

use core::error::Error;

use serde::Deserialize;

use crate::network::{Cell, Network};
use crate::optimizer::Optimizer;
use crate::ram::Training;

const COUNTS: &str = include_str!("counts.csv");
const CYCLES: &str = include_str!("cycles.csv");
const FLASH: &str = include_str!("flash.csv");

/// A line of `counts.csv`: `examples/qemu/src/bin/plan/main.rs` says what each number is.
#[derive(Clone, Deserialize)]
pub struct Count {
    pub board: String,
    #[serde(rename = "use")]
    purpose: String,
    net: String,
    optimizer: String,
    pub k1: Option<usize>,
    k2: Option<usize>,
    pub step: Option<f64>,
    pub observe: Option<f64>,
    pub mean: Option<f64>,
    pub pause: Option<f64>,
    #[serde(rename = "sliced observe")]
    pub sliced_observe: Option<f64>,
    pub back: Option<f64>,
    pub accumulate: Option<f64>,
    pub clip: Option<f64>,
    pub check: Option<f64>,
    pub rule: Option<f64>,
    pub commit: Option<f64>,
    pub macs: Option<usize>,
    #[cfg(test)]
    pub slices: Option<usize>,
    pub longest: Option<f64>,
    pub total: Option<f64>,
    pub update: Option<f64>,
    #[serde(rename = "run stack")]
    pub run_stack: Option<f64>,
    #[serde(rename = "train stack")]
    pub train_stack: Option<f64>,
    #[serde(rename = "sliced stack")]
    pub sliced_stack: Option<f64>,
    #[cfg(test)]
    #[serde(rename = "trainer bytes")]
    pub trainer_bytes: Option<usize>,
    #[cfg(test)]
    #[serde(rename = "sliced bytes")]
    pub sliced_bytes: Option<usize>,
}

impl Count {
    pub fn all() -> Result<Vec<Self>, Box<dyn Error>> {
        read(COUNTS)
    }

    pub fn is_fitted(&self) -> bool {
        self.purpose == "fit"
    }

    pub fn training(&self) -> Result<Training, Box<dyn Error>> {
        let network = Network::parse(&self.net, Cell::Elman)?;
        let rules = [
            Optimizer::Sgd,
            Optimizer::Momentum,
            Optimizer::RmsProp,
            Optimizer::Adam,
            Optimizer::AdamW,
        ];
        let rule = rules.into_iter().find(|rule| rule.name() == self.optimizer);
        let optimizer = rule.ok_or_else(|| format!("an optimiser {}", self.optimizer))?;
        Ok(Training { network, optimizer, k1: self.k1.unwrap_or(1), k2: self.k2.unwrap_or(1) })
    }
}

/// A line of `cycles.csv`: all that was counted on a board, by Arm's tables.
#[derive(Deserialize)]
pub struct Cycles {
    pub board: String,
    pub instructions: f64,
    pub cycles: f64,
}

impl Cycles {
    pub fn all() -> Result<Vec<Self>, Box<dyn Error>> {
        read(CYCLES)
    }
}

/// A line of `flash.csv`: a program that learns, or one that only runs.
#[derive(Deserialize)]
pub struct Flash {
    pub board: String,
    pub program: String,
    pub flash: usize,
}

impl Flash {
    pub fn all() -> Result<Vec<Self>, Box<dyn Error>> {
        read(FLASH)
    }
}

/// The lines of a CSV file.
pub fn read<T: for<'a> Deserialize<'a>>(csv: &str) -> Result<Vec<T>, Box<dyn Error>> {
    Ok(csv::Reader::from_reader(csv.as_bytes()).into_deserialize().collect::<Result<_, _>>()?)
}
