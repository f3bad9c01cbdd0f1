//! Whether a checkpoint is whole and of the right type, from chunks of it.

use core::marker::PhantomData;

use super::{layout, newer};
use crate::safetensors::{
    Checked, Crc32, Cursor, Cut, Error, Layout, Numbers, PartError, Problem, Reader, StateDict,
    Values,
};

/// Verifies a checkpoint of `S` that is read in chunks of any size; changes nothing.
///
/// ```
/// use elman::checkpoint::{self, Verifier};
/// use elman::{ConstZero, Dense};
///
/// type Net = Dense<4, 4>;
/// let mut slot = [0; checkpoint::size::<Net>()];
/// checkpoint::save(&Net::ZERO, 7, &mut slot)?;
///
/// let mut verifier = Verifier::<Net>::new();
/// for chunk in slot.chunks(32) {
///     if !verifier.push(chunk) {
///         break; // enough has been seen
///     }
/// }
/// assert_eq!(verifier.finish()?, 7);
/// # Ok::<(), elman::safetensors::Error>(())
/// ```
#[derive(Debug)]
pub struct Verifier<S> {
    whole: Whole,
    content: Content,
    value: PhantomData<S>,
}

impl<S: StateDict> Verifier<S> {
    /// Before the first byte.
    #[must_use]
    pub const fn new() -> Self {
        Self { whole: Whole::START, content: Content::START, value: PhantomData }
    }

    /// Looks at the next bytes of the slot. Returns whether there are more to look at.
    pub fn push(&mut self, chunk: &[u8]) -> bool {
        self.whole.push_to(chunk, &mut self.content, layout::<S>())
    }

    /// The sequence number of the checkpoint.
    ///
    /// # Errors
    ///
    /// As [`load`](super::load).
    pub fn finish(&self) -> Result<u32, Error> {
        self.whole.finish_content(&self.content, layout::<S>())
    }
}

impl<S: StateDict> Default for Verifier<S> {
    fn default() -> Self {
        Self::new()
    }
}

/// The sequence number of a slot that is whole, and why its checkpoint is refused, if it is.
struct Verified {
    sequence: Option<u32>,
    refused: Option<PartError>,
}

impl Verified {
    #[inline(never)]
    fn new(slot: &[u8], layout: &Layout) -> Self {
        let (mut whole, mut content) = (Whole::START, Content::START);
        whole.push_to(slot, &mut content, layout);
        let sequence = whole.is_whole().then_some(whole.numbers.sequence);
        Self { sequence, refused: whole.refused(&content, layout) }
    }
}

/// Which of two slots to load: the newer one, or the other one if that is refused. Its sequence number
/// too.
#[inline(never)]
pub(super) fn newest(layout: &Layout, slots: [&[u8]; 2]) -> Result<(usize, u32), Error> {
    let [a, b] = slots.map(|slot| Verified::new(slot, layout));
    let b_is_newer = match (a.sequence, b.sequence) {
        (Some(a), Some(b)) => newer(b, a),
        (a, b) => a.is_none() && b.is_some(),
    };
    let [first, second] = if b_is_newer { [&b, &a] } else { [&a, &b] };
    let falls_back = first.refused.is_some() && second.refused.is_none();
    match (&first.refused, falls_back) {
        (Some(error), false) => Err(layout.schema.error(*error)),
        _ => {
            let chosen = if falls_back { second } else { first };
            Ok((usize::from(b_is_newer != falls_back), chosen.sequence.unwrap_or_default()))
        }
    }
}

//////////// whole ////////////

/// Whether all bytes are as they were written.
#[derive(Debug)]
pub(super) struct Whole {
    front: [u8; Numbers::FRONT],
    /// The bytes seen.
    seen: usize,
    /// Zero until the front is known, and where it is none.
    numbers: Numbers,
    crc: Crc32,
}

impl Whole {
    pub(super) const START: Self =
        Self { front: [0; Numbers::FRONT], seen: 0, numbers: Numbers::ZERO, crc: Crc32::new() };

