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

/// An anomaly is over after so many samples without one.
const QUIET: u32 = 20;

pub async fn learn() -> ! {
    let mut normal = QUIET;
    loop {
        let x = SAMPLES.receive().await;
        learn_from(&x, &mut normal).await;
        saver::save_if_due().await;
    }
}

/// The next sample is looked at when all of this one is learned: so its bits do not depend on when it
/// came.
async fn learn_from(x: &Row, normal: &mut u32) {
    match MODEL.change(|model| model.observe(x)) {
        Some(Ok(seen)) => report(&seen, normal),
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

fn report(seen: &Seen, normal: &mut u32) {
    match seen.anomaly.is_held {
        true if *normal >= QUIET => {
            defmt::warn!(
                "sample {}: an anomaly, score {}; not learned",
                samples(),
                seen.anomaly.score
            );
        }
        false if *normal + 1 == QUIET => defmt::info!("sample {}: as usual again", samples()),
        _ => {}
    }
    *normal = if seen.anomaly.is_held { 0 } else { normal.saturating_add(1) };
    match seen.drift {
        Drift::Up => defmt::warn!("sample {}: errors have grown", samples()),
        Drift::Down => defmt::info!("sample {}: errors have shrunk", samples()),
        _ => {}
    }
}

pub fn samples() -> u32 {
    MODEL.read().map_or(0, |model| model.samples())
}
