//! What k1 < k2 is worth on a real stream: the traffic of an interstate, hour by hour for a year, forecast
//! one hour ahead by a network that learns from each hour once.
//!
//! Truncated BPTT(k1, k2) with an update every k1 hours through the newest k2: (1, 1), (1, 24), (4, 24) and
//! (24, 24); beside them the exact gradient to the first hour, by real-time recurrent learning. Each over
//! a wide grid of learning rates and several seeds, by SGD and by Adam, all in `f64`. Forecasts count before
//! the network learns from their hour.
//!
//! The result (`results.md`), each at its best rate:
//!
//! - In the second half of the year the reach counts. Through 24 hours the error is 0.059 to 0.065, through
//!   one 0.078 to 0.080. How often the network is updated does not count, and the exact gradient is no
//!   better than that of 24 hours.
//! - In the first four weeks, when everything is still to be learned, the updates count: 0.148 to 0.164 with
//!   one each hour, whatever its reach; 0.21 with one a day.
//! - A linear filter of the last 24 hours does as well as the best networks here, fitted once or learning
//!   online; one of a whole week is better by far, in much more RAM.
//! - So (1, 24) is near the best in both, and (24, 24) is not. On a stream that has been learned for
//!   months k1 = k2 does as well, with a twenty-fourth of the backward passes.
//!
//! `cargo run --release --example truncation` prints a table and draws a picture.

#[path = "../common/mod.rs"]
mod common;
mod rtrl;

use core::error::Error;
use std::path::PathBuf;

use clap::{Parser, value_parser};
use common::baselines::{
    LeastSquares, Line, Persistence, RecursiveLeastSquares, Seasonal, net_operations,
};
use common::plot::{self, Area, BLUE, Drawn, GREEN, VERMILION, axes, legend, line, panel};
use common::{for_seeds, median};
use elman::{
    Adam, ConstZero, Dense, Elman, Initialize, Limit, Optimizer, Parameters, Pcg32, Reduction, Sgd,
    Stack, Trainer, clip_grad_norm,
};
use plotters::prelude::*;
use rtrl::Rtrl;

const H: usize = 8;
type Net = Stack<(Elman<1, H, f64>, Dense<H, 1, f64>)>;

/// Forecasting online: what k1, k2 and the learning rate do
#[derive(Parser)]
struct Args {
    /// Initial weights for each learning rate
    #[arg(long, default_value_t = 10, value_parser = value_parser!(u64).range(1..))]
    seeds: u64,
    /// File of the picture
    #[arg(long, default_value = "target/truncation.svg")]
    out: PathBuf,
}

fn main() -> Result<(), Box<dyn Error>> {
    let args = Args::parse();
    let series = load()?;
    println!(
        "mean squared error of forecasts, medians of {} seeds, each at its best rate\n",
        args.seeds
    );
    println!(
        "| optimiser | gradient | rate | second half | best to worst | rate | first 4 weeks |"
    );
    println!("|---|---|---:|---:|---:|---:|---:|");
    let sgd = rows("SGD", &args, &series, Sgd::new);
    let adam = rows("Adam", &args, &series, Adam::new);
    println!("\nother methods in the second half, a number every hour:\n");
    println!("| method | second half | RAM | operations |");
    println!("|---|---:|---:|---:|");
    baselines(&series).iter().for_each(print_line);
    networks().iter().for_each(print_size);
    plot::draw(&args.out, |left, right| {
        draw(left, "SGD", &sgd)?;
        draw(right, "Adam", &adam)
    })?;
    println!("\npicture: {}", args.out.display());
    Ok(())
}

//////////// the series ////////////

/// Hours whose mean and deviation are the scale: the first four weeks.
const SCALE: usize = 4 * 7 * 24;

