//! ESP32-C3, RV32IMC of 160 MHz without an FPU, with 400 KB of RAM. Built, not run.
#![no_std]
#![no_main]

use app::sensor::Vibration;
use app::store::Store;
use defmt_rtt as _;
use embassy_embedded_hal::adapter::BlockingAsync;
use embassy_executor::{SendSpawner, Spawner};
use esp_backtrace as _;
use esp_hal::interrupt::Priority;
use esp_hal::timer::timg::TimerGroup;
use esp_rtos::embassy::{Executor, InterruptExecutor};
use esp_storage::FlashStorage;
use static_cell::StaticCell;

/// The last 64 KB of 4 MB.
const CHECKPOINTS: u32 = 0x3F_0000;

/// The program is read from the same flash: all stands still while it is erased or written.
type Flash = BlockingAsync<FlashStorage<'static>>;

static SAMPLING: StaticCell<InterruptExecutor<1>> = StaticCell::new();
static LEARNING: StaticCell<Executor> = StaticCell::new();

esp_bootloader_esp_idf::esp_app_desc!();

#[esp_hal::main]
fn main() -> ! {
    let chip = esp_hal::init(esp_hal::Config::default());
    let store = Store::new(BlockingAsync::new(FlashStorage::new(chip.FLASH)), CHECKPOINTS);
    esp_rtos::start(TimerGroup::new(chip.TIMG0).timer0, chip.FROM_CPU_INTR0);
    let sampling = SAMPLING.init(InterruptExecutor::new(chip.FROM_CPU_INTR1));
    let sampling = sampling.start(Priority::Priority2);
    LEARNING.init(Executor::new()).run(|learning| {
        learning.spawn(start(learning, sampling, store).unwrap());
    })
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
