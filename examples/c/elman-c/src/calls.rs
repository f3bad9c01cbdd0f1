//! The calls, for any trainer: what the functions that [`export!`](crate::export) writes do.
//!
//! # Safety
//!
//! Of each: a pointer that is not null points to what its type says, or to as many values as the length
//! says. The memory of a network was used by these functions only, by one at a time, and overlaps with no other
//! argument.

#![allow(clippy::missing_safety_doc)] // once for all, above

use core::ffi::c_char;

use elman::{ConstZero, InRange, Parameters, Update, checkpoint, safetensors};

use crate::pointer::{Output, bytes, bytes_mut, read, text};
use crate::{Learning, Memory, Status};

fn status(call: impl FnOnce() -> Result<(), Status>) -> Status {
    call().err().unwrap_or(Status::Ok)
}

/// Starts a network in place; `settings` gives it its optimiser and weights.
pub unsafe fn init<T: Learning>(
    net: *mut Memory<T>,
    learning_rate: T::Scalar,
    settings: impl FnOnce(&mut T),
) -> Status {
    status(|| {
        if !(learning_rate.is_in_range() && learning_rate > T::Scalar::ZERO) {
            return Err(Status::LearningRate);
        }
        // SAFETY: of the module.
        settings(unsafe { Memory::start(net) }?);
        Ok(())
    })
}

/// One step without a target.
pub unsafe fn step<T: Learning>(net: *mut Memory<T>, x: *const T::In, y: *mut T::Out) -> Status {
    status(|| {
        // SAFETY: of the module.
        let x = unsafe { read(x) }?;
        // SAFETY: of the module.
        let y = unsafe { Output::new(y, 1) }?;
        // SAFETY: of the module.
        let prediction = unsafe { Memory::trainer_mut(net) }?.predict(&x)?;
        y.set([prediction]);
        Ok(())
    })
}

/// One step with a target, to learn from.
pub unsafe fn observe<T: Learning>(
    net: *mut Memory<T>,
    x: *const T::In,
    target: *const T::Out,
    y: *mut T::Out,
    loss: *mut T::Scalar,
) -> Status {
    status(|| {
        // SAFETY: of the module.
        let x = unsafe { read(x) }?;
        // SAFETY: of the module.
        let target = unsafe { read(target) }?;
        // SAFETY: of the module.
        let y = unsafe { Output::new(y, 1) }?;
        // SAFETY: of the module.
        let loss = unsafe { Output::new(loss, 1) }?;
        // SAFETY: of the module.
        let report = unsafe { Memory::trainer_mut(net) }?.observe(&x, &target)?;
        y.set([report.prediction]);
        loss.set([report.loss]);
        Ok(())
    })
}

/// A slice of the pending work.
pub unsafe fn learn<T: Learning>(net: *mut Memory<T>, macs: usize) -> Status {
    status(|| {
        // SAFETY: of the module.
        match unsafe { Memory::trainer_mut(net) }?.learn(macs) {
            Update::Skipped(kind) => Err(kind.into()),
            _ => Ok(()),
        }
    })
}

/// Whether work is pending.
pub unsafe fn is_pending<T: Learning>(net: *const Memory<T>) -> bool {
    // SAFETY: of the module.
    unsafe { Memory::trainer(net) }.is_ok_and(|trainer| trainer.is_pending())
}

/// Starts a new sequence.
pub unsafe fn reset<T: Learning>(net: *mut Memory<T>) -> Status {
    status(|| {
        // SAFETY: of the module.
        unsafe { Memory::trainer_mut(net) }?.reset();
        Ok(())
    })
}

/// Writes a checkpoint.
pub unsafe fn save<T: Learning>(
    net: *mut Memory<T>,
    sequence: u32,
    file: *mut u8,
    length: usize,
) -> Status {
    status(|| {
        // SAFETY: of the module.
        let net = unsafe { Memory::trainer_mut(net) }?;
        // SAFETY: of the module.
        let file = unsafe { bytes_mut(file, length) }?;
        checkpoint::save(net.complete(), sequence, file)?;
        Ok(())
    })
}

/// Reads a checkpoint.
pub unsafe fn load<T: Learning>(
    net: *mut Memory<T>,
    file: *const u8,
    length: usize,
    sequence: *mut u32,
) -> Status {
    status(|| {
        // SAFETY: of the module.
        let file = unsafe { bytes(file, length) }?;
        // SAFETY: of the module.
        let sequence = unsafe { Output::new(sequence, 1) }?;
        // SAFETY: of the module.
        let net = unsafe { Memory::trainer_mut(net) }?;
        if length < const { checkpoint::size::<T::Run>() } {
            return Err(Status::Length);
        }
        sequence.set([checkpoint::load(net.complete(), file)?]);
        Ok(())
    })
}

/// Reads the newer one of two checkpoints.
pub unsafe fn load_newest<T: Learning>(
    net: *mut Memory<T>,
    [a, b]: [*const u8; 2],
    length: usize,
    sequence: *mut u32,
) -> Status {
    status(|| {
        // SAFETY: of the module.
        let a = unsafe { bytes(a, length) }?;
        // SAFETY: of the module.
        let b = unsafe { bytes(b, length) }?;
        // SAFETY: of the module.
        let sequence = unsafe { Output::new(sequence, 1) }?;
        // SAFETY: of the module.
        let net = unsafe { Memory::trainer_mut(net) }?;
        if length < const { checkpoint::size::<T::Run>() } {
            return Err(Status::Length);
        }
        let (_slot, newest) = checkpoint::load_newest(net.complete(), [a, b])?;
        sequence.set([newest]);
        Ok(())
    })
}

/// Reads what fits of a checkpoint.
pub unsafe fn load_matching<T: Learning>(
    net: *mut Memory<T>,
    file: *const u8,
    length: usize,
    left_out: *mut u32,
) -> Status {
    status(|| {
        // SAFETY: of the module.
        let file = unsafe { bytes(file, length) }?;
        // SAFETY: of the module.
        let left_out = unsafe { Output::new(left_out, 1) }?;
        // SAFETY: of the module.
        let net = unsafe { Memory::trainer_mut(net) }?;
        let (file, _sequence) = checkpoint::open(file)?;
        let mut n = 0_u32;
        safetensors::load_matching(net.complete(), file, "", |_| n = n.saturating_add(1))?;
        left_out.set([n]);
        Ok(())
    })
}

/// Reads a file of weights.
pub unsafe fn load_weights<T: Learning>(
    net: *mut Memory<T>,
    file: *const u8,
    length: usize,
    prefix: *const c_char,
) -> Status {
    status(|| {
        // SAFETY: of the module.
        let file = unsafe { bytes(file, length) }?;
        // SAFETY: of the module.
        let prefix = unsafe { text(prefix) }?;
        // SAFETY: of the module.
        let net = unsafe { Memory::trainer_mut(net) }?;
        safetensors::load_prefix(net.net_mut(), file, prefix)?;
        Ok(())
    })
}

/// Copies the weights.
pub unsafe fn weights<T: Learning>(
    net: *const Memory<T>,
    to: *mut T::Scalar,
    length: usize,
) -> Status {
    status(|| {
        // SAFETY: of the module.
        let to = unsafe { Output::new(to, length) }?;
        // SAFETY: of the module.
        let net = unsafe { Memory::trainer(net) }?.net();
        let tensors = (0..T::Net::TENSORS).map(|n| net.tensor(n));
        if tensors.clone().map(<[_]>::len).sum::<usize>() != length {
            return Err(Status::Length);
        }
        to.set(tensors.flatten().copied());
        Ok(())
    })
}
