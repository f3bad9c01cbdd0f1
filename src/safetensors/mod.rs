//! StaticLayer in and out: the `safetensors` format, read and written without allocation.
//!
//! ```text
//! 8 bytes   length of the header, little-endian
//! header    {"0.kernel":{"dtype":"F32","shape":[3,16],"data_offsets":[0,192]}, …}
//! data      the numbers of every tensor, row by row, little-endian
//! ```
//!
//! # In, at compile time
//!
//! Everything that reads here is a `const fn`. A `static` network made by it lies in flash and
//! costs nothing at start-up; what does not fit is a compile error that names tensor and reason.
//!
//! ```
//! use elman::safetensors::SafeTensors;
//! use elman::{Dense, Elman, Layer, Stack, checked};
//!
//! const FILE: SafeTensors =
//!     checked!(SafeTensors::parse(include_bytes!("../../tests/data/torch.safetensors")));
//!
//! static NET: Stack<(Elman<2, 4>, Elman<4, 4>, Dense<4, 2>)> = Stack::new((
//!     checked!(Elman::from_pytorch(&FILE, "rnn.", 0)),
//!     checked!(Elman::from_pytorch(&FILE, "rnn.", 1)),
//!     checked!(Dense::from_pytorch(&FILE, "head.")),
//! ));
//! # NET.step(&[0.5, -0.5], &mut <Stack<(Elman<2, 4>, Elman<4, 4>, Dense<4, 2>)>>::INITIAL_STATE);
//! ```
//!
//! ```compile_fail
//! use elman::safetensors::SafeTensors;
//! use elman::{Elman, checked};
//!
//! const FILE: SafeTensors =
//!     checked!(SafeTensors::parse(include_bytes!("../../tests/data/torch.safetensors")));
//! // error: tensor `rnn.weight_ih_l0`: its shape is [4, 2], not [4, 3]
//! const CELL: Elman<3, 4> = checked!(Elman::from_pytorch(&FILE, "rnn.", 0));
//! ```
//!
//! Without [`checked!`](crate::checked) the same functions return the same error as a `Result` at
//! run time. A constant of many weights may need `#![allow(long_running_const_eval)]`.
//!
//! # In, at run time
//!
//! `load_*`, as [`Elman::load_pytorch`](crate::Elman::load_pytorch), read into a layer where it is: for
//! networks larger than the stack. What is refused leaves the layer as it was.
//!
//! `from_*` and `load_*` read into `f32`; [`load`] reads into either.
//!
//! # Three lines of Python
//!
//! | written by | read by |
//! |---|---|
//! | PyTorch | [`Elman::from_pytorch`](crate::Elman::from_pytorch), [`Dense::from_pytorch`](crate::Dense::from_pytorch) |
//! | Keras | [`load`], or [`Elman::from_keras`](crate::Elman::from_keras), [`Dense::from_keras`](crate::Dense::from_keras) |
//! | TensorFlow's `BasicRNNCell` | [`Elman::from_tensorflow`](crate::Elman::from_tensorflow), `Dense::from_keras` |
//!
#![doc = include_str!("../../tests/data/three_lines.md")]
//!
//! # Out, on the device
//!
//! [`save`] writes any [`StateDict`] value into a buffer of exactly [`StateDict::SIZE`] bytes, with the names
//! `0.kernel`, `0.recurrent_kernel`, `1.bias` and so on; [`load`] brings back the same bits, in place.
//!
//! ```
//! use elman::safetensors::{StateDict, load, save};
//! use elman::{ConstZero, Dense, Elman, Pcg32, Stack, uniform};
//!
//! type Net = Stack<(Elman<1, 4>, Dense<4, 1>)>;
//! let mut net = Net::ZERO;
//! uniform(&mut net, 0.5, &mut Pcg32::new(1, 0));
//!
//! let mut file = [0; Net::SIZE];
//! save(&net, &mut file)?;
//! let mut again = Net::ZERO;
//! load(&mut again, &file)?;
//! assert_eq!(again, net);
//! # Ok::<(), elman::safetensors::Error>(())
//! ```
//!
//! # What is accepted
//!
//! Whatever the official library writes. Of other files, what that library accepts, but for these
//! differences.
//!
//! Refused here, since the format's description does not allow it:
//!
//! - an entry with other fields than `dtype`, `shape` and `data_offsets`, or written as an array;
//! - a `dtype` that is no string, a `__metadata__` that is no object of strings;
//! - two tensors of one name. This is noticed when that name is asked for, or by the bytes that the
//!   two share.
//!
//! Different for want of memory to remember every tensor:
//!
//! - A header may name tensors in another order than that of their data, but not jump back more
//!   than [`SafeTensors::JUMPS`] times.
//! - A tensor without numbers may lie anywhere in the data.
//! - Of two tensors of one name that is never asked for, nothing is said.
//!
//! The time to [`parse`](SafeTensors::parse) is proportional to the length of the header, whatever is in
//! it. To find a tensor takes one more pass over the header.

