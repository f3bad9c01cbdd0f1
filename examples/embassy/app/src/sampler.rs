//! Sampler: takes a sample when it is due, scores it and raises the alarm; in an interrupt executor.

use embassy_sync::blocking_mutex::raw::CriticalSectionRawMutex;
use embassy_sync::channel::Channel;
use embassy_time::{Duration, Instant, Timer};

use crate::front::Front;
use crate::learner::MODEL;
use crate::sensor::{Row, Sensor};
use crate::timing;

/// 100 Hz.
const PERIOD: Duration = Duration::from_millis(10);
/// Samples that may wait for the learner: more than come while a checkpoint is written.
pub const BACKLOG: usize = 32;

pub static SAMPLES: Channel<CriticalSectionRawMutex, Row, BACKLOG> = Channel::new();

/// Whatever the learner does, the sampler waits for one slice at most.
pub async fn sample(mut sensor: impl Sensor) -> ! {
    let mut front = Front::default();
    let mut due = Instant::now();
    let mut was_anomaly = false;
    loop {
        due += PERIOD;
        Timer::at(due).await;
        let start = Instant::now();
        timing::interrupt(due, start);
        let x = sensor.read();
        let is_anomaly = look(&mut front, &x);
        timing::queued(SAMPLES.try_send(x).ok().map(|()| SAMPLES.len()));
        timing::sample(start, Instant::now());
        if is_anomaly != was_anomaly {
            defmt::debug!("anomaly: {}", is_anomaly);
            was_anomaly = is_anomaly;
        }
    }
}

/// Whether a sample is an anomaly, by the weights of this moment.
fn look(front: &mut Front, x: &Row) -> bool {
    let Some(model) = MODEL.read() else { return false };
    front.observe(&model, x).is_ok_and(|score| score.is_anomaly)
}
