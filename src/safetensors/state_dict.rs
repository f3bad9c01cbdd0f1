//! Writing a value to a file, and reading it back.

use super::error::{Error, Reason};
use super::schema::{Schema, Values, file_data, file_size, write_header};
use super::text::Writer;
use super::{SafeTensors, TensorView};

/// A value that can be written to a file and read back: a network, an optimiser's moments, a
/// tape, a generator.
///
/// [`state_dict!`](crate::state_dict) implements it for a `struct` of such values.
pub trait StateDict {
    /// What it is made of.
    const SCHEMA: Schema;

    /// The size of its file in bytes, exactly.
    ///
    /// ```
    /// use elman::{Dense, safetensors::StateDict};
    ///
    /// // length 8, header 120, 6 numbers of 4 bytes
    /// assert_eq!(Dense::<2, 2>::SIZE, 8 + 120 + 6 * 4);
    /// ```
    const SIZE: usize = file_size(&Self::SCHEMA, "");

    /// Writes its numbers, in the order of [`SCHEMA`](Self::SCHEMA).
    fn write(&self, out: &mut Writer<'_>);

    /// Reads its numbers, in the order of [`SCHEMA`](Self::SCHEMA).
    fn read(&mut self, numbers: &mut Reader<'_>);
}

/// Writes `value` as a file to the front of `buffer`; returns its size, which is [`StateDict::SIZE`].
///
/// # Errors
///
/// When the buffer is too small, or a number is infinite or NaN: such a network is not worth a
/// write to flash.
pub fn save<S: StateDict>(value: &S, buffer: &mut [u8]) -> Result<usize, Error> {
    let size = write(value, "", buffer)?;
    check_written(&S::SCHEMA, buffer.get(..size).unwrap_or_default())?;
    Ok(size)
}

/// [`save`], whatever the numbers are.
///
/// # Errors
///
/// When the buffer is too small.
pub fn save_any<S: StateDict>(value: &S, buffer: &mut [u8]) -> Result<usize, Error> {
    write(value, "", buffer)
}

/// Reads a file into `value`, in place. The file may hold other tensors besides.
///
/// The name of each tensor is looked up twice, each time in a pass over the header.
///
/// # Errors
///
/// When the file is not valid, a tensor is missing or of another shape or dtype, or a number is
/// infinite or NaN as one of `value`'s. Then `value` is as it was.
pub fn load<S: StateDict>(value: &mut S, file: &[u8]) -> Result<(), Error> {
    read(value, file, Values::Finite)
}

/// [`load`], whatever the numbers are.
///
/// # Errors
///
/// As [`load`], but for infinite numbers and NaN.
pub fn load_any<S: StateDict>(value: &mut S, file: &[u8]) -> Result<(), Error> {
    read(value, file, Values::Any)
}

/// All is checked before anything is changed.
fn read<S: StateDict>(value: &mut S, file: &[u8], values: Values) -> Result<(), Error> {
    let file = SafeTensors::parse(file)?;
    check(&S::SCHEMA, &file, values)?;
    value.read(&mut Reader::new(file, const { &S::SCHEMA }));
    Ok(())
}

//////////// writing ////////////

/// Writes the file: `metadata` is JSON that goes before the tensors.
pub(crate) fn write<S: StateDict>(
    value: &S,
    metadata: &str,
    buffer: &mut [u8],
) -> Result<usize, Error> {
    const { assert!(S::SCHEMA.names_fit(), "the name of a tensor is longer than 64 bytes") };
    let needed = file_size(&S::SCHEMA, metadata);
    if buffer.len() < needed {
        return Err(Reason::BufferTooSmall { needed }.whole());
    }
    let mut out = Writer::new(buffer);
    write_header(&S::SCHEMA, metadata, &mut out);
    value.write(&mut out);
    Ok(needed)
}

//////////// reading ////////////

/// Every tensor of `tree` is there, and can be read as it.
pub(crate) fn check(tree: &Schema, file: &SafeTensors<'_>, values: Values) -> Result<(), Error> {
    let mut n = 0;
    while let Some(field) = tree.tensor(n) {
        let tensor = file.tensor(field.name)?;
        field.check(tensor, values).map_err(|reason| reason.of(field.name))?;
        n += 1;
    }
    Ok(())
}

/// The same of a file just written, whose data is its last part, in the order of `tree`.
pub(crate) fn check_written(tree: &Schema, file: &[u8]) -> Result<(), Error> {
    let (mut n, mut end) = (0, file_data(tree));
    while let Some(field) = tree.tensor(n) {
        let data = file.get(file.len().saturating_sub(end)..).unwrap_or_default();
        let tensor = TensorView { dtype: field.dtype, shape: field.shape, data };
        field.check(tensor, Values::Finite).map_err(|reason| reason.of(field.name))?;
        end -= field.bytes();
        n += 1;
    }
    Ok(())
}

/// The numbers of a checked file, in the order of a tree.
///
/// Only [`state_dict!`](crate::state_dict) needs this.
#[derive(Debug)]
pub struct Reader<'a> {
    file: SafeTensors<'a>,
    tree: &'static Schema,
    tensor: Option<TensorView<'a>>,
    /// The number of the tensor after it.
    next: usize,
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(file: SafeTensors<'a>, tree: &'static Schema) -> Self {
        Self { file, tree, tensor: None, next: 0 }
    }

    /// The tensor that the next number is in.
    pub(super) fn tensor(&mut self) -> Option<&mut TensorView<'a>> {
        while self.tensor.is_none_or(|tensor| tensor.data.is_empty()) {
            let field = self.tree.tensor(self.next)?;
            self.tensor = self.file.tensor(field.name).ok();
            self.next += 1;
        }
        self.tensor.as_mut()
    }

    pub(super) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        self.tensor().map_or([0; N], TensorView::take)
    }
}
