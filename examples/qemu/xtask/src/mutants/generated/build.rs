//! One build of all mutants that compile.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use xshell::{Cmd, Shell, cmd};

use super::switch::{ATTRIBUTES, MUTANT, Place, switched};
use super::{Copy, Mutant, TESTS};
use crate::paths;

/// Writes the switched sources; drops the mutants that the compiler rejects, until it rejects none.
pub fn keep_what_compiles(copy: &Copy, mutants: &mut Vec<Mutant>) -> Result<()> {
    append_switch(copy)?;
    loop {
        let places = write(copy, mutants)?;
        let rejected = rejected(copy, &places)?;
        if rejected.is_empty() {
            return Ok(());
        }
        mutants.retain(|mutant| !rejected.contains(&mutant.number));
    }
}

/// Builds the tests; returns the binaries.
pub fn tests(copy: &Copy) -> Result<BTreeMap<String, PathBuf>> {
    let shell = Shell::new()?;
    let tests = TESTS.map(|test| ["--test", test]);
    let command = cmd!(shell, "cargo test --quiet --no-run --message-format json");
    let messages = messages(copy, command.args(tests.as_flattened()))?;
    for diagnostic in messages.iter().filter_map(|message| message.message.as_ref()) {
        let rendered = diagnostic.rendered.as_deref().unwrap_or_default();
        ensure!(diagnostic.level != "error", "the tests do not build: {rendered}");
    }
    let built = messages.into_iter().filter_map(|message| {
        let name = message.target?.name;
        TESTS.contains(&&*name).then_some((name, message.executable?))
    });
    let built: BTreeMap<_, _> = built.collect();
    ensure!(built.len() == TESTS.len(), "not all of {TESTS:?} were built");
    Ok(built)
}

fn append_switch(copy: &Copy) -> Result<()> {
    let path = copy.folder().join("src/lib.rs");
    let library = fs::read_to_string(&path)?;
    ensure!(library.contains("#![no_std]"), "where do attributes go in lib.rs?");
    fs::write(path, library.replacen("#![no_std]", ATTRIBUTES, 1) + MUTANT)?;
    for test in TESTS {
        let path = copy.folder().join("tests").join(test).join("main.rs");
        let main = fs::read_to_string(&path)?;
        // Constants are computed by more instructions than before. One test has a file of src as a module.
        let allowed = "#![allow(warnings, long_running_const_eval)]\n\nuse elman::mutant;\n\nmod ";
        fs::write(path, main.replacen("\nmod ", allowed, 1))?;
    }
    Ok(())
}

/// Where everything is in the written files.
fn write(copy: &Copy, mutants: &[Mutant]) -> Result<BTreeMap<String, Vec<Place>>> {
    let mut places = BTreeMap::new();
    for mutants in mutants.chunk_by(|a, b| a.file == b.file) {
        let Some(Mutant { file, .. }) = mutants.first() else { continue };
        let source = fs::read_to_string(paths::root().join(file))?;
        let changes: Vec<_> = mutants.iter().map(|m| (m.number, &m.change)).collect();
        let (text, at) = switched(&source, &changes);
        fs::write(copy.folder().join(file), text)?;
        places.insert(file.clone(), at);
    }
    Ok(places)
}

/// The numbers of the mutants that the compiler complains about.
fn rejected(copy: &Copy, places: &BTreeMap<String, Vec<Place>>) -> Result<BTreeSet<u32>> {
    let shell = Shell::new()?;
    let command = cmd!(shell, "cargo check --quiet --lib --message-format json");
    let mut rejected = BTreeSet::new();
    for diagnostic in messages(copy, command)?.into_iter().filter_map(|message| message.message) {
        if diagnostic.level == "error" && !diagnostic.spans.is_empty() {
            let numbers = diagnostic.numbers(places);
            let rendered = diagnostic.rendered.unwrap_or_default();
            ensure!(!numbers.is_empty(), "not of a mutant: {rendered}");
            rejected.extend(numbers);
        }
    }
    Ok(rejected)
}

fn messages(copy: &Copy, command: Cmd<'_>) -> Result<Vec<Message>> {
    let command = command.env("CARGO_TARGET_DIR", copy.target()).env("RUSTC_BOOTSTRAP", "elman");
    let command =
        command.env("CARGO_PROFILE_DEV_DEBUG", "0").env("CARGO_PROFILE_DEV_OPT_LEVEL", "1");
    let command = command.env("CARGO_INCREMENTAL", "0");
    let shell = Shell::new()?;
    let manifest = copy.folder().join("Cargo.toml");
    shell.change_dir(copy.folder());
    let output = command.arg("--manifest-path").arg(manifest).quiet().ignore_status().output()?;
    let text = String::from_utf8(output.stdout)?;
    let lines = text.lines().filter(|line| line.starts_with('{'));
    let messages: Vec<_> = lines
        .map(|line| serde_json::from_str(line).with_context(|| line.to_string()))
        .collect::<Result<_>>()?;
    let is_explained = output.status.success() || !messages.is_empty();
    ensure!(is_explained, "{}", String::from_utf8_lossy(&output.stderr));
    Ok(messages)
}

/// What is read of a line of `--message-format json`.
#[derive(Deserialize)]
struct Message {
    target: Option<Target>,
    executable: Option<PathBuf>,
    message: Option<Diagnostic>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

#[derive(Deserialize)]
struct Diagnostic {
    level: String,
    spans: Vec<Span>,
    rendered: Option<String>,
}

#[derive(Deserialize)]
struct Span {
    file_name: String,
    byte_start: usize,
    byte_end: usize,
    is_primary: bool,
    expansion: Option<Box<Expansion>>,
}

#[derive(Deserialize)]
struct Expansion {
    span: Span,
}

impl Diagnostic {
    /// Of the mutants where it is; or of those it mentions; or, if what is missed was deleted, of the next
    /// statement.
    fn numbers(&self, places: &BTreeMap<String, Vec<Place>>) -> Vec<u32> {
        let numbers = |span: &Span| span.numbers(places);
        let primary = self.spans.iter().filter(|span| span.is_primary);
        let here: Vec<_> = primary.flat_map(numbers).collect();
        let mentioned = || self.spans.iter().flat_map(numbers).collect();
        let next = || self.spans.iter().flat_map(|span| span.next_statement(places)).collect();
        let ways: [&dyn Fn() -> Vec<u32>; 3] = [&|| here.clone(), &mentioned, &next];
        ways.iter().map(|way| way()).find(|numbers| !numbers.is_empty()).unwrap_or_default()
    }
}

impl Span {
    /// Of the smallest place around it.
    fn numbers(&self, places: &BTreeMap<String, Vec<Place>>) -> Vec<u32> {
        let here = places.get(&self.file_name).into_iter().flatten();
        let around = here.filter(|p| p.at.start <= self.byte_start && self.byte_end <= p.at.end);
        match (around.min_by_key(|place| place.at.len()), &self.expansion) {
            (Some(place), _) => place.numbers.clone(),
            (None, Some(expansion)) => expansion.span.numbers(places),
            (None, None) => Vec::new(),
        }
    }

    fn next_statement(&self, places: &BTreeMap<String, Vec<Place>>) -> Vec<u32> {
        let here = places.get(&self.file_name).into_iter().flatten();
        let after = here.filter(|p| p.is_statement && p.at.start >= self.byte_end);
        after.min_by_key(|place| place.at.start).map(|p| p.numbers.clone()).unwrap_or_default()
    }
}
