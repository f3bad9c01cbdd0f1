//! Learner: learns from each sample in slices; in the thread executor.

use defmt::Display2Format;
use elman::{Drift, TrainErrorKind, Update};
use embassy_futures::yield_now;

use crate::learning::SLICE;
use crate::model::{Model, Seen};
use crate::sampler::SAMPLES;
use crate::saver;
use crate::sensor::Row;
use crate::shared::Shared;

/// In `.bss`. The learner alone changes it.
pub static MODEL: Shared<Model> = Shared::new(Model::ZERO);

pub async fn learn() -> ! {
    loop {
        let x = SAMPLES.receive().await;
        learn_from(&x).await;
        saver::save_if_due().await;
    }
}

/// The next sample is looked at when all of this one is learned: so its bits do not depend on when it
/// came.
async fn learn_from(x: &Row) {
    match MODEL.change(|model| model.observe(x)) {
        Some(Ok(seen)) => report(&seen),
        Some(Err(kind)) => defmt::warn!("sample {}: {}", samples(), Display2Format(&kind)),
        None => return,
    }
    while let Some(update) = MODEL.change(slice).flatten() {
        if let Ok(Update::Skipped(kind)) | Err(kind) = update {
            defmt::warn!("after sample {}: {}", samples(), Display2Format(&kind));
        }
        yield_now().await;
    }
}

fn slice(model: &mut Model) -> Option<Result<Update, TrainErrorKind>> {
    model.is_learning().then(|| model.learn(SLICE))
}

fn report(seen: &Seen) {
    if seen.anomaly.is_held {
        defmt::info!("sample {}: an anomaly, not learned, score {}", samples(), seen.anomaly.score);
    }
    match seen.drift {
        Drift::Up => defmt::warn!("sample {}: errors have grown", samples()),
        Drift::Down => defmt::info!("sample {}: errors have shrunk", samples()),
        _ => {}
    }
}

pub fn samples() -> u32 {
    MODEL.read().map_or(0, |model| model.samples())
}
