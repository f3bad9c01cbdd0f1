//! Monitoring a stream: forecasts, anomalies and drift of a year of traffic, hour by hour.
//!
//! A [`Forecaster`] sees the vehicles of each hour once, with the hour of the day and whether it is a
//! weekend, forecasts the next hour, scores the error and learns. No label says what was unusual: the
//! table shows the hours with the highest scores, for you to judge.
//!
//! The threshold is made for one false alarm in 10⁴ normal errors. The errors of traffic are not normal,
//! and many more hours exceed it: for alarms that wake somebody, take the threshold from such a table.
//!
//! `cargo run --release --example monitor`

use core::f32::consts::TAU;
use core::num::NonZeroU32;

use elman::{
    Adam, Dense, Drift, Elman, Forecaster, Initialize, Limit, Pcg32, Stack, gaussian_threshold,
};

/// Vehicles, hour as sine and cosine, weekend, and the change of the vehicles; one forecast.
type Net = Stack<(Elman<5, 12>, Dense<12, 1>)>;
type Monitor = Forecaster<Net, Adam, 5, 24>;

/// Hours with the highest scores that are shown.
const SHOWN: usize = 12;

struct Alarm {
    hour: usize,
    vehicles: f32,
    forecast: f32,
    score: f32,
}

fn main() -> Result<(), Box<dyn core::error::Error>> {
    let mut monitor = Monitor::new(Adam::new(0.003));
    monitor.trainer.learner.net.init_pytorch(&mut Pcg32::new(1, 0));
    monitor.anomaly.warm_up = NonZeroU32::new(28 * 24); // four weeks
    monitor.anomaly.threshold = Limit::At(gaussian_threshold(1e-4));

    let (mut alarms, mut drifts, mut hours) = (vec![], vec![], 0);
    let mut forecast = [0.0];
    for (hour, vehicles) in traffic()?.into_iter().enumerate() {
        let report = monitor.observe(&sample(hour, vehicles))?;
        if report.anomaly.is_anomaly {
            let score = report.anomaly.score;
            alarms.push(Alarm { hour, vehicles, forecast: forecast[0], score });
        }
        if report.drift != Drift::None {
            drifts.push((hour, report.drift));
        }
        forecast = report.forecast;
        hours = hour + 1;
    }
    print(&mut alarms, &drifts, hours);
    Ok(())
}

fn traffic() -> Result<Vec<f32>, csv::Error> {
    let text = include_str!("data/traffic.csv");
    let mut reader = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .has_headers(false)
        .from_reader(text.as_bytes());
    reader.deserialize::<f32>().collect()
}

fn sample(hour: usize, vehicles: f32) -> [f32; 4] {
    let angle = TAU * (hour % 24) as f32 / 24.0;
    let is_weekend = matches!(hour / 24 % 7, 0 | 6); // 1 January 2017 was a Sunday
    [vehicles, libm::sinf(angle), libm::cosf(angle), if is_weekend { 1.0 } else { 0.0 }]
}

fn print(alarms: &mut [Alarm], drifts: &[(usize, Drift)], hours: usize) {
    println!("{} of {hours} hours are anomalies; those with the highest scores:\n", alarms.len());
    println!("| hour | vehicles | forecast | score |");
    println!("|---|---:|---:|---:|");
    alarms.sort_by(|a, b| b.score.total_cmp(&a.score));
    for alarm in alarms.iter().take(SHOWN) {
        let Alarm { hour, vehicles, forecast, score } = alarm;
        println!("| {} | {vehicles:.0} | {forecast:.0} | {score:.1} |", date(*hour));
    }
    println!("\ndrift of the scores:");
    for (hour, drift) in drifts {
        println!("{}: {drift:?}", date(*hour));
    }
}

/// The date of an hour of 2017.
fn date(hour: usize) -> String {
    const MONTHS: [(&str, usize); 12] = [
        ("January", 31),
        ("February", 28),
        ("March", 31),
        ("April", 30),
        ("May", 31),
        ("June", 30),
        ("July", 31),
        ("August", 31),
        ("September", 30),
        ("October", 31),
        ("November", 30),
        ("December", 31),
    ];
    let mut day = hour / 24;
    for (month, days) in MONTHS {
        if day < days {
            return format!("{} {month}, {}:00", day + 1, hour % 24);
        }
        day -= days;
    }
    format!("hour {hour}")
}
