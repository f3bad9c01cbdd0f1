//! Programs that must not compile, and what the compiler says to them.
//!
//! The first lines of each program in `ui/` are what every compiler must say: `//@ error:` the codes
//! of all errors, `//@ message:` words of this crate. The whole output, in `ui/*.stderr`, is that of
//! one compiler.

use core::error::Error;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use serde_json::Value;

/// The compiler that wrote `ui/*.stderr`. Another one says the same in other words.
const COMPILER: &str = "rustc 1.95.0 ";

/// What stands in the message of every layer that does not fit.
const UNFIT: &str = "cannot read an input of type";
/// What is said with it.
const UNFIT_NOTES: [&str; 2] = [
    "this layer does not fit the one before it",
    "in a stack, the output size of each layer must be the input size of the next",
];

#[test]
fn the_output_of_one_compiler_is_known_to_the_letter() {
    let rustc = env::var_os("RUSTC").unwrap_or("rustc".into());
    let version = Command::new(rustc).arg("--version").output().expect("rustc is installed").stdout;
    let version = String::from_utf8_lossy(&version);
    if !version.starts_with(COMPILER) {
        println!("not compared: the output is that of {COMPILER}, this is {version}");
        return;
    }
    let programs = trybuild::TestCases::new();
    programs.pass("tests/ui/fit/*.rs");
    programs.compile_fail("tests/ui/*.rs");
}

#[test]
fn every_compiler_rejects_each_program_for_its_reason() {
    let misfits = programs("ui").unwrap();
    let fitting = programs("ui/fit").unwrap();
    assert!(misfits.len() > 20 && !fitting.is_empty());

    let all: Vec<_> = misfits.iter().chain(&fitting).cloned().collect();
    let output = build(&all).unwrap();
    let mut wrong: Vec<String> =
        misfits.iter().flat_map(|program| faults(program, &output)).collect();
    for program in &fitting {
        if !output.built.contains(&name(program)) {
            wrong.push(format!("{} does not compile", name(program)));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// The programs of a folder, in the order of their names.
fn programs(folder: &str) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut programs = vec![];
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            programs.push(path);
        }
    }
    programs.sort();
    Ok(programs)
}

fn name(program: &Path) -> String {
    program.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// What the compiler said.
#[derive(Default)]
struct Output {
    built: BTreeSet<String>,
    /// The codes of each program's errors, and all it was told.
    rejected: BTreeMap<String, (BTreeSet<String>, String)>,
}

/// Builds programs, each a binary of one project that depends on this crate.
fn build(programs: &[PathBuf]) -> Result<Output, Box<dyn Error>> {
    let package = env!("CARGO_MANIFEST_DIR");
    let project = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ui");
    fs::create_dir_all(&project)?;
    let mut manifest = format!(
        "[package]\nname = \"ui\"\nedition = \"2024\"\n\
        [workspace]\n[dependencies]\nelman = {{ path = {package:?} }}\n"
    );
    for program in programs {
        manifest += &format!("[[bin]]\nname = {:?}\npath = {program:?}\n", name(program));
    }
    fs::write(project.join("Cargo.toml"), manifest)?;
    fs::copy(Path::new(package).join("Cargo.lock"), project.join("Cargo.lock"))?;

    let cargo = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()))
        .args(["build", "--offline", "--keep-going", "--message-format=json", "--target-dir"])
        .arg(project.join("target"))
        .current_dir(&project)
        .output()?;
    print!("{}", String::from_utf8_lossy(&cargo.stderr)); // shown when the test fails
    let mut output = Output::default();
    for line in String::from_utf8(cargo.stdout)?.lines() {
        output.read(&serde_json::from_str(line)?);
    }
    Ok(output)
}

impl Output {
    /// Reads a message of `cargo build --message-format=json`.
    fn read(&mut self, cargo: &Value) {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let name = text(&cargo["target"]["name"]);
        let message = &cargo["message"];
        if cargo["reason"] == "compiler-artifact" {
            self.built.insert(name);
        } else if message["level"] == "error" {
            let (codes, said) = self.rejected.entry(name).or_default();
            // The last of all errors, that there were some, has no code.
            codes.extend(message["code"]["code"].as_str().map(str::to_owned));
            *said += &text(&message["rendered"]);
        }
    }
}

/// In what the output for a program differs from what its first lines ask for.
fn faults(program: &Path, output: &Output) -> Vec<String> {
    let name = name(program);
    let Some((codes, said)) = output.rejected.get(&name) else {
        return vec![format!("{name} compiles, or was not reached")];
    };
    let source = fs::read_to_string(program).unwrap();
    let asked = |key| source.lines().filter_map(move |line| line.strip_prefix(key)).map(str::trim);
    let mut faults = vec![];
    let expected: BTreeSet<String> = asked("//@ error:").map(str::to_owned).collect();
    if *codes != expected {
        faults.push(format!("{name}: errors {codes:?}, not {expected:?}:\n{said}"));
    }
    let mut messages: Vec<&str> = asked("//@ message:").collect();
    if messages.iter().any(|message| message.contains(UNFIT)) {
        messages.extend(UNFIT_NOTES);
    }
    for message in messages {
        if !said.contains(message) {
            faults.push(format!("{name}: not told that {message:?}:\n{said}"));
        }
    }
    faults
}
