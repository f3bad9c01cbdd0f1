//! What the double loop costs when every step has an error.

use core::hint::black_box;
use core::time::Duration;
use std::time::Instant;

use crate::loops::{Walk, by_loops, walk_back, walk_back_for_each_error};
use crate::{HasError, Net, by_elman};

const EVERY_STEP: HasError = |_| true;
/// The fastest of them counts.
const RUNS: usize = 200;

/// Prints how often a layer steps back, counted, and how long backward takes, measured.
///
/// With 3 units the compiler unrolls the plain loops; `cargo bench --bench peers` compares such
/// loops with the crate at other sizes.
pub fn print<const K: usize>(net: &Net) {
    println!("\nBackward through {K} steps, each with an error\n");
    println!("{:40}{:>10}{:>9}{:>14}", "", "steps back", "µs", "times elman's");
    let elman = fastest(|| by_elman::<K>(net, EVERY_STEP).1);
    let row = |name, steps: &str, time: Duration| {
        let ratio = time.as_secs_f64() / elman.as_secs_f64();
        println!("{name:40}{steps:>10}{:>9.1}{ratio:>14.1}", 1e6 * time.as_secs_f64());
    };
    let walks: [(_, Walk); 2] = [
        ("double loop, a walk back for each error", walk_back_for_each_error),
        ("the same code, one walk with all errors", walk_back),
    ];
    for (name, walk) in walks {
        let (.., steps) = by_loops(net, K, EVERY_STEP, walk);
        row(name, &steps.to_string(), fastest(|| by_loops(net, K, EVERY_STEP, walk).1));
    }
    row("elman, one pass", "", elman);
}

fn fastest(time: impl Fn() -> Duration) -> Duration {
    (0..RUNS).map(|_| time()).min().expect("at least one run")
}

/// What `run` returns, and how long it takes.
pub fn timed<R>(run: impl FnOnce() -> R) -> (R, Duration) {
    let start = Instant::now();
    let result = black_box(run());
    (result, start.elapsed())
}
