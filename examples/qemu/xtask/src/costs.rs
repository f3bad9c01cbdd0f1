//! `costs`: what a bare cell costs on the Cortex-M4F, and how the cost grows with the size of a network.
//!
//! The programs `cell`, `cells_cost`, `slices`, `scaling`, `persist` and `monitor_cost` count instructions. For those of `cell`,
//! `cycles/plugin.c`
//! estimates the cycles; bytes of code are those of forward, backward and update for one size in the
//! ELF, the tanh included.

pub mod fixed;
mod plan;
pub mod products;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use regex::Regex;
use serde::{Deserialize, Serialize};
use xshell::{Shell, cmd};

use crate::board;
use crate::elf::Elf;
use crate::firmware::{Firmware, Profile};
use crate::{paths, percent};

/// Counts a bare cell, how the cost grows, checkpoints, and layers of integers: instructions, cycles
/// and bytes on the Cortex-M4F; and a product by the compiler's library on cores without an FPU. As CSV.
#[derive(clap::Args)]
pub struct Arguments {
    /// Writes the tables costs/*.csv
    #[arg(long)]
    bless: bool,
    /// Fails where a count is not within 1 % of that in costs/
    #[arg(long, conflicts_with = "bless")]
    check: bool,
    /// The tables whose file has this in its name
    table: Option<String>,
}

/// A file in the crate, and what it holds.
type Table = (&'static str, fn() -> Result<String>);

const TABLES: [Table; 11] = [
    ("examples/qemu/costs/cell.csv", cell_table),
    ("examples/qemu/costs/cells.csv", || counted(firmware(SAFE, Profile::Release)?, "cells_cost")),
    ("examples/qemu/costs/slices.csv", || counted(firmware(SAFE, Profile::Release)?, "slices")),
    ("examples/qemu/costs/scaling.csv", || counted(firmware(SAFE, Profile::Release)?, "scaling")),
    ("examples/qemu/costs/persist.csv", persist_table),
    ("examples/qemu/costs/monitor.csv", monitor_table),
    ("examples/qemu/costs/fixed.csv", fixed::table),
    ("examples/qemu/costs/products.csv", products::table),
    // Where the planner lies, so that it is whole in the package.
    ("examples/plan/counts.csv", plan::counts),
    ("examples/plan/cycles.csv", plan::cycles),
    ("examples/plan/flash.csv", plan::flash),
];

/// The Cortex-M4F without the assembly and with it.
pub const SAFE: &str = "mps2-an386";
pub const ASSEMBLY: &str = "mps2-an386-asm";
/// Programs whose flash and statics are costs.
pub const SIZED: [&str; 11] = [
    "sunspots",
    "fixed_sunspots",
    "stream",
    "fixed_stream",
    "infer",
    "resume",
    "learn",
    "learn_and_keep",
    "learn_and_tell",
    "nopanic",
    "fixed_nopanic",
];

/// A line of `costs/cell.csv`. The size `tanh` is 256 calls.
#[derive(Clone, Default, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cell {
    pub board: String,
    #[serde(rename = "opt-level")]
    pub opt_level: String,
    pub size: String,
    pub parameters: Option<u64>,
    pub tanh: Option<u64>,
    pub step: Option<u64>,
    pub training: Option<u64>,
    pub sgd: Option<u64>,
    #[serde(rename = "tanh cycles")]
    pub tanh_cycles: Option<u64>,
    #[serde(rename = "step cycles")]
    pub step_cycles: Option<u64>,
    #[serde(rename = "training cycles")]
    pub training_cycles: Option<u64>,
    #[serde(rename = "sgd cycles")]
    pub sgd_cycles: Option<u64>,
    pub code: Option<u64>,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let asked = arguments.table.as_deref().unwrap_or_default();
    let tables: Vec<_> = TABLES.iter().filter(|(file, _)| file.contains(asked)).collect();
    ensure!(!tables.is_empty(), "the tables are {}", TABLES.map(|(file, _)| file).join(", "));
    for (file, table) in tables {
        write(arguments, file, &table()?)?;
    }
    Ok(())
}

fn write(arguments: &Arguments, name: &str, table: &str) -> Result<()> {
    let file = paths::root().join(name);
    if arguments.bless {
        fs::write(file, table)?;
    } else if arguments.check {
        percent::check(&file, table)?;
        println!("as in {name}, to a percent");
    } else {
        print!("{table}");
    }
    Ok(())
}

