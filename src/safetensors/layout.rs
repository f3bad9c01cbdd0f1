//! The header of a value's own file, piece by piece: written, and compared with that of a file.

use super::crc32::Crc32;
use super::schema::{PartError, Place, Problem, Schema, Tag, Which};
use super::text::Text;

/// The beginning of a checkpoint's header: what stands before each of its [`Numbers`], and behind.
const METADATA: [&str; 4] = [
    r#"{"__metadata__":{"format":"elman checkpoint 2","bytes":""#,
    r#"","sequence":""#,
    r#"","crc32":""#,
    r#"""#,
];
/// The length of the header before it.
const PREFIX: usize = 8;
/// Of a number.
const DIGITS: usize = 8;

/// The header of the file of one type of value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout {
    pub(crate) schema: &'static Schema,
    /// With metadata: the numbers of a checkpoint and its tags.
    checkpoint: bool,
    tags: usize,
    /// The bytes of the header, padding included.
    length: usize,
    /// The spaces at its end, up to a multiple of 8.
    padding: usize,
}

/// The numbers in the metadata of a checkpoint.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Numbers {
    pub(crate) bytes: u32,
    pub(crate) sequence: u32,
    pub(crate) crc32: u32,
}

/// The pieces that a header is written or compared in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor {
    piece: usize,
    /// The bytes of the piece that are done.
    done: usize,
    /// Where the next tensor begins in the data.
    start: usize,
}

/// What is missing of a piece.
enum Piece {
    Whole,
    /// The checksum of frozen weights, and a quotation mark.
    Checksum(fn() -> u32),
}

//////////// numbers in the metadata ////////////

/// Where the digits of [`Numbers`] are in the file.
const BYTES: usize = PREFIX + METADATA[0].len();
const SEQUENCE: usize = BYTES + DIGITS + METADATA[1].len();
const CRC32: usize = SEQUENCE + DIGITS + METADATA[2].len();

impl Layout {
    pub(crate) const fn new(schema: &'static Schema, checkpoint: bool) -> Self {
        schema.assert_fits();
        let mut tags = 0;
        while checkpoint && schema.nth_tag(tags, &mut Text::nowhere()).is_some() {
            tags += 1;
        }
        let mut layout = Self { schema, checkpoint, tags, length: 0, padding: 0 };
        let (mut piece, mut start, mut text) = (0, 0, Text::nowhere());
        while let Some(missing) = layout.piece(piece, &mut start, Numbers::ZERO, &mut text) {
            if let Piece::Checksum(_) = missing {
                text.hexadecimal(0);
                text.text("\"");
            }
            piece += 1;
        }
        let bytes = text.len();
        layout.length = (bytes - PREFIX).next_multiple_of(8);
        layout.padding = layout.data() - bytes;
        layout
    }

    /// Where the data begins in the file.
    pub(crate) const fn data(&self) -> usize {
        PREFIX + self.length
    }

    /// The size of the file.
    pub(crate) const fn size(&self) -> usize {
        self.data() + self.schema.bytes()
    }

    /// Whether a file begins with the length of this header.
    pub(crate) fn has_length(&self, file: &[u8]) -> bool {
        file.first_chunk() == Some(&(self.length as u64).to_le_bytes())
    }

    /// Writes the `n`th piece. A tensor begins at `start` in the data, and the next one behind it.
    const fn piece(
        &self,
        n: usize,
        start: &mut usize,
        numbers: Numbers,
        out: &mut Text<'_>,
    ) -> Option<Piece> {
        if n == 0 {
            out.bytes(&(self.length as u64).to_le_bytes());
            if self.checkpoint {
                numbers.write(out);
            } else {
                out.text("{");
            }
            return Some(Piece::Whole);
        }
        if n <= self.tags {
            out.text(",\"");
            let tag = self.schema.nth_tag(n - 1, out);
            out.text("\":\"");
            return match tag {
                Some(tag) => Some(write_tag(tag, out)),
                None => None,
            };
        }
        let n = n - 1 - self.tags;
        if n < self.schema.tensors() {
            return match self.name(n, out) {
                Some(schema) => {
                    write_form(schema, start, out);
                    Some(Piece::Whole)
                }
                None => None,
            };
        }
        if n > self.schema.tensors() {
            return None;
        }
        out.text(if self.checkpoint && n == 0 { "}}" } else { "}" });
        let mut padding = self.padding;
        while padding > 0 {
            out.text(" ");
            padding -= 1;
        }
        Some(Piece::Whole)
    }

    /// Writes the name of the `n`th tensor, and what stands before it.
    const fn name(&self, n: usize, out: &mut Text<'_>) -> Option<&Schema> {
        out.text(match (n, self.checkpoint) {
            (0, true) => "},\"",
            (0, false) => "\"",
            _ => ",\"",
        });
        self.schema.tensor(n, out)
    }

