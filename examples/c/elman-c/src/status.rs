//! Status: what a call comes back with.

use core::ffi::{CStr, c_char};

use elman::safetensors::{Error, Reason};
use elman::{TrainError, TrainErrorKind};

/// What a call comes back with. After anything but `OK` all is as it was, but for what is said here.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Done.
    Ok = 0,
    /// A pointer is null, or not aligned as its type asks for.
    Pointer = 1,
    /// A length is not that of the file.
    Length = 2,
    /// The network was not started: call its `init` first.
    NotStarted = 3,
    /// The learning rate is not above 0, or not finite.
    LearningRate = 4,
    /// An input is not finite or too large. The sample was rejected.
    Input = 5,
    /// A target is not finite or too large. The sample was rejected.
    Target = 6,
    /// The state or the loss would not be finite. The sample was rejected.
    Sample = 7,
    /// The network has diverged: call `init`, or `load` a checkpoint. The sample was rejected.
    Diverged = 8,
    /// The gradient or the updated weights are not finite. This update was skipped.
    UpdateSkipped = 9,
    /// The file is not a checkpoint.
    NotACheckpoint = 10,
    /// The checkpoint is cut short or changed.
    Torn = 11,
    /// The checkpoint is of another network, `K1`, `K2` or optimiser.
    OtherProgram = 12,
    /// The weight file is not valid, or its tensors are not those of the network.
    Weights = 13,
    /// A number to be saved or loaded is not finite.
    NonFinite = 14,
    /// Something that this version of the interface does not know.
    Unknown = 15,
}

const ALL: [Status; 16] = {
    use Status::*;
    [
        Ok,
        Pointer,
        Length,
        NotStarted,
        LearningRate,
        Input,
        Target,
        Sample,
        Diverged,
        UpdateSkipped,
        NotACheckpoint,
        Torn,
        OtherProgram,
        Weights,
        NonFinite,
        Unknown,
    ]
};

/// The text of a status, in English. Never null.
#[unsafe(no_mangle)]
pub extern "C" fn elman_status_text(status: i32) -> *const c_char {
    let known = ALL.iter().find(|known| **known as i32 == status);
    known.unwrap_or(&Status::Unknown).text().as_ptr()
}

impl Status {
    const fn text(self) -> &'static CStr {
        match self {
            Self::Ok => c"done",
            Self::Pointer => c"a pointer is null or not aligned",
            Self::Length => c"a length is wrong",
            Self::NotStarted => c"the network was not started",
            Self::LearningRate => c"the learning rate is not above 0, or not finite",
            Self::Input => c"an input is not finite or too large",
            Self::Target => c"a target is not finite or too large",
            Self::Sample => c"the state or the loss would not be finite",
            Self::Diverged => c"the network has diverged",
            Self::UpdateSkipped => c"an update was skipped: it would not be finite",
            Self::NotACheckpoint => c"not a checkpoint",
            Self::Torn => c"the checkpoint is cut short or changed",
            Self::OtherProgram => c"the checkpoint is of another network, K1, K2 or optimiser",
            Self::Weights => c"the weight file is not valid, or of another network",
            Self::NonFinite => c"a number of the file is not finite",
            Self::Unknown => c"unknown",
        }
    }
}

impl From<TrainErrorKind> for Status {
    fn from(kind: TrainErrorKind) -> Self {
        match kind {
            TrainErrorKind::Input => Self::Input,
            TrainErrorKind::Target => Self::Target,
            TrainErrorKind::State | TrainErrorKind::Loss => Self::Sample,
            TrainErrorKind::Diverged => Self::Diverged,
            TrainErrorKind::Gradient | TrainErrorKind::Update => Self::UpdateSkipped,
            _ => Self::Unknown,
        }
    }
}

impl From<TrainError> for Status {
    fn from(error: TrainError) -> Self {
        error.kind.into()
    }
}

/// Of a checkpoint, or of a file of weights.
impl From<Error> for Status {
    fn from(error: Error) -> Self {
        match error.reason {
            Reason::BufferTooSmall { .. } => Self::Length,
            Reason::NotACheckpoint => Self::NotACheckpoint,
            Reason::Torn => Self::Torn,
            Reason::OtherSchema | Reason::OtherProgram | Reason::OtherParts => Self::OtherProgram,
            Reason::NonFinite | Reason::Count => Self::NonFinite,
            _ => Self::Weights,
        }
    }
}
