//! Errors of a log: what is wrong, and where.

use core::fmt;

use super::cell::CellError;

/// Where a cell is; lines and columns count from 1.
#[derive(Debug)]
pub struct Place {
    pub line: u64,
    pub column: usize,
    pub name: String,
}

/// What is wrong with a log.
#[derive(Debug)]
pub enum LogError {
    Read(csv::Error),
    Empty,
    Cell(Place, CellError),
    /// Another number of cells than the first line has.
    Row {
        line: u64,
        cells: usize,
        first: u64,
        expected: usize,
    },
    Unknown {
        line: u64,
        name: String,
        columns: Vec<String>,
    },
    Twice {
        line: u64,
        name: String,
        first: usize,
        second: usize,
    },
    ChosenTwice(String),
    NoTarget {
        line: u64,
        columns: Vec<String>,
    },
    TooShort {
        rows: usize,
        least: usize,
    },
    /// The target is the same in every row that is scored.
    Constant(String),
}

impl fmt::Display for LogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(error) => write!(f, "{error}"),
            Self::Empty => write!(f, "line 1: the file has no row"),
            Self::Cell(place, error) => write!(f, "{place}: {error}"),
            Self::Row { line, cells, first, expected } if cells < expected => {
                write!(f, "line {line}: {cells} of the {expected} cells that line {first} has")
            }
            Self::Row { line, cells, first, expected } => {
                write!(f, "line {line}: {cells} cells, more than the {expected} of line {first}")
            }
            Self::Unknown { line, name, columns } => {
                let columns = columns.join("`, `");
                write!(f, "line {line}: there is no column `{name}`; there are `{columns}`")
            }
            Self::Twice { line, name, first, second } => write!(
                f,
                "line {line}: columns {first} and {second} are both called `{name}`; give the number"
            ),
            Self::ChosenTwice(name) => write!(f, "--inputs: column `{name}` is read already"),
            Self::NoTarget { line, columns } => {
                let columns = columns.join("`, `");
                write!(
                    f,
                    "line {line}: which column is to be forecast? --target one of `{columns}`"
                )
            }
            Self::TooShort { rows, least } => {
                write!(f, "whole rows in the log: {rows}, but {least} are needed")
            }
            Self::Constant(name) => {
                write!(
                    f,
                    "column `{name}` does not change in whole rows of the last third: nothing to score"
                )
            }
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)?;
        if self.name.is_empty() { Ok(()) } else { write!(f, " (`{}`)", self.name) }
    }
}

impl From<csv::Error> for LogError {
    fn from(error: csv::Error) -> Self {
        Self::Read(error)
    }
}

impl core::error::Error for LogError {}
