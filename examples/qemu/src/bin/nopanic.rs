//! The shortest firmware that learns: what is linked here is what learning needs.
//!
//! `run.sh` looks into it for panicking functions, for an allocator and for double precision. Each
//! feature puts in one of these, to show that it would be found.
#![no_std]
#![no_main]

use core::fmt::Error;
use core::hint::black_box;

use board::recipes::stream::{K1, K2, Net, SgdLoop};
use elman::{Adam, ConstZero};
use static_cell::ConstStaticCell;

type AdamTrainer = elman::Trainer<Net, Adam, K1, K2>;

/// By hand, and by the trainer with all its guards. In `.bss`: zeros take no flash, and nothing is
/// moved over the stack.
static LEARNER: ConstStaticCell<SgdLoop> = ConstStaticCell::new(SgdLoop::new());
static TRAINER: ConstStaticCell<AdamTrainer> = ConstStaticCell::new(AdamTrainer::ZERO);

#[board::entry]
fn main() -> ! {
    board::run(|_| {
        let learner = LEARNER.try_take().ok_or(Error)?;
        let trainer = TRAINER.try_take().ok_or(Error)?;
        trainer.learner.optimizer = Adam::new(0.01);
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
