//! Replay: a field log goes through the very trainer of a device, at a desk.
//!
//! `cargo run --release --example replay -- log.csv --target temperature` learns the log online, row by
//! row, as the device does and with its bits; prints the errors of the networks that were asked for
//! beside those of baselines; draws a picture; and writes the best network as a `safetensors` file for
//! `include_bytes!`, with the lines that go into the firmware. Without a log it takes a year of traffic.
//! `--help` lists the options, `README.md` explains them, and `results.md` is what it prints.

mod ahead;
mod args;
mod baselines;
#[path = "../common/mod.rs"]
mod common;
mod device;
mod experiment;
mod firmware;
mod log;
mod picture;
mod rule;
mod score;
mod settings;
mod shipped;
mod sizes;
mod table;
#[cfg(test)]
mod tests;

use core::error::Error;
use std::fs;
use std::process::ExitCode;

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};

use crate::args::Args;
use crate::log::Log;
use crate::score::Scored;
use crate::settings::Settings;

fn main() -> ExitCode {
    let args = Args::parse();
    let settings = args.settings().unwrap_or_else(|error| error.exit());
    end(replay(&args, &settings))
}

/// Prints the report, or what is wrong.
fn end(report: Result<String, Box<dyn Error>>) -> ExitCode {
    match report {
        Ok(report) => {
            print!("{report}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// All of it; returns what is to be printed.
fn replay(args: &Args, settings: &[Settings]) -> Result<String, Box<dyn Error>> {
    let log = read(args)?;
    let mut baselines = args.baselines.clone();
    if args.log.is_none() {
        baselines.period = baselines.period.or(Some(shipped::PERIOD));
    }
    let plan = args.plan();
    let longest = baselines.lags.max(baselines.period.unwrap_or(0));
    let scored = Scored::new(&log, plan.target.horizon, longest)?;

    let bar = progress_bar(settings.len() as u64 * plan.seeds * u64::from(plan.passes));
    let outcomes = experiment::outcomes(&scored, plan, settings, || bar.inc(1));
    bar.finish_and_clear();
    let best = &outcomes[0];
    let run = experiment::run(&scored, plan, &best.settings, best.seed(), || {});
    let baselines = baselines::baselines(&scored, &baselines);

    let mut report = String::new();
    table::print(&scored, plan, &outcomes, &baselines, &mut report)?;
    write(args, &scored, &run, &baselines)?;
    firmware::print(&args.net, &log, &best.settings, plan.target, &mut report)?;
    Ok(report)
}

/// The log, or its errors with the name of the file.
fn read(args: &Args) -> Result<Log, Box<dyn Error>> {
    let Some(path) = &args.log else { return Ok(shipped::read(&args.format)?) };
    let named = |error: &dyn Error| format!("{}: {error}", path.display());
    let file = fs::read(path).map_err(|error| named(&error))?;
    Ok(Log::read(&file, &args.format).map_err(|error| named(&error))?)
}

/// Writes network and picture.
fn write(
    args: &Args,
    scored: &Scored<'_>,
    run: &experiment::Run,
    baselines: &[baselines::BaselineRun],
) -> Result<(), Box<dyn Error>> {
    if let Some(folder) = args.net.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(&args.net, run.device.file())?;
    picture::draw(&args.out, scored, run, baselines)?;
    eprintln!("network: {}; picture: {}", args.net.display(), args.out.display());
    if run.lost > 0 {
        eprintln!("in {} rows the best network had no forecast: it diverged", run.lost);
    }
    Ok(())
}

/// A progress bar, visible on a terminal only.
fn progress_bar(passes: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("Learning {bar:50.blue/dim} {percent:>3} %")
        .expect("a well-formed template")
        .progress_chars("━━─");
    ProgressBar::new(passes).with_style(style)
}
