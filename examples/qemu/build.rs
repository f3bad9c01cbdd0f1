//! Which board a target stands for: its memory, and the clock that its timer counts.

use std::path::PathBuf;
use std::{env, fs};

const KIB: u32 = 1024;

struct Board {
    /// Start and bytes.
    flash: (u32, u32),
    /// Start and bytes.
    ram: (u32, u32),
    /// Bytes at the start of the RAM that are the stack's.
    stack: u32,
    /// What stops a stack at the start of the RAM: see `src/fault.rs`.
    guard: &'static str,
    /// What SysTick counts in a second; RISC-V counts instructions by itself.
    systick_hz: u32,
    /// The serial port: its kind, and its first register.
    uart: (&'static str, u32),
}

fn board(target: &str) -> Board {
    match target {
        // The code of a Cortex-M0 where there is more RAM: on the MPS2 with Cortex-M4
        "thumbv6m-none-eabi" if is_large() => {
            Board { guard: "bus", ..board("thumbv7em-none-eabihf") }
        }
        // BBC micro:bit, Cortex-M0
        "thumbv6m-none-eabi" => Board {
            flash: (0x0000_0000, 256 * KIB),
            ram: (0x2000_0000, 16 * KIB),
            stack: 4 * KIB,
            guard: "bus",
            systick_hz: 16_000_000,
            uart: ("nrf51", 0x4000_2000),
        },
        // Arm MPS2 with Cortex-M3 (AN385), M4 (AN386) or M7 (AN500)
        "thumbv7m-none-eabi" | "thumbv7em-none-eabihf" => Board {
            flash: (0x0000_0000, 4096 * KIB),
            ram: (0x2000_0000, 4096 * KIB),
            stack: 16 * KIB,
            guard: "mpu",
            systick_hz: 25_000_000,
            uart: ("cmsdk", 0x4000_4000),
        },
        // Arm MPS2 with Cortex-M33 (AN505), secure aliases
        "thumbv8m.main-none-eabihf" => Board {
            flash: (0x1000_0000, 4096 * KIB),
            ram: (0x3800_0000, 4096 * KIB),
            stack: 16 * KIB,
            guard: "msplim",
            systick_hz: 20_000_000,
            uart: ("cmsdk", 0x5020_0000),
        },
        // QEMU's virt
        "riscv32imc-unknown-none-elf"
        | "riscv32imac-unknown-none-elf"
        | "riscv32imafc-unknown-none-elf" => Board {
            flash: (0x2000_0000, 32 * 1024 * KIB),
            ram: (0x8000_0000, 4096 * KIB),
            stack: 16 * KIB,
            guard: "pmp",
            systick_hz: 0,
            uart: ("16550", 0x1000_0000),
        },
        other => panic!("no board is known for the target {other}"),
    }
}

/// Whether the feature `large` is on.
fn is_large() -> bool {
    env::var_os("CARGO_FEATURE_LARGE").is_some()
}

fn main() {
    let variable = |name| env::var(name).unwrap_or_default();
    let board = board(&variable("TARGET"));
    let out = PathBuf::from(variable("OUT_DIR"));
    fs::write(out.join("memory.x"), memory(&board)).unwrap();
    println!("cargo:rustc-link-search={}", out.display());
    if variable("CARGO_CFG_TARGET_ARCH") == "riscv32" {
        println!("cargo:rustc-link-arg-bins=-Tmemory.x");
    }
    println!("cargo:rustc-link-arg-bins=-Tlink.x");

    println!("cargo:rustc-check-cfg=cfg(guard, values(\"bus\", \"mpu\", \"msplim\", \"pmp\"))");
    println!("cargo:rustc-cfg=guard=\"{}\"", board.guard);
    println!("cargo:rustc-env=SYSTICK_HZ={}", board.systick_hz);
    println!("cargo:rustc-check-cfg=cfg(uart, values(\"nrf51\", \"cmsdk\", \"16550\"))");
    println!("cargo:rustc-cfg=uart=\"{}\"", board.uart.0);
    println!("cargo:rustc-env=UART={}", board.uart.1);
    println!("cargo:rustc-check-cfg=cfg(small)");
    if board.ram.1 < 64 * KIB {
        println!("cargo:rustc-cfg=small"); // large nets would not fit
    }
    println!("cargo:rustc-env=OPT_LEVEL={}", variable("OPT_LEVEL"));
    println!("cargo:rerun-if-changed=build.rs");
}

/// The stack lies below the statics, at the very start of the RAM: one that grows too far leaves
/// the RAM, which faults, and never reaches a static.
fn memory(board: &Board) -> String {
    let Board { flash, ram, stack, .. } = *board;
    let statics = (ram.0 + stack, ram.1 - stack);
    format!(
        "MEMORY {{
    FLASH : ORIGIN = {:#x}, LENGTH = {:#x}
    STACK : ORIGIN = {:#x}, LENGTH = {stack:#x}
    RAM   : ORIGIN = {:#x}, LENGTH = {:#x}
}}
_stack_end = ORIGIN(STACK);
_stack_start = ORIGIN(STACK) + LENGTH(STACK);
REGION_ALIAS(\"REGION_TEXT\", FLASH);
REGION_ALIAS(\"REGION_RODATA\", FLASH);
REGION_ALIAS(\"REGION_DATA\", RAM);
REGION_ALIAS(\"REGION_BSS\", RAM);
REGION_ALIAS(\"REGION_HEAP\", RAM);
REGION_ALIAS(\"REGION_STACK\", STACK);
",
        flash.0, flash.1, ram.0, statics.0, statics.1
    )
}
