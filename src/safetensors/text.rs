//! Text without an allocator, at compile time too: headers, messages, the names of tensors.

use core::fmt;

/// Text that is put together, into a buffer or against a file.
///
/// What lies before or behind is not written, but counted: over an empty buffer, writing measures.
/// Inlined, each message would take many times its length of flash.
pub(crate) struct Text<'a> {
    sink: Sink<'a>,
    /// The bytes before the first of the sink.
    skip: usize,
    len: usize,
}

enum Sink<'a> {
    Buffer(&'a mut [u8]),
    /// What is in the file, and whether it is the same so far.
    File(&'a [u8], bool),
}

impl<'a> Text<'a> {
    pub(super) const fn new(buffer: &'a mut [u8]) -> Self {
        Self::after(0, buffer)
    }

    /// Without the first `skip` bytes.
    pub(super) const fn after(skip: usize, buffer: &'a mut [u8]) -> Self {
        Self { sink: Sink::Buffer(buffer), skip, len: 0 }
    }

    /// Compares, without the first `skip` bytes, with those of a file.
    pub(super) const fn compared(skip: usize, file: &'a [u8]) -> Self {
        Self { sink: Sink::File(file, true), skip, len: 0 }
    }

    /// Only counts.
    pub(super) const fn nowhere() -> Self {
        Self::new(&mut [])
    }

    /// The bytes written, and those for which there was no space.
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// Where the space ends.
    pub(super) const fn end(&self) -> usize {
        self.skip
            + match &self.sink {
                Sink::Buffer(buffer) => buffer.len(),
                Sink::File(file, _) => file.len(),
            }
    }

    /// Whether the file has the same bytes, as far as it goes.
    pub(super) const fn is_same(&self) -> bool {
        !matches!(self.sink, Sink::File(_, false))
    }

    const fn byte(&mut self, byte: u8) {
        let at = self.len.wrapping_sub(self.skip);
        match &mut self.sink {
            Sink::Buffer(buffer) if at < buffer.len() => buffer[at] = byte,
            Sink::File(file, same) if at < file.len() && file[at] != byte => *same = false,
            _ => {}
        }
        self.len += 1;
    }

    #[inline(never)]
    pub(super) const fn bytes(&mut self, mut bytes: &[u8]) {
        while let [first, rest @ ..] = bytes {
            self.byte(*first);
            bytes = rest;
        }
    }

    /// Eight lower-case hexadecimal digits.
    #[inline(never)]
    pub(super) const fn hexadecimal(&mut self, n: u32) {
        let mut digit = 8;
        while digit > 0 {
            digit -= 1;
            let value = (n >> (4 * digit) & 0xf) as u8;
            self.byte(if value < 10 { b'0' + value } else { b'a' - 10 + value });
        }
    }

    pub(super) const fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    #[inline(never)]
    pub(super) const fn decimal(&mut self, n: usize) {
        if n >= 10 {
            self.decimal(n / 10);
        }
        self.byte(b'0' + (n % 10) as u8);
    }

    /// `[2, 3]`, with `separator` between the numbers.
    #[inline(never)]
    pub(super) const fn list(&mut self, mut numbers: &[usize], separator: &str) {
        self.text("[");
        while let [first, rest @ ..] = numbers {
            self.decimal(*first);
            if !rest.is_empty() {
                self.text(separator);
            }
            numbers = rest;
        }
        self.text("]");
    }
}

/// The name of a tensor, put together from parts; at most 64 bytes of it are kept.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TensorName {
    bytes: [u8; Self::LONGEST],
    /// Above [`LONGEST`](Self::LONGEST) when the end is lost; such a name equals no other.
    len: usize,
}

impl TensorName {
    pub(super) const LONGEST: usize = 64;
    /// The name of the whole: empty.
    pub const ROOT: Self = Self { bytes: [0; Self::LONGEST], len: 0 };

    /// A name.
    #[must_use]
    pub const fn new(name: &str) -> Self {
        Self::ROOT.then(name)
    }

    /// `self` followed by `text`.
    #[must_use]
    pub const fn then(mut self, text: &str) -> Self {
        self.push(text.as_bytes());
        self
    }

    /// `self` followed by a decimal number.
    #[must_use]
    pub const fn number(mut self, n: usize) -> Self {
        self.push_number(n);
        self
    }

    /// What `write` writes.
    pub(super) fn written(write: impl FnOnce(&mut Text<'_>)) -> Self {
        let mut name = Self::ROOT;
        let mut text = Text::new(&mut name.bytes);
        write(&mut text);
        name.len = text.len;
        name
    }

    /// Appends text.
    pub(super) const fn push(&mut self, text: &[u8]) {
        let mut out = Text { len: self.len, ..Text::new(&mut self.bytes) };
        out.bytes(text);
        self.len = out.len;
    }

    const fn push_number(&mut self, n: usize) {
        let mut out = Text { len: self.len, ..Text::new(&mut self.bytes) };
        out.decimal(n);
        self.len = out.len;
    }

    /// Appends the name of a part: `.label`, at the root `label`.
    pub(super) const fn push_label(&mut self, label: &str) {
        if self.len > 0 {
            self.push(b".");
        }
        self.push(label.as_bytes());
    }

    /// The name as text, as far as it is kept.
    #[must_use]
    pub const fn as_str(&self) -> &str {
        text(self.bytes.as_slice(), self.len)
    }

    pub(crate) const fn is_whole(&self) -> bool {
        self.len <= Self::LONGEST
    }
}

impl fmt::Debug for TensorName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

/// The first `len` bytes of `buffer`, or all, as text; of broken UTF-8 the valid beginning.
pub(super) const fn text(buffer: &[u8], len: usize) -> &str {
    let bytes = match buffer.split_at_checked(len) {
        Some((bytes, _)) => bytes,
        None => buffer,
    };
    match core::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => text(bytes, error.valid_up_to()),
    }
}
