//! The embedded Reber grammar, the classic test of memory for simple recurrent nets.
//!
//! ```text
//!                ┌─ T ─ (inner string) ─ T ─┐          inner string: B, a walk, E
//!     start ─ B ─┤                          ├─ E          walks such as TSSXS, PVPXVV, TXXTVV
//!                └─ P ─ (inner string) ─ P ─┘
//! ```
//!
//! A network reads a string symbol by symbol and predicts the symbols that may come next. Most of them
//! follow from the last few symbols. But the second last symbol of a string repeats its second one,
//! however long the inner string is, and the network must remember it all that time (Reber 1967;
//! Cleeremans, Servan-Schreiber & McClelland 1989; Hochreiter & Schmidhuber 1997).
//!
//! Training shows strings only, with the next symbol as the target; the lists of legal symbols are used
//! in tests alone. A string counts as correct if, after each of its symbols, every legal next symbol
//! has a higher score than every illegal one.
//!
//! `cargo run --release --example reber` trains networks from 20 seeds, each on strings of its own,
//! tests them on strings that none was trained on, prints a table and draws a picture.

mod common;
#[path = "common/grammar.rs"]
mod grammar;
#[path = "common/symbols.rs"]
mod symbols;

use core::num::NonZeroU32;

use core::error::Error;
use std::path::PathBuf;

use clap::{Parser, value_parser};
use common::baselines::net_operations;
use common::plot::{self, Area, BLUE, Drawn, GRID, VERMILION, axes, curves, legend, panel, text};
use common::{for_seeds, median};
use elman::{Adam, Dense, Elman, Initialize, Pcg32, Schedule, SoftmaxCrossEntropy, Stack, Trainer};
use grammar::{B, E, Example, P, S, SYMBOLS, T, V, X, draw};
use indicatif::ProgressBar;
use plotters::prelude::*;
use symbols::{Counts, LeastSquares, NEWEST, PLACES, Present, REGRESSORS, Scores};

/// Input: one symbol, one-hot. Output: the scores (logits) of the next one.
type Net = Stack<(Elman<SYMBOLS, HIDDEN>, Dense<HIDDEN, SYMBOLS>)>;
/// Full BPTT for strings of up to 64 steps; longer ones are cut into windows of 64.
type SymbolTrainer = Trainer<Net, Adam, 64, 64, SoftmaxCrossEntropy>;

const NAMES: [char; SYMBOLS] = ['B', 'T', 'P', 'S', 'X', 'V', 'E'];
const HIDDEN: usize = 32;

/// Strings whose gradients are added for one update.
const BATCH: u32 = 8;
/// Training strings from one test to the next.
const BETWEEN: usize = 500;
/// Test strings, the same for every network.
const TESTS: usize = 500;

/// The embedded Reber grammar, learned by simple recurrent networks
#[derive(Parser)]
struct Args {
    /// How many networks to train, each from its own initial weights and on its own strings
    #[arg(long, default_value_t = 20, value_parser = value_parser!(u64).range(1..))]
    seeds: u64,
    /// Training strings of each network
    #[arg(long, default_value_t = 20_000)]
    strings: usize,
    /// Learning rate of Adam: about the largest change of a weight in one update
    #[arg(long, default_value_t = 0.005)]
    learning_rate: f32,
    /// File of the picture
    #[arg(long, default_value = "target/reber.svg")]
    out: PathBuf,
}

fn main() -> Result<(), Box<dyn Error>> {
    let args = Args::parse();
    let unseen = test_strings();
    let bar = ProgressBar::new(args.seeds);
    let runs = for_seeds(args.seeds, |seed| {
        let run = train(&args, seed, &unseen);
        bar.inc(1);
        run
    });
    bar.finish_and_clear();

    print_table(&args, &runs);
    plot::draw(&args.out, |left, right| {
        draw_learning(left, &args, &runs)?;
        draw_string(right, &best(&runs).net)
    })?;
    println!("\npicture: {}", args.out.display());
    Ok(())
}

//////////// learning ////////////

fn test_strings() -> Vec<Example> {
    let mut rng = Pcg32::new(0, 1);
    (0..TESTS).map(|_| draw(&mut rng, true)).collect()
}

