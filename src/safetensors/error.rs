//! Why a file is refused, in words that the compiler can print too.

use core::fmt;

use super::dtype::Dtype;
use super::text::{TensorName, Text, text};

/// An error: which tensor, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error {
    /// The name of the tensor; empty where it is the file as a whole.
    pub tensor: TensorName,
    /// What is wrong.
    pub reason: Reason,
}

/// What is wrong with a file, a tensor or a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The file ends before its header does.
    Truncated,
    /// The header claims more than 100 million bytes, the format's limit.
    HeaderTooLong,
    /// The header is not UTF-8.
    NotUtf8,
    /// The header is not the JSON that the format prescribes.
    Syntax {
        /// Byte of the header.
        at: usize,
        /// What should stand there.
        expected: &'static str,
    },
    /// `data_offsets` are not as far apart as `shape` and `dtype` say.
    Size,
    /// The file ends before the tensor does.
    OutOfFile,
    /// Some bytes belong to two tensors.
    Overlap,
    /// Bytes from here on belong to no tensor.
    Gap {
        /// Byte of the data.
        at: usize,
    },
    /// The tensors lie in too different an order from that of the header.
    UnsortedHeader,
    /// There is no tensor of this name.
    Missing,
    /// There are two tensors of this name.
    Duplicate,
    /// The shape is not that of the layer.
    WrongShape {
        /// In the file.
        found: Dims,
        /// In the network.
        wanted: Dims,
    },
    /// The type of number cannot be read as that of the layer.
    WrongDtype {
        /// In the file.
        found: Dtype,
    },
    /// A number is infinite or NaN.
    NonFinite,
    /// A count is larger than what it counts can be.
    Count,
    /// The buffer is too small for what is to be saved.
    BufferTooSmall {
        /// The size it needs.
        needed: usize,
    },
    /// Not a checkpoint of this crate.
    NotACheckpoint,
    /// A checkpoint, but not all of it: cut short or changed.
    Torn,
    /// A whole checkpoint, but of something else: from this tensor on, or, without a tensor, it holds
    /// more than is asked for.
    OtherSchema,
    /// A whole checkpoint, but of a program that differs in this: `k1`, `k2`, the optimiser, or the
    /// checksum of frozen weights.
    OtherProgram,
    /// A packed tensor, but of parts with other names, types or sizes.
    OtherParts,
    /// In a report only: the tensor is in the file and not in the value.
    Unexpected,
}

/// The sizes of a tensor, outermost first. Of more than four, the first four.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dims {
    rank: usize,
    dims: [usize; 4],
}

impl Dims {
    /// The shape of a single number.
    pub const SCALAR: Self = Self { rank: 0, dims: [0; 4] };

    /// The shape `[rows, columns]`.
    pub(crate) const fn matrix(rows: usize, columns: usize) -> Self {
        Self::SCALAR.of(rows).of(columns)
    }

    /// One size more, innermost.
    pub(crate) const fn of(mut self, size: usize) -> Self {
        self.push(size);
        self
    }

    /// One size more, innermost.
    pub(super) const fn push(&mut self, size: usize) {
        if self.rank < self.dims.len() {
            self.dims[self.rank] = size;
        }
        self.rank += 1;
    }

    /// The sizes.
    #[must_use]
    pub const fn as_slice(&self) -> &[usize] {
        match self.dims.split_at_checked(self.rank) {
            Some((sizes, _)) => sizes,
            None => &self.dims,
        }
    }

    /// The numbers in a tensor of at most four dimensions.
    pub(crate) const fn elements(&self) -> usize {
        let (mut elements, mut sizes) = (1, self.as_slice());
        while let [size, rest @ ..] = sizes {
            elements *= *size;
            sizes = rest;
        }
        elements
    }

    /// Whether every size is kept.
    pub(super) const fn is_whole(&self) -> bool {
        self.rank <= self.dims.len()
    }

