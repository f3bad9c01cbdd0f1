//! The numbers of a value, written in order: all of them, or those of a part of the file.

use super::check::Values;
use super::state_dict::StateDict;

/// Numbers into a buffer.
///
/// Only [`state_dict!`](crate::state_dict) needs this. The first bytes of the value can be left out,
/// and what does not fit is: so a file is written in chunks.
#[derive(Debug)]
pub struct Writer<'a> {
    /// What is still free.
    out: &'a mut [u8],
    /// Bytes to leave out before the first.
    skip: usize,
    /// Where `out` ends in the value's data.
    end: usize,
    values: Values,
    refused: Option<usize>,
}

impl<'a> Writer<'a> {
    /// Writes from byte `skip` of the value's data on.
    pub(crate) const fn new(out: &'a mut [u8], skip: usize, values: Values) -> Self {
        let end = skip + out.len();
        Self { out, skip, end, values, refused: None }
    }

    /// Where in the data the first number is that should not be saved.
    pub(crate) const fn refused(&self) -> Option<usize> {
        self.refused
    }

    /// Writes a part.
    #[inline(always)]
    pub fn part<S: StateDict>(&mut self, part: &S) {
        part.write(self);
    }

    /// How many of `n` parts are left out before the first.
    pub(super) fn skip_parts(&mut self, bytes: usize, n: usize) -> usize {
        let skipped = self.skip.checked_div(bytes).unwrap_or(n).min(n);
        self.skip -= skipped * bytes;
        skipped
    }

    pub(super) const fn is_full(&self) -> bool {
        self.out.is_empty()
    }

    /// Zeros in place of `n` parts. Only rows of 16 bits can leave a half of a word.
    #[inline(always)]
    pub(crate) fn zeros_of<S: StateDict>(&mut self, n: usize) {
        let bytes = n * S::SCHEMA.bytes();
        self.zeros(bytes);
        if const { !S::SCHEMA.bytes().is_multiple_of(size_of::<u32>()) } {
            for _ in 0..bytes % size_of::<u32>() {
                self.bytes(&[0]);
            }
        }
    }

    /// Words of zeros.
    #[inline(never)]
    fn zeros(&mut self, bytes: usize) {
        let numbers = bytes / size_of::<u32>();
        for _ in self.skip_parts(size_of::<u32>(), numbers)..numbers {
            if self.is_full() {
                return;
            }
            self.u32(0);
        }
    }

    /// The checksum of a packed tensor's parts.
    #[doc(hidden)]
    pub fn checksum(&mut self, checksum: u32) {
        self.u32(checksum);
    }

    #[inline(never)]
    pub(super) fn u32(&mut self, number: u32) {
        let bytes = number.to_le_bytes();
        if self.skip > 0 || self.out.len() < bytes.len() {
            self.bytes(&bytes);
        } else if let Some((place, rest)) = core::mem::take(&mut self.out).split_first_chunk_mut() {
            *place = bytes;
            self.out = rest;
        }
    }

    /// Of a number, those for which there is space.
    #[inline(never)]
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        let skipped = self.skip.min(bytes.len());
        self.skip -= skipped;
        for byte in bytes.iter().skip(skipped) {
            let Some((place, rest)) = core::mem::take(&mut self.out).split_first_mut() else {
                return;
            };
            *place = *byte;
            self.out = rest;
        }
    }

    /// Numbers side by side. Not inlined: it stands for every tensor of every value.
    #[inline(never)]
    pub(super) fn f32s(&mut self, numbers: &[f32]) {
        let skipped = self.skip_parts(size_of::<f32>(), numbers.len());
        for number in numbers.iter().skip(skipped) {
            if self.is_full() {
                return;
            }
            self.refuse_unless(number.is_finite());
            self.u32(number.to_bits());
        }
    }

    #[inline(never)]
    pub(super) fn f64(&mut self, number: f64) {
        if self.has_space_for(size_of::<f64>()) {
            self.refuse_unless(number.is_finite());
        }
        self.bytes(&number.to_le_bytes());
    }

    /// A count, which is `None` where it is too large.
    #[inline(never)]
    pub(super) fn count(&mut self, count: Option<u32>) {
        if count.is_none() && self.has_space_for(size_of::<u32>()) {
            self.refuse();
        }
        self.u32(count.unwrap_or_default());
    }

    /// Whether a part of the next number is written.
    const fn has_space_for(&self, bytes: usize) -> bool {
        self.skip < bytes && !self.is_full()
    }

    fn refuse_unless(&mut self, finite: bool) {
        if !finite && self.values == Values::Finite {
            self.refuse();
        }
    }

    /// Notes that the number to be written next should not be saved.
    #[cold]
    #[inline(never)]
    fn refuse(&mut self) {
        self.refused = self.refused.or(Some(self.end - self.out.len()));
    }
}
