//! Memory: where C keeps a trainer.

use elman::ConstZero;

use crate::Status;
use crate::pointer::check;

/// Where C keeps a trainer. What it holds before [`start`](Self::start) does not matter, unless it looks
/// as if it were started.
#[derive(Debug)]
#[repr(C, align(8))]
pub struct Memory<T> {
    /// [`STARTED`], or anything else.
    started: u64,
    trainer: T,
}

/// No number that memory has by itself.
const STARTED: u64 = 0x656C_6D61_6E20_6331;

impl<T: ConstZero> Memory<T> {
    /// Sets the trainer to zero, in place.
    ///
    /// # Safety
    ///
    /// If not null, `memory` points to as many bytes as `Self` has, which nobody else uses for as long
    /// as `'a`.
    pub unsafe fn start<'a>(memory: *mut Self) -> Result<&'a mut T, Status> {
        check(memory)?;
        // Zeros by themselves take no flash; with the mark among them they would.
        // SAFETY: it is not null and aligned, and the caller says that it is ours.
        unsafe { memory.write(const { Self { started: 0, trainer: T::ZERO } }) };
        // SAFETY: as above, and it was just written.
        let memory = unsafe { &mut *memory };
        memory.started = STARTED;
        Ok(&mut memory.trainer)
    }

    /// The trainer, to change it.
    ///
    /// # Safety
    ///
    /// As [`start`](Self::start); and nobody but these functions wrote to it since.
    pub unsafe fn trainer_mut<'a>(memory: *mut Self) -> Result<&'a mut T, Status> {
        // SAFETY: the caller's.
        unsafe { Self::check_started(memory) }?;
        // SAFETY: it is not null and aligned, `start` wrote it, and the caller says that it is ours.
        Ok(unsafe { &mut (*memory).trainer })
    }

    /// The trainer.
    ///
    /// # Safety
    ///
    /// As [`trainer_mut`](Self::trainer_mut), but others may read it too.
    pub unsafe fn trainer<'a>(memory: *const Self) -> Result<&'a T, Status> {
        // SAFETY: the caller's.
        unsafe { Self::check_started(memory) }?;
        // SAFETY: it is not null and aligned, `start` wrote it, and the caller says that nobody writes.
        Ok(unsafe { &(*memory).trainer })
    }

    /// # Safety
    ///
    /// If not null, `memory` points to as many bytes as `Self` has.
    unsafe fn check_started(memory: *const Self) -> Result<(), Status> {
        check(memory)?;
        // SAFETY: it is not null and aligned, and begins with `started`. Any bytes are a `u64`.
        let started = unsafe { memory.cast::<u64>().read() };
        if started == STARTED { Ok(()) } else { Err(Status::NotStarted) }
    }
}
