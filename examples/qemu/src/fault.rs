//! A fault ends the program with an exit code of its own, and so does a stack that grows too far.
//!
//! The stack begins at the start of the RAM and grows out of it, not into the statics. On the
//! micro:bit, as on most silicon, nothing is there and the bus faults. The M33 has a register for the
//! limit, which `cortex-m-rt` sets. The other emulated boards swallow what is written below their
//! RAM, so there the memory protection unit closes that range.

use core::fmt::Write;

use crate::{Console, stack};

/// The exit code of a fault: a stack that left the RAM, an address that does not exist.
const FAULTED: i32 = 3;

/// Where the handlers below arrive, on a stack that has been emptied: the old one may be full.
extern "C" fn report(stack_pointer: usize) -> ! {
    let full = stack_pointer < stack::end() + MARGIN;
    let _ = Console.write_str(if full { "fault: the stack is full\n" } else { "fault\n" });
    semihosting::process::exit(FAULTED)
}

/// The frame that did not fit may be up to this large.
const MARGIN: usize = 1024;

/// Below the RAM: bytes that nobody may touch, a power of two. A frame could be that large.
#[cfg(any(guard = "mpu", guard = "pmp"))]
const GUARD: usize = 1 << 20;

#[cfg(any(guard = "bus", guard = "msplim"))]
pub fn guard_stack() {}

#[cfg(guard = "mpu")]
pub fn guard_stack() {
    const CONTROL: *mut u32 = 0xE000_ED94 as *mut u32;
    const BASE: *mut u32 = 0xE000_ED9C as *mut u32;
    const SIZE: *mut u32 = 0xE000_EDA0 as *mut u32;
    const REGION_0: usize = 1 << 4;
    const ENABLE: u32 = 1;
    const ELSEWHERE_AS_USUAL: u32 = 1 << 2;
    // SAFETY: closes a range in which the program has nothing.
    unsafe {
        BASE.write_volatile(((stack::end() - GUARD) | REGION_0) as u32);
        SIZE.write_volatile((GUARD.ilog2() - 1) << 1 | ENABLE); // no access is all zero
        CONTROL.write_volatile(ELSEWHERE_AS_USUAL | ENABLE);
        core::arch::asm!("dsb", "isb");
    }
}

#[cfg(guard = "pmp")]
pub fn guard_stack() {
    const NO_ACCESS: usize = 0b000;
    const POWER_OF_TWO: usize = 0b11 << 3;
    const FOR_ALL_MODES: usize = 1 << 7;
    let range = (stack::end() - GUARD) >> 2 | (GUARD >> 3) - 1;
    // SAFETY: closes a range in which the program has nothing.
    unsafe {
        core::arch::asm!(
            "csrw pmpaddr0, {range}",
            "csrw pmpcfg0, {access}",
            range = in(reg) range,
            access = in(reg) FOR_ALL_MODES | POWER_OF_TWO | NO_ACCESS,
        );
    }
}

#[cfg(target_arch = "arm")]
core::arch::global_asm!(
    ".section .HardFault.user, \"ax\"",
    ".global HardFault",
    ".type HardFault, %function",
    ".thumb_func",
    "HardFault:",
    "mov r0, sp",
    "ldr r1, =_stack_start",
    "mov sp, r1",
    "ldr r1, ={report}",
    "bx r1",
    report = sym report,
);

#[cfg(target_arch = "riscv32")]
core::arch::global_asm!(
    ".section .trap.start, \"ax\"",
    ".global _start_trap",
    ".balign 4",
    "_start_trap:",
    "mv a0, sp",
    "la sp, _stack_start",
    "j {report}",
    report = sym report,
);
