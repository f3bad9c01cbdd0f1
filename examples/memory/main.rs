//! Which cell for which memory: delayed recall, the adding problem, the embedded Reber grammar, and
//! handwritten digits read pixel by pixel.
//!
//! Each task is learned by every cell at about equal numbers of parameters and at about equal
//! training RAM (network, gradient, Adam's moments, tape), by minGRU without a tape in the same RAM, and
//! by a linear layer that sees the newest inputs. One recipe for all (`learn.rs`). The figures are
//! the share of unseen sequences that come out right.
//!
//! `cargo run --release --example memory` prints a table and draws a picture; `--full` takes more seeds
//! and more sequences. `pytorch.py` is the same recipe in PyTorch; what it wrote, `pytorch.csv`, is in the
//! table.

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/grammar.rs"]
mod grammar;
mod learn;
mod picture;
mod pytorch;
mod table;
mod tasks;
mod window;

use core::error::Error;
use std::path::PathBuf;

use clap::Parser;
use common::for_seeds;
use elman::{Dense, Elman, Gru, LeakyElman, MinGru, Rtrl, Stack, Tape};
use learn::{Method, Net, learn};
use tasks::{Adding, Digits, Reber, Recall, Task};
use window::Newest;

/// Which cell for which memory: recall, adding, Reber's grammar, digits
#[derive(Parser)]
struct Args {
    /// Seeds for each cell and task; default 2, or 10 with --full
    #[arg(long)]
    seeds: Option<u64>,
    /// More seeds, three times as many sequences
    #[arg(long)]
    full: bool,
    /// Only tasks whose name starts with this
    #[arg(long, default_value = "")]
    task: String,
    /// File of the picture
    #[arg(long, default_value = "target/memory.svg")]
    out: PathBuf,
}

/// A line of the table.
struct Row {
    task: String,
    cell: &'static str,
    /// What is held equal.
    equal: Equal,
    parameters: usize,
    /// Bytes.
    ram: usize,
    /// The share of unseen sequences that are right, seed by seed.
    right: Vec<f64>,
}

#[derive(Clone, Copy, PartialEq)]
enum Equal {
    Parameters,
    Ram,
    Neither,
}

struct Runs {
    seeds: u64,
    /// Multiplies the sequences of each task.
    length: usize,
    rows: Vec<Row>,
}

impl Runs {
    fn run<N, M, const I: usize, const O: usize>(
        &mut self,
        (name, task, sequences): (&str, &impl Task<I>, usize),
        cell: &'static str,
        equal: Equal,
    ) where
        N: Net<I, O>,
        M: Method<N, I, O>,
    {
        let right =
            for_seeds(self.seeds, |seed| learn::<N, M, I, O>(task, sequences * self.length, seed));
        self.rows.push(Row {
            task: name.into(),
            cell,
            equal,
            parameters: size_of::<N>() / 4,
            ram: 4 * size_of::<N>() + M::RAM,
            right,
        });
        table::print_row(&self.rows[self.rows.len() - 1]);
    }
}

/// Every cell on one task: the units of each at equal parameters, then at equal training RAM.
macro_rules! cells {
    ($runs:ident, $task:expr, $i:literal, $o:literal, $k:literal,
        gru $gru:literal, elman $e:literal $e_ram:literal, leaky $l:literal $l_ram:literal,
        min $m:literal $m_ram:literal, traces $t:literal, window $w:literal $d:literal) => {{
        use Equal::*;
        type Of<C, const H: usize> = Stack<(C, Dense<H, $o>)>;
        macro_rules! run {
            ($name:literal, $C:ident, $h:literal, $equal:expr) => {
                $runs.run::<Of<$C<$i, $h>, $h>, Tape<Of<$C<$i, $h>, $h>, $k>, $i, $o>(
                    $task, $name, $equal,
                )
            };
        }
        run!("Elman", Elman, $e, Parameters);
        run!("leaky Elman", LeakyElman, $l, Parameters);
        run!("minGRU", MinGru, $m, Parameters);
        run!("GRU", Gru, $gru, Parameters);
        run!("Elman", Elman, $e_ram, Ram);
        run!("leaky Elman", LeakyElman, $l_ram, Ram);
        run!("minGRU", MinGru, $m_ram, Ram);
        $runs.run::<Of<MinGru<$i, $t>, $t>, Rtrl<$i, $t, Dense<$t, $o>>, $i, $o>(
            $task, "minGRU, no tape", Ram,
        );
        type Linear = Stack<(Newest<$i, $w, $d>, Dense<$d, $o>)>;
        $runs.run::<Linear, Tape<Linear, $k>, $i, $o>($task, "linear", Neither);
    }};
}

fn main() -> Result<(), Box<dyn Error>> {
    let args = Args::parse();
    let (seeds, length) = if args.full { (10, 3) } else { (2, 1) };
    let mut runs = Runs { seeds: args.seeds.unwrap_or(seeds), length, rows: vec![] };
    table::print_head(runs.seeds);

    for steps in [10, 20, 50, 100, 200] {
        let name = format!("recall {steps}");
        if name.starts_with(&args.task) {
            cells!(runs, (&name, &Recall(steps), 4000), 5, 4, 200, gru 10, elman 19 12,
                leaky 18 12, min 33 13, traces 109, window 26 130);
        }
    }
    for steps in [50, 100] {
        let name = format!("adding {steps}");
        if name.starts_with(&args.task) {
            cells!(runs, (&name, &Adding(steps), 16_000), 2, 1, 100, gru 12, elman 22 16,
                leaky 21 16, min 81 20, traces 144, window 100 200);
        }
    }
    if "reber".starts_with(&args.task) {
        cells!(runs, ("reber", &Reber, 8000), 7, 7, 64, gru 12, elman 22 18,
            leaky 22 18, min 35 22, traces 53, window 16 112);
    }
    if "digits".starts_with(&args.task) {
        cells!(runs, ("digits", &Digits::load()?, 12_000), 1, 10, 64, gru 16, elman 27 23,
            leaky 26 23, min 74 34, traces 108, window 64 64);
    }
    picture::draw(&args.out, &runs.rows)?;
    println!("\npicture: {}", args.out.display());
    Ok(())
}