mod by_name;
mod check;
mod crc32;
mod dtype;
mod error;
mod header;
mod json;
mod layout;
mod reader;
mod schema;
mod state_dict;
mod text;
mod values;
mod writer;

pub use self::by_name::{load_matching, load_prefix};
pub(crate) use self::check::{Checked, Values};
pub(crate) use self::crc32::Crc32;
pub use self::dtype::Dtype;
pub use self::error::{Dims, Error, Reason};
pub(crate) use self::layout::{Cursor, Layout, Numbers};
pub(crate) use self::reader::Cut;
pub use self::reader::Reader;
pub(crate) use self::schema::{PartError, Problem};
pub use self::schema::{Schema, Tag};
pub use self::state_dict::{StateDict, load, load_any, save, save_any};
pub(crate) use self::state_dict::{checksum, front};
pub use self::text::TensorName;
pub(crate) use self::values::{set_len, state_dict_of_newtype};
pub use self::writer::Writer;

use self::header::{Entries, Entry};
use self::json::spells;

/// `?`, where that is not yet allowed at compile time.
macro_rules! tri {
    ($result:expr) => {
        match $result {
            Ok(value) => value,
            Err(error) => return Err(error),
        }
    };
}
pub(crate) use tri;

/// The value of a `Result` at compile time; if it is an error, a compile error that says so.
///
/// ```
/// use elman::checked;
/// use elman::safetensors::{TensorName, SafeTensors};
///
/// const FILE: SafeTensors =
///     checked!(SafeTensors::parse(include_bytes!("../../tests/data/torch.safetensors")));
/// assert!(FILE.tensor(TensorName::new("head.bias")).is_ok());
/// ```
///
/// With layers, and with an error, at [`safetensors`](crate::safetensors).
#[macro_export]
macro_rules! checked {
    ($result:expr) => {
        const {
            match $result {
                Ok(value) => value,
                Err(error) => error.panic_in_const(),
            }
        }
    };
}

/// A file whose every tensor has been found to be whole and in its place.
#[derive(Clone, Copy, Debug)]
pub struct SafeTensors<'a> {
    header: &'a [u8],
    data: &'a [u8],
}

/// A tensor in a file, for a look at what it is before a network is read.
///
/// ```
/// use elman::safetensors::{Dtype, TensorName, SafeTensors};
///
/// let file = SafeTensors::parse(include_bytes!("../../tests/data/torch.safetensors"))?;
/// let tensor = file.tensor(TensorName::new("head.weight"))?;
/// assert_eq!((tensor.dtype(), tensor.shape().as_slice()), (Dtype::F32, [2, 4].as_slice()));
/// # Ok::<(), elman::safetensors::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct TensorView<'a> {
    dtype: Dtype,
    shape: Dims,
    /// What has not been read yet.
    data: &'a [u8],
}

impl<'a> SafeTensors<'a> {
    /// How often the header's order may jump back against that of the data.
    pub const JUMPS: usize = 64;
    const LONGEST_HEADER: u64 = 100_000_000;

    /// Reads a file.
    ///
    /// # Errors
    ///
    /// When it is not a valid file: see [`safetensors`](crate::safetensors).
    pub const fn parse(file: &'a [u8]) -> Result<Self, Error> {
        let Some((length, rest)) = file.split_first_chunk() else {
            return Err(Reason::Truncated.whole());
        };
        let length = u64::from_le_bytes(*length);
        if length > Self::LONGEST_HEADER {
            return Err(Reason::HeaderTooLong.whole());
        }
        let Some((header, data)) = rest.split_at_checked(length as usize) else {
            return Err(Reason::Truncated.whole());
        };
        if core::str::from_utf8(header).is_err() {
            return Err(Reason::NotUtf8.whole());
        }
        let file = Self { header, data };
        tri!(file.check_sizes());
        tri!(file.check_order());
        Ok(file)
    }

