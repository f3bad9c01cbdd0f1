//! The shortest firmware that learns: what is linked here is what learning needs.
//!
//! `run.sh` looks into it for panicking functions, for an allocator and for double precision. Each
//! feature puts in one of these, to show that it would be found.
#![no_std]
#![no_main]

use core::hint::black_box;

use board::recipes::stream::{K1, K2, Learner, Net};
use elman::{Adam, Trainer, Zeros};

/// By hand, and by the trainer with all its guards. In `.bss`: zeros take no flash, and nothing is
/// moved over the stack.
static mut LEARNER: Learner = Learner::new();
static mut TRAINER: Trainer<Net, Adam, K1, K2> = Trainer::ZEROS;

#[board::entry]
fn main() -> ! {
    let (learner, trainer) = (&raw mut LEARNER, &raw mut TRAINER);
    // SAFETY: `main` runs once, and nothing else uses the statics.
    let (learner, trainer) = unsafe { (&mut *learner, &mut *trainer) };
    trainer.learner.optimizer = Adam::new(0.01);
    trainer.learner.max_norm = Some(1.0);
    board::run(|_| {
        let mut accepted = true;
        for _ in 0..1000 {
            let (now, next) = black_box((0.5, 0.25));
            learner.observe::<K1>(now, next, 0.01);
            accepted &= trainer.observe(&[now], &[next]).is_ok();
        }
        let biases = [learner.net.0.1.bias[0], trainer.learner.net.0.1.bias[0]];
        #[cfg(feature = "panicking")]
        black_box(biases[black_box(0)]);
        #[cfg(feature = "double")]
        black_box(f64::from(biases[0]) * black_box(1.5));
        Ok(accepted && biases.iter().all(|bias| (0.2..0.3).contains(bias)))
    })
}
