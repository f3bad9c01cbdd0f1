//! `boards`: builds the programs, runs them in QEMU and checks them.

use std::fs;
use std::process::exit;
use std::thread;

use anyhow::{Result, bail, ensure};
use similar::TextDiff;

use crate::board::{self, BOARDS, Board};
use crate::elf::Elf;
use crate::firmware::{Firmware, Profile};
use crate::{costs, paths, percent};

/// Builds the programs, runs them on emulated boards and checks them; without arguments, on every board.
#[derive(clap::Args)]
pub struct Arguments {
    /// Writes the expected outputs (src/bin/*.out) and costs (costs/*.txt) from what the boards print
    #[arg(long, conflicts_with = "program")]
    bless: bool,
    /// Builds the one program at opt-level "s"
    #[arg(long, requires = "program")]
    small: bool,
    /// This board only
    #[arg(value_parser = board::named)]
    board: Option<&'static Board>,
    /// This program only: its output is shown, and nothing is checked
    program: Option<String>,
}

/// Programs with one output for all boards, and their exit codes. `cost` has an output for each board.
const PROGRAMS: [(&str, i32); 16] = [
    ("kernels_small", 0),
    ("sunspots", 0),
    ("stream", 0),
    ("cells", 0),
    ("fixed_sunspots", 0),
    ("fixed_stream", 0),
    ("sliced", 0),
    ("monitor", 0),
    ("infer", 0),
    ("resume", 0),
    ("learn", 0),
    ("learn_and_keep", 0),
    ("learn_and_tell", 0),
    ("overflow", 3),
    ("nopanic", 0),
    ("fixed_nopanic", 0),
];
/// The same for boards on which it fits.
const LARGE: (&str, i32) = ("kernels", 0);
/// Those that are also checked at opt-level "s".
const SMALL: [&str; 6] =
    ["sunspots", "resume", "learn", "learn_and_keep", "learn_and_tell", "nopanic"];

pub fn run(arguments: &Arguments) -> Result<()> {
    match (arguments.board, &arguments.program) {
        (Some(board), Some(program)) => show(board, program, arguments.small),
        (Some(board), None) => check_all(&[board], arguments.bless),
        (None, _) => check_all(&BOARDS.each_ref(), arguments.bless),
    }
}

fn show(board: &'static Board, program: &str, small: bool) -> Result<()> {
    let profile = if small { Profile::Small } else { Profile::Release };
    let firmware = Firmware { board, profile };
    let features = if board.is_large() { "large" } else { "" };
    firmware.build(&["--bin", program, "--features", features])?;
    exit(firmware.show(program)?.unwrap_or(1))
}

