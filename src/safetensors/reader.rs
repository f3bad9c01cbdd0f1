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
    /// The type of float in the file, if it is not the value's.
    float: Option<Dtype>,
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
        Self { bytes, skip, float: None, cut, ended: false }
    }

    /// Floats of this type, whatever those of the value are.
    pub(super) const fn of_floats(self, float: Dtype) -> Self {
        Self { float: Some(float), ..self }
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
    pub(crate) const fn at_start(&self) -> bool {
        self.skip == 0
    }

    /// Reads a part, unless none of it is there.
    pub fn part<S: StateDict>(&mut self, part: &mut S) {
        let bytes = S::SCHEMA.bytes();
        if self.skip >= bytes {
            self.skip -= bytes;
        } else if !self.ended {
            part.read(self);
        }
    }

    /// Reads a part; whether its last number is there.
    pub(crate) fn completes<S: StateDict>(&mut self, part: &mut S) -> bool {
        let is_before = self.skip >= S::SCHEMA.bytes();
        self.part(part);
        !is_before && !self.ended
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
    pub(crate) fn discard(&mut self, bytes: usize) {
        let skipped = self.skip.min(bytes);
        self.skip -= skipped;
        self.bytes = self.bytes.get(bytes - skipped..).unwrap_or_default();
    }

    /// The next number, if it is there.
    ///
    /// Not inlined: it stands for every number of every type of value.
    #[inline(never)]
    pub(super) fn number<const N: usize>(&mut self) -> Option<[u8; N]> {
        if self.cut.len == 0
            && let Some((number, rest)) = self.bytes.split_first_chunk()
        {
            self.bytes = rest;
            return Some(*number);
        }
        self.cut_number()
    }

    /// A number of which only a part is there, or only the rest.
    #[cold]
    fn cut_number<const N: usize>(&mut self) -> Option<[u8; N]> {
        while self.cut.len < N {
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
        self.cut.len = 0;
        self.cut.bytes.first_chunk().copied()
    }

    /// The next float as `f32`.
    #[inline(never)]
    pub(super) fn f32(&mut self) -> Option<f32> {
        match self.float {
            None => self.number().map(f32::from_le_bytes),
            Some(float) => self.other_float(float),
        }
    }

    #[cold]
    fn other_float(&mut self, float: Dtype) -> Option<f32> {
        match float {
            Dtype::F64 => self.number().map(u64::from_le_bytes).map(dtype::from_f64),
            Dtype::F16 => self.number().map(u16::from_le_bytes).map(dtype::from_f16),
            Dtype::BF16 => self.number().map(u16::from_le_bytes).map(dtype::from_bf16),
            _ => self.number().map(f32::from_le_bytes),
        }
    }

    /// Whether its floats have 64 bits, where the value's have.
    pub(super) const fn reads_f64(&self) -> bool {
        matches!(self.float, None | Some(Dtype::F64))
    }

    /// The next float as `f64`.
    pub(super) fn f64(&mut self) -> Option<f64> {
        match self.float {
            None | Some(Dtype::F64) => self.number().map(f64::from_le_bytes),
            Some(float) => self.other_float(float).map(f64::from),
        }
    }
}
