//! STM32F405, a Cortex-M4F of up to 168 MHz with 192 KB of RAM. Built, not run: QEMU has no model of its clocks.
#![no_std]
#![no_main]

use app::sensor::Vibration;
use app::store::Store;
use defmt_rtt as _;
use embassy_executor::{Executor, InterruptExecutor, SendSpawner, Spawner};
use embassy_stm32::flash::{Async, Flash, InterruptHandler};
use embassy_stm32::interrupt::{self, InterruptExt, Priority};
use embassy_stm32::{Config, bind_interrupts};
use panic_probe as _;
use static_cell::StaticCell;

/// The last two sectors, of 128 KB each.
const CHECKPOINTS: u32 = 0xC_0000;

static SAMPLING: InterruptExecutor = InterruptExecutor::new();
static LEARNING: StaticCell<Executor> = StaticCell::new();

bind_interrupts!(struct Irqs { FLASH => InterruptHandler; });

#[cortex_m_rt::entry]
fn main() -> ! {
    let chip = embassy_stm32::init(Config::default());
    let store = Store::new(Flash::new(chip.FLASH, Irqs), CHECKPOINTS);
    interrupt::UART4.set_priority(Priority::P6); // the timer's is above it
    let sampling = SAMPLING.start(interrupt::UART4);
    LEARNING.init(Executor::new()).run(|learning| {
        learning.spawn(start(learning, sampling, store).unwrap());
    })
}

/// Of a device that is not used: pended by software.
#[embassy_stm32::interrupt]
unsafe fn UART4() {
    // SAFETY: this is the executor's interrupt, and no other calls it.
    unsafe { SAMPLING.on_interrupt() }
}

#[embassy_executor::task]
async fn start(learning: Spawner, sampling: SendSpawner, mut store: Store<Flash<'static, Async>>) {
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
async fn save(store: Store<Flash<'static, Async>>) {
    app::save(store, |_| {}).await;
}