fn load() -> Result<Vec<f64>, csv::Error> {
    let text = include_str!("../data/traffic.csv");
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(text.as_bytes());
    let vehicles = reader.deserialize::<f64>().collect::<Result<Vec<_>, _>>()?;
    let mean = vehicles[..SCALE].iter().sum::<f64>() / SCALE as f64;
    let square = |v: &f64| (v - mean) * (v - mean);
    let deviation = (vehicles[..SCALE].iter().map(square).sum::<f64>() / SCALE as f64).sqrt();
    Ok(vehicles.iter().map(|v| (v - mean) / deviation).collect())
}

/// Simpler methods, and the network's size beside them; its errors are above.
fn baselines(series: &[f64]) -> [Line; 5] {
    let half = series.len() / 2;
    let (test, day, week) = (half..series.len(), 24, 7 * 24);
    [
        Line::of(Persistence, series, test.clone()),
        Line::of(Seasonal::new(week), series, test.clone()),
        Line::of(LeastSquares::fit(day, &series[..half]), series, test.clone()),
        Line::of(RecursiveLeastSquares::new(day, 0.9995), series, test.clone()),
        Line::of(RecursiveLeastSquares::new(week, 0.9995), series, test),
    ]
}

/// Bytes in `f32` and multiplications an hour of a network with Adam, by its gradient.
fn networks() -> [(&'static str, usize, usize); 4] {
    type Small = Stack<(Elman<1, H>, Dense<H, 1>)>;
    let operations = |k1, k2| net_operations([1, H, 1], k1, k2);
    [
        ("(1, 1)", size_of::<Trainer<Small, Adam, 1, 1>>(), operations(1, 1)),
        ("(24, 24)", size_of::<Trainer<Small, Adam, 24, 24>>(), operations(24, 24)),
        ("(4, 24)", size_of::<Trainer<Small, Adam, 4, 24>>(), operations(4, 24)),
        ("(1, 24)", size_of::<Trainer<Small, Adam, 1, 24>>(), operations(1, 24)),
    ]
}

fn print_size((gradient, ram, operations): &(&str, usize, usize)) {
    println!("| network, Adam, {gradient} | as above | {ram} | {operations} |");
}

fn print_line(line: &Line) {
    let Line { name, mse, ram, operations } = line;
    println!("| {name} | {mse:.4} | {ram} | {operations} |");
}

//////////// learning ////////////

/// The mean errors of one run.
#[derive(Clone, Copy)]
struct Run {
    first_weeks: f64,
    second_half: f64,
}

impl Run {
    fn of(losses: &[f64]) -> Self {
        let mean = |losses: &[f64]| losses.iter().sum::<f64>() / losses.len() as f64;
        Self { first_weeks: mean(&losses[..SCALE]), second_half: mean(&losses[losses.len() / 2..]) }
    }
}

fn start(seed: u64) -> Net {
    let mut net = Net::ZERO;
    net.init_keras(&mut Pcg32::new(seed, 0));
    net
}

/// Truncated BPTT(K1, K2), the mean over the targets of a window, the norm clipped.
fn by_tape<O, const K1: usize, const K2: usize>(optimizer: O, seed: u64, series: &[f64]) -> Run
where
    O: Optimizer<Net>,
{
    let mut trainer = Trainer::<Net, O, K1, K2>::new(optimizer);
    trainer.learner.net = start(seed);
    trainer.learner.reduction = Reduction::Mean;
    trainer.learner.max_norm = Limit::At(1.0);
    let observe = |pair: &[f64]| {
        trainer.observe(&[pair[0]], &[pair[1]]).map_or(f64::INFINITY, |report| report.loss)
    };
    Run::of(&series.windows(2).map(observe).collect::<Vec<_>>())
}

/// The exact gradient, an update each hour.
fn by_traces<O>(optimizer: &O, seed: u64, series: &[f64]) -> Run
where
    O: Optimizer<Net>,
{
    let (mut net, mut gradient, mut rtrl) = (start(seed), Net::ZERO, Rtrl::new());
    let mut state = O::State::ZERO;
    let observe = |pair: &[f64]| {
        gradient.set_zero();
        let loss = rtrl.observe(&net, &[pair[0]], &[pair[1]], &mut gradient);
        if clip_grad_norm(&mut gradient, 1.0).is_finite() {
            optimizer.update(&mut net, &gradient, &mut state);
        }
        loss
    };
    Run::of(&series.windows(2).map(observe).collect::<Vec<_>>())
}

//////////// the result ////////////

/// A quarter of a power of ten apart, from 1e-4 to 1.
fn rates() -> impl Iterator<Item = f64> {
    (-16..=0).map(|quarter| 10_f64.powf(f64::from(quarter) / 4.0))
}

/// One way to the gradient: the runs of every seed at every rate.
struct Row {
    gradient: &'static str,
    runs: Vec<Vec<Run>>,
}

fn rows<O>(name: &str, args: &Args, series: &[f64], optimizer: fn(f64) -> O) -> Vec<Row>
where
    O: Optimizer<Net>,
{
    let row = |gradient, run: &(dyn Fn(O, u64) -> Run + Sync)| {
        let at = |rate: f64| for_seeds(args.seeds, |seed| run(optimizer(rate), seed));
        let row = Row { gradient, runs: rates().map(at).collect() };
        row.print(name);
        row
    };
    vec![
        row("(1, 1)", &|o, seed| by_tape::<O, 1, 1>(o, seed, series)),
        row("(24, 24)", &|o, seed| by_tape::<O, 24, 24>(o, seed, series)),
        row("(4, 24)", &|o, seed| by_tape::<O, 4, 24>(o, seed, series)),
        row("(1, 24)", &|o, seed| by_tape::<O, 1, 24>(o, seed, series)),
        row("exact", &|o, seed| by_traces(&o, seed, series)),
    ]
}

impl Row {
    /// The median of the seeds at each rate.
    fn medians(&self, error: impl Fn(&Run) -> f64) -> Vec<f64> {
        self.runs.iter().map(|runs| median(runs.iter().map(&error).collect())).collect()
    }

    /// The rate whose median is least, and the errors of its seeds.
    fn best(&self, error: impl Fn(&Run) -> f64) -> (f64, Vec<f64>) {
        let medians = self.medians(&error);
        let least = |&a: &usize, &b: &usize| medians[a].total_cmp(&medians[b]);
        let best = (0..medians.len()).min_by(least).expect("there are rates");
        let rate = rates().nth(best).expect("a rate for each row of runs");
        (rate, self.runs[best].iter().map(error).collect())
    }

    fn print(&self, optimizer: &str) {
        let (rate, mut errors) = self.best(|run| run.second_half);
        let (early_rate, early) = self.best(|run| run.first_weeks);
        errors.sort_by(f64::total_cmp);
        println!(
            "| {optimizer} | {} | {rate:.4} | {:.4} | {:.4} to {:.4} | {early_rate:.4} | {:.4} |",
            self.gradient,
            median(errors.clone()),
            errors[0],
            errors[errors.len() - 1],
            median(early),
        );
    }
}

fn draw(area: &Area<'_>, name: &str, rows: &[Row]) -> Drawn {
    const COLOURS: [RGBColor; 5] =
        [RGBColor(86, 180, 233), GREEN, RGBColor(230, 159, 0), BLUE, VERMILION];
    let title = format!("{name}: forecasts in the second half of the year");
    let ends = (-4.0..0.0, 0.0..0.3);
    let mut chart = panel(area, &title)?.build_cartesian_2d(ends.0, ends.1)?;
    axes(&mut chart, "learning rate, power of ten", "mean squared error")?;
    for (row, colour) in rows.iter().zip(COLOURS) {
        let points = rates().map(f64::log10).zip(row.medians(|run| run.second_half));
        let shown = points.filter(|&(_, error)| error <= 0.3);
        line(&mut chart, row.gradient, colour.stroke_width(3), shown)?;
    }
    legend(&mut chart, SeriesLabelPosition::UpperMiddle)
}
