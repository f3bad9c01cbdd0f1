//! What a product costs by the compiler's own library, on cores without an FPU.

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::counted;
use crate::board;
use crate::firmware::{Firmware, Profile};

const BOARDS: [&str; 2] = ["microbit", "rv32imc"];

/// A line of `costs/products.csv`.
#[derive(Serialize, Deserialize)]
pub struct Products {
    #[serde(default)]
    pub board: String,
    /// Multiplications with their additions.
    pub products: u64,
    pub instructions: u64,
}

/// The counts of the program `products`.
pub fn table() -> Result<String> {
    let mut table = csv::Writer::from_writer(Vec::new());
    for name in BOARDS {
        let board = board::named(name).map_err(anyhow::Error::msg)?;
        let counted = counted(Firmware { board, profile: Profile::Release }, "products")?;
        let mut lines = csv::Reader::from_reader(counted.as_bytes()).into_deserialize();
        let line: Products = lines.next().context("the program printed no count")??;
        table.serialize(Products { board: name.to_string(), ..line })?;
    }
    Ok(String::from_utf8(table.into_inner()?)?)
}

impl Products {
    /// The instructions of a product on each board, rounded.
    pub fn read(table: &[u8]) -> Result<Vec<(String, String)>> {
        let lines = csv::Reader::from_reader(table).into_deserialize::<Self>();
        let each = lines.map(|line| {
            let Self { board, products, instructions } = line?;
            Ok((board, format!("{:.0}", instructions as f64 / products as f64)))
        });
        each.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Products;

    #[test]
    fn instructions_of_a_product() {
        let table = b"board,products,instructions\nmicrobit,10,2257\nrv32imc,10,1224\n";
        let expected = [("microbit", "226"), ("rv32imc", "122")];
        let expected = expected.map(|(board, n)| (board.to_string(), n.to_string()));
        assert_eq!(Products::read(table).unwrap(), expected);
        assert!(Products::read(b"board,products,instructions\nmicrobit,ten,1\n").is_err());
    }
}
