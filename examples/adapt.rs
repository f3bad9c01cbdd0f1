//! Adaptation of a trained network to another machine: not at all, by its readout, or as a whole.
//!
//! Machines of one kind vibrate alike but differ in speed, harmonics and load. A 1-24-1 network is
//! trained on one machine, at the factory, to forecast its vibration one sample ahead. Then it is
//! mounted on others, and there
//!
//! - nothing is trained,
//! - or the readout only: the recurrent layer is a [`FrozenBase`], its weights stay in flash,
//! - or the whole network, by truncated BPTT.
//!
//! Beside these, linear filters of the last 24 samples: one fitted at the factory, one that learns on the
//! device by recursive least squares. On this signal, a sum of harmonics, they are better.
//!
//! `cargo run --release --example adapt` does so on 20 machines, prints the remaining error and the RAM
//! of each way, and draws the error over time.

mod common;

use core::error::Error;
use core::f64::consts::TAU;
use core::ops::Range;
use std::path::PathBuf;
use std::sync::OnceLock;

use clap::{Parser, value_parser};
use common::baselines::{Baseline, LeastSquares, RecursiveLeastSquares, Seasonal, net_operations};
use common::plot::{
    self, Area, BLUE, Drawn, GREEN, INK, VERMILION, axes, curves, legend, line, panel,
};
use common::{for_seeds, median};
use elman::{
    Adam, Backward, Dense, Elman, FrozenBase, Initialize, Learner, Parameters, Pcg32, Schedule,
    Stack, StaticLayer, StreamState, Trainer,
};
use plotters::coord::combinators::BindKeyPoints;
use plotters::prelude::{IntoLogRange, SeriesLabelPosition};
use plotters::style::Color;

const HIDDEN: usize = 24;
type Body = Elman<1, HIDDEN>;
type Readout = Dense<HIDDEN, 1>;
type Whole = Stack<(Body, Readout)>;
type OnlyReadout = Stack<(FrozenBase<Factory>, Readout)>;

/// The network as trained at the factory. On a device it is a `static` in flash.
struct Factory;
static FACTORY: OnceLock<Whole> = OnceLock::new();

impl StaticLayer for Factory {
    type Layer = Body;

    fn layer() -> &'static Body {
        &FACTORY.get().expect("trained before it is mounted").0.0
    }
}

/// An update every 5 samples, from errors propagated back through 20.
const K1: usize = 5;
const K2: usize = 20;
/// The window of a readout: it has no recurrence, so 5 new samples are all it needs.
const OF_READOUT: usize = K1;

/// Training samples at the factory.
const FACTORY_SAMPLES: u32 = 200_000;
/// Samples averaged to one point of a curve.
const POINT: usize = 250;
/// Points before the change of machine, and after it.
const BEFORE: usize = 8;
const AFTER: usize = 72;

/// Adaptation of a network trained on one machine to others
#[derive(Parser)]
struct Args {
    /// How many other machines
    #[arg(long, default_value_t = 20, value_parser = value_parser!(u64).range(1..))]
    machines: u64,
    /// Learning rate of Adam on the device: about the largest change of a weight in one update
    #[arg(long, default_value_t = 0.002)]
    learning_rate: f32,
    /// File of the picture
    #[arg(long, default_value = "target/adapt.svg")]
    out: PathBuf,
}

fn main() -> Result<(), Box<dyn Error>> {
    let args = Args::parse();
    FACTORY.get_or_init(at_the_factory);
    let runs = for_seeds(args.machines, |seed| mount(&args, &mut Machine::like(seed + 1)));

    print_table(&runs);
    plot::draw(&args.out, |left, right| {
        draw_signals(left)?;
        draw_errors(right, &runs)
    })?;
    println!("\npicture: {}", args.out.display());
    Ok(())
}

//////////// the machines ////////////

/// The vibration of a rotating machine: three harmonics of its speed, a slowly varying load, noise.
struct Machine {
    period: f64,
    amplitudes: [f64; 3],
    phases: [f64; 3],
    load: f64,
    rng: Pcg32,
    t: u32,
}

impl Machine {
    /// A machine drawn from a seed; 0 is the one at the factory.
    fn like(seed: u64) -> Self {
        let mut rng = Pcg32::new(seed, 4);
        let mut about =
            |middle: f64, spread: f64| middle * (1.0 + spread * rng.uniform_symmetric::<f64>());
        Self {
            period: about(14.0, 0.3),
            amplitudes: [about(0.5, 0.3), about(0.3, 0.6), about(0.15, 0.9)],
            phases: [about(1.0, 1.0), about(2.0, 1.0), about(3.0, 1.0)],
            load: about(173.0, 0.5),
            rng,
            t: 0,
        }
    }
}

impl Iterator for Machine {
    type Item = f32;

