//! What values are made of.

use super::crc32::Crc32;
use super::dtype::Element;
use super::error::{Dims, Error, Reason};
use super::text::{TensorName, Text};

/// What a value is made of: its type, as data, known at compile time.
///
/// Only [`state_dict!`](crate::state_dict) needs this.
#[derive(Debug)]
pub struct Schema {
    kind: Kind,
    counts: Counts,
}

#[derive(Debug)]
enum Kind {
    Number(Element),
    /// A whole number, at most this.
    Count(u32),
    Array(usize, &'static Schema),
    Struct(&'static [(&'static str, &'static Schema)]),
    /// One tensor of bytes: a checksum of the parts' names and types, then their numbers.
    Packed(&'static Schema, u32),
    /// Not in the data.
    Tag(Tag),
}

/// What a checkpoint says of the program that wrote it, in its header.
///
/// Only [`state_dict!`](crate::state_dict) needs this.
#[derive(Clone, Copy, Debug)]
pub enum Tag {
    /// A number.
    Number(usize),
    /// A word.
    Word(&'static str),
    /// A checksum, known at run time.
    Checksum(fn() -> u32),
}

/// How many there are of each in a value.
#[derive(Clone, Copy, Debug)]
struct Counts {
    /// Tensors of its file.
    tensors: u16,
    /// Tensors, those that are packed into one counted each.
    runs: u16,
    tags: u16,
    /// Bytes of its numbers.
    bytes: usize,
}

impl Counts {
    const ZERO: Self = Self { tensors: 0, runs: 0, tags: 0, bytes: 0 };

    const fn tensor(bytes: usize) -> Self {
        Self { tensors: 1, runs: 1, tags: 0, bytes }
    }

    const fn of(&self, which: Which) -> usize {
        (match which {
            Which::Tensor => self.tensors,
            Which::Run => self.runs,
            Which::Tag => self.tags,
        }) as usize
    }

    /// `n` times as many.
    const fn times(&self, n: usize) -> Self {
        assert!(n * (self.runs as usize) < 1 << 16, "a value has at most 65535 tensors");
        let Self { tensors, runs, tags, bytes } = *self;
        let k = if runs == 0 && tags == 0 { 0 } else { n as u16 };
        Self { tensors: k * tensors, runs: k * runs, tags: k * tags, bytes: n * bytes }
    }
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Which {
    Tensor,
    Run,
    Tag,
}

/// A tensor as a value has it, or one of those packed into a tensor.
#[derive(Clone, Copy)]
pub(super) struct Form {
    pub(super) element: Element,
    pub(super) limit: Limit,
    pub(super) elements: usize,
}

/// What the numbers of a tensor may be.
#[derive(Clone, Copy)]
pub(super) enum Limit {
    None,
    /// At most this.
    Most(u32),
    /// The checksum of a packed tensor's parts.
    Checksum(u32),
}

/// The error of a part, by its number: smaller than an [`Error`] with its name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PartError {
    pub(super) place: Place,
    pub(super) problem: Problem,
}

/// Those [`Reason`]s that a file in a value's own form can be refused for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Problem {
    NotACheckpoint,
    Torn,
    OtherSchema,
    OtherProgram,
    OtherParts,
    NonFinite,
    Count,
}

impl PartError {
    pub(crate) const OTHER_SCHEMA: Self = Problem::OtherSchema.whole();
}

impl Problem {
    /// The error of the whole file, by no part of it.
    pub(crate) const fn whole(self) -> PartError {
        Place::Whole.refused(self)
    }

    pub(crate) const fn reason(self) -> Reason {
        match self {
            Self::NotACheckpoint => Reason::NotACheckpoint,
            Self::Torn => Reason::Torn,
            Self::OtherSchema => Reason::OtherSchema,
            Self::OtherProgram => Reason::OtherProgram,
            Self::OtherParts => Reason::OtherParts,
            Self::NonFinite => Reason::NonFinite,
            Self::Count => Reason::Count,
        }
    }
}

/// The part of a file that is refused.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    Whole,
    Part(Which, usize),
}

impl Place {
    pub(super) const fn refused(self, problem: Problem) -> PartError {
        PartError { place: self, problem }
    }
}

/// A tensor of a value, found by its name.
pub(super) struct Found<'s> {
    /// Its number among the tensors.
    pub(super) n: usize,
    /// Where its numbers begin in the value's.
    pub(super) start: usize,
    pub(super) schema: &'s Schema,
}

impl Form {
    pub(super) const fn bytes(&self) -> usize {
        self.elements * self.element.bytes()
    }
}

//////////// making ////////////

impl Schema {
    /// A number.
    pub(super) const fn number(element: Element) -> Self {
        Self { kind: Kind::Number(element), counts: Counts::tensor(element.bytes()) }
    }

