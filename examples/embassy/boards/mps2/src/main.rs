//! QEMU's `mps2-an386`, a Cortex-M4F: a run that ends, and says whether it kept its promises.
//!
//! `flash.bin` outlasts the emulator (`flash.rs`). If there is a file `power`, the power fails after so
//! many milliseconds as it says.
#![no_std]
#![no_main]

mod flash;
mod thread;
mod time;

use app::sensor::Vibration;
use app::store::Store;
use app::timing;
use cortex_m::interrupt::InterruptNumber;
use cortex_m::peripheral::{NVIC, Peripherals};
use cortex_m_rt::{ExceptionFrame, entry, exception};
use defmt_semihosting as _;
use elman::Pcg32;
use embassy_executor::{InterruptExecutor, SendSpawner, Spawner};
use embassy_time::{Duration, Instant, Timer};
use flash::FileFlash;
use semihosting::process::exit;

/// The samples of a run.
const END: u32 = 4000;
/// How late an interrupt's task may be: a slice, the way through the executor, and another task of it.
const LATEST: Duration = Duration::from_micros(450);

static SAMPLING: InterruptExecutor = InterruptExecutor::new();

#[derive(Clone, Copy)]
#[repr(u16)]
enum Irq {
    /// CMSDK timer 0.
    Timer = 8,
    /// Of no device: pended by software.
    Sampling = 30,
    Learning = 31,
}

// SAFETY: these are the numbers of interrupts.
unsafe impl InterruptNumber for Irq {
    fn number(self) -> u16 {
        self as u16
    }
}

#[entry]
fn main() -> ! {
    start_interrupts();
    let sampling = SAMPLING.start(Irq::Sampling);
    thread::run(Irq::Learning.number(), |learning| {
        learning.spawn(start(learning, sampling).unwrap());
    })
}

/// The timer above the sampler: it wakes it.
fn start_interrupts() {
    let Some(mut core) = Peripherals::take() else { return };
    time::start();
    // SAFETY: no critical section relies on priorities, and the timer's handler is ready.
    unsafe {
        core.NVIC.set_priority(Irq::Timer, 0x20);
        core.NVIC.set_priority(Irq::Sampling, 0x60);
        core.NVIC.set_priority(Irq::Learning, 0xE0);
        NVIC::unmask(Irq::Timer);
        NVIC::unmask(Irq::Learning);
    }
}

#[embassy_executor::task]
async fn start(learning: Spawner, sampling: SendSpawner) {
    let mut store = Store::new(FileFlash::open(), 0);
    let samples = app::resume(&mut store).await;
    sampling.spawn(fail(flash::power()).unwrap());
    sampling.spawn(probe().unwrap());
    sampling.spawn(sample(Vibration::after(samples)).unwrap());
    learning.spawn(learn().unwrap());
    learning.spawn(save(store).unwrap());
}

#[embassy_executor::task]
async fn sample(sensor: Vibration) {
    app::sample(sensor).await;
}

#[embassy_executor::task]
async fn learn() {
    app::learn().await;
}

#[embassy_executor::task]
async fn save(store: Store<FileFlash>) {
    app::save(store, end_if_due).await;
}

/// Other interrupts of a product: at random moments, so that they meet every kind of slice.
#[embassy_executor::task]
async fn probe() {
    let mut rng = Pcg32::new(3, 0);
    loop {
        let due = Instant::now() + Duration::from_micros((200 + rng.below(1000)).into());
        Timer::at(due).await;
        timing::interrupt(due, Instant::now());
    }
}

/// Emulates a power cut.
#[embassy_executor::task]
async fn fail(after: Option<Duration>) {
    if let Some(after) = after {
        Timer::after(after).await;
        defmt::warn!("power lost");
        exit(0);
    }
}

fn end_if_due(samples: u32) {
    if samples >= END {
        let timing = timing::worst();
        defmt::info!("{}", timing);
        defmt::info!(
            "the timer's interrupt waited at most {} cycles of 40 ns",
            time::longest_wait()
        );
        exit(if timing.holds(LATEST) { 0 } else { 1 });
    }
}

#[exception]
unsafe fn DefaultHandler(irq: i16) {
    if irq == Irq::Timer as i16 {
        time::on_interrupt();
    } else if irq == Irq::Sampling as i16 {
        // SAFETY: this is the executor's interrupt, and no other calls it.
        unsafe { SAMPLING.on_interrupt() };
    } else if irq == Irq::Learning as i16 {
        thread::on_wake();
    }
}

#[exception]
unsafe fn HardFault(_: &ExceptionFrame) -> ! {
    exit(3)
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    exit(101)
}
