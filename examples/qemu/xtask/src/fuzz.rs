//! `fuzz`: runs the fuzz targets of `tests/fuzz/` for a bounded time.
//!
//! They are built with the pinned compiler, without a sanitizer: the crate forbids `unsafe` code, so what can go
//! wrong is a panic, and a sanitizer would need a nightly compiler.

use std::fs;
use std::process::Output;

use anyhow::{Context, Result, bail, ensure};
use xshell::{Shell, cmd};

use crate::paths;

/// Runs the fuzz targets of tests/fuzz, each for some seconds; installs cargo-fuzz if it is missing.
#[derive(clap::Args)]
pub struct Arguments {
    /// Those with these names; without, all
    targets: Vec<String>,
    /// How long each runs
    #[arg(long, default_value_t = 30)]
    seconds: u32,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let shell = Shell::new()?;
    shell.change_dir(paths::root());
    if cmd!(shell, "cargo fuzz --version").quiet().ignore_stderr().read().is_err() {
        cmd!(shell, "cargo install --quiet --locked cargo-fuzz@0.13").quiet().run()?;
    }
    let all = cmd!(shell, "cargo fuzz list --fuzz-dir tests/fuzz").quiet().read()?;
    let is_meant =
        |name: &&str| arguments.targets.is_empty() || arguments.targets.iter().any(|t| t == name);
    let targets: Vec<_> = all.lines().filter(is_meant).collect();
    ensure!(!targets.is_empty(), "no such target; there are {}", all.replace('\n', ", "));
    for target in targets {
        println!("{target}: {}", fuzz(&shell, target, arguments.seconds)?);
    }
    Ok(())
}

/// Runs a target; returns how many runs it made.
fn fuzz(shell: &Shell, target: &str, seconds: u32) -> Result<String> {
    let corpus = format!("target/fuzz/corpus/{target}");
    fs::create_dir_all(paths::root().join(&corpus))?;
    let seconds = seconds.to_string();
    let dictionary = format!("tests/fuzz/{target}.dict");
    let dictionary =
        paths::root().join(&dictionary).exists().then(|| format!("-dict={dictionary}"));
    // What is found goes to the first folder, and the seeds stay as they are.
    let run = cmd!(
        shell,
        "cargo fuzz run --fuzz-dir tests/fuzz --target-dir target/fuzz --sanitizer none --no-trace-compares
            {target} {corpus} tests/fuzz/seeds/{target} --
            -max_total_time={seconds} -max_len=1024 -timeout=60 {dictionary...}"
    );
    let Output { status, stderr, .. } = run.quiet().ignore_status().output()?;
    let log = String::from_utf8_lossy(&stderr);
    if !status.success() {
        bail!("{target} has found something:\n{}", last(&log, 60));
    }
    let done = log.lines().find_map(|line| line.strip_prefix("Done "));
    done.map(String::from).with_context(|| format!("{target} did not run:\n{}", last(&log, 60)))
}

fn last(log: &str, lines: usize) -> String {
    let all: Vec<_> = log.lines().collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::last;

    #[test]
    fn the_end_of_a_log() {
        assert_eq!(last("a\nb\nc\n", 2), "b\nc");
        assert_eq!(last("a", 2), "a");
    }
}
