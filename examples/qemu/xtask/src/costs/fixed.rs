//! Layers of integers, on the cores that they are for and on one with an FPU.

use std::fmt::Write;

use anyhow::{Context, Result};

use super::{counted, firmware};
use crate::board::{Board, CODES};
use crate::elf::Elf;
use crate::firmware::{Firmware, Profile};

/// The boards, in the order of the table.
const BOARDS: [&str; 4] = [SMALLEST, "mps2-an385", "rv32imc", super::SAFE];
const SMALLEST: &str = "microbit";
/// The code of the smallest of them on a board with more RAM, for the networks that it has none for.
const LARGE: &Board = &CODES[0];
/// The network whose code is counted: `src/bin/fixed_nopanic.rs` is no more than its training.
const OF_CODE: &str = "3-16-1";

/// What `fixed` counts, with the bytes of code behind it.
pub fn table() -> Result<String> {
    let mut table = String::new();
    for board in BOARDS {
        for profile in Profile::BOTH {
            add(&mut table, firmware(board, profile)?)?;
        }
        if board == SMALLEST {
            add_large(&mut table)?;
        }
    }
    Ok(table)
}

/// What the smallest board has no RAM for.
fn add_large(table: &mut String) -> Result<()> {
    let firmware = Firmware { board: LARGE, profile: Profile::Release };
    let counts = counted(firmware, "fixed")?;
    let new: Vec<_> = counts.lines().filter(|line| !is_counted(table, line)).collect();
    for line in new {
        writeln!(table, "{},{},{line},", LARGE.name, firmware.profile.opt_level())?;
    }
    Ok(())
}

/// Whether the size of a line, or its title, is in the table already.
fn is_counted(table: &str, line: &str) -> bool {
    let size = line.split(',').next().unwrap_or_default();
    table.lines().any(|line| line.split(',').any(|word| word == size))
}

fn add(table: &mut String, firmware: Firmware) -> Result<()> {
    let large: &[&str] = if firmware.board.is_large() { &["--features", "large"] } else { &[] };
    firmware.build(&[&["--bin", "fixed_nopanic"], large].concat())?;
    let code = code(&Elf::read(&firmware.elf("fixed_nopanic"))?);
    let counts = counted(firmware, "fixed")?;
    let (title, counts) = counts.split_once('\n').context("a title")?;
    if table.is_empty() {
        writeln!(table, "board,opt-level,{title},code")?;
    }
    for line in counts.lines() {
        let code = if line.starts_with(OF_CODE) { code.to_string() } else { String::new() };
        let (board, level) = (firmware.board.name, firmware.profile.opt_level());
        writeln!(table, "{board},{level},{line},{code}")?;
    }
    Ok(())
}

/// Bytes of the crate's functions and tables.
fn code(elf: &Elf) -> u64 {
    let names = elf
        .symbols
        .iter()
        .map(|symbol| (format!("{:#}", rustc_demangle::demangle(&symbol.name)), symbol.bytes));
    names.filter(|(name, _)| name.contains("elman::")).map(|(_, bytes)| bytes).sum()
}
