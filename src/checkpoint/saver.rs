//! Writing a checkpoint in chunks.

use super::layout;
use crate::safetensors::{Cursor, Error, Layout, Numbers, StateDict, Values, Writer};

/// The checkpoint of a value, written in chunks of any size: byte for byte what
/// [`save`](super::save) writes.
///
/// For asynchronous flash, and for others [`save_to`] does the same. The value is not copied.
///
/// ```
/// use elman::checkpoint::{self, Saver};
/// use elman::{ConstZero, Dense};
///
/// type Net = Dense<4, 4>;
/// let net = Net::ZERO;
/// let mut flash = Vec::new();
/// let mut buffer = [0; 256];
/// let mut saver = Saver::new(&net, 7)?;
/// while let Some(chunk) = saver.next(&mut buffer) {
///     flash.extend_from_slice(chunk); // write(offset, chunk).await?
/// }
/// assert_eq!(checkpoint::sequence(&flash)?, 7);
/// # Ok::<(), elman::safetensors::Error>(())
/// ```
#[derive(Debug)]
pub struct Saver<'v, S> {
    value: &'v S,
    numbers: Numbers,
    header: Cursor,
    /// The bytes written.
    written: usize,
}

impl<'v, S: StateDict> Saver<'v, S> {
    /// Computes the checksum, in a pass over the value.
    ///
    /// # Errors
    ///
    /// When a number is infinite or NaN, or a count is too large. So nothing is written of a value
    /// that cannot be saved.
    pub fn new(value: &'v S, sequence: u32) -> Result<Self, Error> {
        let layout = layout::<S>();
        let bytes = layout.size() as u32;
        let numbers = Numbers { bytes, sequence, crc32: 0 };
        let mut saver = Self { value, numbers, header: Cursor::new(), written: 0 };
        let mut front = [0; Numbers::FRONT];
        layout.write(&mut saver.header, numbers, &mut front);
        let mut crc = Numbers::checksum(&front);
        saver.written = front.len();
        let mut buffer = [0; 256];
        while let Some(chunk) = saver.checked_next(layout, &mut buffer)? {
            crc.update(chunk);
        }
        let numbers = Numbers { crc32: crc.finish(), ..numbers };
        Ok(Self { numbers, header: Cursor::new(), written: 0, ..saver })
    }

    /// Writes the next bytes of the file to `buffer`, as many as it holds unless the file ends; then
    /// nothing.
    pub fn next<'b>(&mut self, buffer: &'b mut [u8]) -> Option<&'b [u8]> {
        self.checked_next(layout::<S>(), buffer).ok().flatten()
    }

    fn checked_next<'b>(
        &mut self,
        layout: &Layout,
        buffer: &'b mut [u8],
    ) -> Result<Option<&'b [u8]>, Error> {
        let left = layout.size().saturating_sub(self.written).min(buffer.len());
        let chunk = buffer.get_mut(..left).unwrap_or_default();
        if chunk.is_empty() {
            return Ok(None);
        }
        let header = match self.written < layout.data() {
            true => layout.write(&mut self.header, self.numbers, chunk),
            false => 0,
        };
        let skip = (self.written + header).saturating_sub(layout.data());
        let data = chunk.get_mut(header..).unwrap_or_default();
        let mut writer = Writer::new(data, skip, Values::Finite);
        self.value.write(&mut writer);
        layout.check_written(&writer)?;
        self.written += chunk.len();
        Ok(Some(chunk))
    }

    /// The bytes of the file that are still to be written.
    #[must_use]
    pub const fn remaining(&self) -> usize {
        (self.numbers.bytes as usize).saturating_sub(self.written)
    }
}

/// Why a checkpoint was not written to, or read from, a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceError<E> {
    /// The value cannot be saved, or the checkpoint cannot be loaded.
    Checkpoint(Error),
    /// The device failed.
    Device(E),
}

impl<E> From<Error> for DeviceError<E> {
    fn from(error: Error) -> Self {
        Self::Checkpoint(error)
    }
}

/// Writes a checkpoint to a device in chunks as long as `buffer`; only the last one may be shorter.
/// Returns its size.
///
/// `write(offset, chunk)` writes to the device. The value is not copied.
///
/// # Errors
///
/// When a number is infinite or NaN, or a count is too large: before anything is written. When the
/// device fails: what is in the slot is then torn.
pub fn save_to<S: StateDict, E>(
    value: &S,
    sequence: u32,
    buffer: &mut [u8],
    mut write: impl FnMut(usize, &[u8]) -> Result<(), E>,
) -> Result<usize, DeviceError<E>> {
    let mut saver = Saver::new(value, sequence)?;
    let mut offset = 0;
    while let Some(chunk) = saver.next(buffer) {
        write(offset, chunk).map_err(DeviceError::Device)?;
        offset += chunk.len();
    }
    Ok(offset)
}
