//! Records: the cells of each row, with the line where it begins.

use csv::ByteRecord;

use super::LogError;

/// Lines that begin with it are left out.
const COMMENT: u8 = b'#';

pub struct Record {
    /// From 1 on.
    pub line: u64,
    pub cells: ByteRecord,
}

/// The records of a file, of any width.
pub fn records(file: &[u8], delimiter: u8) -> impl Iterator<Item = Result<Record, LogError>> {
    let reader = csv::ReaderBuilder::new()
        .comment(Some(COMMENT))
        .delimiter(delimiter)
        .flexible(true)
        .has_headers(false)
        .from_reader(file);
    let mut lines = Lines { file, byte: 0, line: 1 };
    reader.into_byte_records().map(move |cells| {
        let cells = cells?;
        Ok(Record { line: lines.of(&cells), cells })
    })
}

/// The lines up to a byte. The reader's own count is that before empty lines and comments.
struct Lines<'f> {
    file: &'f [u8],
    byte: usize,
    line: u64,
}

impl Lines<'_> {
    fn of(&mut self, cells: &ByteRecord) -> u64 {
        let position = cells.position().map_or(0, csv::Position::byte) as usize;
        let start = self.skip(position);
        let passed = self.file.get(self.byte..start).unwrap_or_default();
        self.line += passed.iter().filter(|&&byte| byte == b'\n').count() as u64;
        self.byte = start;
        self.line
    }

    /// The first byte from `start` on that belongs to a record.
    fn skip(&self, mut start: usize) -> usize {
        let rest = |start| self.file.get(start..).unwrap_or_default();
        if start == 0 && self.file.starts_with(b"\xef\xbb\xbf") {
            start = 3; // a byte order mark
        }
        loop {
            match rest(start).first() {
                Some(b'\r' | b'\n') => start += 1,
                Some(&COMMENT) => start += line_length(rest(start)),
                _ => return start,
            }
        }
    }
}

fn line_length(text: &[u8]) -> usize {
    text.iter().position(|&byte| byte == b'\n').unwrap_or(text.len())
}
