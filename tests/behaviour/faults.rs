//! Faults with labels in a synthetic stream: what a forecaster finds, after how many samples, and how
//! many false alarms there are without a fault.
//!
//! `BLESS=1 cargo test --release --test behaviour -- faults` writes the table of the documentation,
//! `src/monitor/faults.md`.

use core::fmt::Write;
use std::fs;

use elman::{Adam, Dense, Drift, Elman, Forecaster, Initialize, Pcg32, Stack};

type Net = Stack<(Elman<2, 8>, Dense<8, 1>)>;
type Monitor = Forecaster<Net, Adam, 5, 20>;

const SEEDS: u64 = 10;
/// Samples before the first fault.
const LEARNING: usize = 20_000;
/// Samples without a fault, and a multiple of 1e5.
const HEALTHY: usize = 100_000;
/// Samples from one fault to the next.
const BETWEEN: usize = 4000;
const ROUNDS: usize = 5;
/// Noise of the sensor, of which faults are multiples.
const NOISE: f32 = 0.05;

#[derive(Clone, Copy)]
struct Fault {
    name: &'static str,
    samples: usize,
    /// The reading from the healthy one, the one before the fault, and the samples since its start.
    reading: fn(&mut Pcg32, healthy: f32, frozen: f32, since: usize) -> f32,
}

const FAULTS: [Fault; 5] = [
    Fault { name: "spike of 8 deviations", samples: 1, reading: |_, x, _, _| x + 8.0 * NOISE },
    Fault { name: "offset of 8 deviations", samples: 300, reading: |_, x, _, _| x + 8.0 * NOISE },
    Fault {
        name: "noise four times as large",
        samples: 300,
        reading: |rng, x, _, _| x + 15.0_f32.sqrt() * NOISE * rng.approx_normal::<f32>(),
    },
    Fault { name: "stuck sensor", samples: 300, reading: |_, _, frozen, _| frozen },
    Fault {
        name: "slow drift, 8 deviations in 300 samples",
        samples: 300,
        reading: |_, x, _, since| x + 8.0 * NOISE * since as f32 / 300.0,
    },
];

/// A vibration: two harmonics, a load that varies slowly, normal noise.
struct Signal {
    rng: Pcg32,
    t: u32,
}

impl Signal {
    fn next(&mut self) -> f32 {
        let angle = |period: f32| {
            core::f32::consts::TAU * (f64::from(self.t) % f64::from(period)) as f32 / period
        };
        let load = 1.0 + 0.25 * libm::sinf(angle(173.0));
        let wave = 0.5 * libm::sinf(angle(25.0)) + 0.2 * libm::sinf(angle(12.5));
        self.t += 1;
        load * wave + NOISE * self.rng.approx_normal::<f32>()
    }
}

fn start(seed: u64) -> (Monitor, Signal) {
    let mut monitor = Monitor::new(Adam::new(0.003));
    monitor.trainer.learner.net.init_pytorch(&mut Pcg32::new(seed, 0));
    let mut signal = Signal { rng: Pcg32::new(seed, 1), t: 0 };
    for _ in 0..LEARNING {
        monitor.observe(&[signal.next()]).unwrap();
    }
    (monitor, signal)
}

/// The alarms of the score and of the drift in so many healthy samples.
fn false_alarms(seed: u64) -> [usize; 2] {
    let (mut monitor, mut signal) = start(seed);
    let mut alarms = [0; 2];
    for _ in 0..HEALTHY {
        let report = monitor.observe(&[signal.next()]).unwrap();
        alarms[0] += usize::from(report.anomaly.is_anomaly);
        alarms[1] += usize::from(report.drift != Drift::None);
    }
    alarms
}

/// The samples from the start of each fault to the first alarm of the score, and of the drift.
type Delays = [Option<usize>; 2];

fn delays(seed: u64) -> Vec<(usize, Delays)> {
    let (mut monitor, mut signal) = start(seed);
    let mut rng = Pcg32::new(seed, 2);
    let mut found = vec![];
    for n in 0..ROUNDS * FAULTS.len() {
        let fault = FAULTS[n % FAULTS.len()];
        let mut frozen = 0.0;
        for _ in 0..BETWEEN {
            frozen = signal.next();
            monitor.observe(&[frozen]).unwrap();
        }
        let mut delays = Delays::default();
        for since in 0..fault.samples {
            let x = (fault.reading)(&mut rng, signal.next(), frozen, since);
            let report = monitor.observe(&[x]).unwrap();
            let alarms = [report.anomaly.is_anomaly, report.drift != Drift::None];
            for (delay, alarm) in delays.iter_mut().zip(alarms) {
                *delay = delay.or(alarm.then_some(since));
            }
        }
        found.push((n % FAULTS.len(), delays));
    }
    found
}

/// The share of the faults that were found, and the median and longest delay.
fn summary(delays: &[Option<usize>]) -> String {
    let mut found: Vec<usize> = delays.iter().flatten().copied().collect();
    found.sort_unstable();
    let share = 100 * found.len() / delays.len();
    match found[..] {
        [] => "0 %".into(),
        [.., longest] => format!("{share} %, {} ({longest})", found[found.len() / 2]),
    }
}

fn table(false_alarms: [usize; 2], found: &[(usize, Delays)]) -> String {
    let mut table = String::from(
        "| fault | found by the score, median delay (longest) | by the drift |\n|---|---:|---:|\n",
    );
    for (n, fault) in FAULTS.iter().enumerate() {
        let of = |which: usize| {
            let delays = found.iter().filter(|(fault, _)| *fault == n);
            summary(&delays.map(|(_, delays)| delays[which]).collect::<Vec<_>>())
        };
        writeln!(table, "| {} | {} | {} |", fault.name, of(0), of(1)).unwrap();
    }
    let per_1e5 = |alarms: usize| alarms as f64 * 1e5 / (SEEDS as usize * HEALTHY) as f64;
    let [by_score, by_drift] = false_alarms.map(per_1e5);
    writeln!(table, "| none: false alarms in 10⁵ samples | {by_score:.1} | {by_drift:.1} |")
        .unwrap();
    table
}

#[test]
#[cfg_attr(debug_assertions, ignore = "minutes without optimisation: cargo test --release")]
fn the_table_of_faults_is_that_of_the_documentation() {
    let mut alarms = [0; 2];
    let mut found = vec![];
    for seed in 0..SEEDS {
        let [score, drift] = false_alarms(seed);
        alarms = [alarms[0] + score, alarms[1] + drift];
        found.extend(delays(seed));
    }
    let table = table(alarms, &found);
    println!("{table}");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/monitor/faults.md");
    if std::env::var_os("BLESS").is_some() {
        fs::write(path, &table).unwrap();
    }
    assert_eq!(fs::read_to_string(path).unwrap_or_default(), table);

    // What the threshold promises is 10 in 10⁵ normal errors.
    let per_1e5 = alarms[0] as f64 * 1e5 / (SEEDS as usize * HEALTHY) as f64;
    assert!((5.0..20.0).contains(&per_1e5), "{per_1e5}");
}
