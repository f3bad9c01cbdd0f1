//! Saver: a checkpoint every so many samples, in chunks; in the thread executor, beside the learner.

use embassy_sync::blocking_mutex::raw::CriticalSectionRawMutex;
use embassy_sync::signal::Signal;
use embedded_storage_async::nor_flash::NorFlash;

use crate::hash::hash;
use crate::learner::{MODEL, samples};
use crate::model::Model;
use crate::store::{Error, SIZE, Store};

/// Samples from save to save.
const EVERY: u32 = 500;

/// The learner to the saver, and back.
static DUE: Signal<CriticalSectionRawMutex, ()> = Signal::new();
static DONE: Signal<CriticalSectionRawMutex, ()> = Signal::new();

/// Takes up the newest checkpoint that is whole, if there is one. Returns the samples so far. Call it
/// before all tasks start.
pub async fn resume(store: &mut Store<impl NorFlash>) -> u32 {
    let Some(mut model) = MODEL.set_up() else { return 0 };
    model.start();
    defmt::info!("model of {} bytes, checkpoint of {} bytes", size_of::<Model>(), SIZE);
    match store.resume(&mut model).await {
        Some(number) => log("resumed", number, &model),
        None => defmt::info!("no checkpoint: a new model"),
    }
    model.samples()
}

/// Saves when the learner says so; calls `saved` with the samples so far. The slot is erased long
/// before.
pub async fn save(mut store: Store<impl NorFlash>, mut saved: impl FnMut(u32)) -> ! {
    loop {
        let erased = store.erase().await;
        DUE.wait().await;
        let result = match erased {
            Ok(()) => write(&mut store).await,
            error => error,
        };
        match result {
            Ok(()) => saved(samples()),
            Err(error) => defmt::error!("not saved: {}", error),
        }
        DONE.signal(());
    }
}

/// Interrupts go on to read the model meanwhile; the samples that come wait for the learner.
async fn write(store: &mut Store<impl NorFlash>) -> Result<(), Error> {
    let Some(model) = MODEL.read() else { return Err(Error::Model) };
    let number = store.save(&model).await?;
    log("saved", number, &model);
    Ok(())
}

/// The learner's: waits for a save, if one is due.
pub async fn save_if_due() {
    if samples().is_multiple_of(EVERY) {
        DUE.signal(());
        DONE.wait().await;
    }
}

fn log(what: &str, number: u32, model: &Model) {
    let (samples, hash) = (model.samples(), hash(model.net()));
    defmt::info!("{=str} {}: after {} samples, weights {=u64:016x}", what, number, samples, hash);
}
