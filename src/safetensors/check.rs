//! Whether the numbers of a file are some that a value can have, before any is read.

use super::dtype::Dtype;
use super::error::Reason;
use super::reader::Reader;
use super::schema::{Form, Limit, PartError, Place, Schema};
use super::text::Text;

/// What numbers a file may hold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Values {
    Any,
    Finite,
}

/// How far the numbers have been checked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Checked {
    run: usize,
    /// Numbers of that run.
    elements: usize,
}

impl Checked {
    pub(crate) const fn new() -> Self {
        Self { run: 0, elements: 0 }
    }
}

impl Schema {
    /// Checks the next numbers, in the order of a value's own file.
    pub(crate) fn check(
        &self,
        checked: &mut Checked,
        reader: &mut Reader<'_>,
        values: Values,
    ) -> Result<(), PartError> {
        while !reader.is_empty()
            && let Some(form) = self.run(checked.run, &mut Text::nowhere())
        {
            let left = form.elements - checked.elements;
            let read = form.check(left, reader, values);
            let read = read.map_err(|reason| Place::Run(checked.run).refused(reason))?;
            checked.elements += read;
            if read == left {
                *checked = Checked { run: checked.run + 1, elements: 0 };
            }
        }
        Ok(())
    }
}

impl Form {
    /// Checks the next `n` numbers, or those that are there; returns how many.
    fn check(&self, n: usize, reader: &mut Reader<'_>, values: Values) -> Result<usize, Reason> {
        for read in 0..n {
            let legal = match self.dtype {
                Dtype::F32 => finite(reader.f32(), f32::is_finite),
                Dtype::F64 => reader.f64_is_finite(),
                Dtype::U32 => reader.number().map(|n| self.limit.allows(u32::from_le_bytes(n))),
                Dtype::U64 => reader.number::<8>().map(|_| Ok(())),
                Dtype::I32 => reader.number::<4>().map(|_| Ok(())),
                Dtype::I16 => reader.number::<2>().map(|_| Ok(())),
                _ => reader.number::<1>().map(|_| Ok(())),
            };
            match legal {
                None => return Ok(read),
                Some(Err(Reason::NonFinite)) if values == Values::Any => {}
                Some(legal) => legal?,
            }
        }
        Ok(n)
    }
}

impl Limit {
    const fn allows(self, n: u32) -> Result<(), Reason> {
        match self {
            Self::Most(limit) if n > limit => Err(Reason::Count),
            Self::Checksum(checksum) if n != checksum => Err(Reason::OtherParts),
            _ => Ok(()),
        }
    }
}

fn finite<T>(number: Option<T>, is_finite: impl Fn(T) -> bool) -> Option<Result<(), Reason>> {
    number.map(|n| if is_finite(n) { Ok(()) } else { Err(Reason::NonFinite) })
}

impl Reader<'_> {
    /// Without `f64` arithmetic, for targets that have none.
    fn f64_is_finite(&mut self) -> Option<Result<(), Reason>> {
        const INFINITE: u64 = 0x7ff;
        if self.reads_f64() {
            let bits = self.number().map(u64::from_le_bytes);
            finite(bits, |bits| bits >> 52 & INFINITE != INFINITE)
        } else {
            finite(self.f32(), f32::is_finite)
        }
    }
}
