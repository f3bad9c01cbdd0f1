//! RP2040, Cortex-M0+ of 125 MHz without an FPU, with 264 KB of RAM. Built, not run. One core of two.
#![no_std]
#![no_main]

use app::sensor::Vibration;
use app::store::Store;
use defmt_rtt as _;
use embassy_embedded_hal::adapter::BlockingAsync;
use embassy_executor::{Executor, InterruptExecutor, SendSpawner, Spawner};
use embassy_rp::config::Config;
use embassy_rp::flash::{self, Blocking};
use embassy_rp::interrupt::{self, InterruptExt, Priority};
use embassy_rp::peripherals::FLASH;
use panic_probe as _;
use static_cell::StaticCell;

/// The last 64 KB, which `memory.x` leaves free.
const CHECKPOINTS: u32 = 0x1F_0000;
const CAPACITY: usize = 2 * 1024 * 1024;

/// The program is read from the same flash: all stands still while it is erased or written.
type Flash = BlockingAsync<flash::Flash<'static, FLASH, Blocking, CAPACITY>>;

static SAMPLING: InterruptExecutor = InterruptExecutor::new();
static LEARNING: StaticCell<Executor> = StaticCell::new();

#[cortex_m_rt::entry]
fn main() -> ! {
    let chip = embassy_rp::init(Config::default());
    let store = Store::new(BlockingAsync::new(flash::Flash::new_blocking(chip.FLASH)), CHECKPOINTS);
    interrupt::SWI_IRQ_1.set_priority(Priority::P2); // the timer's is above it
    let sampling = SAMPLING.start(interrupt::SWI_IRQ_1);
    LEARNING.init(Executor::new()).run(|learning| {
        learning.spawn(start(learning, sampling, store).unwrap());
    })
}

/// Pended by software.
#[embassy_rp::interrupt]
unsafe fn SWI_IRQ_1() {
    // SAFETY: this is the executor's interrupt, and no other calls it.
    unsafe { SAMPLING.on_interrupt() }
}

#[embassy_executor::task]
async fn start(learning: Spawner, sampling: SendSpawner, mut store: Store<Flash>) {
    app::resume(&mut store).await;
    sampling.spawn(sample().unwrap());
    learning.spawn(learn().unwrap());
    learning.spawn(save(store).unwrap());
}

#[embassy_executor::task]
async fn sample() {
    app::sample(Vibration::START).await;
}

#[embassy_executor::task]
async fn learn() {
    app::learn().await;
}

#[embassy_executor::task]
async fn save(store: Store<Flash>) {
    app::save(store, |_| {}).await;
}