    /// Writes the header from where `cursor` is, as far as there is space, or compares it. Returns
    /// how many bytes it is; the first difference is an error.
    #[inline(never)]
    fn advance(
        &self,
        cursor: &mut Cursor,
        numbers: Numbers,
        text: &mut Text<'_>,
    ) -> Result<usize, PartError> {
        let (skipped, end) = (cursor.done, text.end());
        loop {
            let (before, mut next) = (text.len(), cursor.start);
            let Some(missing) = self.piece(cursor.piece, &mut next, numbers, text) else {
                return Ok(before - skipped);
            };
            if let Piece::Checksum(checksum) = missing {
                text.hexadecimal(checksum());
                text.text("\"");
            }
            if !text.is_same() {
                return Err(self.difference(cursor.piece));
            }
            if text.len() > end {
                cursor.done = end - before;
                return Ok(end - skipped);
            }
            *cursor = Cursor { piece: cursor.piece + 1, done: 0, start: next };
        }
    }

    /// The error of a file whose header differs in the `n`th piece.
    fn difference(&self, n: usize) -> PartError {
        match n.checked_sub(1 + self.tags) {
            None if n > 0 => Place::Part(Which::Tag, n - 1).refused(Problem::OtherProgram),
            Some(n) if n < self.schema.tensors() => {
                Place::Part(Which::Tensor, n).refused(Problem::OtherSchema)
            }
            _ => PartError::OTHER_SCHEMA,
        }
    }

    /// Writes the header from where `cursor` is, as far as it fits; returns the bytes written.
    #[inline(never)]
    pub(crate) fn write(&self, cursor: &mut Cursor, numbers: Numbers, out: &mut [u8]) -> usize {
        let written = self.advance(cursor, numbers, &mut Text::after(cursor.done, out));
        written.unwrap_or_default()
    }

    /// Compares the header with the next bytes of a file; returns how many of them it is.
    ///
    /// The first difference is an error.
    pub(crate) fn compare(
        &self,
        cursor: &mut Cursor,
        numbers: Numbers,
        file: &[u8],
    ) -> Result<usize, PartError> {
        self.advance(cursor, numbers, &mut Text::compared(cursor.done, file))
    }
}

impl Cursor {
    pub(crate) const fn new() -> Self {
        Self { piece: 0, done: 0, start: 0 }
    }

    /// After the metadata's numbers.
    pub(crate) const fn after_numbers() -> Self {
        Self { piece: 1, ..Self::new() }
    }
}

impl Numbers {
    pub(crate) const ZERO: Self = Self { bytes: 0, sequence: 0, crc32: 0 };
    /// The size of a file up to the numbers.
    pub(crate) const FRONT: usize = CRC32 + DIGITS + METADATA[3].len();
    /// Where the mark that a checkpoint begins with ends.
    pub(crate) const MARK: usize = BYTES;

    const fn write(self, out: &mut Text<'_>) {
        let [mark, sequence, crc32, end] = METADATA;
        out.text(mark);
        out.hexadecimal(self.bytes);
        out.text(sequence);
        out.hexadecimal(self.sequence);
        out.text(crc32);
        out.hexadecimal(self.crc32);
        out.text(end);
    }

    /// Those in the front of a file, if it is written as [`write`](Self::write) does.
    pub(crate) fn get(front: &[u8; Self::FRONT]) -> Option<Self> {
        let numbers = Self {
            bytes: number(front, BYTES),
            sequence: number(front, SEQUENCE),
            crc32: number(front, CRC32),
        };
        let mut text = Text::compared(0, front.get(PREFIX..).unwrap_or_default());
        numbers.write(&mut text);
        text.is_same().then_some(numbers)
    }

    /// Whether a file begins as a checkpoint does.
    pub(crate) fn is_marked(front: &[u8]) -> bool {
        front.iter().skip(PREFIX).zip(METADATA[0].as_bytes()).all(|(byte, mark)| byte == mark)
    }

    /// The checksum over a file, or its front, without the digits that hold it.
    #[inline(never)]
    pub(crate) fn checksum(file: &[u8]) -> Crc32 {
        let mut crc = Crc32::new();
        crc.update(file.get(..CRC32).unwrap_or_default());
        crc.update(file.get(CRC32 + DIGITS..).unwrap_or_default());
        crc
    }
}

/// The number of eight hexadecimal digits at `at`, if they are some.
#[inline(never)]
fn number(file: &[u8], at: usize) -> u32 {
    let digits = file.iter().skip(at).take(DIGITS);
    digits.fold(0, |n, &digit| (n << 4) | (u32::from(digit & 0xf) + 9 * u32::from(digit >> 6)))
}

const fn write_tag(tag: Tag, out: &mut Text<'_>) -> Piece {
    match tag {
        Tag::Number(n) => out.decimal(n),
        Tag::Word(word) => out.text(word),
        Tag::Checksum(checksum) => return Piece::Checksum(checksum),
    }
    out.text("\"");
    Piece::Whole
}

const fn write_form(schema: &Schema, start: &mut usize, out: &mut Text<'_>) {
    let form = schema.form();
    let end = *start + form.bytes();
    out.text("\":{\"dtype\":\"");
    out.text(form.element.name());
    out.text("\",\"shape\":");
    schema.write_shape(out);
    out.text(",\"data_offsets\":[");
    out.decimal(*start);
    out.text(",");
    out.decimal(end);
    out.text("]}");
    *start = end;
}