    /// A whole number, at most `limit`.
    #[must_use]
    pub const fn count(limit: u32) -> Self {
        Self { kind: Kind::Count(limit), counts: Counts::tensor(4) }
    }

    /// Equal parts: one dimension of a tensor, or, if a part is not a tensor, parts `0`, `1`, ….
    #[must_use]
    pub const fn array(len: usize, part: &'static Self) -> Self {
        let counts = match part.is_tensor() {
            true => Counts::tensor(len * part.counts.bytes),
            false => part.counts.times(len),
        };
        Self { kind: Kind::Array(len, part), counts }
    }

    /// Parts with names.
    #[must_use]
    pub const fn fields(parts: &'static [(&'static str, &'static Self)]) -> Self {
        let (mut rest, mut counts) = (parts, Counts::ZERO);
        while let [(_, part), later @ ..] = rest {
            counts.tensors += part.counts.tensors;
            counts.runs += part.counts.runs;
            counts.tags += part.counts.tags;
            counts.bytes += part.counts.bytes;
            rest = later;
        }
        Self { kind: Kind::Struct(parts), counts }
    }

    /// One tensor of bytes for all numbers of `part`.
    #[must_use]
    pub const fn packed(part: &'static Self) -> Self {
        let Counts { runs, bytes, .. } = part.counts;
        let counts = Counts { tensors: 1, runs: 1 + runs, tags: 0, bytes: 4 + bytes };
        Self { kind: Kind::Packed(part, part.checksum()), counts }
    }

    /// A tag.
    #[must_use]
    pub const fn tag(tag: Tag) -> Self {
        Self { kind: Kind::Tag(tag), counts: Counts { tags: 1, ..Counts::ZERO } }
    }

    /// The checksum of names, dtypes and shapes.
    const fn checksum(&self) -> u32 {
        let mut crc = Crc32::new();
        let mut n = 0;
        loop {
            let mut buffer = [0; TensorName::LONGEST + 64];
            let mut text = Text::new(&mut buffer);
            let Some(schema) = self.find(Which::Run, n, &mut text) else { break };
            text.text(schema.run_form().element.name());
            match schema.kind {
                Kind::Packed(..) => text.text("[]"),
                _ => schema.write_shape(&mut text),
            }
            let len = text.len();
            crc.update(buffer.split_at(len).0);
            n += 1;
        }
        crc.finish()
    }
}

//////////// looking into ////////////

impl Schema {
    /// The bytes of a value's numbers.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.counts.bytes
    }

    pub(super) const fn tensors(&self) -> usize {
        self.counts.tensors as usize
    }

    /// The checksum at the front of a packed value's numbers.
    #[must_use]
    #[doc(hidden)]
    pub const fn packed_checksum(&self) -> u32 {
        let Kind::Struct(mut parts) = self.kind else { return 0 };
        while let [(_, part), rest @ ..] = parts {
            if let Kind::Packed(_, checksum) = part.kind {
                return checksum;
            }
            parts = rest;
        }
        0
    }