    pub(super) fn push(&mut self, chunk: &[u8]) {
        let rest = self.push_front(chunk);
        self.push_rest(rest);
    }

    /// The same, and looks at the content.
    #[inline(never)]
    fn push_to(&mut self, chunk: &[u8], content: &mut Content, layout: &Layout) -> bool {
        let rest = self.push_front(chunk);
        let rest = self.push_rest(rest);
        content.push(rest, self.numbers, layout);
        self.seen < Numbers::FRONT.max(self.numbers.bytes as usize)
    }

    /// Keeps the front; returns what comes after it.
    fn push_front<'c>(&mut self, mut chunk: &'c [u8]) -> &'c [u8] {
        while let Some(place) = self.front.get_mut(self.seen)
            && let Some((byte, rest)) = chunk.split_first()
        {
            *place = *byte;
            self.seen += 1;
            chunk = rest;
            if self.seen == Numbers::FRONT {
                self.numbers = Numbers::get(&self.front).unwrap_or(Numbers::ZERO);
                self.crc = Numbers::checksum(&self.front);
            }
        }
        chunk
    }

    /// Returns the bytes that belong to the file.
    fn push_rest<'c>(&mut self, chunk: &'c [u8]) -> &'c [u8] {
        let n = (self.numbers.bytes as usize).saturating_sub(self.seen).min(chunk.len());
        let file = chunk.get(..n).unwrap_or_default();
        self.crc.update(file);
        self.seen += n;
        file
    }

    pub(super) fn finish(&self) -> Result<Numbers, Error> {
        if self.is_whole() { Ok(self.numbers) } else { Err(self.not_whole().reason().whole()) }
    }

    /// The same, if the content is right too. Returns the sequence number.
    #[inline(never)]
    fn finish_content(&self, content: &Content, layout: &Layout) -> Result<u32, Error> {
        match self.refused(content, layout) {
            Some(error) => Err(layout.schema.error(error)),
            None => Ok(self.numbers.sequence),
        }
    }

    /// Why the file is refused, if it is.
    #[inline(never)]
    fn refused(&self, content: &Content, layout: &Layout) -> Option<PartError> {
        if !self.is_whole() {
            return Some(self.not_whole().whole());
        }
        let same = self.numbers.bytes as usize == layout.size() && layout.has_length(&self.front);
        content.refused.or((!same).then_some(PartError::OTHER_SCHEMA))
    }

    #[cold]
    fn not_whole(&self) -> Problem {
        let marked = self.seen >= Numbers::MARK && Numbers::is_marked(&self.front);
        if marked { Problem::Torn } else { Problem::NotACheckpoint }
    }

    fn is_whole(&self) -> bool {
        let seen = self.seen > 0 && self.seen == self.numbers.bytes as usize;
        seen && self.crc.finish() == self.numbers.crc32
    }
}

//////////// of the right type ////////////

/// Whether header and numbers are those of a type.
#[derive(Debug)]
struct Content {
    header: Cursor,
    data: Checked,
    cut: Cut,
    refused: Option<PartError>,
}

impl Content {
    const START: Self = Self {
        header: Cursor::after_numbers(),
        data: Checked::new(),
        cut: Cut::NONE,
        refused: None,
    };

    fn push(&mut self, chunk: &[u8], numbers: Numbers, layout: &Layout) {
        if self.refused.is_none() {
            self.refused = self.look(chunk, numbers, layout).err();
        }
    }

    fn look(&mut self, chunk: &[u8], numbers: Numbers, layout: &Layout) -> Result<(), PartError> {
        let header = layout.compare(&mut self.header, numbers, chunk)?;
        let data = chunk.get(header..).unwrap_or_default();
        let mut reader = Reader::new(data, 0, self.cut);
        layout.schema.check(&mut self.data, &mut reader, Values::Finite)?;
        self.cut = reader.cut();
        Ok(())
    }
}
