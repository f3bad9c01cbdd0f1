//! Instruction counts of the firmware `scaling`.

use core::error::Error;

use serde::Deserialize;

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