    fn next(&mut self) -> Option<f32> {
        let t = f64::from(self.t);
        self.t += 1;
        let turn = TAU * t / self.period;
        let harmonics = (1..).zip(self.amplitudes).zip(self.phases);
        let sum: f64 =
            harmonics.map(|((n, a), phase)| a * (f64::from(n) * turn + phase).sin()).sum();
        let load = 1.0 + 0.25 * (TAU * t / self.load).sin();
        Some((load * sum + 0.02 * self.rng.approx_normal::<f64>()) as f32)
    }
}

//////////// learning ////////////

fn at_the_factory() -> Whole {
    let mut trainer = Trainer::<Whole, Adam, K1, K2>::new(Adam::new(0.005));
    trainer.learner.net.init_keras(&mut Pcg32::new(1, 0));
    trainer.learner.schedule = Schedule::cosine(FACTORY_SAMPLES / K1 as u32, 0.02);
    let signal: Vec<f32> = Machine::like(0).take(FACTORY_SAMPLES as usize).collect();
    for pair in signal.windows(2) {
        trainer.observe(&[pair[0]], &[pair[1]]).expect("a sane signal");
    }
    trainer.learner.net
}

/// The error of each way over time, relative to persistence (forecasting the present value).
struct Run {
    unchanged: Vec<f64>,
    readout: Vec<f64>,
    whole: Vec<f64>,
    seasonal: Vec<f64>,
    fitted: Vec<f64>,
    recursive: Vec<f64>,
}

/// Runs on the factory's machine, then on another one; the networks are trained on the latter only.
fn mount(args: &Args, machine: &mut Machine) -> Run {
    let signal: Vec<f32> =
        Machine::like(0).take(BEFORE * POINT).chain(machine.take(AFTER * POINT + 1)).collect();

    let weights = FACTORY.get().expect("trained before it is mounted");
    let mut readout = learner::<OnlyReadout>(args);
    readout.net.0.1 = weights.0.1.clone();
    let mut whole = learner::<Whole>(args);
    whole.net = weights.clone();
    Run {
        unchanged: unchanged(weights, &signal),
        readout: adapt::<_, OF_READOUT>(&mut readout, &signal),
        whole: adapt::<_, K2>(&mut whole, &signal),
        seasonal: filter(&mut seasonal(), &signal),
        fitted: filter(&mut fitted(), &signal),
        recursive: filter(&mut recursive(), &signal),
    }
}

//////////// simpler methods ////////////

/// Samples that a filter reads.
const LAGS: usize = 24;

/// The period of the factory's machine, in samples.
fn seasonal() -> Seasonal {
    Seasonal::new(14)
}

fn fitted() -> LeastSquares {
    let signal: Vec<f64> = Machine::like(0).take(5000).map(f64::from).collect();
    LeastSquares::fit(LAGS, &signal)
}

fn recursive() -> RecursiveLeastSquares {
    RecursiveLeastSquares::new(LAGS, 0.999)
}

fn filter(baseline: &mut impl Baseline, signal: &[f32]) -> Vec<f64> {
    let known = &signal[..signal.len() - 1];
    let predictions = known.iter().map(|&x| baseline.observe(f64::from(x)) as f32);
    errors(signal, &predictions.collect::<Vec<_>>())
}

//////////// the networks ////////////

fn learner<N: Backward<Out = [f32; 1]> + Parameters<Scalar = f32, Tensor = [f32]>>(
    args: &Args,
) -> Learner<N, Adam> {
    Learner::new(Adam::new(args.learning_rate))
}

fn unchanged(net: &Whole, signal: &[f32]) -> Vec<f64> {
    let mut state = Whole::INITIAL_STATE;
    let predictions = signal[..signal.len() - 1].iter().map(|&x| net.step(&[x], &mut state)[0]);
    errors(signal, &predictions.collect::<Vec<_>>())
}

/// Trains from the change of machine on; until then the network runs without training.
fn adapt<N, const K: usize>(learner: &mut Learner<N, Adam>, signal: &[f32]) -> Vec<f64>
where
    N: Backward<In = [f32; 1], Out = [f32; 1]> + Parameters<Scalar = f32, Tensor = [f32]>,
{
    let mut stream = StreamState::<N, K1, K>::new();
    let predictions = signal.windows(2).enumerate().map(|(t, pair)| {
        let [prediction] = if t < BEFORE * POINT {
            learner.predict(&mut stream, &[pair[0]])
        } else {
            learner.observe(&mut stream, &[pair[0]], &[pair[1]]).map(|report| report.prediction)
        }
        .expect("a sane signal");
        prediction
    });
    errors(signal, &predictions.collect::<Vec<_>>())
}

/// The squared error over each `POINT` samples, relative to that of persistence.
fn errors(signal: &[f32], predictions: &[f32]) -> Vec<f64> {
    let square = |a: f32, b: f32| f64::from(a - b).powi(2);
    let points = signal[1..].chunks(POINT).zip(signal.chunks(POINT)).zip(predictions.chunks(POINT));
    points
        .map(|((next, present), predictions)| {
            let of = |guess: &[f32]| -> f64 {
                next.iter().zip(guess).map(|(&y, &g)| square(y, g)).sum()
            };
            of(predictions) / of(present)
        })
        .collect()
}

