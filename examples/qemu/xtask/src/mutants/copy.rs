//! A copy of the crate that can be broken: only the tests that are run, and what they need.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use anyhow::Result;
use regex::Regex;
use tempfile::TempDir;
use xshell::{Shell, cmd};

use super::Test;
use crate::paths;

pub struct Copy {
    folder: TempDir,
    target: PathBuf,
}

/// How a test ended.
#[derive(PartialEq, Clone, Copy, Debug)]
pub enum Outcome {
    Passed,
    Failed,
    NoTests,
    NotBuilt,
}

impl Copy {
    /// A copy with a name: each is built in a folder of its own.
    pub fn new(name: impl Display, tests: &BTreeSet<&str>) -> Result<Self> {
        let target = paths::root().join(format!("target/mutants/{name}"));
        let copy = Self { folder: TempDir::new()?, target };
        let (shell, folder) = (Shell::new()?, copy.folder.path());
        shell.change_dir(paths::root());
        let files = shell.read_dir(".")?.into_iter().filter(|path| path.is_file());
        cmd!(shell, "cp -r src tests {files...} {folder}").quiet().run()?;
        cmd!(shell, "cp -r --parents examples/data {folder}").quiet().run()?;
        let sources = keep(&folder.join("tests"), tests)?;
        let manifest = folder.join("Cargo.toml");
        fs::write(&manifest, trimmed(&fs::read_to_string(&manifest)?, &sources, tests)?)?;
        Ok(copy)
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where it is built.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Applies a patch. `false`: it does not fit.
    pub fn patch(&self, patch: &Path, options: &[&str]) -> Result<bool> {
        let shell = Shell::new()?;
        shell.change_dir(&self.folder);
        let git =
            cmd!(shell, "git apply {options...} {patch}").quiet().ignore_stderr().ignore_status();
        // Not as a part of a repository in a folder above.
        let above = self.folder.path().parent().unwrap_or(Path::new("/"));
        let git = git.env("GIT_CEILING_DIRECTORIES", above).env_remove("GIT_DIR");
        Ok(git.output()?.status.success())
    }

    /// Builds and runs a test; what was printed comes along.
    pub fn run(&self, test: &Test) -> Result<(Outcome, String)> {
        let Test { binary, filter } = test;
        self.keep_module(test)?;
        let shell = Shell::new()?;
        shell.change_dir(&self.folder);
        let cargo = cmd!(shell, "cargo test --quiet --test {binary} -- {filter...}");
        let cargo = cargo.env("CARGO_TARGET_DIR", &self.target);
        let cargo = cargo.env("CARGO_PROFILE_TEST_DEBUG", "0").env("CARGO_PROFILE_DEV_DEBUG", "0");
        let Output { status, stdout, stderr } = cargo.quiet().ignore_status().output()?;
        let log = String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned();
        Ok((outcome(status.success(), &log), log))
    }

    /// Leaves out the other modules of the binary, which only take time to build.
    fn keep_module(&self, test: &Test) -> Result<()> {
        let Some(module) = test.filter.first().and_then(|filter| filter.strip_suffix("::")) else {
            return Ok(());
        };
        let main = Path::new("tests").join(&test.binary).join("main.rs");
        let whole = fs::read_to_string(paths::root().join(&main))?;
        fs::write(self.folder.path().join(&main), with_module(&whole, module))?;
        Ok(())
    }
}

/// The main file of a binary with one of its modules, and those at a path of their own.
fn with_module(main: &str, module: &str) -> String {
    let mut has_path = false;
    let mut kept = String::new();
    for line in main.lines() {
        let name = line.strip_prefix("mod ").and_then(|line| line.strip_suffix(';'));
        if name.is_none_or(|name| has_path || name == module) {
            kept += line;
            kept.push('\n');
        }
        has_path = line.starts_with("#[path");
    }
    kept
}

fn outcome(success: bool, log: &str) -> Outcome {
    if success && log.contains("running 0 tests") {
        Outcome::NoTests
    } else if success {
        Outcome::Passed
    } else if log.contains("test result: FAILED") {
        Outcome::Failed
    } else {
        Outcome::NotBuilt
    }
}

/// Removes the other test binaries, `tests/NAME.rs` or `tests/NAME/main.rs`; returns the remaining sources.
fn keep(folder: &Path, tests: &BTreeSet<&str>) -> Result<String> {
    let shell = Shell::new()?;
    let mut sources = String::new();
    for path in shell.read_dir(folder)? {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let is_test = path.extension().is_some_and(|extension| extension == "rs")
            || path.join("main.rs").exists();
        if is_test && !tests.contains(&*name) {
            shell.remove_path(path)?;
        } else {
            append_sources(&path, &mut sources)?;
        }
    }
    Ok(sources)
}

fn append_sources(path: &PathBuf, sources: &mut String) -> Result<()> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            append_sources(&entry?.path(), sources)?;
        }
    } else if path.extension().is_some_and(|extension| extension == "rs") {
        *sources += &fs::read_to_string(path)?;
    }
    Ok(())
}

