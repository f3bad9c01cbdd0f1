//! A fleet: boards at twenty car parks learn apart and together.
//!
//! Each board forecasts the change of its own car park's occupancy in the next half hour and learns from
//! what then comes. Once a day all send their weights, one network is made of them, and all go on from
//! that: no reading leaves its board. `cargo run --release --example fleet` puts a new board at each
//! site in turn, alone and from the fleet; poisons a site; lets boards miss rounds; prints tables and
//! draws a picture. The tables are in `results.md`, and what they mean in `README.md`.

mod attacks;
mod baselines;
mod board;
#[path = "../common/mod.rs"]
mod common;
mod data;
#[allow(dead_code, reason = "a board runs it; here its size counts")]
mod device;
mod dropouts;
mod errors;
mod experiments;
#[cfg(test)]
mod flash;
mod fleet;
mod new_board;
mod picture;
mod rls;
mod scale;
mod server;
#[allow(dead_code, reason = "a board runs it")]
mod slip;
mod table;
#[cfg(test)]
mod tests;

use core::error::Error;
use std::path::PathBuf;
use std::time::Instant;

use clap::{Parser, value_parser};
use indicatif::{ProgressBar, ProgressStyle};

use crate::data::Parking;

/// Twenty car parks learn apart and together
#[derive(Parser)]
struct Args {
    /// How many first networks
    #[arg(long, default_value_t = 5, value_parser = value_parser!(u64).range(1..))]
    seeds: u64,
    /// File of the picture
    #[arg(long, default_value = "target/fleet.svg")]
    out: PathBuf,
}

fn main() -> Result<(), Box<dyn Error>> {
    let args = Args::parse();
    let parking = Parking::load()?;

    let start = Instant::now();
    let bar = progress_bar(experiments::ticks(&parking, args.seeds));
    let results = experiments::run(&parking, args.seeds, || bar.inc(1));
    bar.finish_and_clear();

    let mut report = String::new();
    table::print(&results, &mut report)?;
    print!("{report}");
    picture::draw(&args.out, &results)?;
    eprintln!("\n{:.1} s; picture: {}", start.elapsed().as_secs_f64(), args.out.display());
    Ok(())
}

/// A progress bar, visible on a terminal only.
fn progress_bar(parts: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("Learning {bar:50.blue/dim} {percent:>3} %")
        .expect("a well-formed template")
        .progress_chars("━━─");
    ProgressBar::new(parts).with_style(style)
}
