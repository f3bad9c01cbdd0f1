//! Builds, runs, counts and checks what `cargo test` does not reach. `cargo xtask --help` lists it.

mod board;
mod boards;
mod costs;
mod elf;
mod firmware;
mod fleet;
mod fuzz;
mod host_counts;
mod mutants;
mod oldest;
mod package;
mod paths;
mod percent;
mod rust_version;
mod rustc;
mod tables;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;

/// Builds, runs, counts and checks what `cargo test` does not reach.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Command {
    Boards(boards::Arguments),
    Costs(costs::Arguments),
    Tables(tables::Arguments),
    Fleet(fleet::Arguments),
    Flower(fleet::flower::Arguments),
    HostCounts(host_counts::Arguments),
    Mutants(mutants::Arguments),
    Package(package::Arguments),
    RustVersion(rust_version::Arguments),
    Oldest(oldest::Arguments),
    Fuzz(fuzz::Arguments),
}

fn main() -> ExitCode {
    let done = if rustc::is_wrapped() { rustc::run() } else { run(&Command::parse()) };
    if let Err(error) = done {
        eprintln!("xtask: {error:#}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn run(command: &Command) -> Result<()> {
    match command {
        Command::Boards(arguments) => boards::run(arguments),
        Command::Costs(arguments) => costs::run(arguments),
        Command::Tables(arguments) => tables::run(arguments),
        Command::Flower(arguments) => fleet::flower::run(arguments),
        Command::Fleet(arguments) => fleet::run(arguments),
        Command::HostCounts(arguments) => host_counts::run(arguments),
        Command::Mutants(arguments) => mutants::run(arguments),
        Command::Package(arguments) => package::run(arguments),
        Command::RustVersion(arguments) => rust_version::run(arguments),
        Command::Oldest(arguments) => oldest::run(arguments),
        Command::Fuzz(arguments) => fuzz::run(arguments),
    }
}
