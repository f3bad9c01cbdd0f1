//! The numbers of a value, written in order: all of them, or those of a part of the file.

use super::check::Values;
use super::error::Reason;
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
    refused: Option<(usize, Reason)>,
}

impl<'a> Writer<'a> {
    /// Writes from byte `skip` of the value's data on.
    pub(crate) const fn new(out: &'a mut [u8], skip: usize, values: Values) -> Self {
        let end = skip + out.len();
        Self { out, skip, end, values, refused: None }
    }

    /// Where in the data the first number is that should not be saved, and why.
    pub(crate) const fn refused(&self) -> Option<(usize, Reason)> {
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

    /// Zeros in place of a part.
    pub(crate) fn zeros(&mut self, bytes: usize) {
        if self.leaves_out(bytes) {
            return;
        }
        let n = (bytes - self.skip).min(self.out.len());
        let (front, rest) =
            core::mem::take(&mut self.out).split_at_mut_checked(n).unwrap_or_default();
        front.fill(0);
        (self.out, self.skip) = (rest, 0);
    }

    /// Whether the next `bytes` are left out, since they are before the first or after the last.
    fn leaves_out(&mut self, bytes: usize) -> bool {
        if self.skip >= bytes {
            self.skip -= bytes;
            return true;
        }
        self.out.is_empty()
    }

    /// The checksum of a packed tensor's parts.
    #[doc(hidden)]
    pub fn checksum(&mut self, checksum: u32) {
        self.number(checksum.to_le_bytes());
    }

    /// Not inlined: it stands for every number of every type of value.
    #[inline(never)]
    pub(super) fn number<const N: usize>(&mut self, bytes: [u8; N]) {
        if self.skip == 0 && self.out.len() >= N {
            if let Some((front, rest)) = core::mem::take(&mut self.out).split_first_chunk_mut() {
                *front = bytes;
                self.out = rest;
            }
        } else {
            self.cut_number(&bytes);
        }
    }

    /// A number of which a part is left out.
    #[cold]
    fn cut_number(&mut self, bytes: &[u8]) {
        let skipped = self.skip.min(bytes.len());
        self.skip -= skipped;
        let bytes = bytes.get(skipped..).unwrap_or_default();
        let n = bytes.len().min(self.out.len());
        let (front, rest) =
            core::mem::take(&mut self.out).split_at_mut_checked(n).unwrap_or_default();
        front.iter_mut().zip(bytes).for_each(|(out, byte)| *out = *byte);
        self.out = rest;
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
            self.number(number.to_le_bytes());
        }
    }

    #[inline(never)]
    pub(super) fn f64(&mut self, number: f64) {
        if self.skip == 0 && !self.is_full() {
            self.refuse_unless(number.is_finite());
        }
        self.number(number.to_le_bytes());
    }

    fn refuse_unless(&mut self, finite: bool) {
        if !finite && self.values == Values::Finite {
            self.refuse(Reason::NonFinite);
        }
    }

    /// Notes that the number to be written next should not be saved.
    #[cold]
    pub(super) fn refuse(&mut self, reason: Reason) {
        let at = self.end - self.out.len();
        self.refused = self.refused.or(Some((at, reason)));
    }
}
