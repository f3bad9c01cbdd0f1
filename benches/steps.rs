//! `steps UNIT SIZE N` does one unit of work `N` times, for `cargo xtask host-counts` to count.

use core::hint::black_box;
use std::env::args;

use elman::{ConstZero, Elman, Layer, Pcg32, Tape, uniform};

const K: usize = 20;

fn main() {
    let arguments: Vec<String> = args().skip(1).collect();
    let [unit, size, n, ..] = arguments.as_slice() else { return }; // `cargo test --benches` has none
    let Ok(n) = n.parse() else { return };
    match size.as_str() {
        "3-16" => run::<3, 16>(unit, n),
        "8-32" => run::<8, 32>(unit, n),
        "16-64" => run::<16, 64>(unit, n),
        "32-128" => run::<32, 128>(unit, n),
        other => panic!("no size {other}"),
    }
}

/// `step` is one step, `training` 20 steps and the way back.
fn run<const I: usize, const H: usize>(unit: &str, n: usize) {
    let mut rng = Pcg32::new(1, 0);
    let mut cell = Elman::<I, H>::ZERO;
    uniform(&mut cell, 1.0 / (H as f32).sqrt(), &mut rng);
    let (mut x, mut d_h) = ([[0.0; I]; K], [[0.0; H]; K]);
    x.as_flattened_mut().fill_with(|| rng.uniform_symmetric());
    d_h.as_flattened_mut().fill_with(|| rng.uniform_symmetric());

    let (mut h, mut gradient) = (Elman::<I, H>::INITIAL_STATE, Elman::ZERO);
    let mut tape = Tape::<_, K>::new();
    for _ in 0..n {
        if unit == "step" {
            black_box(cell.step(black_box(&x[0]), &mut h));
        } else {
            for (x, d_h) in black_box(&x).iter().zip(&d_h) {
                tape.step(&cell, x);
                tape.set_output_gradient(d_h);
            }
            tape.backward(&cell, &mut gradient);
        }
    }
    black_box(&gradient);
}
