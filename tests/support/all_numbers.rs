//! The largest error of a function over all `f32`, on all processors.

use core::ops::Range;
use std::thread;

/// Every positive number, and infinity.
pub const POSITIVE: Range<u32> = 0..f32::INFINITY.to_bits() + 1;

/// An error, and the number it is at.
pub type Worst = (f64, f32);

/// The worst of what `check` finds in ranges of the bits of all positive numbers, with stride 1.
/// Neighbouring ranges share a number.
pub fn worst_of_all(check: fn(Range<u32>, usize) -> Worst) -> Worst {
    let threads = thread::available_parallelism().map_or(1, |n| n.get() as u32);
    let each = POSITIVE.end.div_ceil(threads * 64);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|worker| {
                // Dealt out like cards, since small and saturated numbers take less time.
                let mine = (0..64).map(move |k| (k * threads + worker) * each);
                scope.spawn(move || {
                    mine.map(|at| check(at..(at + each + 1).min(POSITIVE.end), 1))
                        .fold((0.0, 0.0), larger)
                })
            })
            .collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).fold((0.0, 0.0), larger)
    })
}

pub fn larger(a: Worst, b: Worst) -> Worst {
    if b.0 > a.0 { b } else { a }
}
