//! Loops that the compiler is not to unroll where flash is short and no cache is filled.

/// Armv6-M, whose microcontrollers have the least flash, and eight registers.
pub(crate) const ARMV6M: bool =
    cfg!(all(target_arch = "arm", target_pointer_width = "32", not(target_has_atomic = "32")));

/// In the body of a loop: on Armv6-M it stays a loop. It costs no instruction.
#[inline(always)]
pub(crate) const fn keep_rolled() {
    if ARMV6M {
        core::hint::black_box(());
    }
}

/// A length, or a slice, whose length the compiler does not know on Armv6-M, so that it does not write a
/// loop out that many times.
#[inline(always)]
pub(crate) fn opaque<T>(value: T) -> T {
    if ARMV6M { core::hint::black_box(value) } else { value }
}
