//! Thread: embassy's executor in thread mode, with another idle.
//!
//! `embassy_executor::Executor` sleeps by WFE, which QEMU takes for a yield: it would count every turn of the
//! idle loop. This one sleeps by WFI, which QEMU skips. Hardware needs nothing of it.

use core::sync::atomic::{AtomicBool, Ordering};

use cortex_m::{asm, interrupt};
use embassy_executor::{Spawner, raw};
use static_cell::StaticCell;

static EXECUTOR: StaticCell<raw::Executor> = StaticCell::new();
static IS_PENDING: AtomicBool = AtomicBool::new(false);

/// Runs tasks in thread mode. `wake` is an interrupt of the lowest priority that calls [`on_wake`].
pub fn run(wake: u16, start: impl FnOnce(Spawner)) -> ! {
    let executor: &raw::Executor = EXECUTOR.init(raw::Executor::new(usize::from(wake) as *mut ()));
    start(executor.spawner());
    loop {
        // SAFETY: it is polled here only, and no task does so.
        unsafe { executor.poll() };
        // An interrupt that comes after the look is still seen by WFI, and served after it.
        interrupt::free(|_| {
            if !IS_PENDING.swap(false, Ordering::Relaxed) {
                asm::wfi();
            }
        });
    }
}

pub fn on_wake() {
    IS_PENDING.store(true, Ordering::Relaxed);
}
