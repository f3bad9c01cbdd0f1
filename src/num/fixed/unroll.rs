//! Loops that the compiler is not to unroll.

/// In the body of a loop: the compiler leaves it a loop. It costs no instruction.
///
/// On a core without caches an unrolled loop is no faster by what it costs in flash.
#[inline(always)]
pub(crate) const fn keep_rolled() {
    core::hint::black_box(());
}

/// A length that the compiler does not know, so that it writes no loop out that many times.
#[inline(always)]
pub(crate) fn unknown(len: usize) -> usize {
    core::hint::black_box(len)
}
