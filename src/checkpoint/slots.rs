//! The newer of two checkpoints.

use super::{Verifier, read};
use crate::safetensors::{Error, StateDict};

/// Reads the newer of two checkpoints, or the other one if that is refused; returns which, 0 or 1,
/// and its sequence number.
///
/// # Errors
///
/// When both are refused: why the newer one was. Then `value` is as it was.
pub fn load_newest<S: StateDict>(value: &mut S, slots: [&[u8]; 2]) -> Result<(usize, u32), Error> {
    let [a, b] = slots.map(|slot| {
        let mut verifier = Verifier::<S>::new();
        verifier.push(slot);
        (verifier.sequence(), verifier.finish())
    });
    let b_is_newer = match (a.0, b.0) {
        (Some(a), Some(b)) => newer(b, a),
        (a, b) => a.is_none() && b.is_some(),
    };
    let second = if b_is_newer { b.1.is_ok() || a.1.is_err() } else { a.1.is_err() && b.1.is_ok() };
    let (which, slot, sequence) = if second { (1, slots[1], b.1?) } else { (0, slots[0], a.1?) };
    read(value, slot);
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