/// A manifest without what only examples, benchmarks and other tests need.
fn trimmed(manifest: &str, sources: &str, tests: &BTreeSet<&str>) -> Result<String> {
    let mut manifest: toml::Table = toml::from_str(manifest)?;
    manifest.remove("bench");
    manifest.remove("example");
    let is_kept = |test: &toml::Value| {
        test.get("name").and_then(toml::Value::as_str).is_some_and(|name| tests.contains(name))
    };
    if let Some(toml::Value::Array(entries)) = manifest.get_mut("test") {
        entries.retain(is_kept);
    }
    if let Some(toml::Value::Table(dependencies)) = manifest.get_mut("dev-dependencies") {
        dependencies.retain(|name, _| is_used(name, sources));
    }
    Ok(toml::to_string(&manifest)?)
}

fn is_used(dependency: &str, sources: &str) -> bool {
    let name = regex::escape(&dependency.replace('-', "_"));
    Regex::new(&format!(r"\b{name}::")).is_ok_and(|path| path.is_match(sources))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Outcome, outcome, trimmed, with_module};

    #[test]
    fn outcomes() {
        assert_eq!(outcome(true, "running 3 tests\n..."), Outcome::Passed);
        assert_eq!(outcome(true, "running 0 tests\n"), Outcome::NoTests);
        assert_eq!(
            outcome(false, "running 1 test\ntest result: FAILED. 0 passed"),
            Outcome::Failed
        );
        assert_eq!(outcome(false, "error[E0308]: mismatched types"), Outcome::NotBuilt);
    }

    #[test]
    fn other_modules_are_left_out() {
        let main = "//! Tests.\n\nmod a;\nmod ab;\n#[path = \"../support/mod.rs\"]\nmod support;\n";
        assert_eq!(with_module(main, "a"), main.replace("mod ab;\n", ""));
    }

    #[test]
    fn a_manifest_is_trimmed() {
        let manifest = "[package]\nname = \"x\"\n[dependencies]\nlibm = \"1\"\n[dev-dependencies]\nserde_json = \"1\"\n\
            embedded-storage = \"1\"\nclap = \"4\"\n[[bench]]\nname = \"peers\"\n[[test]]\nname = \"a\"\n[[test]]\nname = \"b\"\n";
        let sources =
            "use serde_json::Value; use embedded_storage::nor_flash; // clap and\n mod clap_";
        let trimmed = trimmed(manifest, sources, &BTreeSet::from(["b"])).unwrap();
        for kept in ["libm", "serde_json", "embedded-storage", "name = \"b\""] {
            assert!(trimmed.contains(kept), "{kept}\n{trimmed}");
        }
        for dropped in ["clap", "bench", "name = \"a\""] {
            assert!(!trimmed.contains(dropped), "{dropped}\n{trimmed}");
        }
    }
}
