//! The kernels of this processor, bit for bit: shapes drawn from 1 × 1 to 9 × 9, as many as the RAM of the
//! smallest board takes.
#![no_std]
#![no_main]

mod shape;

use shape::{Shape, drawn, report_drawn};

const SHAPES: [(usize, usize); 8] = drawn(8, 9);

#[board::entry]
fn main() -> ! {
    board::run(|out| {
        report_drawn!(out: SHAPES 0 1 2 3 4 5 6 7);
        Ok(true)
    })
}
