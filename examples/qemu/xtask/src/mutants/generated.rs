//! `mutants --generated`: every operator, number, condition and statement of the core, changed one at a time.
//!
//! All mutants are in one build, each switched on by a number at run time. Each test runs once unbroken
//! and says which mutants it reaches; each mutant then runs only against those, the quickest first, until
//! one fails. A mutant that no test catches must be in `tests/mutants/known.toml`, with the reason.

mod build;
mod known;
mod rules;
mod suite;
mod switch;

use std::collections::BTreeMap;
use std::fs;
use std::str::FromStr;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use xshell::Shell;

use super::Copy;
use crate::paths;
use known::Known;
use rules::Change;
use suite::{Suite, Verdict};

/// The core: what computes, learns and is stored.
const FOLDERS: [&str; 6] = ["num", "safetensors", "matrix", "nn", "train", "checkpoint"];
/// What the host does not run: assembly, and products by soft float. And layers of integers, whose bits are
/// held to a second implementation (`tests/agreement/fixed/`) and whose mutants are patches.
const LEFT_OUT: [&str; 7] = [
    "src/matrix/cortex_m4.rs",
    "src/matrix/no_assembly.rs",
    "src/matrix/row_by_row.rs",
    "src/num/fixed/",
    "src/matrix/fixed/",
    "src/nn/fixed/",
    "src/train/optimizer/fixed/",
];

/// The test binaries that they must be caught by.
const TESTS: [&str; 3] = ["agreement", "behaviour", "storage"];

/// One of several equal parts.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Part {
    n: usize,
    of: usize,
}

impl FromStr for Part {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let (n, of) = text.split_once('/').context("a part is written 2/5")?;
        let part = Self { n: n.parse()?, of: of.parse()? };
        ensure!((1..=part.of).contains(&part.n), "there is no part {text}");
        Ok(part)
    }
}

impl Part {
    fn has(self, number: u32) -> bool {
        number as usize % self.of == self.n - 1
    }
}

/// A change of one file.
#[derive(Clone, Debug)]
struct Mutant {
    /// From 1 on, in the order of the files and of the source.
    number: u32,
    file: String,
    change: Change,
}

impl Mutant {
    fn name(&self) -> String {
        format!("{} {}", self.file, self.change.name)
    }
}

pub fn run(names: &[String], part: Part, known: bool) -> Result<()> {
    let begin = Instant::now();
    let list = Known::read(&paths::root().join("tests/mutants/known.toml"))?;
    let mut mutants = mutants()?;
    list.check(&mutants)?;
    let copy = Copy::new("generated", &TESTS.into())?;
    build::keep_what_compiles(&copy, &mut mutants)?;
    let suite = Suite::new(&build::tests(&copy)?, copy.folder())?;
    let all = mutants.len();
    println!("{} mutants, {} tests, ready in {:.0?}", all, suite.len(), begin.elapsed());
    let is_wanted = |mutant: &Mutant| {
        part.has(mutant.number)
            && (known || !list.contains(&mutant.name()))
            && (names.is_empty() || names.iter().any(|name| mutant.name().contains(name)))
    };
    mutants.retain(is_wanted);
    let verdicts = suite.judge(&mutants)?;
    summarize(&mutants, &verdicts, &list)?;
    println!("in {:.0?}", begin.elapsed());
    check_figure(all)
}

/// `tests/README.md` says how many there are, in full hundreds.
fn check_figure(mutants: usize) -> Result<()> {
    let figure = format!("| over {} mutants |", mutants / 100 * 100);
    let readme = fs::read_to_string(paths::root().join("tests/README.md"))?;
    ensure!(readme.contains(&figure), "not in tests/README.md: {figure}");
    Ok(())
}

fn mutants() -> Result<Vec<Mutant>> {
    let mut mutants = Vec::new();
    for file in files()? {
        let source = fs::read_to_string(paths::root().join(&file))?;
        for change in rules::changes(&source).with_context(|| file.clone())? {
            let number = mutants.len() as u32 + 1;
            mutants.push(Mutant { number, file: file.clone(), change });
        }
    }
    Ok(mutants)
}

/// Relative to the crate, in order.
fn files() -> Result<Vec<String>> {
    let shell = Shell::new()?;
    shell.change_dir(paths::root());
    let mut files = Vec::new();
    let mut folders: Vec<_> = FOLDERS.map(|folder| format!("src/{folder}")).to_vec();
    while let Some(folder) = folders.pop() {
        for path in shell.read_dir(&folder)? {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let name = format!("{folder}/{name}");
            let list = if path.is_dir() { &mut folders } else { &mut files };
            list.push(name);
        }
    }
    files.retain(|file| {
        file.ends_with(".rs") && !LEFT_OUT.iter().any(|path| file.starts_with(path))
    });
    files.sort();
    Ok(files)
}

/// Prints what is not as it should be, and the counts of each folder.
fn summarize(mutants: &[Mutant], verdicts: &[Verdict], list: &Known) -> Result<()> {
    let mut counts: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    let mut wrong = 0;
    for (mutant, verdict) in mutants.iter().zip(verdicts) {
        let folder = mutant.file.split('/').nth(1).unwrap_or_default();
        let [caught, known, at_compile_time] = counts.entry(folder).or_default();
        match (verdict, list.contains(&mutant.name())) {
            (Verdict::Caught(_), false) => *caught += 1,
            (Verdict::Survived | Verdict::NotReached, true) => *known += 1,
            (Verdict::AtCompileTime, false) => *at_compile_time += 1,
            (verdict, is_known) => {
                wrong += 1;
                let listed = if is_known { "listed, and " } else { "" };
                println!("{listed}{verdict}, line {}: {}", mutant.change.line, mutant.name());
            }
        }
    }
    for (folder, [caught, known, at_compile_time]) in counts {
        println!(
            "{folder:<12} {caught:>5} caught {known:>4} known {at_compile_time:>4} at compile time only"
        );
    }
    ensure!(wrong == 0, "{wrong} of {} mutants are not as they should be", mutants.len());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Part;

    #[test]
    fn parts() {
        let part: Part = "2/5".parse().unwrap();
        assert_eq!((1..12).filter(|&n| part.has(n)).collect::<Vec<_>>(), [1, 6, 11]);
        for wrong in ["", "2", "0/5", "6/5", "a/5"] {
            assert!(wrong.parse::<Part>().is_err(), "{wrong}");
        }
    }
}
