//! A run's whole memory in a file, so that a device can lose power at any moment and learn on.
//!
//! A checkpoint is a `safetensors` file of anything that is [`StateDict`]: the network, the optimiser's
//! moments and counters, the tape with the state and the errors that wait in it, the generator. With
//! all of them a run that is cut after any sample and resumed continues bit for bit as if never cut.
//!
//! Write checkpoints to two slots alternately, each only over the older one: then one whole checkpoint
//! is there at any moment, and [`load_newest`] finds it. `examples/power_loss.rs` does so on a NOR
//! flash that loses power at every possible byte, `examples/pages.rs` spreads the saves over pages.
//!
//! ```
//! use elman::checkpoint;
//! use elman::{ConstZero, Dense, Elman, Pcg32, Stack, Tape, state_dict};
//!
//! type Net = Stack<(Elman<1, 4>, Dense<4, 1>)>;
//! struct Run {
//!     net: Net,
//!     tape: Tape<Net, 20>,
//!     rng: Pcg32,
//! }
//! state_dict!(Run { net: Net, tape: Tape<Net, 20>, rng: Pcg32 });
//!
//! let mut run = Run { net: Net::ZERO, tape: Tape::new(), rng: Pcg32::new(1, 0) };
//! let mut slots = [[0xff; checkpoint::size::<Run>()]; 2];
//!
//! run.tape.step(&run.net, &[0.5]);
//! checkpoint::save(&run, 1, &mut slots[1])?;
//! run.tape.step(&run.net, &[0.7]);
//! checkpoint::save(&run, 2, &mut slots[0])?;
//!
//! slots[0][100] ^= 1; // a bit flips
//! assert_eq!(checkpoint::load_newest(&mut run, [&slots[0], &slots[1]])?, (1, 1));
//! assert_eq!(run.tape.len(), 1);
//! # Ok::<(), elman::safetensors::Error>(())
//! ```
//!
//! # What it does not hold
//!
//! The optimiser's settings, the schedule, the limits of the gradient, the reduction and the batch size:
//! they are the program's, and loading keeps them. Nor frozen weights, of which it has a checksum.
//! Gradients of lower layers are scratch and become 0.
//!
//! # Whole runs, what was learned, what still fits
//!
//! A whole run is loaded only by a program that has the same tensors, `K1`, `K2`, optimiser and frozen
//! weights; the error names the first tensor or tag that differs. [`Learner::learned`](crate::Learner::learned) is the network and the
//! optimiser's state alone, which do not depend on `K1` and `K2`. [`open`] gives a checkpoint to
//! [`load_prefix`](crate::safetensors::load_prefix), which reads a part of it, and to
//! [`load_matching`](crate::safetensors::load_matching), which reads whatever fits.
//!
//! # In chunks
//!
//! [`save_to`] and [`load_from`] go through a buffer of any size, without a second copy of the value:
//! 256 bytes are enough for a network of 100 KB. [`Saver`], [`Verifier`] and [`Loader`] do so where
//! reading and writing are asynchronous.
//!
//! # In place
//!
//! [`load`] reads into the value where it is, and takes no stack for a second one: over an `Option` of a
//! network too, over `None` in optimised builds. How to make a trainer of many kilobytes in place is at
//! [`Trainer`](crate::Trainer#in-place).
//!
//! # Format
//!
//! A `safetensors` file, which Python's `safetensors` opens too, all numbers little-endian:
//!
//! ```text
//! 8 bytes   length of the header, a multiple of 8
//! header    {"__metadata__":{"format":"elman checkpoint 2","bytes":"…","sequence":"…","crc32":"…"
//!           ,"stream.k1":"5"          tags: k1, k2, the optimiser, the checksum of frozen weights
//!           }
//!           ,"learner.net.0.kernel":{"dtype":"F32","shape":[3,16],"data_offsets":[0,192]}
//!           … }, spaces
//! data      the numbers in the order of the header
//! ```
//!
//! without the line breaks. `bytes` is the size of the file, `sequence` the caller's number, `crc32` the
//! CRC-32 of all other bytes of the file, each in eight lower-case hexadecimal digits. Of the header only
//! these may differ from what the program would write.
//!
//! Weights and moments are tensors with names. What only this program continues, tapes and counters, is
//! one tensor of bytes for each, `packed`: it begins with the CRC-32 of its parts' names, dtypes and
//! shapes, then their numbers without gaps. A list is its own checksum, its length and its rows up to
//! the capacity. So the header is short: 20 tensors for a trainer of two layers with Adam, not 77.
//!
//! The data can be read in one pass, since a header that is not byte for byte as expected is refused.

mod loader;
mod saver;
mod slots;
mod verifier;

pub use self::loader::{Loader, load_from, verify_from};
pub use self::saver::{DeviceError, Saver, save_to};
pub use self::slots::{load_newest, newer};
pub use self::verifier::Verifier;

use crate::safetensors::{
    Cursor, Cut, Error, Layout, Numbers, Reader, StateDict, Values, Writer, front,
};

/// The size of a checkpoint of `S` in bytes, exactly.
#[must_use]
pub const fn size<S: StateDict>() -> usize {
    layout::<S>().size()
}

const fn layout<S: StateDict>() -> &'static Layout {
    const { &Layout::new(&S::SCHEMA, true) }
}

