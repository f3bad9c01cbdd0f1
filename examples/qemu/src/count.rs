//! Exact instruction counts.
//!
//! On Arm the emulator runs with `-icount shift=7`, every instruction takes 128 ns of its time, and
//! SysTick counts those. RISC-V has a counter of retired instructions.

/// Instructions that `work` takes, the call included. `None` if the counter is too short for it.
pub fn instructions(work: impl FnOnce()) -> Option<u32> {
    Some(between(work)?.saturating_sub(between(|| {})?))
}

/// Whether so many instructions are counted as so many.
pub fn is_exact() -> bool {
    instructions(nops::<1>) == Some(1)
        && instructions(nops::<10>) == Some(10)
        && instructions(nops::<300>) == Some(300)
}

#[inline(always)]
fn nops<const N: usize>() {
    // SAFETY: does nothing.
    unsafe { core::arch::asm!(".rept {n}", "nop", ".endr", n = const N) };
}

#[cfg(target_arch = "arm")]
#[inline(never)]
fn between(work: impl FnOnce()) -> Option<u32> {
    systick::restart();
    mark::<6>();
    let start = systick::now();
    work();
    let end = systick::now();
    mark::<7>();
    systick::instructions(start - end)
}

/// A hint that does nothing, where `cycles/plugin.c` begins (6) and ends (7).
#[cfg(target_arch = "arm")]
#[inline(always)]
fn mark<const HINT: u16>() {
    // SAFETY: a processor takes a hint that it does not know for a `nop`. Not `nomem`: work must not be moved across it.
    unsafe { core::arch::asm!(".inst.n 0xbf00 + ({hint} << 4)", hint = const HINT) };
}

#[cfg(target_arch = "riscv32")]
#[inline(never)]
fn between(work: impl FnOnce()) -> Option<u32> {
    let start = retired();
    work();
    Some(retired().wrapping_sub(start))
}

#[cfg(target_arch = "riscv32")]
#[inline(always)]
fn retired() -> u32 {
    let n;
    // SAFETY: reads a counter. Not `nomem`: work must not be moved across it.
    unsafe { core::arch::asm!("csrr {}, minstret", out(reg) n) };
    n
}

#[cfg(target_arch = "arm")]
mod systick {
    const CONTROL: *mut u32 = 0xE000_E010 as *mut u32;
    const RELOAD: *mut u32 = 0xE000_E014 as *mut u32;
    const CURRENT: *mut u32 = 0xE000_E018 as *mut u32;
    /// Enabled, from the processor's clock, without interrupt.
    const RUN: u32 = 0b101;
    const WRAPPED: u32 = 1 << 16;
    const NANOSECONDS_PER_INSTRUCTION: u64 = 1 << 7;

    /// From the top of its 24 bits downwards.
    pub fn restart() {
        // SAFETY: SysTick is this module's own.
        unsafe {
            CONTROL.write_volatile(0);
            RELOAD.write_volatile(0xFF_FFFF);
            CURRENT.write_volatile(0);
            CONTROL.write_volatile(RUN);
        }
        while now() == 0 {}
    }

    #[inline(always)]
    pub fn now() -> u32 {
        // SAFETY: as above.
        unsafe { CURRENT.read_volatile() }
    }

    /// The instructions that so many ticks stand for, unless the timer wrapped.
    pub fn instructions(ticks: u32) -> Option<u32> {
        // SAFETY: as above.
        if unsafe { CONTROL.read_volatile() } & WRAPPED != 0 {
            return None;
        }
        let nanoseconds = u64::from(ticks) * 1_000_000_000 / u64::from(HZ);
        Some(((nanoseconds + NANOSECONDS_PER_INSTRUCTION / 2) / NANOSECONDS_PER_INSTRUCTION) as u32)
    }

    const HZ: u32 = {
        let digits = env!("SYSTICK_HZ").as_bytes();
        let (mut hz, mut i) = (0, 0);
        while i < digits.len() {
            hz = hz * 10 + (digits[i] - b'0') as u32;
            i += 1;
        }
        hz
    };
}
