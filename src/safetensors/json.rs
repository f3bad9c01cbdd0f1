//! The header of a file: the part of JSON that the format uses, read from left to right.
//!
//! Two objects deep and no deeper, so nothing recurses. Every function takes what it reads off the
//! front of the text; every loop shortens it.

use super::error::Reason;
use super::text::TensorName;
use super::tri;

/// The unread rest of a header.
#[derive(Clone, Copy)]
pub(super) struct Json<'a> {
    rest: &'a [u8],
    /// The length of the whole header.
    length: usize,
}

impl<'a> Json<'a> {
    pub(super) const fn new(header: &'a [u8]) -> Self {
        Self { rest: header, length: header.len() }
    }

    /// What was expected here, after `length - rest` bytes.
    pub(super) const fn expected(&self, expected: &'static str) -> Reason {
        Reason::Syntax { at: self.length - self.rest.len(), expected }
    }

    const fn skip_space(&mut self) {
        while let [b' ' | b'\t' | b'\n' | b'\r', rest @ ..] = self.rest {
            self.rest = rest;
        }
    }

    /// Takes `byte` if it comes next.
    pub(super) const fn next_is(&mut self, byte: u8) -> bool {
        self.skip_space();
        match self.rest {
            [first, rest @ ..] if *first == byte => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    pub(super) const fn take(&mut self, byte: u8, expected: &'static str) -> Result<(), Reason> {
        if self.next_is(byte) { Ok(()) } else { Err(self.expected(expected)) }
    }

    /// Nothing but space is left.
    pub(super) const fn end(&mut self) -> Result<(), Reason> {
        self.skip_space();
        if self.rest.is_empty() { Ok(()) } else { Err(self.expected("the end of the header")) }
    }

    /// A string, as it stands between its quotes. Its escapes are valid.
    pub(super) const fn string(&mut self) -> Result<&'a [u8], Reason> {
        tri!(self.take(b'"', "a string"));
        let start = self.rest;
        loop {
            match self.rest {
                [b'"', rest @ ..] => {
                    let length = start.len() - self.rest.len();
                    self.rest = rest;
                    return match start.split_at_checked(length) {
                        Some((string, _)) => Ok(string),
                        None => Ok(start),
                    };
                }
                [b'\\', ..] => match escape(self.rest) {
                    Some((_, rest)) => self.rest = rest,
                    None => return Err(self.expected("a valid escape")),
                },
                [0x20..=0xff, rest @ ..] => self.rest = rest,
                _ => return Err(self.expected("the end of a string")),
            }
        }
    }

    /// A whole number, as JSON writes it: no sign, no leading zero.
    pub(super) const fn number(&mut self) -> Result<usize, Reason> {
        self.skip_space();
        let mut number = match self.rest {
            [digit @ b'0'..=b'9', rest @ ..] => {
                self.rest = rest;
                (*digit - b'0') as usize
            }
            _ => return Err(self.expected("a whole number")),
        };
        while let [digit @ b'0'..=b'9', rest @ ..] = self.rest {
            number = match number.checked_mul(10) {
                Some(tens @ 1..) => match tens.checked_add((*digit - b'0') as usize) {
                    Some(number) => number,
                    None => return Err(self.expected("a number that fits")),
                },
                Some(0) => return Err(self.expected("no leading zero")),
                None => return Err(self.expected("a number that fits")),
            };
            self.rest = rest;
        }
        Ok(number)
    }
}

/// Whether a string, as it stands between its quotes, spells `wanted`.
pub(super) const fn spells(mut string: &[u8], mut wanted: &[u8]) -> bool {
    while let [first, rest @ ..] = string {
        let mut utf8 = [*first, 0, 0, 0];
        let spelled: &[u8] = match escape(string) {
            Some((character, rest)) => {
                string = rest;
                character.encode_utf8(&mut utf8).as_bytes()
            }
            None => {
                string = rest;
                utf8.split_at(1).0
            }
        };
        match strip(wanted, spelled) {
            Some(rest) => wanted = rest,
            None => return false,
        }
    }
    wanted.is_empty()
}

/// A string, as it stands between its quotes, as a name.
pub(super) fn unescaped(mut string: &[u8]) -> TensorName {
    let mut name = TensorName::ROOT;
    while let [first, rest @ ..] = string {
        string = match escape(string) {
            Some((character, rest)) => {
                name.push(character.encode_utf8(&mut [0; 4]).as_bytes());
                rest
            }
            None => {
                name.push(&[*first]);
                rest
            }
        };
    }
    name
}

/// `bytes` without `prefix`, if it begins so.
const fn strip<'a>(mut bytes: &'a [u8], mut prefix: &[u8]) -> Option<&'a [u8]> {
    while let [p, later @ ..] = prefix {
        match bytes {
            [b, rest @ ..] if *b == *p => bytes = rest,
            _ => return None,
        }
        prefix = later;
    }
    Some(bytes)
}

/// The character that the escape at the front of `string` stands for, and what follows it.
const fn escape(string: &[u8]) -> Option<(char, &[u8])> {
    let [b'\\', kind, rest @ ..] = string else { return None };
    let character = match kind {
        b'"' | b'\\' | b'/' => *kind as char,
        b'b' => '\x08',
        b'f' => '\x0c',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return unicode(rest),
        _ => return None,
    };
    Some((character, rest))
}

/// `XXXX`, or for a character beyond 16 bits a pair of surrogates, `D8XX\uDCXX`.
const fn unicode(string: &[u8]) -> Option<(char, &[u8])> {
    let Some((unit, rest)) = hex4(string) else { return None };
    let (code, rest) = match (unit, rest) {
        (0xd800..0xdc00, [b'\\', b'u', rest @ ..]) => match hex4(rest) {
            Some((low @ 0xdc00..0xe000, rest)) => {
                (0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00), rest)
            }
            _ => return None,
        },
        _ => (unit, rest),
    };
    match char::from_u32(code) {
        Some(character) => Some((character, rest)),
        None => None, // half a pair
    }
}

const fn hex4(string: &[u8]) -> Option<(u32, &[u8])> {
    let Some((digits, rest)) = string.split_first_chunk::<4>() else { return None };
    let mut digits = digits.as_slice();
    let mut code = 0;
    while let [digit, later @ ..] = digits {
        code = match (*digit as char).to_digit(16) {
            Some(digit) => code << 4 | digit,
            None => return None,
        };
        digits = later;
    }
    Some((code, rest))
}
