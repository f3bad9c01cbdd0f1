//! Chips that a plan may fit: `chips.csv`, from their makers' data sheets.

use core::error::Error;

use serde::{Deserialize, Serialize};

use crate::counts::read;

const CHIPS: &str = include_str!("chips.csv");
const KIB: usize = 1024;

/// A chip, with the largest clock and all of the RAM that its data sheet names, in KiB.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Chip {
    #[serde(rename = "chip")]
    pub name: String,
    pub core: String,
    pub mhz: f64,
    ram: usize,
    flash: usize,
    pub source: String,
}

impl Chip {
    pub fn all() -> Result<Vec<Self>, Box<dyn Error>> {
        read(CHIPS)
    }

    /// The chip whose name begins so, in any case.
    pub fn named(name: &str) -> Result<Self, Box<dyn Error>> {
        let chips = Self::all()?;
        let names: Vec<_> = chips.iter().map(|chip| chip.name.clone()).collect();
        let wanted = name.to_lowercase();
        let found = chips.into_iter().find(|chip| chip.name.to_lowercase().starts_with(&wanted));
        found.ok_or_else(|| format!("no board `{name}`; those known: {}", names.join(", ")).into())
    }

    /// Bytes.
    pub fn ram(&self) -> usize {
        self.ram * KIB
    }

    /// Bytes.
    pub fn flash(&self) -> usize {
        self.flash * KIB
    }
}
