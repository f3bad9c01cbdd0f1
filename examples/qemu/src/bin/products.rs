//! A multiplication with its addition by the compiler's own library: instructions, as CSV.
//!
//!     ./run.sh microbit products
//!
//! Sums of 16 products each, of numbers in [-1, 1): two calls of the library on a core without an FPU.
//! `cargo xtask costs` counts them there.
#![no_std]
#![no_main]

use core::fmt::{Error, Write};
use core::hint::black_box;

use board::count;
use elman::Pcg32;

const TERMS: usize = 16;
const PRODUCTS: usize = 16 * TERMS;

#[board::entry]
fn main() -> ! {
    board::run(|out| {
        let mut rng = Pcg32::new(1, 0);
        let [x, w] = board::own!([[f32; PRODUCTS]; 2] = [[0.0; PRODUCTS]; 2])?;
        x.fill_with(|| rng.uniform_symmetric());
        w.fill_with(|| rng.uniform_symmetric());
        let counted = count::instructions(|| sums(black_box(x), black_box(w))).ok_or(Error)?;
        writeln!(out, "products,instructions\n{PRODUCTS},{counted}")?;
        Ok(count::is_exact())
    })
}

fn sums(x: &[f32], w: &[f32]) {
    for (x, w) in x.chunks_exact(TERMS).zip(w.chunks_exact(TERMS)) {
        black_box(x.iter().zip(w).fold(0.0, |sum, (x, w)| sum + x * w));
    }
}
