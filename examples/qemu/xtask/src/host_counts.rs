//! `host-counts`: the instructions of a cell on this machine.

use std::path::Path;

use anyhow::{Context, Result};
use xshell::{Shell, cmd};

use crate::paths;

/// Counts the instructions of a cell on this machine, by Valgrind; RUSTFLAGS=-Ctarget-cpu=x86-64-v3
/// counts them with AVX.
#[derive(clap::Args)]
pub struct Arguments {}

const UNITS: [&str; 2] = ["step", "training"];
const SIZES: [&str; 4] = ["3-16", "8-32", "16-64", "32-128"];
/// The rest of the program is in both numbers of runs.
const RUNS: [u64; 2] = [10, 110];

pub fn run(_: &Arguments) -> Result<()> {
    let shell = Shell::new()?;
    shell.change_dir(paths::root());
    let built = cmd!(shell, "cargo bench --quiet --bench steps --no-run --message-format=json")
        .quiet()
        .read()?;
    let program = executable(&built).context("Cargo names no program")?;
    for unit in UNITS {
        for size in SIZES {
            let [few, many] = RUNS.map(|runs| collected(&shell, &program, unit, size, runs));
            println!("{unit} {size}: {}", (many? - few?) / (RUNS[1] - RUNS[0]));
        }
    }
    Ok(())
}

/// The program in Cargo's messages, a line of JSON each.
fn executable(messages: &str) -> Option<String> {
    messages.lines().find_map(|line| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        Some(message.get("executable")?.as_str()?.to_string())
    })
}

fn collected(
    shell: &Shell,
    program: impl AsRef<Path>,
    unit: &str,
    size: &str,
    runs: u64,
) -> Result<u64> {
    let (program, runs) = (program.as_ref(), runs.to_string());
    let valgrind = cmd!(
        shell,
        "valgrind --tool=callgrind --callgrind-out-file=/dev/null {program} {unit} {size} {runs}"
    );
    instructions(&valgrind.quiet().read_stderr()?).context("callgrind names no count")
}

/// The number in `==1234== Collected : 5678`.
fn instructions(log: &str) -> Option<u64> {
    let (_, count) = log.split_once("Collected : ")?;
    count.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{executable, instructions};

    #[test]
    fn the_program_among_messages() {
        let messages = "{\"reason\":\"compiler-artifact\",\"executable\":null}\n{\"executable\":\"/x/steps-1\"}\n";
        assert_eq!(executable(messages).as_deref(), Some("/x/steps-1"));
        assert_eq!(executable("{\"executable\":null}\n"), None);
    }

    #[test]
    fn the_count_in_a_log() {
        assert_eq!(
            instructions("==7== Events    : Ir\n==7== Collected : 12345\n==7==\n"),
            Some(12345)
        );
        assert_eq!(instructions("==7== Segmentation fault"), None);
    }
}
