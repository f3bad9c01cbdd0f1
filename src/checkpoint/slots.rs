//! The newer of two checkpoints.

use super::verifier::newest;
use super::{layout, read};
use crate::safetensors::{Error, StateDict};

/// Reads the newer of two checkpoints, or the other one if that is refused; returns which, 0 or 1,
/// and its sequence number.
///
/// # Errors
///
/// When both are refused: why the newer one was. Then `value` is as it was.
pub fn load_newest<S: StateDict>(value: &mut S, slots: [&[u8]; 2]) -> Result<(usize, u32), Error> {
    let (which, sequence) = newest(layout::<S>(), slots)?;
    read(value, if which == 0 { slots[0] } else { slots[1] });
    Ok((which, sequence))
}

/// Whether sequence number `a` comes after `b`: they count around, 0 after `u32::MAX`.
///
/// ```
/// use elman::checkpoint::newer;
///
/// assert!(newer(8, 7) && newer(0, u32::MAX));
/// assert!(!newer(7, 7) && !newer(7, 8));
/// ```
#[must_use]
pub const fn newer(a: u32, b: u32) -> bool {
    a.wrapping_sub(b).cast_signed() > 0
}
