//! Forecasts of the yearly sunspot numbers, one year ahead, by small recurrent networks.
//!
//! `cargo run --release --example sunspots` trains networks from 20 seeds on the years 1700–1920. It
//! prints their errors on the years 1921–1955 beside those of simpler methods, and draws a picture.

#[allow(dead_code, reason = "the tests need the rest")]
mod baselines;
#[path = "../common/mod.rs"]
mod common;
mod data;
mod picture;
mod recipe;
mod score;
mod seeds;
mod table;

use core::error::Error;
use std::path::PathBuf;
use std::time::Instant;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, value_parser};
use indicatif::{ProgressBar, ProgressStyle};

use crate::data::Sunspots;
use crate::recipe::{HIDDEN, Recipe, Rule, WINDOWS};

/// Forecasts of the yearly sunspot numbers, one year ahead, by small recurrent networks
#[derive(Parser)]
struct Args {
    /// How many networks to train, each from its own initial weights
    #[arg(long, default_value_t = 20, value_parser = value_parser!(u64).range(1..))]
    seeds: u64,
    /// The optimiser
    #[arg(long, value_enum, default_value = "sgd")]
    optimizer: Rule,
    /// Tanh units of each network
    #[arg(long, default_value = "12", value_parser = one_of(HIDDEN))]
    hidden: usize,
    /// Years from one update to the next, at most K2
    #[arg(long, default_value_t = 20)]
    k1: usize,
    /// Years that errors are propagated back through
    #[arg(long, default_value = "20", value_parser = one_of(WINDOWS))]
    k2: usize,
    /// Passes through the years 1700–1920 [default: 600; 100 with adam and rms-prop]
    #[arg(long, value_parser = value_parser!(u32).range(1..))]
    epochs: Option<u32>,
    /// Learning rate [default: one that suits the optimizer]
    #[arg(long)]
    learning_rate: Option<f32>,
    /// File of the picture
    #[arg(long, default_value = "target/sunspots.svg")]
    out: PathBuf,
}

fn main() -> Result<(), Box<dyn Error>> {
    let args = Args::parse();
    let recipe = args.recipe();
    let sunspots = Sunspots::load()?;

    let start = Instant::now();
    let bar = progress_bar(args.seeds * u64::from(recipe.epochs));
    let runs = seeds::train(&recipe, args.seeds, &sunspots, || bar.inc(1));
    bar.finish_and_clear();
    let seconds = start.elapsed().as_secs_f64();

    table::print(&recipe, &runs, &sunspots);
    picture::draw(&args.out, &runs, &sunspots)?;
    println!("\n{} networks trained for {} epochs in {seconds:.1} s", args.seeds, recipe.epochs);
    println!("picture: {}", args.out.display());
    Ok(())
}

impl Args {
    fn recipe(&self) -> Recipe {
        if !(1..=self.k2).contains(&self.k1) {
            let message = format!("--k1 is from 1 to --k2, which is {}", self.k2);
            Self::command().error(ErrorKind::ValueValidation, message).exit();
        }
        let usual = self.optimizer.recipe();
        Recipe {
            learning_rate: self.learning_rate.unwrap_or(usual.learning_rate),
            epochs: self.epochs.unwrap_or(usual.epochs),
            hidden: self.hidden,
            k1: self.k1,
            k2: self.k2,
            ..usual
        }
    }
}

/// A parser of sizes that accepts those that are compiled.
fn one_of(sizes: &'static [&'static str]) -> impl TypedValueParser<Value = usize> {
    PossibleValuesParser::new(sizes).map(|size| size.parse().expect("the sizes are numbers"))
}

/// A progress bar, visible on a terminal only.
fn progress_bar(epochs: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("Training {bar:50.blue/dim} {percent:>3} %")
        .expect("a well-formed template")
        .progress_chars("━━─");
    ProgressBar::new(epochs).with_style(style)
}
