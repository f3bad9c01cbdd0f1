//! Reading a checkpoint in chunks.

use super::saver::DeviceError;
use super::{Verifier, layout};
use crate::safetensors::{Cut, Reader, StateDict};

/// Reads a checkpoint into a value, in place, in chunks of any size.
///
/// It checks nothing: first let a [`Verifier`] look at the same bytes. For asynchronous flash; for
/// others [`load_from`] does both.
///
/// ```
/// use elman::checkpoint::{self, Loader, Verifier};
/// use elman::{ConstZero, Dense};
///
/// type Net = Dense<4, 4>;
/// let mut flash = [0; checkpoint::size::<Net>()];
/// checkpoint::save(&Net { bias: [0.5; 4], ..Net::ZERO }, 7, &mut flash)?;
///
/// let mut verifier = Verifier::<Net>::new();
/// flash.chunks(64).all(|chunk| verifier.push(chunk)); // read(offset, &mut buffer).await?
/// verifier.finish()?;
///
/// let mut net = Net::ZERO;
/// let mut loader = Loader::new(&mut net);
/// flash.chunks(64).all(|chunk| loader.push(chunk));
/// assert_eq!(net.bias, [0.5; 4]);
/// # Ok::<(), elman::safetensors::Error>(())
/// ```
#[derive(Debug)]
pub struct Loader<'v, S> {
    value: &'v mut S,
    /// The bytes of the file seen.
    seen: usize,
    cut: Cut,
}

impl<'v, S: StateDict> Loader<'v, S> {
    /// Before the first byte.
    pub const fn new(value: &'v mut S) -> Self {
        Self { value, seen: 0, cut: Cut::NONE }
    }

    /// Reads the next bytes of the slot. Returns whether there are more to read.
    pub fn push(&mut self, chunk: &[u8]) -> bool {
        let (data, size) = const { (layout::<S>().data(), layout::<S>().size()) };
        let left = size.saturating_sub(self.seen).min(chunk.len());
        let header = data.saturating_sub(self.seen);
        let numbers = chunk.get(header..left).unwrap_or_default();
        let skip = (self.seen + header).saturating_sub(data + self.cut.len());
        let mut reader = Reader::new(numbers, skip, self.cut);
        self.value.read(&mut reader);
        self.cut = reader.cut();
        self.seen += left;
        self.seen < size
    }
}

/// Reads a checkpoint from a device, in place, in chunks as long as `buffer`; returns its sequence
/// number.
///
/// `read(offset, chunk)` reads from the device; the last chunk may be shorter. The checkpoint is read
/// twice: first verified, then loaded.
///
/// # Errors
///
/// When it is refused, as by [`load`](super::load), or the device fails while it is verified:
/// `value` is as it was. When the device fails after that, `value` is read up to there.
pub fn load_from<S: StateDict, E>(
    value: &mut S,
    buffer: &mut [u8],
    mut read: impl FnMut(usize, &mut [u8]) -> Result<(), E>,
) -> Result<u32, DeviceError<E>> {
    let sequence = verify_from::<S, E>(buffer, &mut read)?;
    let mut loader = Loader::new(value);
    for_each_chunk::<S, E>(buffer, &mut read, |chunk| loader.push(chunk))?;
    Ok(sequence)
}

/// Whether [`load_from`] would read a checkpoint; returns its sequence number.
///
/// # Errors
///
/// As [`load_from`].
pub fn verify_from<S: StateDict, E>(
    buffer: &mut [u8],
    mut read: impl FnMut(usize, &mut [u8]) -> Result<(), E>,
) -> Result<u32, DeviceError<E>> {
    let mut verifier = Verifier::<S>::new();
    for_each_chunk::<S, E>(buffer, &mut read, |chunk| verifier.push(chunk))?;
    Ok(verifier.finish()?)
}

/// Reads the bytes of a file of `S`, until `push` wants no more.
fn for_each_chunk<S: StateDict, E>(
    buffer: &mut [u8],
    read: &mut impl FnMut(usize, &mut [u8]) -> Result<(), E>,
    mut push: impl FnMut(&[u8]) -> bool,
) -> Result<(), DeviceError<E>> {
    let size = const { layout::<S>().size() };
    let mut offset = 0;
    while offset < size {
        let len = buffer.len().min(size - offset);
        let chunk = buffer.get_mut(..len).unwrap_or_default();
        if chunk.is_empty() {
            break;
        }
        read(offset, chunk).map_err(DeviceError::Device)?;
        offset += len;
        if !push(chunk) {
            break;
        }
    }
    Ok(())
}
