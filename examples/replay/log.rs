//! Log: rows of numbers from a CSV file, or what is wrong with it, with line and column.

mod cell;
mod columns;
mod error;
mod records;

use clap::{Args, ValueEnum};

use self::cell::number;
use self::columns::{Names, choose};
pub use self::error::{LogError, Place};
use self::records::{Record, records};

/// How a log is to be read.
#[derive(Args, Clone, Debug)]
pub struct Format {
    /// The column to forecast, by name or number [default: the only one]
    #[arg(long)]
    pub target: Option<String>,
    /// Other columns that the network reads, a list
    #[arg(long, value_delimiter = ',')]
    pub inputs: Vec<String>,
    /// What is between two cells: one character, or `tab`
    #[arg(long, default_value = ",", value_parser = delimiter)]
    pub delimiter: u8,
    /// Whether the first line has names; `auto`: unless a cell of it is a number
    #[arg(long, value_enum, default_value = "auto")]
    pub header: Header,
    /// Numbers are written 1,5
    #[arg(long)]
    pub decimal_comma: bool,
    /// What happens to a row with a cell that is empty, NA, NaN, infinite or too large
    #[arg(long, value_enum, default_value = "error")]
    pub missing: Missing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Header {
    Auto,
    Yes,
    No,
}

/// What happens to a row with a missing number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Missing {
    /// The log is refused
    Error,
    /// The device gets the row and rejects it: a gap, after which it learns on
    Skip,
    /// The device gets the column's last number, as from firmware that keeps the last reading
    Hold,
}

/// The chosen columns, the target first.
#[derive(Debug)]
pub struct Log {
    pub names: Vec<String>,
    /// A missing number is NaN.
    pub rows: Vec<Vec<f32>>,
    /// Rows that a hold filled.
    pub held: usize,
}

impl Log {
    pub fn read(file: &[u8], format: &Format) -> Result<Self, LogError> {
        let mut records = records(file, format.delimiter);
        let first = records.next().ok_or(LogError::Empty)??;
        let names = Names::of(&first, format.header)?;
        let columns = choose(&names, format)?;
        let chosen = columns.iter().map(|&column| names.name(column)).collect();
        let mut log = Self { names: chosen, rows: Vec::new(), held: 0 };
        let numbers = (!names.is_header).then_some(Ok(first));
        for record in numbers.into_iter().chain(records) {
            let record = record?;
            names.check_width(&record)?;
            let row = columns.iter().map(|&column| cell(&record, column, &names, format));
            log.push(row.collect::<Result<_, _>>()?, format.missing);
        }
        Ok(log)
    }

    fn push(&mut self, mut row: Vec<f32>, missing: Missing) {
        if missing == Missing::Hold {
            self.hold(&mut row);
        }
        self.rows.push(row);
    }

    /// Fills a row with the numbers of the one before.
    fn hold(&mut self, row: &mut [f32]) {
        let Some(last) = self.rows.last() else { return };
        self.held += usize::from(!is_whole(row) && is_whole(last));
        for (number, &last) in row.iter_mut().zip(last) {
            if number.is_nan() {
                *number = last;
            }
        }
    }

    /// Whether a row has all its numbers; the device rejects it otherwise.
    pub fn is_whole(&self, row: usize) -> bool {
        is_whole(&self.rows[row])
    }

    /// The target in each row; in a gap the number before it, and at the start the first one.
    pub fn target(&self) -> Vec<f64> {
        let whole = self.rows.iter().filter(|row| is_whole(row));
        let mut last = whole.clone().next().map_or(0.0, |row| f64::from(row[0]));
        let mut newest = |row: &Vec<f32>| {
            if is_whole(row) {
                last = f64::from(row[0]);
            }
            last
        };
        self.rows.iter().map(&mut newest).collect()
    }
}

fn is_whole(row: &[f32]) -> bool {
    row.iter().all(|number| !number.is_nan())
}

/// The number in a column; NaN if it is missing and that is allowed.
fn cell(record: &Record, column: usize, names: &Names, format: &Format) -> Result<f32, LogError> {
    let cell = record.cells.get(column).unwrap_or_default();
    number(cell, format.decimal_comma).or_else(|error| {
        if format.missing != Missing::Error && error.is_missing() {
            return Ok(f32::NAN);
        }
        let place = Place { line: record.line, column: column + 1, name: names.name(column) };
        Err(LogError::Cell(place, error))
    })
}

fn delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        b"tab" | b"\\t" => Ok(b'\t'),
        [byte] if byte.is_ascii() => Ok(*byte),
        _ => Err("one ASCII character, or `tab`".into()),
    }
}
