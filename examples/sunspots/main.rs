//! A recurrent net learns the yearly sunspot numbers, one year ahead.
//!
//! `cargo run --release --example sunspots` trains the nets of 20 seeds, prints how well they and
//! two simpler methods foretell the years 1921–1955, and draws a picture of it.

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

use clap::{Parser, value_parser};
use indicatif::{ProgressBar, ProgressStyle};

use crate::data::Sunspots;
use crate::recipe::{RECIPE, Recipe};

/// A recurrent net learns the yearly sunspot numbers, one year ahead
#[derive(Parser)]
struct Args {
    /// How many nets to train, each from its own first weights
    #[arg(long, default_value_t = 20, value_parser = value_parser!(u64).range(1..))]
    seeds: u64,
    /// How often each goes through the years 1700–1920
    #[arg(long, default_value_t = RECIPE.epochs, value_parser = value_parser!(u32).range(1..))]
    epochs: u32,
    /// The step along the gradient
    #[arg(long, default_value_t = RECIPE.learning_rate)]
    learning_rate: f32,
    /// Where the picture goes
    #[arg(long, default_value = "target/sunspots.svg")]
    out: PathBuf,
}

fn main() -> Result<(), Box<dyn Error>> {
    let args = Args::parse();
    let recipe = Recipe { epochs: args.epochs, learning_rate: args.learning_rate };
    let sunspots = Sunspots::load()?;

    let start = Instant::now();
    let bar = progress_bar(args.seeds * u64::from(args.epochs));
    let runs = seeds::train(&recipe, args.seeds, &sunspots, || bar.inc(1));
    bar.finish_and_clear();
    let seconds = start.elapsed().as_secs_f64();

    table::print(&runs, &sunspots);
    picture::draw(&args.out, &runs, &sunspots)?;
    println!("\n{} nets trained for {} epochs in {seconds:.1} s", args.seeds, args.epochs);
    println!("picture: {}", args.out.display());
    Ok(())
}

/// Draws itself on a terminal, and nowhere else.
fn progress_bar(epochs: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("Training {bar:50.blue/dim} {percent:>3} %")
        .expect("a well-formed template")
        .progress_chars("━━─");
    ProgressBar::new(epochs).with_style(style)
}
