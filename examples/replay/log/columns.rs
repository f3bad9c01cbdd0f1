//! Columns: names or numbers of those that are read.

use super::cell::CellError;
use super::error::{LogError, Place};
use super::records::Record;
use super::{Format, Header};

/// The first line: the names, or the first numbers.
pub struct Names {
    names: Vec<String>,
    line: u64,
    pub is_header: bool,
}

impl Names {
    pub fn of(first: &Record, header: Header) -> Result<Self, LogError> {
        let line = first.line;
        let text = |(column, cell)| {
            let place = Place { line, column: column + 1, name: String::new() };
            let text = str::from_utf8(cell).map_err(|_| LogError::Cell(place, CellError::Utf8));
            text.map(|text| text.trim().to_owned())
        };
        let names = first.cells.iter().enumerate().map(text).collect::<Result<Vec<_>, _>>()?;
        let is_header = match header {
            Header::Yes => true,
            Header::No => false,
            Header::Auto => names.iter().all(|name| name.parse::<f32>().is_err()),
        };
        Ok(Self { names, line, is_header })
    }

    /// The name of a column, or its number.
    pub fn name(&self, column: usize) -> String {
        let name = self.names.get(column).filter(|name| self.is_header && !name.is_empty());
        name.cloned().unwrap_or_else(|| (column + 1).to_string())
    }

    pub fn check_width(&self, record: &Record) -> Result<(), LogError> {
        let (first, line) = (self.line, record.line);
        let (cells, expected) = (record.cells.len(), self.names.len());
        if cells == expected { Ok(()) } else { Err(LogError::Row { line, cells, first, expected }) }
    }

    fn all(&self) -> Vec<String> {
        (0..self.names.len()).map(|column| self.name(column)).collect()
    }

    /// The place of a column, by its name or else by its number from 1 on.
    fn find(&self, asked: &str) -> Result<usize, LogError> {
        let named = |name: &String| self.is_header && name == asked;
        let mut places = (0..self.names.len()).filter(|&column| named(&self.names[column]));
        match (places.next(), places.next()) {
            (Some(first), Some(second)) => {
                let (line, name) = (self.line, asked.to_owned());
                Err(LogError::Twice { line, name, first: first + 1, second: second + 1 })
            }
            (Some(place), None) => Ok(place),
            _ => self.numbered(asked),
        }
    }

    fn numbered(&self, asked: &str) -> Result<usize, LogError> {
        let number = asked.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        let place = number.filter(|&place| place < self.names.len());
        place.ok_or_else(|| LogError::Unknown {
            line: self.line,
            name: asked.into(),
            columns: self.all(),
        })
    }
}

/// The places of the target and of the other inputs.
pub fn choose(names: &Names, format: &Format) -> Result<Vec<usize>, LogError> {
    let target = match &format.target {
        Some(target) => names.find(target)?,
        None if names.names.len() == 1 => 0,
        None => return Err(LogError::NoTarget { line: names.line, columns: names.all() }),
    };
    let mut chosen = vec![target];
    for input in &format.inputs {
        let place = names.find(input)?;
        if chosen.contains(&place) {
            return Err(LogError::ChosenTwice(input.clone()));
        }
        chosen.push(place);
    }
    Ok(chosen)
}
