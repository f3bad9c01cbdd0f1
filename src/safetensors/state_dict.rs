//! Values to and from a file of their own, in place.

use super::by_name;
use super::check::{Checked, Values};
use super::crc32::Crc32;
use super::error::{Error, Reason};
use super::layout::{Cursor, Layout, Numbers};
use super::reader::{Cut, Reader};
use super::schema::Schema;
use super::writer::Writer;

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
    const SIZE: usize = Layout::new(const { &Self::SCHEMA }, false).size();

    /// Writes its numbers, in the order of [`SCHEMA`](Self::SCHEMA).
    fn write(&self, writer: &mut Writer<'_>);

    /// Reads its numbers, in the order of [`SCHEMA`](Self::SCHEMA).
    fn read(&mut self, reader: &mut Reader<'_>);

    /// Writes values side by side.
    #[doc(hidden)]
    fn write_all(values: &[Self], writer: &mut Writer<'_>)
    where
        Self: Sized,
    {
        let skipped = writer.skip_parts(Self::SCHEMA.bytes(), values.len());
        for value in values.iter().skip(skipped) {
            if writer.is_full() {
                return;
            }
            value.write(writer);
        }
    }

    /// Reads values side by side.
    #[doc(hidden)]
    fn read_all(values: &mut [Self], reader: &mut Reader<'_>)
    where
        Self: Sized,
    {
        let skipped = reader.skip_parts(Self::SCHEMA.bytes(), values.len());
        for value in values.iter_mut().skip(skipped) {
            if reader.is_empty() {
                return;
            }
            value.read(reader);
        }
    }
}

/// Writes `value` as a file to the front of `buffer`; returns its size, which is [`StateDict::SIZE`].
///
/// # Errors
///
/// When the buffer is too small, a number is infinite or NaN, since such a network is not worth a
/// write to flash, or a `usize` is above 2³¹ − 1.
pub fn save<S: StateDict>(value: &S, buffer: &mut [u8]) -> Result<usize, Error> {
    write(value, Values::Finite, buffer)
}

/// [`save`], infinite numbers and NaN too.
///
/// # Errors
///
/// When the buffer is too small, or a `usize` is above 2³¹ − 1.
pub fn save_any<S: StateDict>(value: &S, buffer: &mut [u8]) -> Result<usize, Error> {
    write(value, Values::Any, buffer)
}

fn write<S: StateDict>(value: &S, values: Values, buffer: &mut [u8]) -> Result<usize, Error> {
    let layout = own_layout::<S>();
    let file = front(buffer, layout.size())?;
    layout.write(&mut Cursor::new(), Numbers::default(), file);
    let mut writer = Writer::new(file.get_mut(layout.data()..).unwrap_or_default(), 0, values);
    value.write(&mut writer);
    layout.check_written(&writer)?;
    Ok(layout.size())
}

const fn own_layout<S: StateDict>() -> &'static Layout {
    const { &Layout::new(&S::SCHEMA, false) }
}

/// The first `needed` bytes of a buffer.
pub(crate) fn front(buffer: &mut [u8], needed: usize) -> Result<&mut [u8], Error> {
    buffer.get_mut(..needed).ok_or(Reason::BufferTooSmall { needed }.whole())
}

/// Reads a file into `value`, in place. The file may hold other tensors besides.
///
/// A file with the header that [`save`] writes is read straight through. Any other is read in a
/// fixed number of passes over its header.
///
/// # Errors
///
/// When the file is not valid, a tensor is missing or of another shape or dtype, or a number is
/// infinite or NaN as one of `value`'s. Then `value` is as it was.
pub fn load<S: StateDict>(value: &mut S, file: &[u8]) -> Result<(), Error> {
    read(value, file, Values::Finite)
}

/// [`load`], infinite numbers and NaN too.
///
/// # Errors
///
/// As [`load`], but for infinite numbers and NaN.
pub fn load_any<S: StateDict>(value: &mut S, file: &[u8]) -> Result<(), Error> {
    read(value, file, Values::Any)
}

/// All is checked before anything is changed.
fn read<S: StateDict>(value: &mut S, file: &[u8], values: Values) -> Result<(), Error> {
    let layout = own_layout::<S>();
    let Some(data) = layout.own_data(file) else {
        return by_name::read(value, file, "", values);
    };
    let mut numbers = Reader::new(data, 0, Cut::NONE);
    let checked = layout.schema.check(&mut Checked::new(), &mut numbers, values);
    checked.map_err(|error| layout.schema.error(error))?;
    value.read(&mut Reader::new(data, 0, Cut::NONE));
    Ok(())
}

impl Layout {
    /// That every number written may be.
    pub(crate) fn check_written(&self, writer: &Writer<'_>) -> Result<(), Error> {
        match writer.refused() {
            Some(at) => Err(self.schema.error_at(at)),
            None => Ok(()),
        }
    }

    /// The data of a file, if its header is this one and its size is right.
    fn own_data<'f>(&self, file: &'f [u8]) -> Option<&'f [u8]> {
        let (header, data) = file.split_at_checked(self.data())?;
        let same = self.compare(&mut Cursor::new(), Numbers::default(), header);
        (same.is_ok() && data.len() == self.schema.bytes()).then_some(data)
    }
}

/// The CRC-32 of a value's numbers.
pub(crate) fn checksum<S: StateDict>(value: &S) -> u32 {
    let mut crc = Crc32::new();
    let mut buffer = [0; 64];
    for start in (0..S::SCHEMA.bytes()).step_by(buffer.len()) {
        let len = buffer.len().min(S::SCHEMA.bytes() - start);
        let chunk = buffer.get_mut(..len).unwrap_or_default();
        value.write(&mut Writer::new(chunk, start, Values::Any));
        crc.update(chunk);
    }
    crc.finish()
}
