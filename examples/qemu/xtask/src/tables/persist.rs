//! Saving and loading, and monitoring: `costs/persist.csv` and `costs/monitor.csv`, line by line.

use std::fs;

use anyhow::Result;

use super::markdown::{number, table as markdown};
use crate::board::BOARDS;
use crate::paths;

/// The table of a file in `costs/`.
pub fn table(file: &str) -> Result<String> {
    of(&fs::read(paths::costs().join(file))?)
}

/// The title and the lines of the file; a count that the timer was too short for is a dash.
fn of(csv: &[u8]) -> Result<String> {
    let mut reader = csv::Reader::from_reader(csv);
    let head: Vec<_> = reader.headers()?.iter().map(str::to_string).collect();
    let rows = reader.records().map(|line| Ok(line?.iter().map(shown).collect::<Vec<_>>()));
    let head: Vec<_> = head.iter().map(String::as_str).collect();
    Ok(markdown(&head, rows.collect::<Result<Vec<_>>>()?))
}

fn shown(word: &str) -> String {
    match (word.parse(), BOARDS.iter().find(|board| board.name == word)) {
        (Ok(count), _) => number(count),
        (_, Some(board)) => board.core.to_string(),
        _ if word.is_empty() => "–".to_string(),
        _ => word.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn a_row() {
        let csv = b"board,opt-level,value,save,load\nmicrobit,3,10 tensors,2345,\n";
        let row = "| Cortex-M0 | 3 | 10 tensors | 2 345 | – |";
        assert!(of(csv).unwrap().ends_with(row));
        assert!(of(b"board,save\nmicrobit\n").is_err());
    }
}
