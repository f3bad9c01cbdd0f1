//! Loops that stay loops on Armv6-M, where a loop written out takes flash and gains little.

/// Armv6-M: the microcontrollers with the least flash, whose instructions reach eight registers.
pub(crate) const ARMV6M: bool =
    cfg!(all(target_arch = "arm", target_pointer_width = "32", not(target_has_atomic = "32")));

/// Called in the body of a loop, keeps it a loop on Armv6-M: the compiler does not unroll what holds a
/// [`black_box`](core::hint::black_box), and one of `()` is no instruction. Elsewhere it does nothing.
#[inline(always)]
pub(crate) const fn keep_rolled() {
    if ARMV6M {
        core::hint::black_box(());
    }
}

/// Hides a length, or that of a slice, from the compiler on Armv6-M, so that it does not write a loop out
/// that many times, nor copy a function for that length. Elsewhere it is `value`, as the compiler knows it.
#[inline(always)]
pub(crate) fn opaque<T>(value: T) -> T {
    if ARMV6M { core::hint::black_box(value) } else { value }
}
