//! A stack that grows without end: the board faults before a static is touched.
#![no_std]
#![no_main]

use core::fmt::Write;
use core::hint::black_box;

#[board::entry]
fn main() -> ! {
    board::run(|out| {
        writeln!(out, "recursing")?;
        writeln!(out, "came back from {}", recurse(0))?;
        Ok(false)
    })
}

/// A frame of a few hundred bytes more, each time.
fn recurse(depth: u32) -> u32 {
    let frame = black_box([depth; 64]);
    let [first, ..] = frame;
    if first == u32::MAX { 0 } else { first + recurse(depth + 1) + black_box(&frame)[0] }
}
