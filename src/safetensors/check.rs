//! Whether the numbers of a file are some that a value can have, before any is read.

use super::dtype::Element;
use super::reader::Reader;
use super::schema::{Form, Limit, PartError, Place, Problem, Schema, Which};

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
            && let Some(form) = self.run(checked.run)
        {
            let left = form.elements - checked.elements;
            let read = form.check(left, reader, values);
            let read =
                read.map_err(|problem| Place::Part(Which::Run, checked.run).refused(problem))?;
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
    fn check(&self, n: usize, reader: &mut Reader<'_>, values: Values) -> Result<usize, Problem> {
        for read in 0..n {
            let refused = match self.element {
                Element::F32 => reader.f32().map(|number| non_finite(number.is_finite(), values)),
                Element::F64 => reader.f64_is_finite().map(|finite| non_finite(finite, values)),
                element => reader.unsigned(element.bytes()).map(|n| self.limit.refused(n as u32)),
            };
            match refused {
                None => return Ok(read),
                Some(None) => {}
                Some(Some(problem)) => return Err(problem),
            }
        }
        Ok(n)
    }
}

fn non_finite(finite: bool, values: Values) -> Option<Problem> {
    (!finite && values == Values::Finite).then_some(Problem::NonFinite)
}

impl Limit {
    /// Why `n` is not allowed.
    const fn refused(self, n: u32) -> Option<Problem> {
        match self {
            Self::Most(limit) if n > limit => Some(Problem::Count),
            Self::Checksum(checksum) if n != checksum => Some(Problem::OtherParts),
            _ => None,
        }
    }
}
