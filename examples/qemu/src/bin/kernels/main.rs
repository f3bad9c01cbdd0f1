//! The kernels of this processor, bit for bit: 42 shapes drawn from 1 × 1 to 40 × 40, and some that fill
//! blocks.
#![no_std]
#![no_main]

mod shape;

use shape::{Shape, drawn, report_drawn};

const SHAPES: [(usize, usize); 42] = drawn(48, 40);

#[board::entry]
fn main() -> ! {
    board::run(|out| {
        report_drawn!(out: SHAPES 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26
            27 28 29 30 31 32 33 34 35 36 37 38 39 40 41);
        board::report_sizes!(out: Shape (1, 1) (3, 16) (16, 3) (7, 32) (32, 32) (33, 16));
        Ok(true)
    })
}
