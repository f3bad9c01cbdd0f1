//! The shortest firmware that learns: what is linked here is what learning needs.
//!
//! `run.sh` looks into it for panicking functions, for an allocator and for double precision. Each
//! feature puts in one of these, to show that it would be found.
#![no_std]
#![no_main]

use core::hint::black_box;

use board::recipes::stream::{K1, Learner};

/// In `.bss`: zeros take no flash, and nothing is moved over the stack.
static mut LEARNER: Learner = Learner::new();

#[board::entry]
fn main() -> ! {
    let learner = &raw mut LEARNER;
    // SAFETY: `main` runs once, and nothing else uses the static.
    let learner = unsafe { &mut *learner };
    board::run(|_| {
        for _ in 0..1000 {
            let (now, next) = black_box((0.5, 0.25));
            learner.observe::<K1>(now, next, 0.01);
        }
        let [bias] = learner.net.0.1.bias;
        #[cfg(feature = "panicking")]
        black_box([bias, 0.0][black_box(0)]);
        #[cfg(feature = "double")]
        black_box(f64::from(bias) * black_box(1.5));
        Ok((0.2..0.3).contains(&bias))
    })
}