// ---- the programs of a board ----

/// What `cost` prints on a board, and the flash and statics of the programs.
pub fn of_programs(firmware: Firmware) -> Result<String> {
    let run = firmware.run("cost", &[])?;
    ensure!(run.code == Some(0), "exit code {:?}\n{}", run.code, run.output);
    let shell = Shell::new()?;
    let compiler = cmd!(shell, "rustc --version").read()?;
    let version = compiler.split(' ').nth(1).context("rustc's version")?;
    let board = firmware.board;
    let mut costs = format!("board {}, rustc {version}, target-cpu {}\n", board.name, board.cpu);
    costs += &run.output;
    writeln!(costs, "{:<14} {:>6} {:>7}", "program", "flash", "statics")?;
    for (program, elf) in SIZED.map(|program| (program, firmware.elf(program))) {
        if elf.exists() {
            let elf = Elf::read(&elf)?;
            writeln!(costs, "{program:<14} {:>6} {:>7}", elf.flash(), elf.statics())?;
        }
    }
    Ok(costs)
}

// ---- a bare cell ----

fn cell_table() -> Result<String> {
    let plugin = cycles_plugin()?;
    let mut table = csv::Writer::from_writer(Vec::new());
    for board in [SAFE, ASSEMBLY] {
        for profile in Profile::BOTH {
            for cell in cells(firmware(board, profile)?, &plugin)? {
                table.serialize(cell)?;
            }
        }
    }
    Ok(String::from_utf8(table.into_inner()?)?)
}

fn cells(firmware: Firmware, plugin: &Path) -> Result<Vec<Cell>> {
    let counted = counted(firmware, "cell")?;
    let mut cycles = estimated(firmware, plugin)?.into_iter();
    let code = code(&Elf::read(&firmware.elf("cell"))?)?;
    let mut cells = Vec::new();
    for cell in csv::Reader::from_reader(counted.as_bytes()).deserialize() {
        let mut cell: Cell = cell?;
        cell.board = firmware.board.name.to_string();
        cell.opt_level = firmware.profile.opt_level().to_string();
        cell.set_cycles(&mut cycles);
        cell.code = cell.units().and_then(|units| code.get(units)).copied();
        cells.push(cell);
    }
    Ok(cells)
}

impl Cell {
    /// Takes the cycles of what was counted, in the order in which the program measures it.
    fn set_cycles(&mut self, cycles: &mut impl Iterator<Item = u64>) {
        self.tanh_cycles = self.tanh.and_then(|_| cycles.next());
        self.step_cycles = self.step.and_then(|_| cycles.next());
        self.training_cycles = self.training.and_then(|_| cycles.next());
        self.sgd_cycles = self.sgd.and_then(|_| cycles.next());
    }

    /// H of I-H.
    fn units(&self) -> Option<&str> {
        self.size.split_once('-').map(|(_, units)| units)
    }

    /// Those of one board and opt-level in a table.
    pub fn read(table: &[u8], board: &str, profile: Profile) -> Result<Vec<Self>> {
        let cells: csv::Result<Vec<Self>> =
            csv::Reader::from_reader(table).into_deserialize().collect();
        let is_one = |cell: &Self| cell.board == board && cell.opt_level == profile.opt_level();
        Ok(cells?.into_iter().filter(is_one).collect())
    }
}

fn firmware(board: &str, profile: Profile) -> Result<Firmware> {
    Ok(Firmware { board: board::named(board).map_err(anyhow::Error::msg)?, profile })
}

/// Builds a program and returns what it prints.
fn counted(firmware: Firmware, program: &str) -> Result<String> {
    let features = if firmware.board.is_large() { "large" } else { "" };
    firmware.build(&["--bin", program, "--features", features])?;
    let run = firmware.run(program, &[])?;
    ensure!(run.code == Some(0), "{program}: exit code {:?}\n{}", run.code, run.output);
    Ok(run.output)
}

/// Saving and loading.
fn persist_table() -> Result<String> {
    let runs = [("microbit", Profile::Release), (SAFE, Profile::Release), (SAFE, Profile::Small)];
    on_boards("persist", &runs)
}