fn check_all(boards: &[&'static Board], bless: bool) -> Result<()> {
    let mut failures = if bless { bless_all(boards)? } else { check_side_by_side(boards)? };
    for board in boards.iter().filter(|board| board.thorough) {
        failures += check_the_checks(board)?;
    }
    ensure!(failures == 0, "{failures} checks failed");
    println!("every check passed");
    Ok(())
}

/// The outputs are those of the first board; the others are compared with it.
fn bless_all(boards: &[&'static Board]) -> Result<usize> {
    let mut failures = 0;
    for (n, board) in boards.iter().enumerate() {
        build(board)?;
        failures += check(board, n == 0, true);
    }
    Ok(failures)
}

/// Builds board after board; what is built runs meanwhile.
fn check_side_by_side(boards: &[&'static Board]) -> Result<usize> {
    thread::scope(|scope| {
        let mut running = Vec::new();
        for board in boards {
            build(board)?;
            running.push(scope.spawn(|| check(board, false, false)));
        }
        Ok(running.into_iter().map(|checks| checks.join().expect("checks do not panic")).sum())
    })
}

fn build(board: &'static Board) -> Result<()> {
    let release = Firmware { board, profile: Profile::Release };
    release.build(&["--bins"])?;
    if board.is_large() {
        release.build(&["--bin", LARGE.0, "--features", "large"])?;
    } else {
        // The feature, where it is to be ignored.
        release.build(&["--bin", "kernels_small", "--features", "cortex-m4"])?;
    }
    if board.thorough {
        let programs = SMALL.iter().chain(&["cost"]).flat_map(|program| ["--bin", program]);
        Firmware { board, profile: Profile::Small }.build(&programs.collect::<Vec<_>>())?;
    }
    Ok(())
}

/// Checks what was built for a board, and counts what fails.
fn check(board: &'static Board, bless_outputs: bool, bless_costs: bool) -> usize {
    let mut failures = 0;
    for profile in Profile::BOTH.into_iter().filter(|&profile| runs(board, profile)) {
        let firmware = Firmware { board, profile };
        for (program, code) in PROGRAMS.into_iter().chain(board.is_large().then_some(LARGE)) {
            if profile == Profile::Release || SMALL.contains(&program) {
                failures += report(
                    firmware,
                    program,
                    check_program(firmware, program, code, bless_outputs),
                );
            }
        }
        failures += report(firmware, "cost", check_costs(firmware, bless_costs));
    }
    failures
}

fn runs(board: &Board, profile: Profile) -> bool {
    profile == Profile::Release || board.thorough
}

/// Prints how a check ended; 1 if it failed.
fn report(firmware: Firmware, what: &str, result: Result<()>) -> usize {
    let Firmware { board, profile } = firmware;
    match &result {
        Ok(()) => println!("{} {} {what}: ok", board.name, profile.name()),
        Err(error) => println!("{} {} {what}: FAILED: {error:#}", board.name, profile.name()),
    }
    usize::from(result.is_err())
}

/// Its exit code, its output, and what is linked into it.
fn check_program(firmware: Firmware, program: &str, code: i32, bless: bool) -> Result<()> {
    let run = firmware.run(program, &[])?;
    ensure!(run.code == Some(code), "exit code {:?}\n{}", run.code, run.output);
    let expected = paths::firmware().join(format!("src/bin/{program}.out"));
    if bless {
        fs::write(&expected, &run.output)?;
    }
    check_output(&fs::read_to_string(expected)?, &run.output)?;
    Elf::read(&firmware.elf(program))?.check(program)
}

fn check_output(expected: &str, output: &str) -> Result<()> {
    if expected == output {
        return Ok(());
    }
    let difference = TextDiff::from_lines(expected, output);
    bail!("another output\n{}", difference.unified_diff().header("expected", "printed"))
}

/// Its costs are those that are committed, to a percent.
fn check_costs(firmware: Firmware, bless: bool) -> Result<()> {
    let suffix = if firmware.profile == Profile::Small { "-s" } else { "" };
    let file = paths::costs().join(format!("{}{suffix}.txt", firmware.board.name));
    let now = costs::of_programs(firmware)?;
    if bless {
        fs::write(&file, &now)?;
    }
    percent::check(&file, &now)
}

/// Puts in what must not be linked, and sees it found; counts what is not.
fn check_the_checks(board: &'static Board) -> Result<usize> {
    let mut failures = 0;
    for profile in Profile::BOTH {
        let firmware = Firmware { board, profile };
        for (feature, what) in [("panicking", "a panic"), ("double", "double precision")] {
            firmware.build(&["--bin", "nopanic", "--features", feature])?;
            let found = Elf::read(&firmware.elf("nopanic"))?.check("nopanic");
            failures += report(firmware, &format!("{what} put in is found"), is_found(found, what));
        }
    }
    Ok(failures)
}

fn is_found(result: Result<()>, what: &str) -> Result<()> {
    match result {
        Err(error) if error.to_string().starts_with(&format!("{what} is linked")) => Ok(()),
        Err(error) => Err(error),
        Ok(()) => bail!("it is not"),
    }
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::{check_output, is_found};

    #[test]
    fn another_output_is_shown_as_a_difference() {
        assert!(check_output("hash 1\n", "hash 1\n").is_ok());
        let error = check_output("steps\nhash 1\n", "steps\nhash 2\n").unwrap_err().to_string();
        assert!(error.contains("-hash 1\n+hash 2\n"), "{error}");
    }

    #[test]
    fn what_is_put_in_must_be_what_is_found() {
        assert!(is_found(Err(anyhow!("a panic is linked: panic_fmt")), "a panic").is_ok());
        assert!(is_found(Err(anyhow!("an allocator is linked: malloc")), "a panic").is_err());
        assert!(is_found(Ok(()), "a panic").is_err());
    }
}
