//! Levels or changes: what it costs to forecast x_{t+1} instead of x_{t+1} − x_t.
//!
//! Networks of 12 tanh units learn series online, by truncated BPTT(5, 20) and Adam: the sunspot numbers
//! (30 passes through the first half before), a year of traffic hour by hour, and the temperature of a
//! tank that changes slowly between samples (made here). Each way at its best of four learning rates, the
//! median of five seeds; forecasts of the second half count, before the network learns from them. Beside
//! them the baselines, fitted to the first half or learning online as the networks do.
//!
//! RAM is in bytes, while learning; operations are multiplications a sample, without those of the
//! network's optimiser.
//!
//! `cargo run --release --example levels` prints the table (`levels.md`).

#[allow(dead_code, reason = "each example needs a part of it")]
mod common;

use common::baselines::{
    LeastSquares, Line, Persistence, RecursiveLeastSquares, Seasonal, net_operations,
};
use common::{for_seeds, median};
use elman::{Adam, Dense, Elman, Initialize, Pcg32, Stack, Trainer};

const H: usize = 12;
const K1: usize = 5;
const K2: usize = 20;
type Net<const I: usize> = Stack<(Elman<I, H>, Dense<H, 1>)>;
type Online<const I: usize> = Trainer<Net<I>, Adam, K1, K2>;

const SEEDS: u64 = 5;
const RATES: [f32; 4] = [0.001, 0.003, 0.01, 0.03];

struct Series {
    name: &'static str,
    numbers: Vec<f64>,
    passes: usize,
    period: usize,
    lags: usize,
}

fn main() -> Result<(), csv::Error> {
    let sunspots = numbers(include_str!("data/sunspots.csv"), 1)?;
    let traffic = numbers(include_str!("data/traffic.csv"), 0)?;
    let all = [
        Series { name: "sunspots", numbers: sunspots, passes: 30, period: 11, lags: 9 },
        Series { name: "traffic", numbers: traffic, passes: 1, period: 168, lags: 24 },
        Series { name: "tank", numbers: tank(20_000), passes: 1, period: 2000, lags: 24 },
    ];
    println!("| series | method | squared error, of persistence | RAM | operations |");
    println!("|---|---|---:|---:|---:|");
    for series in &all {
        lines(series);
    }
    Ok(())
}

//////////// the series ////////////

/// A column of a table with comments.
fn numbers(text: &str, column: usize) -> Result<Vec<f64>, csv::Error> {
    let mut reader = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .has_headers(false)
        .from_reader(text.as_bytes());
    let rows = reader.records().collect::<Result<Vec<_>, _>>()?;
    Ok(rows.iter().filter_map(|row| row.get(column)?.parse().ok()).collect())
}

/// The temperature of a tank: heat from a varying source through two masses, and a daily wave.
fn tank(samples: usize) -> Vec<f64> {
    let mut rng = Pcg32::new(3, 3);
    let (mut source, mut water) = (0.0, 0.0);
    let mut sample = |t: usize| {
        source += 0.02 * rng.approx_normal::<f64>() - 0.001 * source;
        water += 0.05 * (source - water);
        40.0 + 5.0 * water + 2.5 * (t as f64 * core::f64::consts::TAU / 2000.0).sin()
    };
    (0..samples).map(&mut sample).collect()
}

/// The mean and deviation of the first half.
fn scale(numbers: &[f64]) -> (f64, f64) {
    let half = &numbers[..numbers.len() / 2];
    let mean = half.iter().sum::<f64>() / half.len() as f64;
    let squares = half.iter().map(|x| (x - mean).powi(2)).sum::<f64>();
    (mean, (squares / half.len() as f64).sqrt())
}

//////////// the methods ////////////

fn lines(series: &Series) {
    let Series { numbers, period, lags, .. } = series;
    let test = numbers.len() / 2..numbers.len();
    let persistence = Line::of(Persistence, numbers, test.clone());
    let fitted = LeastSquares::fit(*lags, &numbers[..test.start]);
    let online = RecursiveLeastSquares::new(*lags, 0.9995);
    let others = [
        Line::of(Seasonal::new(*period), numbers, test.clone()),
        Line::of(fitted, numbers, test.clone()),
        Line::of(online, numbers, test),
        net::<1>("network: level → level", series, Forecast::LEVEL),
        net::<1>("network: level → change", series, Forecast::CHANGE),
        net::<2>("network: level, change → change", series, Forecast::CHANGE),
    ];
    let unit = persistence.mse;
    for line in [persistence].iter().chain(&others) {
        let Line { name, mse, ram, operations } = line;
        println!("| {} | {name} | {:.4} | {ram} | {operations} |", series.name, mse / unit);
    }
}

/// What the network forecasts: `x_{t+1} − base · x_t`.
struct Forecast {
    base: f64,
}

impl Forecast {
    const LEVEL: Self = Self { base: 0.0 };
    const CHANGE: Self = Self { base: 1.0 };
}

/// The network reads the level, and the change to it if `I` is 2.
fn net<const I: usize>(name: &str, series: &Series, forecast: Forecast) -> Line {
    let errors = RATES
        .map(|rate| median(for_seeds(SEEDS, |seed| error::<I>(series, &forecast, rate, seed))));
    let mse = errors.into_iter().fold(f64::INFINITY, f64::min);
    let operations = net_operations([I, H, 1], K1, K2);
    Line { name: name.into(), mse, ram: size_of::<Online<I>>(), operations }
}

/// The mean squared error in the second half of the last pass.
fn error<const I: usize>(series: &Series, forecast: &Forecast, rate: f32, seed: u64) -> f64 {
    let numbers = &series.numbers;
    let difference = |base| numbers.windows(2).map(|x| x[1] - base * x[0]).collect::<Vec<_>>();
    let (level, change, target) =
        (scale(numbers), scale(&difference(1.0)), scale(&difference(forecast.base)));
    let z = |x: f64, (mean, deviation): (f64, f64)| ((x - mean) / deviation) as f32;

    let mut trainer = Online::<I>::new(Adam::new(rate));
    trainer.learner.net.init_pytorch(&mut Pcg32::new(seed, 0));
    let mut pass = |numbers: &[f64]| {
        let observe = |x: &[f64]| {
            let features = [z(x[1], level), z(x[1] - x[0], change)];
            let base = forecast.base * x[1];
            let input = core::array::from_fn(|i| features[i]);
            let report = trainer.observe(&input, &[z(x[2] - base, target)]);
            let y = report.expect("a sane signal").prediction[0];
            (base + target.0 + target.1 * f64::from(y) - x[2]).powi(2)
        };
        let squares: Vec<f64> = numbers.windows(3).map(observe).collect();
        let half = squares.get(series.numbers.len() / 2 - 2..).unwrap_or_default();
        half.iter().sum::<f64>() / half.len() as f64
    };
    (1..series.passes).for_each(|_| _ = pass(&numbers[..numbers.len() / 2]));
    pass(numbers)
}
