//! The numbers of a file, read in order: all of them, or those of a part of the file.

use super::dtype::{self, Dtype};
use super::state_dict::StateDict;

/// Numbers from the data of a file.
///
/// Only [`state_dict!`](crate::state_dict) needs this. Reading can begin at any number of the value,
/// and what is not there is left as it is: so a file is read in chunks.
#[derive(Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    /// Bytes of the value before the first that is there.
    skip: usize,
    /// Of floats in another type than the value's. A program that loads only its own files does not
    /// link it.
    converted: Option<fn(&mut Self) -> Option<f32>>,
    /// The beginning of a number that the bytes before ended in.
    cut: Cut,
    /// The bytes have ended.
    ended: bool,
}

/// The beginning of a number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cut {
    bytes: [u8; 8],
    len: usize,
}

impl Cut {
    pub(crate) const NONE: Self = Self { bytes: [0; 8], len: 0 };

    pub(crate) const fn len(&self) -> usize {
        self.len
    }
}

impl<'a> Reader<'a> {
    /// Reads `bytes`, with `cut` before them, into a value from its byte `skip` on.
    pub(crate) const fn new(bytes: &'a [u8], skip: usize, cut: Cut) -> Self {
        Self { bytes, skip, converted: None, cut, ended: false }
    }

    /// Floats of this type, whatever those of the value are.
    pub(super) const fn of_floats(self, float: Dtype) -> Self {
        let converted: Option<fn(&mut Self) -> Option<f32>> = match float {
            Dtype::F64 => Some(|reader| reader.unsigned(8).map(dtype::from_f64)),
            Dtype::F16 => {
                Some(|reader| reader.unsigned(2).map(|bits| dtype::from_f16(bits as u16)))
            }
            Dtype::BF16 => {
                Some(|reader| reader.unsigned(2).map(|bits| dtype::from_bf16(bits as u16)))
            }
            _ => Some(|reader| reader.unsigned(4).map(|bits| f32::from_bits(bits as u32))),
        };
        Self { converted, ..self }
    }

    /// The beginning of the number that the bytes ended in.
    pub(crate) const fn cut(&self) -> Cut {
        self.cut
    }

    /// Whether nothing is left.
    pub(crate) const fn is_empty(&self) -> bool {
        self.ended || self.bytes.is_empty() && self.cut.len == 0
    }

    /// Whether the part that is read next is read from its first byte.
    #[inline(never)]
    pub(crate) const fn at_start(&self) -> bool {
        self.skip == 0 && !self.is_empty()
    }

    /// Reads a part, as far as it is there.
    #[inline(always)]
    pub fn part<S: StateDict>(&mut self, part: &mut S) {
        part.read(self);
    }

    /// Reads a part of integers; whether its last number is there.
    pub(crate) fn completes<S: StateDict>(&mut self, part: &mut S) -> bool {
        let missing = S::SCHEMA.bytes().saturating_sub(self.skip);
        let is_there = !self.ended && missing <= self.cut.len + self.bytes.len();
        self.part(part);
        missing > 0 && is_there
    }

    /// How many of `n` parts are before the first that is there.
    pub(super) fn skip_parts(&mut self, bytes: usize, n: usize) -> usize {
        let skipped = self.skip.checked_div(bytes).unwrap_or(n).min(n);
        self.skip -= skipped * bytes;
        skipped
    }

    /// Passes over the checksum of a packed tensor's parts.
    #[doc(hidden)]
    pub fn checksum(&mut self) {
        self.discard(4);
    }

    /// Passes over `bytes` of the value.
    #[inline(never)]
    pub(crate) fn discard(&mut self, bytes: usize) {
        let skipped = self.skip.min(bytes);
        self.skip -= skipped;
        self.bytes = self.bytes.get(bytes - skipped..).unwrap_or_default();
    }

    /// Numbers side by side, as far as they are there. Not inlined: it stands for every tensor of
    /// every value.
    #[inline(never)]
    pub(super) fn f32s(&mut self, numbers: &mut [f32]) {
        let skipped = self.skip_parts(size_of::<f32>(), numbers.len());
        for number in numbers.iter_mut().skip(skipped) {
            match self.f32() {
                Some(read) => *number = read,
                None => return,
            }
        }
    }

    /// The next number of `n` bytes, if all of them are there.
    #[inline(never)]
    pub(super) fn unsigned(&mut self, n: usize) -> Option<u64> {
        if self.skip >= n {
            self.skip -= n;
            return None;
        }
        while self.ended || self.cut.len < n {
            let Some((byte, rest)) = self.bytes.split_first() else {
                self.ended = true;
                return None;
            };
            if let Some(place) = self.cut.bytes.get_mut(self.cut.len) {
                *place = *byte;
            }
            self.cut.len += 1;
            self.bytes = rest;
        }
        Some(u64::from_le_bytes(core::mem::replace(&mut self.cut, Cut::NONE).bytes))
    }

    /// The next float as `f32`.
    #[inline(never)]
    pub(super) fn f32(&mut self) -> Option<f32> {
        if let Some(converted) = self.converted {
            return converted(self);
        }
        if self.cut.len == 0
            && let Some((number, rest)) = self.bytes.split_first_chunk()
        {
            self.bytes = rest;
            return Some(f32::from_le_bytes(*number));
        }
        self.unsigned(4).map(|bits| f32::from_bits(bits as u32))
    }

    /// The next float as `f64`.
    pub(super) fn f64(&mut self) -> Option<f64> {
        match self.converted {
            None => self.unsigned(8).map(f64::from_bits),
            Some(converted) => {
                if self.skip >= size_of::<f64>() {
                    self.skip -= size_of::<f64>();
                    return None;
                }
                converted(self).map(f64::from)
            }
        }
    }

    /// The bits of a float, of which an exponent of only ones is that of no finite number.
    pub(super) fn f64_is_finite(&mut self) -> Option<bool> {
        const INFINITE: u64 = 0x7ff;
        match self.converted {
            None => self.unsigned(8).map(|bits| bits >> 52 & INFINITE != INFINITE),
            Some(_) => self.f32().map(f32::is_finite),
        }
    }
}
