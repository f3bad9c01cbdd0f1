//! Instruction counts of the firmware programs `scaling` and `persist`.

use core::error::Error;

use serde::Deserialize;

const CHECKPOINTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/qemu/costs/persist.csv");
const COUNTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/qemu/costs/scaling.csv");

/// The cost of one network. `part` is what varies (`H`, `K` or `depth`), and `value` its size.
#[derive(Deserialize)]
pub struct Count {
    pub part: String,
    pub value: f64,
    /// Instructions of a recorded step.
    pub step: f64,
    /// Instructions of backward, through the whole window.
    pub backward: f64,
    /// Instructions of SGD, and of setting the gradient to zero.
    #[allow(dead_code, reason = "not every user shows it")]
    pub update: f64,
    /// Bytes.
    pub net: f64,
    /// Bytes.
    pub tape: f64,
}

impl Count {
    /// Bytes of net, gradient and tape.
    pub fn ram(&self) -> f64 {
        2.0 * self.net + self.tape
    }
}

/// The counts of one part.
pub fn counts(part: &str) -> Result<Vec<Count>, Box<dyn Error>> {
    let mut counts = Vec::new();
    for count in csv::Reader::from_path(COUNTS)?.deserialize() {
        let count: Count = count?;
        if count.part == part {
            counts.push(count);
        }
    }
    Ok(counts)
}

/// What a checkpoint costs on a board.
#[derive(Deserialize)]
#[allow(dead_code, reason = "not every user shows all of it")]
pub struct Checkpoint {
    pub board: String,
    #[serde(rename = "opt-level")]
    pub opt_level: String,
    /// A network I-H-O with its trainer, or `10 tensors`.
    pub value: String,
    pub bytes: f64,
    pub save: f64,
    pub load: f64,
    #[serde(rename = "save stack")]
    pub save_stack: f64,
    #[serde(rename = "load stack")]
    pub load_stack: f64,
    #[serde(rename = "save_to stack")]
    pub save_to_stack: f64,
    #[serde(rename = "load_from stack")]
    pub load_from_stack: f64,
}

impl Checkpoint {
    /// How many, where the number of tensors varies.
    pub fn tensors(&self) -> Option<f64> {
        self.value.strip_suffix(" tensors")?.parse().ok()
    }
}

/// All counts of checkpoints.
pub fn checkpoints() -> Result<Vec<Checkpoint>, Box<dyn Error>> {
    let mut counts = Vec::new();
    for count in csv::Reader::from_path(CHECKPOINTS)?.deserialize() {
        counts.push(count?);
    }
    Ok(counts)
}