/// The monitor, and the baselines.
fn monitor_table() -> Result<String> {
    let runs = ["microbit", SAFE, "rv32imc"].map(|board| (board, Profile::Release));
    on_boards("monitor_cost", &runs)
}

/// What a program prints on some boards, with board and opt-level before it.
fn on_boards(program: &str, runs: &[(&str, Profile)]) -> Result<String> {
    let mut table = String::new();
    for &(board, profile) in runs {
        let counted = counted(firmware(board, profile)?, program)?;
        let mut lines = counted.lines();
        let title = lines.next().context("no title")?;
        if table.is_empty() {
            writeln!(table, "board,opt-level,{title}")?;
        }
        for line in lines {
            writeln!(table, "{board},{},{line}", profile.opt_level())?;
        }
    }
    Ok(table)
}

fn cycles_plugin() -> Result<PathBuf> {
    let plugin = paths::firmware().join("target/cycles.so");
    let source = paths::firmware().join("cycles/plugin.c");
    let shell = Shell::new()?;
    cmd!(shell, "cc -O2 -shared -fPIC -o {plugin} {source}").quiet().run()?;
    Ok(plugin)
}

/// The cycles of what `cell` measures.
fn estimated(firmware: Firmware, plugin: &Path) -> Result<Vec<u64>> {
    without_empty(&stretches(firmware, "cell", plugin)?)
}

/// What the plugin prints of a program.
fn stretches(firmware: Firmware, program: &str, plugin: &Path) -> Result<String> {
    let out = plugin.with_extension("csv");
    let argument = format!("{},out={}", plugin.display(), out.display());
    firmware.run(program, &["-plugin".to_string(), argument])?;
    Ok(fs::read_to_string(out)?)
}

/// Lines of `instructions,cycles`: each stretch that was measured, less the empty one behind it.
fn without_empty(lines: &str) -> Result<Vec<u64>> {
    let cycles = lines.lines().map(|line| {
        let (_, cycles) = line.split_once(',').context("instructions,cycles")?;
        Ok(cycles.parse()?)
    });
    let cycles: Vec<u64> = cycles.collect::<Result<_>>()?;
    Ok(cycles.chunks_exact(2).map(|pair| pair[0] - pair[1]).collect())
}

/// Bytes of code by units: what is made for a size, and what all sizes share.
fn code(elf: &Elf) -> Result<BTreeMap<String, u64>> {
    let number = Regex::new(r"\b\d+\b")?;
    let (mut shared, mut own) = (0, BTreeMap::<String, u64>::new());
    for symbol in &elf.symbols {
        let name =
            format!("{:#}", rustc_demangle::demangle(&symbol.name)).replace(", 20>>::", ">>::"); // the steps of a tape
        if !name.contains("elman::") || name.contains("Scalar>::sqrt") {
            continue; // the program's own
        }
        // Rows, then columns: the last is the units.
        match number.find_iter(&name).last() {
            Some(units) => *own.entry(units.as_str().to_string()).or_default() += symbol.bytes,
            None => shared += symbol.bytes,
        }
    }
    own.values_mut().for_each(|bytes| *bytes += shared);
    Ok(own)
}

#[cfg(test)]
mod tests {
    use super::{Cell, Profile, without_empty};

    #[test]
    fn a_stretch_less_the_empty_one() {
        assert_eq!(without_empty("9,30\n1,4\n7,20\n1,4\n").unwrap(), [26, 16]);
        assert!(without_empty("9;30").is_err());
    }

    #[test]
    fn cycles_go_to_what_was_counted() {
        let mut tanh = Cell { size: "tanh".to_string(), tanh: Some(9), ..Cell::default() };
        tanh.set_cycles(&mut [5].into_iter());
        assert_eq!((tanh.tanh_cycles, tanh.step_cycles, tanh.units()), (Some(5), None, None));
    }

    #[test]
    fn a_table_by_opt_level() {
        let table =
            "board,opt-level,size,step\na,3,3-16,1485\na,s,3-16,1706\na,s,tanh,\nb,s,3-16,9\n";
        let cells = Cell::read(table.as_bytes(), "a", Profile::Small).unwrap();
        assert_eq!(cells.len(), 2);
        assert_eq!((cells[0].step, cells[0].units()), (Some(1706), Some("16")));
        assert_eq!(cells[1].step, None);
    }
}