//////////// the result ////////////

/// Which of a run's errors.
type Errors = fn(&Run) -> &Vec<f64>;

fn print_table(runs: &[Run]) {
    println!("A 1-{HIDDEN}-1 network trained on one machine, mounted on {} others\n", runs.len());
    println!("squared error of the forecast, % of that of persistence (the present value);");
    println!("medians; columns are samples after the change of machine");
    let [_before, after @ ..] = periods();
    print!("{:16}{:>9}", "trained", "before");
    for samples in
        after.map(|points| (points.start - BEFORE) * POINT..(points.end - BEFORE) * POINT)
    {
        print!("{:>13}", format!("{}-{}", samples.start, samples.end));
    }
    println!("{:>15}{:>12}", "bytes of RAM", "operations");
    let step = HIDDEN + HIDDEN * HIDDEN + HIDDEN;
    let state = (size_of_val(&Whole::INITIAL_STATE), step);
    row("nothing", runs, |run| &run.unchanged, state);
    let readout = (ram::<OnlyReadout, OF_READOUT>(), step + HIDDEN * OF_READOUT / K1);
    row("the readout", runs, |run| &run.readout, readout);
    let whole = (ram::<Whole, K2>(), net_operations([1, HIDDEN, 1], K1, K2));
    row("everything", runs, |run| &run.whole, whole);
    println!("without a network:");
    let cost = |baseline: &dyn Baseline| (baseline.ram(), baseline.operations());
    row("seasonal, 14", runs, |run| &run.seasonal, cost(&seasonal()));
    row("least squares", runs, |run| &run.fitted, cost(&fitted()));
    row("recursive l.s.", runs, |run| &run.recursive, cost(&recursive()));
}

/// All RAM of training: weights, gradient, optimiser state, tape and bookkeeping.
const fn ram<N: Backward + Parameters<Scalar = f32, Tensor = [f32]>, const K: usize>() -> usize {
    size_of::<Learner<N, Adam>>() + size_of::<StreamState<N, K1, K>>()
}

/// The points averaged in each column of the table: one period before the change, three after it.
fn periods() -> [Range<usize>; 4] {
    let end = BEFORE + AFTER;
    [1..BEFORE, BEFORE..BEFORE + 1, BEFORE + 4..BEFORE + 8, end - 8..end]
}

/// `cost` is bytes of RAM, and multiplications a sample without those of the optimiser.
fn row(name: &str, runs: &[Run], errors: Errors, (bytes, operations): (usize, usize)) {
    let [before, after @ ..] = periods().map(|points| {
        let mean = |run: &Run| {
            let errors = &errors(run)[points.clone()];
            100.0 * errors.iter().sum::<f64>() / errors.len() as f64
        };
        median(runs.iter().map(mean).collect())
    });
    let after = after.map(|error| format!("{error:>13.2}")).concat();
    println!("{name:16}{before:>9.2}{after}{bytes:>15}{operations:>12}");
}

/// The vibration of the factory's machine and of another one.
fn draw_signals(area: &Area<'_>) -> Drawn {
    let mut chart =
        panel(area, "Two machines of one kind")?.build_cartesian_2d(0.0..80.0, -1.5..1.5)?;
    axes(&mut chart, "sample", "vibration")?;
    for (seed, label, colour) in [(0, "the factory's", INK), (1, "another one", VERMILION)] {
        let signal = Machine::like(seed).map(f64::from).take(81);
        line(&mut chart, label, colour.stroke_width(2), (0..).map(f64::from).zip(signal))?;
    }
    legend(&mut chart, SeriesLabelPosition::UpperRight)
}

/// Errors over time, before and after the change of machine.
fn draw_errors(area: &Area<'_>, runs: &[Run]) -> Drawn {
    let time: Vec<f64> = (0..BEFORE + AFTER)
        .map(|point| (point as f64 + 0.5 - BEFORE as f64) * POINT as f64 / 1000.0)
        .collect();
    let range = time[0]..time[time.len() - 1];
    let percent = (0.1..4000.0).log_scale().with_key_points(vec![0.1, 1.0, 10.0, 100.0, 1000.0]);
    let mut chart =
        panel(area, "Mounted on another machine at 0: each machine thin, the median bold")?
            .build_cartesian_2d(range, percent)?;
    axes(&mut chart, "thousand samples", "error, % of persistence")?;
    let ways: [(_, _, Errors); 3] = [
        ("nothing is trained", VERMILION, |run| &run.unchanged),
        ("the readout is trained", GREEN, |run| &run.readout),
        ("everything is trained", BLUE, |run| &run.whole),
    ];
    for (label, colour, errors) in ways {
        let percents: Vec<Vec<f64>> = runs
            .iter()
            .map(|run| errors(run).iter().map(|error| 100.0 * error).collect())
            .collect();
        curves(&mut chart, label, colour, &time, &percents)?;
    }
    legend(&mut chart, SeriesLabelPosition::UpperRight)
}