/// The result of one seed.
struct Run {
    net: Net,
    /// The share of test strings that are correct, test by test.
    right: Vec<f64>,
}

impl Run {
    fn last(&self) -> f64 {
        *self.right.last().expect("at least one test")
    }
}

fn train(args: &Args, seed: u64, unseen: &[Example]) -> Run {
    let mut rng = Pcg32::new(seed, 2);
    let mut trainer = SymbolTrainer::new(Adam::new(args.learning_rate));
    trainer.learner.net.init_keras(&mut rng);
    trainer.learner.batch = NonZeroU32::new(BATCH);
    trainer.learner.schedule = Schedule::cosine(args.strings as u32 / BATCH, 0.02);

    let mut right = vec![share_correct(&trainer.learner.net, unseen)];
    for n in 1..=args.strings {
        learn(&mut trainer, &draw(&mut rng, false));
        if n % BETWEEN == 0 {
            right.push(share_correct(&trainer.learner.net, unseen));
        }
    }
    Run { net: trainer.learner.net, right }
}

/// Trains on one string: the target after each symbol is the next one.
fn learn(trainer: &mut SymbolTrainer, example: &Example) {
    for pair in example.symbols.windows(2) {
        trainer.observe(&one_hot(pair[0]), &pair[1]).expect("numbers of a sane size");
    }
    trainer.end_sequence().expect("a sane gradient");
}

fn one_hot(symbol: usize) -> [f32; SYMBOLS] {
    core::array::from_fn(|s| if s == symbol { 1.0 } else { 0.0 })
}

fn share_correct(net: &Net, examples: &[Example]) -> f64 {
    let right = examples.iter().filter(|example| is_correct(net, example)).count();
    right as f64 / examples.len() as f64
}

fn is_correct(net: &Net, example: &Example) -> bool {
    is_right(&scores(net, example), example)
}

/// Whether every legal next symbol has a higher score than every illegal one.
fn is_right(scores: &[[f32; SYMBOLS]], example: &Example) -> bool {
    scores.iter().zip(&example.legal).all(|(scores, legal)| {
        let (legal, illegal): (Vec<usize>, Vec<usize>) =
            (0..SYMBOLS).partition(|symbol| legal.contains(symbol));
        legal.iter().all(|&l| illegal.iter().all(|&i| scores[l] > scores[i]))
    })
}

/// The scores of the next symbol after each symbol but the last.
fn scores(net: &Net, example: &Example) -> Vec<[f32; SYMBOLS]> {
    let mut state = Net::INITIAL_STATE;
    let read = &example.symbols[..example.symbols.len() - 1];
    read.iter().map(|&symbol| *net.step(&one_hot(symbol), &mut state)).collect()
}

//////////// the result ////////////

fn best(runs: &[Run]) -> &Run {
    runs.iter().max_by(|a, b| a.last().total_cmp(&b.last())).expect("at least one run")
}

fn print_table(args: &Args, runs: &[Run]) {
    let last: Vec<f64> = runs.iter().map(Run::last).collect();
    let perfect = last.iter().filter(|&&right| right == 1.0).count();
    let worst = last.iter().copied().fold(1.0, f64::min);
    println!(
        "Embedded Reber grammar, {SYMBOLS}-{HIDDEN}-{SYMBOLS} networks, {} strings each\n",
        args.strings
    );
    println!("share of {TESTS} test strings that are correct");
    println!(
        "  median of {:>3} seeds                     {:>6.1} %",
        runs.len(),
        100.0 * median(last)
    );
    println!("  worst                                   {:>6.1} %", 100.0 * worst);
    println!("  networks at 100 %                       {perfect:>4} of {}", runs.len());
    print_baselines(args);
    let operations = net_operations([SYMBOLS, HIDDEN, SYMBOLS], 1, 1);
    println!(
        "network: {} bytes of RAM, {operations} multiplications a symbol",
        size_of::<SymbolTrainer>()
    );
    println!("table: {} bytes of RAM, none", 4 * SYMBOLS * PLACES.pow(NEWEST as u32));
    println!("least squares: {} bytes of RAM, none (sums)", 4 * REGRESSORS * SYMBOLS);
    println!(
        "recursive least squares: {} bytes of RAM, {} multiplications to learn a symbol",
        4 * (REGRESSORS * REGRESSORS + REGRESSORS * SYMBOLS + 2 * REGRESSORS),
        2 * REGRESSORS * REGRESSORS + REGRESSORS * (SYMBOLS + 2)
    );
}