    /// The checksum at the front of this packed value's numbers.
    pub(super) const fn own_checksum(&self) -> u32 {
        match self.kind {
            Kind::Packed(_, checksum) => checksum,
            _ => 0,
        }
    }

    /// The `n`th tensor; writes its name.
    pub(super) const fn tensor(&self, n: usize, name: &mut Text<'_>) -> Option<&Self> {
        self.find(Which::Tensor, n, name)
    }

    /// The `n`th tensor, those that are packed into one counted each.
    pub(super) const fn run(&self, n: usize) -> Option<Form> {
        match self.find(Which::Run, n, &mut Text::nowhere()) {
            Some(schema) => Some(schema.run_form()),
            None => None,
        }
    }

    /// The whole of it, of a packed one its checksum.
    const fn run_form(&self) -> Form {
        match self.kind {
            Kind::Packed(_, checksum) => {
                Form { element: Element::U32, limit: Limit::Checksum(checksum), elements: 1 }
            }
            _ => self.form(),
        }
    }

    /// The `n`th tag; writes its name.
    pub(super) const fn nth_tag(&self, n: usize, name: &mut Text<'_>) -> Option<Tag> {
        match self.find(Which::Tag, n, name) {
            Some(Self { kind: Kind::Tag(tag), .. }) => Some(*tag),
            _ => None,
        }
    }

    /// The error with the name of the part.
    #[cold]
    pub(crate) fn error(&self, error: PartError) -> Error {
        error.problem.reason().of(match error.place {
            Place::Whole => TensorName::ROOT,
            Place::Part(which, n) => self.name(which, n),
        })
    }

    /// The name of the `n`th tensor.
    pub(super) fn tensor_name(&self, n: usize) -> TensorName {
        self.name(Which::Tensor, n)
    }

    fn name(&self, which: Which, n: usize) -> TensorName {
        TensorName::written(|text| _ = self.find(which, n, text))
    }

    /// The error of the number at byte `at` of the data.
    #[cold]
    #[inline(never)]
    pub(crate) fn error_at(&self, at: usize) -> Error {
        let (mut n, mut end) = (0, 0);
        while let Some(form) = self.run(n) {
            end += form.bytes();
            if at < end {
                let problem =
                    if form.element.is_float() { Problem::NonFinite } else { Problem::Count };
                return self.error(Place::Part(Which::Run, n).refused(problem));
            }
            n += 1;
        }
        self.error(Problem::NonFinite.whole())
    }

    /// Goes down from part to part: what `n` counts within the part is known without looking into
    /// it. Writes the name.
    #[inline(never)]
    const fn find(&self, which: Which, mut n: usize, name: &mut Text<'_>) -> Option<&Self> {
        if n >= self.counts.of(which) {
            return None;
        }
        let (mut schema, mut separator) = (self, "");
        loop {
            match schema.kind {
                Kind::Array(_, part) if !part.is_tensor() => {
                    let element = divide(n, part.counts.of(which));
                    n -= element * part.counts.of(which);
                    name.text(separator);
                    name.decimal(element);
                    (schema, separator) = (part, ".");
                }
                Kind::Struct(mut parts) => {
                    while let [(label, part), rest @ ..] = parts {
                        if n < part.counts.of(which) {
                            name.text(separator);
                            name.text(label);
                            (schema, separator) = (part, ".");
                            break;
                        }
                        n -= part.counts.of(which);
                        parts = rest;
                    }
                }
                Kind::Packed(part, _) if matches!(which, Which::Run) && n > 0 => {
                    n -= 1;
                    schema = part;
                }
                _ => return Some(schema),
            }
        }
    }

