//! Bytes of one board, and of fleets larger than this one.

use core::fmt::{Error, Write};

use elman::checkpoint;

use super::board::{Board, DayTrainer, History, Net};
use super::device::{Device, FRAME};

/// What a board writes to flash in a round, to go on after a loss of power.
const SAVED: usize = checkpoint::size::<Board>();

/// Of usual NOR flash: bytes of a page, and how often it can be erased.
const PAGE: usize = 4096;
const ERASES: usize = 10_000;
const DAYS_A_YEAR: usize = 365;

pub fn print(out: &mut impl Write) -> Result<(), Error> {
    board(out)?;
    fleets(out)
}

fn board(out: &mut impl Write) -> Result<(), Error> {
    writeln!(out, "### One board, in bytes\n\n| what | bytes |\n|---|---:|")?;
    for (what, bytes) in [
        ("weights", size_of::<Net>()),
        ("all that learns: weights, gradient, moments, tape", size_of::<DayTrainer>()),
        ("readings of a week", size_of::<History>()),
        ("all of it, with the buffers of a round", size_of::<Device>()),
        ("a frame, each way and round", FRAME),
        ("a checkpoint", SAVED),
    ] {
        writeln!(out, "| {what} | {bytes} |")?;
    }
    let pages = 2 * SAVED.div_ceil(PAGE);
    let years = 2 * ERASES / DAYS_A_YEAR;
    writeln!(
        out,
        "\nTwo slots of a checkpoint are {pages} pages of {PAGE} bytes; one save a day erases each \
         every second day, so that {ERASES} erases last {years} years.\n"
    )
}

fn fleets(out: &mut impl Write) -> Result<(), Error> {
    writeln!(out, "### Larger fleets, a round a day\n")?;
    writeln!(
        out,
        "| boards | MB a day, each way | updates a second | bytes of the server, mean | MB of the server, median |"
    )?;
    writeln!(out, "|---:|---:|---:|---:|---:|")?;
    for boards in [20_usize, 1000, 10_000, 100_000, 1_000_000] {
        let mb = |bytes: usize| bytes as f64 / 1e6;
        writeln!(
            out,
            "| {boards} | {:.2} | {:.4} | {} | {:.2} |",
            mb(boards * FRAME),
            boards as f64 / 86_400.0,
            size_of::<elman::FedAvg<Net>>(),
            mb(boards * size_of::<Net>()),
        )?;
    }
    Ok(())
}
