//! Pointers from C. Those that are null or not aligned are refused.

use core::ffi::{CStr, c_char};
use core::slice;

use crate::Status;

pub fn check<T>(pointer: *const T) -> Result<(), Status> {
    let is_valid = !pointer.is_null() && pointer.is_aligned();
    if is_valid { Ok(()) } else { Err(Status::Pointer) }
}

/// A copy of a value: what it is read from may be written to afterwards.
///
/// # Safety
///
/// If not null, it points to a `T`.
pub unsafe fn read<T: Copy>(from: *const T) -> Result<T, Status> {
    check(from)?;
    // SAFETY: it is not null and aligned, and the caller says that there is a `T`.
    Ok(unsafe { from.read() })
}

/// Bytes that nobody writes to while they are read.
///
/// # Safety
///
/// If not null, it points to `length` bytes, which do not change for as long as `'a`.
pub unsafe fn bytes<'a>(from: *const u8, length: usize) -> Result<&'a [u8], Status> {
    check(from)?;
    if length > isize::MAX as usize {
        return Err(Status::Length);
    }
    // SAFETY: it is not null, the length is possible, and the caller says that there are so many.
    Ok(unsafe { slice::from_raw_parts(from, length) })
}

/// A name. No tensor has one that is not UTF-8.
///
/// # Safety
///
/// If not null, it points to bytes up to a zero, which do not change for as long as `'a`.
pub unsafe fn text<'a>(from: *const c_char) -> Result<&'a str, Status> {
    check(from)?;
    // SAFETY: it is not null, and the caller says that there is a zero.
    let text = unsafe { CStr::from_ptr(from) };
    text.to_str().map_err(|_| Status::Weights)
}

/// Bytes that nobody else uses.
///
/// # Safety
///
/// If not null, it points to `length` bytes, which are ours for as long as `'a`.
pub unsafe fn bytes_mut<'a>(to: *mut u8, length: usize) -> Result<&'a mut [u8], Status> {
    check(to)?;
    if length > isize::MAX as usize {
        return Err(Status::Length);
    }
    // SAFETY: it is not null, the length is possible, and the caller says that there are so many.
    Ok(unsafe { slice::from_raw_parts_mut(to, length) })
}

/// Where `length` values will be written, once all that can fail is done.
pub struct Output<T>(*mut T, usize);

impl<T: Copy> Output<T> {
    /// # Safety
    ///
    /// If not null, there is space for `length` values for as long as this lives.
    pub unsafe fn new(to: *mut T, length: usize) -> Result<Self, Status> {
        check(to)?;
        Ok(Self(to, length))
    }

    /// Writes the values for which there is space.
    pub fn set(self, values: impl IntoIterator<Item = T>) {
        let Self(to, length) = self;
        for (n, value) in values.into_iter().take(length).enumerate() {
            // SAFETY: of `new`, since n < length.
            unsafe { to.wrapping_add(n).write(value) }
        }
    }
}
