//! The header of a value's own file, piece by piece: written, and compared with that of a file.

use super::dtype::Dtype;
use super::error::{Dims, Reason};
use super::schema::{Form, PartError, Place, Schema, Tag};
use super::text::Text;

/// The beginning of a checkpoint's header, with every number still zero; numbers are eight
/// hexadecimal digits, so each has its place.
pub(crate) const METADATA: &str = r#"{"__metadata__":{"format":"elman checkpoint 2","bytes":"00000000","sequence":"00000000","crc32":"00000000""#;

/// The length of the header before it.
pub(crate) const PREFIX: usize = 8;

/// The longest piece.
const LONGEST_PIECE: usize = 160;

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

/// What a piece is of.
enum Piece {
    Front,
    Tag(Tag),
    Tensor(Form),
    End,
}

//////////// a difference ////////////

impl Layout {
    /// In what the header of a file differs, from `file` on, where `wanted` should stand.
    #[cold]
    fn difference(&self, cursor: &Cursor, piece: &Piece, wanted: &[u8], file: &[u8]) -> PartError {
        let n = cursor.piece.saturating_sub(1);
        match piece {
            Piece::Front | Piece::End => Place::Whole.refused(Reason::OtherSchema),
            Piece::Tag(_) => Place::Tag(n).refused(Reason::OtherProgram),
            Piece::Tensor(form) => Place::Tensor(n - self.tags).refused(match cursor.done {
                0 => form.difference(wanted, file),
                _ => Reason::OtherSchema,
            }),
        }
    }
}

impl Form {
    /// In what the entry of a file differs from that of this tensor.
    fn difference(&self, wanted: &[u8], file: &[u8]) -> Reason {
        let before_dtype = br#"":{"dtype":""#;
        let name = wanted.windows(before_dtype.len()).position(|part| part == before_dtype);
        let before = wanted.split_at_checked(name.unwrap_or_default() + before_dtype.len());
        match before.map(|(before, _)| file.strip_prefix(before)) {
            Some(Some(entry)) => self.other(entry),
            _ => Reason::Missing,
        }
    }
}

//////////// numbers in the metadata ////////////

/// Where the digits of [`Numbers`] are in the file.
const CRC32: usize = PREFIX + METADATA.len() - r#"00000000""#.len();
const SEQUENCE: usize = CRC32 - r#"00000000","crc32":""#.len();
const BYTES: usize = SEQUENCE - r#"00000000","sequence":""#.len();

impl Layout {
    pub(crate) const fn new(schema: &'static Schema, checkpoint: bool) -> Self {
        schema.assert_fits();
        let mut tags = 0;
        while checkpoint && schema.nth_tag(tags, &mut Text::nowhere()).is_some() {
            tags += 1;
        }
        let mut layout = Self { schema, checkpoint, tags, length: 0, padding: 0 };
        let (mut cursor, mut bytes) = (Cursor::new(), 0);
        loop {
            let mut text = Text::nowhere();
            if layout.piece(&mut cursor, &mut text).is_none() {
                break;
            }
            assert!(text.len() <= LONGEST_PIECE, "an entry of the header is too long");
            bytes += text.len();
        }
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
        file.first_chunk().is_some_and(|length| u64::from_le_bytes(*length) == self.length as u64)
    }