    /// The tensor of a name.
    ///
    /// # Errors
    ///
    /// When there is none, or more than one.
    pub const fn tensor(&self, name: TensorName) -> Result<TensorView<'a>, Error> {
        let mut found = None;
        let mut entries = self.entries();
        while let Some(entry) = tri!(entries.next()) {
            if name.is_whole() && spells(entry.name, name.as_str().as_bytes()) {
                if found.is_some() {
                    return Err(Reason::Duplicate.of(name));
                }
                found = Some(entry);
            }
        }
        match found {
            Some(entry) => Ok(self.view(&entry)),
            None => Err(Reason::Missing.of(name)),
        }
    }

    /// The tensor of a name, if it is of floats and of this shape.
    pub(crate) const fn weights(
        &self,
        name: TensorName,
        wanted: Dims,
    ) -> Result<TensorView<'a>, Error> {
        let tensor = tri!(self.tensor(name));
        if !tensor.shape.is(&wanted) {
            return Err(Reason::WrongShape { found: tensor.shape, wanted }.of(name));
        }
        if !tensor.dtype.is_float() {
            return Err(Reason::WrongDtype { found: tensor.dtype }.of(name));
        }
        Ok(tensor)
    }

    const fn entries(&self) -> Entries<'a> {
        Entries::new(self.header)
    }

    const fn view(&self, entry: &Entry<'a>) -> TensorView<'a> {
        let data = match self.data.split_at_checked(entry.end) {
            Some((data, _)) => data,
            None => &[],
        };
        let data = match data.split_at_checked(entry.start) {
            Some((_, data)) => data,
            None => &[],
        };
        TensorView { dtype: entry.dtype, shape: entry.shape, data }
    }

    /// Each tensor for itself is as large as it should be, and in the file.
    const fn check_sizes(&self) -> Result<(), Error> {
        let mut sum: usize = 0;
        let mut entries = self.entries();
        while let Some(entry) = tri!(entries.next()) {
            let size = match (entry.end.checked_sub(entry.start), entry.bytes) {
                (Some(size), Some(bytes)) if size == bytes => size,
                _ => return Err(Reason::Size.of(entry.name())),
            };
            if entry.end > self.data.len() {
                return Err(Reason::OutOfFile.of(entry.name()));
            }
            sum = sum.saturating_add(size);
            if sum > self.data.len() {
                return Err(Reason::Overlap.of(entry.name()));
            }
        }
        Ok(())
    }

    /// One tensor begins where another ends, from the first byte to the last: with
    /// [`check_sizes`](Self::check_sizes) that leaves no byte to two tensors.
    const fn check_order(&self) -> Result<(), Error> {
        let mut end = 0;
        let mut jumps = 0;
        while end < self.data.len() {
            let before = end;
            let mut entries = self.entries();
            while let Some(entry) = tri!(entries.next()) {
                if entry.start == end {
                    end = entry.end;
                }
            }
            if end == before {
                return Err(Reason::Gap { at: end }.whole());
            }
            if jumps > Self::JUMPS {
                return Err(Reason::UnsortedHeader.whole());
            }
            jumps += 1;
        }
        Ok(())
    }
}

impl TensorView<'_> {
    /// The type of its numbers.
    #[must_use]
    pub const fn dtype(&self) -> Dtype {
        self.dtype
    }

    /// Its sizes.
    #[must_use]
    pub const fn shape(&self) -> Dims {
        self.shape
    }

    const fn take<const N: usize>(&mut self) -> [u8; N] {
        match self.data.split_first_chunk() {
            Some((bytes, rest)) => {
                self.data = rest;
                *bytes
            }
            None => {
                self.data = &[];
                [0; N]
            }
        }
    }

    /// The next number; 0 after the last, and in a tensor of other things than weights.
    pub(crate) const fn next_f32(&mut self) -> f32 {
        match self.dtype {
            Dtype::F32 => f32::from_le_bytes(self.take()),
            Dtype::F64 => dtype::from_f64(u64::from_le_bytes(self.take())),
            Dtype::F16 => dtype::from_f16(u16::from_le_bytes(self.take())),
            Dtype::BF16 => dtype::from_bf16(u16::from_le_bytes(self.take())),
            _ => 0.0,
        }
    }
}
