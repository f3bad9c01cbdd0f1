//! The entries of a header: name, dtype, shape and place of each tensor.

use super::dtype::Dtype;
use super::error::{Dims, Error, Reason};
use super::json::{Json, spells};
use super::text::{TensorName, text};
use super::tri;

/// One entry of the header.
#[derive(Clone, Copy)]
pub(super) struct Entry<'a> {
    /// As it stands between its quotes.
    pub(super) name: &'a [u8],
    pub(super) dtype: Dtype,
    pub(super) shape: Dims,
    /// The size that `shape` and `dtype` say, if it is a whole number of bytes.
    pub(super) bytes: Option<usize>,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Entry<'_> {
    pub(super) const fn name(&self) -> TensorName {
        TensorName::new(text(self.name, self.name.len()))
    }
}

/// The entries of a header, one by one.
pub(super) struct Entries<'a> {
    json: Json<'a>,
    /// Nothing has been read yet.
    new: bool,
    /// `__metadata__` has been read.
    metadata: bool,
}

impl<'a> Entries<'a> {
    pub(super) const fn new(header: &'a [u8]) -> Self {
        Self { json: Json::new(header), new: true, metadata: false }
    }

    /// The next entry; past the last one, nothing.
    pub(super) const fn next(&mut self) -> Result<Option<Entry<'a>>, Error> {
        loop {
            let name = match self.next_name() {
                Ok(Some(name)) => name,
                Ok(None) => return Ok(None),
                Err(reason) => return Err(reason.whole()),
            };
            let result = if !spells(name, b"__metadata__") {
                match self.entry(name) {
                    Ok(entry) => return Ok(Some(entry)),
                    Err(reason) => Err(reason),
                }
            } else if self.metadata {
                Err(Reason::Duplicate)
            } else {
                self.metadata = true;
                self.skip_strings()
            };
            if let Err(reason) = result {
                return Err(reason.of(TensorName::new(text(name, name.len()))));
            }
        }
    }

    const fn next_name(&mut self) -> Result<Option<&'a [u8]>, Reason> {
        if self.new {
            self.new = false;
            tri!(self.json.take(b'{', "{"));
            if self.json.next_is(b'}') {
                tri!(self.json.end());
                return Ok(None);
            }
        } else if !self.json.next_is(b',') {
            // Past the end this has been found before.
            tri!(self.json.take(b'}', ", or }"));
            tri!(self.json.end());
            return Ok(None);
        }
        let name = tri!(self.json.string());
        tri!(self.json.take(b':', ":"));
        Ok(Some(name))
    }

    /// `{"dtype":"F32","shape":[3,16],"data_offsets":[0,192]}`
    const fn entry(&mut self, name: &'a [u8]) -> Result<Entry<'a>, Reason> {
        let (mut dtype, mut shape, mut offsets) = (None, None, None);
        tri!(self.json.take(b'{', "{"));
        loop {
            let key_at = self.json;
            let key = tri!(self.json.string());
            tri!(self.json.take(b':', ":"));
            if spells(key, b"dtype") && dtype.is_none() {
                dtype = Some(tri!(self.dtype()));
            } else if spells(key, b"shape") && shape.is_none() {
                shape = Some(tri!(self.shape()));
            } else if spells(key, b"data_offsets") && offsets.is_none() {
                offsets = Some(tri!(self.offsets()));
            } else {
                return Err(key_at.expected("dtype, shape or data_offsets, each once"));
            }
            if !self.json.next_is(b',') {
                break;
            }
        }
        let (Some(dtype), Some((shape, elements)), Some((start, end))) = (dtype, shape, offsets)
        else {
            return Err(self.json.expected("dtype, shape and data_offsets"));
        };
        tri!(self.json.take(b'}', ", or }"));
        Ok(Entry { name, dtype, shape, bytes: bytes(elements, dtype), start, end })
    }

    const fn dtype(&mut self) -> Result<Dtype, Reason> {
        let at = self.json;
        let name = tri!(self.json.string());
        let mut all = Dtype::ALL;
        while let [dtype, rest @ ..] = all {
            if spells(name, dtype.name().as_bytes()) {
                return Ok(*dtype);
            }
            all = rest;
        }
        Err(at.expected("a dtype of the format"))
    }

    /// The sizes and their product, if it fits.
    const fn shape(&mut self) -> Result<(Dims, Option<usize>), Reason> {
        let (mut shape, mut elements) = (Dims::SCALAR, Some(1_usize));
        tri!(self.json.take(b'[', "["));
        if self.json.next_is(b']') {
            return Ok((shape, elements));
        }
        loop {
            let size = tri!(self.json.number());
            shape = shape.of(size);
            elements = match elements {
                Some(elements) => elements.checked_mul(size),
                None => None,
            };
            if !self.json.next_is(b',') {
                break;
            }
        }
        tri!(self.json.take(b']', ", or ]"));
        Ok((shape, elements))
    }

    /// `[start, end]`
    const fn offsets(&mut self) -> Result<(usize, usize), Reason> {
        tri!(self.json.take(b'[', "["));
        let start = tri!(self.json.number());
        tri!(self.json.take(b',', ","));
        let end = tri!(self.json.number());
        tri!(self.json.take(b']', "]"));
        Ok((start, end))
    }

    /// An object of strings, which are anybody's.
    const fn skip_strings(&mut self) -> Result<(), Reason> {
        tri!(self.json.take(b'{', "{"));
        if self.json.next_is(b'}') {
            return Ok(());
        }
        loop {
            tri!(self.json.string());
            tri!(self.json.take(b':', ":"));
            tri!(self.json.string());
            if !self.json.next_is(b',') {
                return self.json.take(b'}', ", or }");
            }
        }
    }
}

const fn bytes(elements: Option<usize>, dtype: Dtype) -> Option<usize> {
    let Some(elements) = elements else { return None };
    match elements.checked_mul(dtype.bits()) {
        Some(bits) if bits % 8 == 0 => Some(bits / 8),
        _ => None,
    }
}
