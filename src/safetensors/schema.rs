//! What values are made of, and how that looks in a header.

use super::TensorView;
use super::dtype::Dtype;
use super::error::{Dims, Reason};
use super::text::{TensorName, Writer};

/// What a value is made of: its type, as data, known at compile time.
///
/// Only [`state_dict!`](crate::state_dict) needs this.
#[derive(Debug)]
pub enum Schema {
    /// A number.
    Number(Dtype),
    /// A whole number, at most this.
    Count(u32),
    /// Equal parts: one dimension of a tensor, or, if a part is not a tensor, parts `0`, `1`, ….
    Array(usize, &'static Self),
    /// Parts with names.
    Struct(&'static [(&'static str, Self)]),
}

/// A tensor as a value has it.
#[derive(Clone, Copy)]
pub(crate) struct Field {
    pub(super) name: TensorName,
    pub(super) dtype: Dtype,
    /// The largest number, of counts.
    limit: Option<u32>,
    pub(super) shape: Dims,
    elements: usize,
}

impl Field {
    pub(super) const fn bytes(&self) -> usize {
        self.elements * self.dtype.bits() / 8
    }

    const fn write_entry(&self, start: usize, end: usize, out: &mut Writer<'_>) {
        out.text("\"");
        out.text(self.name.as_str());
        out.text("\":{\"dtype\":\"");
        out.text(self.dtype.name());
        out.text("\",\"shape\":");
        out.list(self.shape.as_slice(), ",");
        out.text(",\"data_offsets\":");
        out.list(&[start, end], ",");
        out.text("}");
    }
}

impl Schema {
    /// The `n`th tensor.
    pub(crate) const fn tensor(&self, n: usize) -> Option<Field> {
        if n < self.tensors() { Some(self.find(TensorName::ROOT, n)) } else { None }
    }

    /// Whether every name is kept to its end.
    pub(super) const fn names_fit(&self) -> bool {
        let mut n = 0;
        while let Some(field) = self.tensor(n) {
            if !field.name.is_whole() {
                return false;
            }
            n += 1;
        }
        true
    }

    /// How many tensors there are.
    const fn tensors(&self) -> usize {
        match self {
            Self::Array(len, part) if !part.is_tensor() => *len * part.tensors(),
            Self::Struct(parts) => {
                let (mut parts, mut sum) = (*parts, 0);
                while let [(_, part), rest @ ..] = parts {
                    sum += part.tensors();
                    parts = rest;
                }
                sum
            }
            _ => 1,
        }
    }

    /// The `n`th tensor of those there are.
    const fn find(&self, name: TensorName, mut n: usize) -> Field {
        match self {
            Self::Array(_, part) if !part.is_tensor() => {
                let tensors = part.tensors();
                let element = match n.checked_div(tensors) {
                    Some(element) => element,
                    None => 0,
                };
                part.find(name.within().number(element), n - element * tensors)
            }
            Self::Struct(parts) => {
                let mut parts = *parts;
                while let [(label, part), rest @ ..] = parts {
                    let tensors = part.tensors();
                    if n < tensors {
                        return part.find(name.within().then(label), n);
                    }
                    n -= tensors;
                    parts = rest;
                }
                self.field(name)
            }
            _ => self.field(name),
        }
    }

    const fn is_tensor(&self) -> bool {
        match self {
            Self::Number(_) | Self::Count(_) => true,
            Self::Array(_, part) => part.is_tensor(),
            Self::Struct(_) => false,
        }
    }

    const fn field(&self, name: TensorName) -> Field {
        let (mut tree, mut shape, mut elements) = (self, Dims::SCALAR, 1);
        while let Self::Array(len, part) = tree {
            (tree, shape, elements) = (part, shape.of(*len), elements * *len);
        }
        let (dtype, limit) = match tree {
            Self::Number(dtype) => (*dtype, None),
            Self::Count(limit) => (Dtype::U32, Some(*limit)),
            Self::Array(..) | Self::Struct(_) => (Dtype::U32, None), // not in a tensor
        };
        Field { name, dtype, limit, shape, elements }
    }
}

//////////// the file of a tree ////////////

/// The size of the file.
pub(crate) const fn file_size(tree: &Schema, metadata: &str) -> usize {
    let mut out = Writer::new(&mut []);
    let data = write_header(tree, metadata, &mut out);
    out.len() + data
}

/// The length and the header, padded with spaces to a multiple of 8. Returns the size of the data.
pub(super) const fn write_header(tree: &Schema, metadata: &str, out: &mut Writer<'_>) -> usize {
    let mut measure = Writer::new(&mut []);
    write_json(tree, metadata, &mut measure);
    let length = measure.len().next_multiple_of(8);
    out.bytes(&(length as u64).to_le_bytes());
    let data = write_json(tree, metadata, out);
    let mut padding = length - measure.len();
    while padding > 0 {
        out.text(" ");
        padding -= 1;
    }
    data
}

/// The header. Returns the size of the data.
const fn write_json(tree: &Schema, metadata: &str, out: &mut Writer<'_>) -> usize {
    let mut start = 0;
    let mut n = 0;
    out.text("{");
    out.text(metadata);
    while let Some(field) = tree.tensor(n) {
        if n > 0 || !metadata.is_empty() {
            out.text(",");
        }
        let end = start + field.bytes();
        field.write_entry(start, end, out);
        start = end;
        n += 1;
    }
    out.text("}");
    start
}

/// The size of the data.
pub(super) const fn file_data(tree: &Schema) -> usize {
    write_json(tree, "", &mut Writer::new(&mut []))
}

//////////// a tensor of a file, as that of a tree ////////////

/// What numbers a file may hold.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Values {
    Any,
    Finite,
}

impl Field {
    /// That `tensor` can be read as this one.
    pub(super) fn check(&self, tensor: TensorView<'_>, values: Values) -> Result<(), Reason> {
        let (found, wanted) = (tensor.shape, self.shape);
        let too_short = tensor.data.len() < self.elements * tensor.dtype.bits() / 8;
        if too_short || !found.is(&wanted) {
            return Err(Reason::WrongShape { found, wanted });
        }
        let both_weights = self.dtype.is_float() && tensor.dtype.is_float();
        if !both_weights && self.dtype != tensor.dtype {
            return Err(Reason::WrongDtype { found: tensor.dtype });
        }
        if values == Values::Finite && !self.is_finite(tensor) {
            return Err(Reason::NonFinite);
        }
        if self.is_within_limit(tensor) { Ok(()) } else { Err(Reason::Count) }
    }

    /// As numbers of its own dtype: narrowing can overflow. Without `f64` arithmetic, for targets that
    /// have none.
    fn is_finite(&self, mut tensor: TensorView<'_>) -> bool {
        const INFINITE: u64 = 0x7ff;
        let mut numbers = 0..self.elements;
        match (self.dtype, tensor.dtype) {
            (Dtype::F64, Dtype::F64) => {
                numbers.all(|_| u64::from_le_bytes(tensor.take()) >> 52 & INFINITE != INFINITE)
            }
            (Dtype::F32 | Dtype::F64, _) => numbers.all(|_| tensor.next_f32().is_finite()),
            _ => true,
        }
    }

    fn is_within_limit(&self, mut tensor: TensorView<'_>) -> bool {
        let within = |limit| (0..self.elements).all(|_| u32::from_le_bytes(tensor.take()) <= limit);
        self.limit.is_none_or(within)
    }
}