/// The same share by what has no network.
fn print_baselines(args: &Args) {
    let unseen = test_strings();
    let percent = |scores: &dyn Scores| 100.0 * scores.share_correct(&unseen);
    println!("  persistence: the present symbol         {:>6.1} %", percent(&Present));
    let squares = LeastSquares::learn(args.strings);
    println!("  least squares on the newest {NEWEST} symbols   {:>6.1} %", percent(&squares));
    let counts = Counts::learn(args.strings);
    println!("  a table of the symbols after each {NEWEST}     {:>6.1} %\n", percent(&counts));
}

/// Learning curves: the share of correct test strings against the number of training strings.
fn draw_learning(area: &Area<'_>, args: &Args, runs: &[Run]) -> Drawn {
    let mut chart = panel(area, "Learning curves: each network thin, the median bold")?
        .build_cartesian_2d(0.0..args.strings as f64, 0.0..102.0)?;
    axes(&mut chart, "training strings", "correct test strings, %")?;
    let places: Vec<f64> = (0..runs[0].right.len()).map(|n| (n * BETWEEN) as f64).collect();
    let right: Vec<Vec<f64>> =
        runs.iter().map(|run| run.right.iter().map(|right| 100.0 * right).collect()).collect();
    curves(&mut chart, "test strings", BLUE, &places, &right)?;
    legend(&mut chart, SeriesLabelPosition::LowerRight)
}

/// The probabilities of the next symbol after each symbol of one test string.
fn draw_string(area: &Area<'_>, net: &Net) -> Drawn {
    let mut rng = Pcg32::new(5, 3);
    let example = core::iter::repeat_with(|| draw(&mut rng, true))
        .find(|example| example.symbols.len() == 16)
        .expect("there are such strings");
    let steps = example.legal.len();
    let name = |place: &SegmentValue<usize>, symbols: &[usize]| match place {
        SegmentValue::CenterOf(n) => symbols.get(*n).map_or(String::new(), |&s| NAMES[s].into()),
        _ => String::new(),
    };
    let mut chart = panel(area, "One string: probability of each next symbol; framed: legal")?
        .build_cartesian_2d((0..steps - 1).into_segmented(), (0..SYMBOLS - 1).into_segmented())?;
    chart
        .configure_mesh()
        .disable_mesh()
        .x_desc("after reading")
        .y_desc("next symbol")
        .x_labels(steps)
        .y_labels(SYMBOLS)
        .x_label_formatter(&|place| name(place, &example.symbols))
        .y_label_formatter(&|place| name(place, &[B, T, P, S, X, V, E]))
        .label_style(text(19))
        .axis_desc_style(text(20))
        .axis_style(GRID)
        .draw()?;
    for (t, (scores, legal)) in scores(net, &example).iter().zip(&example.legal).enumerate() {
        for (symbol, p) in softmax(scores).into_iter().enumerate() {
            let framed = legal.contains(&symbol);
            let frame = if framed { VERMILION.stroke_width(3) } else { GRID.stroke_width(1) };
            chart.draw_series([cell(t, symbol, BLUE.mix(p.into()).filled())])?;
            chart.draw_series([cell(t, symbol, frame)])?;
        }
    }
    Ok(())
}

type Corner = (SegmentValue<usize>, SegmentValue<usize>);

fn cell(t: usize, symbol: usize, style: ShapeStyle) -> Rectangle<Corner> {
    let corner = |t, symbol| (SegmentValue::Exact(t), SegmentValue::Exact(symbol));
    let mut cell = Rectangle::new([corner(t, symbol), corner(t + 1, symbol + 1)], style);
    cell.set_margin(3, 3, 3, 3);
    cell
}

fn softmax(scores: &[f32; SYMBOLS]) -> [f32; SYMBOLS] {
    let powers = scores.map(f32::exp);
    let total: f32 = powers.iter().sum();
    powers.map(|power| power / total)
}