/// Writes a checkpoint to the front of `buffer`; returns its size, which is [`size`].
///
/// Give each the sequence number after that of the one before.
///
/// # Errors
///
/// When the buffer is too small, a number is infinite or NaN, or a count is too large: the last good
/// checkpoint is worth more than such a run.
pub fn save<S: StateDict>(value: &S, sequence: u32, buffer: &mut [u8]) -> Result<usize, Error> {
    let layout = layout::<S>();
    let file = front(buffer, layout.size())?;
    let data = file.get_mut(layout.data()..).unwrap_or_default();
    let mut writer = Writer::new(data, 0, Values::Finite);
    value.write(&mut writer);
    layout.check_written(&writer)?;
    write_header(layout, sequence, file);
    Ok(layout.size())
}

/// Writes the header in front of the data, then its front again, with the checksum.
#[inline(never)]
fn write_header(layout: &Layout, sequence: u32, file: &mut [u8]) {
    let mut numbers = Numbers { bytes: layout.size() as u32, sequence, crc32: 0 };
    layout.write(&mut Cursor::new(), numbers, file.get_mut(..layout.data()).unwrap_or_default());
    numbers.crc32 = Numbers::checksum(file).finish();
    layout.write(&mut Cursor::new(), numbers, file.get_mut(..Numbers::FRONT).unwrap_or_default());
}

/// Reads the checkpoint at the front of `slot` into `value`, in place; returns its sequence number.
///
/// # Errors
///
/// When it is not a checkpoint, or not whole, or one of something else: of other tensors than
/// `value`'s, of a program with other tags, or with a number that `value` cannot have. Then `value`
/// is as it was.
pub fn load<S: StateDict>(value: &mut S, slot: &[u8]) -> Result<u32, Error> {
    let sequence = verify::<S>(slot)?;
    read(value, slot);
    Ok(sequence)
}

/// Reads a checkpoint that has been verified.
fn read<S: StateDict>(value: &mut S, slot: &[u8]) {
    let layout = layout::<S>();
    let data = slot.get(layout.data()..layout.size()).unwrap_or_default();
    value.read(&mut Reader::new(data, 0, Cut::NONE));
}

/// Whether [`load`] would read the checkpoint at the front of `slot`; returns its sequence number.
///
/// # Errors
///
/// As [`load`].
pub fn verify<S: StateDict>(slot: &[u8]) -> Result<u32, Error> {
    let mut verifier = Verifier::<S>::new();
    verifier.push(slot);
    verifier.finish()
}

/// The file of the checkpoint at the front of `slot`, if that is whole, and its sequence number.
///
/// For what [`load`] refuses since the program has changed: a new size, another `K2`, another
/// optimiser. The functions of [`safetensors`](crate::safetensors) read the parts that fit.
///
/// ```
/// use elman::safetensors::{load_matching, load_prefix};
/// use elman::{Adam, ConstZero, Dense, Elman, Stack, Trainer, checkpoint};
///
/// type Net = Stack<(Elman<1, 2>, Dense<2, 1>)>;
/// type Old = Trainer<Net, Adam, 5, 20>;
/// type New = Trainer<Net, Adam, 5, 40>; // a longer memory
///
/// let mut old = Old::new(Adam::new(0.01));
/// old.learner.net.0.1.bias = [0.5];
/// let mut slot = [0; checkpoint::size::<Old>()];
/// checkpoint::save(&old, 7, &mut slot)?;
///
/// let mut new = New::new(Adam::new(0.01));
/// let error = checkpoint::load(&mut new, &slot).unwrap_err();
/// assert_eq!(error.to_string(), "`stream.k2` is not as in the program that wrote the checkpoint");
///
/// // The network and the optimiser's state, whatever else has changed.
/// let (file, _sequence) = checkpoint::open(&slot)?;
/// load_matching(&mut new, file, "", |left_out| println!("{left_out}"))?;
/// assert_eq!(new.learner.net, old.learner.net);
///
/// // Only the network.
/// load_prefix(&mut new.learner.net, file, "learner.net.")?;
/// # Ok::<(), elman::safetensors::Error>(())
/// ```
///
/// # Errors
///
/// When it is not a checkpoint, or not whole.
pub fn open(slot: &[u8]) -> Result<(&[u8], u32), Error> {
    let mut whole = verifier::Whole::START;
    whole.push(slot);
    let numbers = whole.finish()?;
    Ok((slot.get(..numbers.bytes as usize).unwrap_or_default(), numbers.sequence))
}

/// The sequence number of the checkpoint at the front of `slot`, if that is whole.
///
/// ```
/// use elman::checkpoint;
/// use elman::{Dense, ConstZero};
///
/// type Net = Dense<1, 1>;
/// let mut slot = [0; checkpoint::size::<Net>()];
/// assert!(checkpoint::sequence(&slot).is_err());
/// checkpoint::save(&Net::ZERO, 7, &mut slot)?;
/// assert_eq!(checkpoint::sequence(&slot)?, 7);
/// # Ok::<(), elman::safetensors::Error>(())
/// ```
///
/// # Errors
///
/// When it is not a checkpoint, or not whole.
pub fn sequence(slot: &[u8]) -> Result<u32, Error> {
    open(slot).map(|(_, sequence)| sequence)
}
