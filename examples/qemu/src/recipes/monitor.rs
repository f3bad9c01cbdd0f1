//! Monitoring: a forecaster learns a noisy oscillation, finds a spike, survives a NaN, and sees that the
//! oscillation has changed.

use core::fmt::{Error, Write};
use core::num::NonZeroU32;

use elman::{
    Adam, Dense, Drift, Elman, Forecaster, Initialize, Limit, Pcg32, Stack, gaussian_threshold,
};

use super::decimal::Decimal;
use super::hash::hash;
use super::stream::Oscillation;

pub type Net = Stack<(Elman<2, 8>, Dense<8, 1>)>;
pub type Monitor = Forecaster<Net, Adam, 5, 20>;

const LEARNING: usize = 3000;

/// What was seen in a part of the stream.
#[derive(Default)]
struct Seen {
    squares: f32,
    alarms: u32,
    rises: u32,
    rejected: u32,
}

/// Learns and reports; returns whether all was found.
pub fn run(monitor: &mut Monitor, out: &mut impl Write) -> Result<bool, Error> {
    monitor.trainer.learner.optimizer = Adam::new(0.01);
    monitor.trainer.learner.net.init_pytorch(&mut Pcg32::new(1, 0));
    monitor.anomaly.threshold = Limit::At(gaussian_threshold(1e-5));
    monitor.anomaly.warm_up = NonZeroU32::new(500);
    let mut sensor = Sensor { signal: Oscillation::START, noise: Pcg32::new(2, 0) };

    let first = part("first", monitor, &mut sensor, LEARNING, out)?;
    let learned = part("learned", monitor, &mut sensor, LEARNING, out)?;
    let spike = sensor.read() + 0.5;
    let spike = monitor.observe(&[spike]).map_err(|_| Error)?.anomaly;
    writeln!(out, "spike: {}, score {}", spike.is_anomaly, Decimal(spike.score))?;
    let is_refused = monitor.observe(&[f32::NAN]).is_err();
    let healthy = part("after it", monitor, &mut sensor, 500, out)?;
    sensor.signal.change();
    let changed = part("changed", monitor, &mut sensor, 500, out)?;
    writeln!(out, "weights {:016x}", hash(&monitor.trainer.learner.net))?;
    let errors_fell = learned.squares < first.squares;
    let found = spike.is_anomaly && is_refused && changed.rises > 0 && changed.alarms > 0;
    Ok(errors_fell && found && healthy.rises == 0)
}

/// An oscillation with noise, around 20.
struct Sensor {
    signal: Oscillation,
    noise: Pcg32,
}

impl Sensor {
    fn read(&mut self) -> f32 {
        self.signal.advance();
        20.0 + self.signal.value() + 0.02 * self.noise.approx_normal::<f32>()
    }
}

fn part(
    name: &str,
    monitor: &mut Monitor,
    sensor: &mut Sensor,
    samples: usize,
    out: &mut impl Write,
) -> Result<Seen, Error> {
    let mut seen = Seen::default();
    for _ in 0..samples {
        match monitor.observe(&[sensor.read()]) {
            Ok(report) => {
                let [error] = report.error.unwrap_or_default();
                seen.squares += error * error;
                seen.alarms += u32::from(report.anomaly.is_anomaly);
                seen.rises += u32::from(report.drift == Drift::Up);
            }
            Err(_) => seen.rejected += 1,
        }
    }
    let Seen { squares, alarms, rises, rejected } = seen;
    let error = Decimal(squares / samples as f32);
    writeln!(out, "{name}: error {error}, alarms {alarms}, rises {rises}, rejected {rejected}")?;
    Ok(seen)
}