    /// Equality, at compile time too.
    pub(crate) const fn is(&self, other: &Self) -> bool {
        let (mut a, mut b) = (self.as_slice(), other.as_slice());
        while let ([x, xs @ ..], [y, ys @ ..]) = (a, b) {
            if *x != *y {
                return false;
            }
            (a, b) = (xs, ys);
        }
        self.rank == other.rank && self.is_whole()
    }
}

impl Reason {
    /// The error of a tensor.
    pub(crate) const fn of(self, tensor: TensorName) -> Error {
        Error { tensor, reason: self }
    }

    /// The error of the whole file.
    pub(crate) const fn whole(self) -> Error {
        self.of(TensorName::ROOT)
    }

    const fn write(&self, out: &mut Text<'_>) {
        match self {
            Self::Truncated => out.text("truncated: the file ends before its header does"),
            Self::HeaderTooLong => out.text("the header is longer than 100000000 bytes"),
            Self::NotUtf8 => out.text("the header is not UTF-8"),
            Self::Syntax { at, expected } => {
                out.text("byte ");
                out.decimal(*at);
                out.text(" of the header should be ");
                out.text(expected);
            }
            Self::Size => out.text("its data_offsets do not fit its shape and dtype"),
            Self::OutOfFile => out.text("truncated: the file ends before it does"),
            Self::Overlap => out.text("some bytes belong to two tensors"),
            Self::Gap { at } => {
                out.text("the bytes from ");
                out.decimal(*at);
                out.text(" of the data on belong to no tensor");
            }
            Self::UnsortedHeader => out.text("the header's order is too different from the data's"),
            Self::Missing => out.text("missing"),
            Self::Duplicate => out.text("there are two of this name"),
            Self::WrongShape { found, wanted } => {
                out.text("its shape is ");
                out.list(found.as_slice(), ", ");
                out.text(", not ");
                out.list(wanted.as_slice(), ", ");
            }
            Self::WrongDtype { found } => {
                out.text("its dtype is ");
                out.text(found.name());
                out.text(", which cannot be read here");
            }
            Self::NonFinite => out.text("a number is infinite or NaN"),
            Self::Count => out.text("a count is too large"),
            Self::BufferTooSmall { needed } => {
                out.text("the buffer must have ");
                out.decimal(*needed);
                out.text(" bytes");
            }
            Self::NotACheckpoint => out.text("not a checkpoint"),
            Self::OtherSchema => out.text("a checkpoint of something else"),
            Self::OtherProgram => out.text("not as in the program that wrote the checkpoint"),
            Self::OtherParts => out.text("packed from other parts"),
            Self::Unexpected => out.text("unexpected"),
            Self::Torn => out.text("torn: a part of the checkpoint is missing or changed"),
        }
    }
}

impl Error {
    /// The error of a part of `tensor`.
    pub(super) fn within(mut self, mut tensor: TensorName) -> Self {
        if !self.tensor.as_str().is_empty() {
            tensor.push_label(self.tensor.as_str());
        }
        self.tensor = tensor;
        self
    }

    const LONGEST: usize = 256;

    const fn write(&self, out: &mut Text<'_>) {
        let name = self.tensor.as_str();
        if !name.is_empty() {
            let tensor = !matches!(self.reason, Reason::OtherProgram);
            out.text(if tensor { "tensor `" } else { "`" });
            out.text(name);
            out.text(if tensor { "`: " } else { "` is " });
        }
        self.reason.write(out);
    }

    /// Stops the compiler with this message: what [`checked!`](crate::checked) calls.
    ///
    /// # Panics
    ///
    /// Always: that is a compile error.
    #[doc(hidden)]
    #[track_caller]
    pub const fn panic_in_const(&self) -> ! {
        let mut buffer = [0; Self::LONGEST];
        let mut out = Text::new(&mut buffer);
        self.write(&mut out);
        let len = out.len();
        panic!("{}", text(&buffer, len))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut buffer = [0; Self::LONGEST];
        let mut out = Text::new(&mut buffer);
        self.write(&mut out);
        let len = out.len();
        f.write_str(text(&buffer, len))
    }
}

impl core::error::Error for Error {}