    /// The tensor of this name.
    pub(super) fn lookup<'s>(&'s self, mut name: &str) -> Option<Found<'s>> {
        let mut found = Found { n: 0, start: 0, schema: self };
        if name.is_empty() && self.is_whole_tensor() {
            return Some(found);
        }
        loop {
            let (label, rest) = match name.split_once('.') {
                Some((label, rest)) => (label, Some(rest)),
                None => (name, None),
            };
            match found.schema.kind {
                Kind::Struct(parts) => {
                    let before = parts.iter().take_while(|(name, _)| *name != label);
                    let before = before.fold((0, 0), |(n, start), (_, Self { counts, .. })| {
                        (n + usize::from(counts.tensors), start + counts.bytes)
                    });
                    let (_, part) = parts.iter().find(|(name, _)| *name == label)?;
                    found.n += before.0;
                    found.start += before.1;
                    found.schema = part;
                }
                Kind::Array(len, part) if !part.is_tensor() => {
                    let element = index(label).filter(|&element| element < len)?;
                    found.n += element * part.tensors();
                    found.start += element * part.counts.bytes;
                    found.schema = part;
                }
                _ => return None,
            }
            match rest {
                Some(rest) => name = rest,
                None => return Some(found).filter(|found| found.schema.is_whole_tensor()),
            }
        }
    }

    /// Whether it is one tensor of a file.
    pub(super) const fn is_whole_tensor(&self) -> bool {
        self.is_tensor() || matches!(self.kind, Kind::Packed(..))
    }

    const fn is_tensor(&self) -> bool {
        match self.kind {
            Kind::Number(_) | Kind::Count(_) => true,
            Kind::Array(_, part) => part.is_tensor(),
            Kind::Struct(_) | Kind::Packed(..) | Kind::Tag(_) => false,
        }
    }

    /// The whole of it, one tensor.
    #[inline(never)]
    pub(super) const fn form(&self) -> Form {
        let (mut schema, mut elements) = (self, 1);
        while let Kind::Array(len, part) = schema.kind {
            (schema, elements) = (part, elements * len);
        }
        let (element, limit) = match schema.kind {
            Kind::Number(element) => (element, Limit::None),
            Kind::Count(limit) => (Element::U32, Limit::Most(limit)),
            _ => {
                elements = schema.counts.bytes;
                (Element::U8, Limit::None)
            }
        };
        Form { element, limit, elements }
    }

    /// The shape of the same.
    pub(super) const fn shape(&self) -> Dims {
        let (mut schema, mut shape) = (self, Dims::SCALAR);
        while let Kind::Array(len, part) = schema.kind {
            shape = shape.of(len);
            schema = part;
        }
        match schema.kind {
            Kind::Packed(..) => shape.of(schema.counts.bytes),
            _ => shape,
        }
    }

    /// Writes it, `[2,3]`.
    #[inline(never)]
    pub(super) const fn write_shape(&self, out: &mut Text<'_>) {
        out.text("[");
        let (mut schema, mut separator) = (self, "");
        while let Kind::Array(len, part) = schema.kind {
            out.text(separator);
            out.decimal(len);
            (schema, separator) = (part, ",");
        }
        if let Kind::Packed(..) = schema.kind {
            out.decimal(schema.counts.bytes);
        }
        out.text("]");
    }

    /// That every name is kept to its end, and every shape.
    pub(super) const fn assert_fits(&self) {
        let mut n = 0;
        loop {
            let mut name = Text::nowhere();
            let Some(schema) = self.find(Which::Run, n, &mut name) else { break };
            let fits = name.len() <= TensorName::LONGEST;
            assert!(fits, "the name of a tensor is longer than 64 bytes");
            assert!(schema.shape().is_whole(), "a tensor has more than four dimensions");
            n += 1;
        }
    }
}

const fn divide(n: usize, by: usize) -> usize {
    match n.checked_div(by) {
        Some(quotient) => quotient,
        None => 0,
    }
}

/// A whole number as [`Text::decimal`] writes it.
fn index(label: &str) -> Option<usize> {
    let canonical = label == "0" || !label.starts_with(['0', '+']);
    label.parse().ok().filter(|_| canonical)
}
