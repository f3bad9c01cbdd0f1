//! Tests of the replay: its bits, its file, its page, and what it says of faulty logs.

mod baselines;
mod bits;
mod exit;
mod file;
mod integers;
mod log;
mod page;

use clap::Parser;

use crate::args::Args;
use crate::log::Log;
use crate::shipped;

/// Arguments as on a command line.
fn args(line: &str) -> Args {
    Args::parse_from(core::iter::once("replay").chain(line.split_whitespace()))
}

/// The first hours of the shipped log.
fn hours(rows: usize) -> Log {
    let mut log = shipped::read(&args("").format).unwrap();
    log.rows.truncate(rows);
    log
}

/// The same with two gaps.
fn with_gaps(rows: usize) -> Log {
    let mut log = hours(rows);
    log.rows[301][0] = f32::NAN;
    (500..504).for_each(|row| log.rows[row][0] = f32::NAN);
    log
}
