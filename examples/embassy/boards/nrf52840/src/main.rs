//! nRF52840, a Cortex-M4F of 64 MHz with 256 KB of RAM. Built, not run.
#![no_std]
#![no_main]

use app::sensor::Vibration;
use app::store::Store;
use defmt_rtt as _;
use embassy_embedded_hal::adapter::BlockingAsync;
use embassy_executor::{Executor, InterruptExecutor, SendSpawner, Spawner};
use embassy_nrf::config::Config;
use embassy_nrf::interrupt::{self, InterruptExt, Priority};
use embassy_nrf::nvmc::Nvmc;
use panic_probe as _;
use static_cell::StaticCell;

/// The last 64 KB, which `memory.x` leaves free.
const CHECKPOINTS: u32 = 0xF_0000;

/// An erase stops the core for 85 ms.
type Flash = BlockingAsync<Nvmc<'static>>;

static SAMPLING: InterruptExecutor = InterruptExecutor::new();
static LEARNING: StaticCell<Executor> = StaticCell::new();

#[cortex_m_rt::entry]
fn main() -> ! {
    let chip = embassy_nrf::init(Config::default());
    let store = Store::new(BlockingAsync::new(Nvmc::new(chip.NVMC)), CHECKPOINTS);
    interrupt::EGU1_SWI1.set_priority(Priority::P6); // the timer's is above it
    let sampling = SAMPLING.start(interrupt::EGU1_SWI1);
    LEARNING.init(Executor::new()).run(|learning| {
        learning.spawn(start(learning, sampling, store).unwrap());
    })
}

/// Pended by software.
#[embassy_nrf::interrupt]
unsafe fn EGU1_SWI1() {
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