    /// Writes the next piece.
    const fn piece(&self, cursor: &mut Cursor, out: &mut Text<'_>) -> Option<Piece> {
        let n = cursor.piece;
        cursor.piece += 1;
        if n == 0 {
            out.bytes(&(self.length as u64).to_le_bytes());
            out.text(if self.checkpoint { METADATA } else { "{" });
            return Some(Piece::Front);
        }
        if n <= self.tags {
            out.text(",\"");
            let tag = self.schema.nth_tag(n - 1, out);
            return match tag {
                Some(tag) => {
                    write_tag(tag, out);
                    Some(Piece::Tag(tag))
                }
                None => None,
            };
        }
        let n = n - 1 - self.tags;
        if n < self.schema.tensors() {
            out.text(self.separator(n));
            out.text("\"");
            let form = self.schema.tensor(n, out);
            return match form {
                Some(form) => {
                    let start = cursor.start;
                    cursor.start += form.bytes();
                    write_form(&form, start, cursor.start, out);
                    Some(Piece::Tensor(form))
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
        Some(Piece::End)
    }

    /// What stands before the `n`th tensor.
    const fn separator(&self, n: usize) -> &'static str {
        match (n, self.checkpoint) {
            (0, true) => "},",
            (0, false) => "",
            _ => ",",
        }
    }

    /// [`piece`](Self::piece), with the numbers that are known at run time. Returns its length too.
    fn whole_piece(
        &self,
        cursor: &mut Cursor,
        numbers: Numbers,
        buffer: &mut [u8],
    ) -> Option<(usize, Piece)> {
        let mut text = Text::new(buffer);
        let piece = self.piece(cursor, &mut text)?;
        let len = text.len();
        match piece {
            Piece::Front if self.checkpoint => numbers.put(buffer),
            Piece::Tag(Tag::Checksum(checksum)) => {
                put(buffer, len.saturating_sub(r#"00000000""#.len()), checksum());
            }
            _ => {}
        }
        Some((len, piece))
    }

    /// Writes the header from where `cursor` is, as far as it fits; returns the bytes written.
    pub(crate) fn write(&self, cursor: &mut Cursor, numbers: Numbers, out: &mut [u8]) -> usize {
        let mut written = 0;
        loop {
            let (mut buffer, mut next) = ([0; LONGEST_PIECE], *cursor);
            let Some((len, _)) = self.whole_piece(&mut next, numbers, &mut buffer) else {
                return written;
            };
            let piece = buffer.get(cursor.done..len).unwrap_or_default();
            let out = out.get_mut(written..).unwrap_or_default();
            let n = piece.len().min(out.len());
            out.iter_mut().zip(piece).for_each(|(out, byte)| *out = *byte);
            written += n;
            if n < piece.len() {
                cursor.done += n;
                return written;
            }
            *cursor = Cursor { done: 0, ..next };
        }
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
        let mut compared = 0;
        loop {
            let (mut buffer, mut next) = ([0; LONGEST_PIECE], *cursor);
            let Some((len, piece)) = self.whole_piece(&mut next, numbers, &mut buffer) else {
                return Ok(compared);
            };
            let wanted = buffer.get(cursor.done..len).unwrap_or_default();
            let file = file.get(compared..).unwrap_or_default();
            let n = wanted.len().min(file.len());
            if wanted.get(..n) != file.get(..n) {
                return Err(self.difference(cursor, &piece, wanted, file));
            }
            compared += n;
            if n < wanted.len() {
                cursor.done += n;
                return Ok(compared);
            }
            *cursor = Cursor { done: 0, ..next };
        }
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

impl Form {
    /// In what a tensor of the same name differs, of which `entry` is the rest from the dtype on.
    fn other(&self, entry: &[u8]) -> Reason {
        let dtypes = Dtype::ALL.iter();
        let mut found = dtypes.filter_map(|&dtype| {
            let rest = entry.strip_prefix(dtype.name().as_bytes())?;
            Some((dtype, rest.strip_prefix(br#"","shape":["#)?))
        });
        match found.next() {
            None => Reason::OtherSchema,
            Some((found, _)) if found != self.dtype => Reason::WrongDtype { found },
            Some((_, shape)) => match sizes(shape) {
                Some(found) if !found.is(&self.shape) => {
                    Reason::WrongShape { found, wanted: self.shape }
                }
                _ => Reason::OtherSchema,
            },
        }
    }
}

/// `2,3]…`
fn sizes(text: &[u8]) -> Option<Dims> {
    let (mut sizes, mut size) = (Dims::SCALAR, None);
    for byte in text {
        match byte {
            b'0'..=b'9' => {
                let tens = size.unwrap_or(0_usize).checked_mul(10)?;
                size = Some(tens.checked_add(usize::from(byte - b'0'))?);
            }
            b',' => sizes = sizes.of(size.take()?),
            _ => return Some(size.map_or(sizes, |size| sizes.of(size))),
        }
    }
    None
}

impl Numbers {
    /// The size of a file up to the numbers.
    pub(crate) const FRONT: usize = PREFIX + METADATA.len();
    /// Where the mark that a checkpoint begins with ends.
    pub(crate) const MARK: usize = BYTES;

    pub(crate) fn put(&self, front: &mut [u8]) {
        put(front, BYTES, self.bytes);
        put(front, SEQUENCE, self.sequence);
        put(front, CRC32, self.crc32);
    }

    /// Those in the front of a file, if it is written as [`put`](Self::put) does.
    pub(crate) fn get(front: &[u8; Self::FRONT]) -> Option<Self> {
        let numbers = Self {
            bytes: number(front, BYTES)?,
            sequence: number(front, SEQUENCE)?,
            crc32: number(front, CRC32)?,
        };
        let mut words = (PREFIX..).zip(METADATA.bytes().zip(front.iter().skip(PREFIX)));
        words.all(|(at, (word, byte))| word == *byte || Self::is_digit(at)).then_some(numbers)
    }

    fn is_digit(at: usize) -> bool {
        [BYTES, SEQUENCE, CRC32].iter().any(|start| (*start..start + 8).contains(&at))
    }

    /// Whether a file begins as a checkpoint does.
    pub(crate) fn is_marked(front: &[u8]) -> bool {
        front.get(PREFIX..BYTES) == METADATA.as_bytes().get(..BYTES - PREFIX)
    }

    /// The front without the digits of the checksum.
    pub(crate) fn without_crc32(front: &[u8]) -> [&[u8]; 2] {
        [front.get(..CRC32).unwrap_or_default(), front.get(CRC32 + 8..).unwrap_or_default()]
    }
}

/// Writes `n` as eight hexadecimal digits at `at`.
fn put(file: &mut [u8], at: usize, n: u32) {
    for (i, digit) in file.iter_mut().skip(at).take(8).enumerate() {
        let value = n >> (28 - 4 * i) & 0xf;
        *digit = char::from_digit(value, 16).unwrap_or('0') as u8;
    }
}

/// The number of eight hexadecimal digits at `at`, as [`put`] writes it.
fn number(file: &[u8], at: usize) -> Option<u32> {
    file.get(at..at + 8)?.iter().try_fold(0, |n, &digit| match digit {
        b'0'..=b'9' | b'a'..=b'f' => Some(n << 4 | char::from(digit).to_digit(16)?),
        _ => None,
    })
}

const fn write_tag(tag: Tag, out: &mut Text<'_>) {
    out.text("\":\"");
    match tag {
        Tag::Number(n) => out.decimal(n),
        Tag::Word(word) => out.text(word),
        Tag::Checksum(_) => out.text("00000000"),
    }
    out.text("\"");
}

const fn write_form(form: &Form, start: usize, end: usize, out: &mut Text<'_>) {
    out.text("\":{\"dtype\":\"");
    out.text(form.dtype.name());
    out.text("\",\"shape\":");
    out.list(form.shape.as_slice(), ",");
    out.text(",\"data_offsets\":");
    out.list(&[start, end], ",");
    out.text("}");
}
