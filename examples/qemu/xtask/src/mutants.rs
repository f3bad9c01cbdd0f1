//! `mutants`: breaks the crate on purpose and sees a test fail.
//!
//! A mutant is a patch in `tests/mutants/`. Above the difference it says what it breaks, and which test
//! binary must fail, if need be with a filter of its tests:
//!
//! ```text
//! What: the learning rate is ignored
//! Test: agreement optimizers
//! --- a/src/train/optimizer/sgd.rs
//! +++ b/src/train/optimizer/sgd.rs
//! ```
//!
//! With `--generated` the mutants are made from the source; `generated.rs` says how.

mod copy;
mod generated;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use anyhow::{Context, Result, ensure};

use crate::paths;
use copy::{Copy, Outcome};

/// Breaks the crate on purpose, one patch of tests/mutants/ at a time, and sees its test fail.
#[derive(clap::Args)]
pub struct Arguments {
    /// Those whose names contain one of these; without, all
    names: Vec<String>,
    /// Those that are generated from the source, instead of the patches
    #[arg(long)]
    generated: bool,
    /// With --generated: `2/5` is the second fifth of them, taken evenly from every file
    #[arg(long, default_value = "1/1", requires = "generated")]
    part: generated::Part,
    /// With --generated: those too that are known not to be caught
    #[arg(long, requires = "generated")]
    known: bool,
}

struct Mutant {
    name: String,
    what: String,
    test: Test,
    patch: PathBuf,
}

/// A test binary and a filter.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Test {
    binary: String,
    filter: Vec<String>,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    if arguments.generated {
        return generated::run(&arguments.names, arguments.part, arguments.known);
    }
    let mut mutants = read(&paths::root().join("tests/mutants"))?;
    let names = &arguments.names;
    mutants
        .retain(|mutant| names.is_empty() || names.iter().any(|name| mutant.name.contains(name)));
    ensure!(!mutants.is_empty(), "no such mutant");
    mutants.sort_by(|a, b| (&a.test, &a.name).cmp(&(&b.test, &b.name)));
    let workers = thread::available_parallelism()?.get().min(mutants.len());
    let shares = mutants.chunks(mutants.len().div_ceil(workers)).enumerate();
    let survivors = thread::scope(|scope| {
        let workers: Vec<_> =
            shares.map(|(n, share)| scope.spawn(move || survivors(n, share))).collect();
        workers.into_iter().map(|worker| worker.join().expect("no panic")).sum::<Result<usize>>()
    })?;
    ensure!(survivors == 0, "{survivors} of {} mutants are not caught", mutants.len());
    println!("all {} mutants are caught", mutants.len());
    Ok(())
}

/// The number of mutants that are not caught, in copy `n` of the crate.
fn survivors(n: usize, mutants: &[Mutant]) -> Result<usize> {
    let tests: BTreeSet<_> = mutants.iter().map(|mutant| &mutant.test).collect();
    let copy = Copy::new(n, &tests.iter().map(|test| &*test.binary).collect())?;
    for test in tests {
        check_unbroken(&copy, test)?;
    }
    Ok(mutants.iter().filter(|mutant| !is_caught(&copy, mutant)).count())
}

/// The mutants of a folder, by name.
fn read(folder: &Path) -> Result<Vec<Mutant>> {
    let mut mutants = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("{}", folder.display()))? {
        let patch = entry?.path();
        if patch.extension().is_some_and(|extension| extension == "patch") {
            let text = fs::read_to_string(&patch)?;
            mutants.push(
                Mutant::parse(&text, patch.clone())
                    .with_context(|| format!("{}", patch.display()))?,
            );
        }
    }
    mutants.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(mutants)
}

impl Mutant {
    fn parse(text: &str, patch: PathBuf) -> Result<Self> {
        let (header, _) = text.split_once("--- a/src/").context("no difference in src/")?;
        let field =
            |name: &str| header.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        let what =
            field("What:").filter(|what| !what.is_empty()).context("no line What:")?.to_string();
        let test = Test::parse(field("Test:").context("no line Test:")?)?;
        let name = patch.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Self { name, what, test, patch })
    }
}

impl Test {
    fn parse(words: &str) -> Result<Self> {
        let mut words = words.split_whitespace().map(str::to_string);
        Ok(Self { binary: words.next().context("Test: names no binary")?, filter: words.collect() })
    }
}

fn check_unbroken(copy: &Copy, test: &Test) -> Result<()> {
    let (outcome, log) = copy.run(test)?;
    ensure!(outcome != Outcome::NoTests, "no test is called {:?} in {}", test.filter, test.binary);
    ensure!(outcome == Outcome::Passed, "{test:?} fails before anything is broken:\n{log}");
    Ok(())
}

/// Applies the mutant, runs its test and prints the verdict.
fn is_caught(copy: &Copy, mutant: &Mutant) -> bool {
    let verdict = judge(copy, mutant).unwrap_or_else(|error| format!("{error:#}"));
    println!("{verdict:<16} {:<40} {:<12} {}", mutant.name, mutant.test.binary, mutant.what);
    verdict == CAUGHT
}

const CAUGHT: &str = "caught";

fn judge(copy: &Copy, mutant: &Mutant) -> Result<String> {
    if !copy.patch(&mutant.patch, &[])? {
        return Ok("DOES NOT APPLY".to_string());
    }
    let (outcome, _) = copy.run(&mutant.test)?;
    ensure!(copy.patch(&mutant.patch, &["--reverse"])?, "cannot be taken back");
    Ok(verdict(outcome).to_string())
}

fn verdict(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Failed => CAUGHT,
        Outcome::Passed | Outcome::NoTests => "SURVIVED",
        Outcome::NotBuilt => "DOES NOT BUILD",
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{CAUGHT, Mutant, Outcome, Test, verdict};

    fn parse(text: &str) -> anyhow::Result<Mutant> {
        Mutant::parse(text, PathBuf::from("tests/mutants/sgd_rate.patch"))
    }

    #[test]
    fn a_header() {
        let mutant = parse("What: no rate\nTest: agreement sgd\n--- a/src/sgd.rs\n").unwrap();
        assert_eq!((&*mutant.name, &*mutant.what), ("sgd_rate", "no rate"));
        assert_eq!(mutant.test, Test { binary: "agreement".into(), filter: vec!["sgd".into()] });
        assert_eq!(
            parse("Test: traps\nWhat: x\n--- a/src/x").unwrap().test.filter,
            Vec::<String>::new()
        );
    }

    #[test]
    fn what_a_header_lacks() {
        let error = |text| parse(text).err().map(|error| error.to_string()).unwrap_or_default();
        assert_eq!(error("Test: traps\n--- a/src/x.rs"), "no line What:");
        assert_eq!(error("What:\nTest: traps\n--- a/src/x.rs"), "no line What:");
        assert_eq!(error("What: x\n--- a/src/x.rs\n+Test: traps"), "no line Test:");
        assert_eq!(error("What: x\nTest:\n--- a/src/x.rs"), "Test: names no binary");
        assert_eq!(error("What: x\nTest: traps\n--- a/tests/x.rs"), "no difference in src/");
    }

    #[test]
    fn only_a_failed_test_catches() {
        assert_eq!(verdict(Outcome::Failed), CAUGHT);
        for outcome in [Outcome::Passed, Outcome::NoTests, Outcome::NotBuilt] {
            assert_ne!(verdict(outcome), CAUGHT);
        }
    }
}
