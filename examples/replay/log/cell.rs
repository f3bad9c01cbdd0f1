//! Cells: numbers as text, and why a text is none.

use core::fmt;

use elman::InRange;

/// Why a cell is not a number to learn from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CellError {
    Empty,
    /// `NA` and the like.
    NotAvailable(String),
    NotANumber(String),
    Infinite(String),
    TooLarge(String),
    /// `1,5`
    DecimalComma(String),
    Text(String),
    Utf8,
}

impl CellError {
    /// Whether `--missing` says what happens.
    pub const fn is_missing(&self) -> bool {
        !matches!(self, Self::DecimalComma(_) | Self::Text(_) | Self::Utf8)
    }
}

/// The number in a cell.
pub fn number(cell: &[u8], decimal_comma: bool) -> Result<f32, CellError> {
    let text = str::from_utf8(cell).map_err(|_| CellError::Utf8)?.trim();
    let point = if decimal_comma { text.replace(',', ".") } else { text.into() };
    let number: f32 = point.parse().map_err(|_| no_number(text))?;
    let written = || text.to_owned();
    match number {
        _ if number.is_nan() => Err(CellError::NotANumber(written())),
        _ if number.is_in_range() => Ok(number),
        _ if text.contains(|c: char| c.is_ascii_digit()) => Err(CellError::TooLarge(written())),
        _ => Err(CellError::Infinite(written())),
    }
}

fn no_number(text: &str) -> CellError {
    let is_comma = text.contains(',') && text.replace(',', ".").parse::<f32>().is_ok();
    match text.to_ascii_lowercase().as_str() {
        "" => CellError::Empty,
        "na" | "n/a" | "null" | "none" | "-" => CellError::NotAvailable(text.into()),
        _ if is_comma => CellError::DecimalComma(text.into()),
        _ => CellError::Text(text.into()),
    }
}

impl fmt::Display for CellError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "the cell is empty"),
            Self::NotAvailable(text) => write!(f, "`{text}` is no number"),
            Self::NotANumber(text) => write!(f, "`{text}` is not a number"),
            Self::Infinite(text) => write!(f, "`{text}` is not finite"),
            Self::TooLarge(text) => write!(f, "`{text}` is too large to compute with in f32"),
            Self::DecimalComma(text) => {
                write!(f, "`{text}` has a decimal comma; say so with --decimal-comma")
            }
            Self::Text(text) if text.contains([';', '\t', '|']) => {
                write!(f, "`{text}` is no number; does --delimiter say what is between two cells?")
            }
            Self::Text(text) => write!(f, "`{text}` is no number"),
            Self::Utf8 => write!(f, "the cell is not UTF-8"),
        }?;
        if self.is_missing() {
            write!(f, "; --missing skip or --missing hold goes on after such cells")?;
        }
        Ok(())
    }
}
