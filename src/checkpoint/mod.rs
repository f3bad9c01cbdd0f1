//! A run's whole memory in a file, so that a device can lose power at any moment and learn on.
//!
//! A checkpoint is a `safetensors` file of anything that is [`StateDict`]: the network, the optimiser's
//! moments and counters, the tape with the state and the errors that wait in it, the generator. With
//! all of them a run that is cut after any sample and resumed continues bit for bit as if never cut.
//!
//! In the header's `__metadata__` are its size, a sequence number and a checksum, the CRC-32 of all
//! other bytes. Write checkpoints to two slots alternately, each only over the older one: then one
//! whole checkpoint is there at any moment, and [`load_newest`] finds it. `examples/power_loss.rs`
//! does so on a NOR flash that loses power at every possible byte.
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

mod crc32;

use self::crc32::crc32;
use crate::safetensors::{
    self, Error, Reason, SafeTensors, StateDict, Values, check, check_written, file_size, write,
};

/// The first entry of the header, with every number still zero; numbers are eight hexadecimal
/// digits, so each has its place.
const METADATA: &str = r#""__metadata__":{"format":"elman checkpoint 1","bytes":"00000000","sequence":"00000000","crc32":"00000000"}"#;

/// After the length of the header and a brace.
const START: usize = 8 + 1;
const CRC: usize = START + METADATA.len() - r#"00000000"}"#.len();
const SEQUENCE: usize = CRC - r#"00000000","crc32":""#.len();
const BYTES: usize = SEQUENCE - r#"00000000","sequence":""#.len();

/// The size of a checkpoint of `S` in bytes, exactly.
#[must_use]
pub const fn size<S: StateDict>() -> usize {
    file_size(&S::SCHEMA, METADATA)
}

/// Writes a checkpoint to the front of `buffer`; returns its size, which is [`size`].
///
/// Give each a higher sequence number than the one before.
///
/// # Errors
///
/// When the buffer is too small, or a number is infinite or NaN: the last good checkpoint is worth
/// more than such a run.
pub fn save<S: StateDict>(value: &S, sequence: u32, buffer: &mut [u8]) -> Result<usize, Error> {
    let bytes = write(value, METADATA, buffer)?;
    let file = buffer.get_mut(..bytes).unwrap_or_default();
    check_written(&S::SCHEMA, file)?;
    put(file, BYTES, bytes as u32);
    put(file, SEQUENCE, sequence);
    put(file, CRC, checksum(file));
    Ok(bytes)
}

/// Reads the checkpoint at the front of `slot` into `value`, in place; returns its sequence number.
///
/// # Errors
///
/// When it is not a checkpoint, or not whole, or one of something else: of other tensors than
/// `value`'s. Then `value` is as it was.
pub fn load<S: StateDict>(value: &mut S, slot: &[u8]) -> Result<u32, Error> {
    let (file, sequence) = open(slot)?;
    if file.len() != size::<S>() {
        check(&S::SCHEMA, &SafeTensors::parse(file)?, Values::Any)?;
        return Err(Reason::OtherSchema.whole());
    }
    safetensors::load(value, file)?;
    Ok(sequence)
}

/// Reads the newer of two checkpoints, or the other one if that is refused; returns which, 0 or 1,
/// and its sequence number.
///
/// # Errors
///
/// When both are refused: why the newer one was. Then `value` is as it was.
pub fn load_newest<S: StateDict>(value: &mut S, slots: [&[u8]; 2]) -> Result<(usize, u32), Error> {
    let [a, b] = slots;
    let (newer, older) =
        if sequence(b).ok() > sequence(a).ok() { ((1, b), (0, a)) } else { ((0, a), (1, b)) };
    match load(value, newer.1) {
        Ok(sequence) => Ok((newer.0, sequence)),
        Err(error) => load(value, older.1).map(|sequence| (older.0, sequence)).or(Err(error)),
    }
}

/// The sequence number of the checkpoint at the front of `slot`, if that is whole.
///
/// For slots that cannot be read in place: only one at a time needs to be in memory.
///
/// ```
/// use elman::checkpoint;
/// use elman::{ConstZero, Dense};
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

/// The checkpoint at the front of `slot`, found to be whole, and its sequence number.
fn open(slot: &[u8]) -> Result<(&[u8], u32), Error> {
    if slot.get(START..BYTES) != METADATA.as_bytes().get(..BYTES - START) {
        return Err(Reason::NotACheckpoint.whole());
    }
    let file = number(slot, BYTES).and_then(|bytes| slot.get(..bytes as usize));
    let file = file.ok_or(Reason::Torn.whole())?;
    match (number(file, SEQUENCE), number(file, CRC)) {
        (Some(sequence), Some(crc)) if crc == checksum(file) => Ok((file, sequence)),
        _ => Err(Reason::Torn.whole()),
    }
}

/// Writes `n` as eight hexadecimal digits at `at`.
fn put(file: &mut [u8], at: usize, n: u32) {
    for (i, digit) in file.iter_mut().skip(at).take(8).enumerate() {
        let value = n >> (28 - 4 * i) & 0xf;
        *digit = char::from_digit(value, 16).unwrap_or('0') as u8;
    }
}

/// The number of eight hexadecimal digits at `at`, as [`put`] writes it.
fn number(file: &[u8], at: usize) -> Option<u32> {
    file.get(at..at + 8)?.iter().try_fold(0, |n, &digit| match digit {
        b'0'..=b'9' | b'a'..=b'f' => Some(n << 4 | char::from(digit).to_digit(16)?),
        _ => None,
    })
}

/// The CRC-32 of all bytes but the eight digits that hold it.
fn checksum(file: &[u8]) -> u32 {
    let before = file.get(..CRC).unwrap_or_default();
    let after = file.get(CRC + 8..).unwrap_or_default();
    !crc32(crc32(!0, before), after)
}
