//! `oldest`: the oldest dependencies that Cargo.toml allows give the same bits.

use std::fs;

use anyhow::{Context, Result};
use tempfile::TempDir;
use xshell::{Shell, cmd};

use crate::paths;

/// Runs the tests that hold the bits with the oldest libm and heapless that Cargo.toml allows.
#[derive(clap::Args)]
pub struct Arguments {}

/// The crate, and what the tests of the boards include.
const PARTS: [&str; 10] = [
    "Cargo.lock",
    "Cargo.toml",
    "README.md",
    "src",
    "tests/boards",
    "tests/data",
    "tests/support",
    "examples/common",
    "examples/data",
    "examples/qemu/src",
];

pub fn run(_: &Arguments) -> Result<()> {
    let (shell, copy) = (Shell::new()?, TempDir::new()?);
    let folder = copy.path();
    shell.change_dir(paths::root());
    let parts = PARTS;
    cmd!(shell, "cp -r --parents {parts...} {folder}").quiet().run()?;
    let manifest = folder.join("Cargo.toml");
    let mut table: toml::Table = toml::from_str(&fs::read_to_string(&manifest)?)?;
    let dependencies = lower_bounds(&table)?;
    trim(&mut table);
    fs::write(&manifest, toml::to_string(&table)?)?;
    shell.change_dir(folder);
    for (name, version) in &dependencies {
        cmd!(shell, "cargo update --quiet {name} --precise {version}").quiet().run()?;
    }
    let target = paths::root().join("target/oldest");
    let test = cmd!(shell, "cargo test --quiet --release --test boards -- bit_exact");
    test.env("CARGO_TARGET_DIR", target).quiet().run()?;
    let names: Vec<_> =
        dependencies.iter().map(|(name, version)| format!("{name} {version}")).collect();
    println!("the same bits with {}", names.join(" and "));
    Ok(())
}

/// What only examples, benchmarks and other tests need is not built.
fn trim(manifest: &mut toml::Table) {
    manifest.remove("bench");
    manifest.remove("example");
    if let Some(toml::Value::Table(dependencies)) = manifest.get_mut("dev-dependencies") {
        dependencies.retain(|name, _| {
            ["csv", "nalgebra", "safetensors", "serde", "serde_json"].contains(&name)
        });
    }
}

/// The dependencies and the lowest version of each: 0.9 is 0.9.0.
fn lower_bounds(manifest: &toml::Table) -> Result<Vec<(String, String)>> {
    let dependencies = manifest.get("dependencies").and_then(toml::Value::as_table);
    let bound = |(name, value): (&String, &toml::Value)| {
        let version = value.get("version").unwrap_or(value).as_str().context("no version")?;
        let zeros = ".0".repeat(2_usize.saturating_sub(version.matches('.').count()));
        Ok((name.clone(), format!("{version}{zeros}")))
    };
    dependencies.context("no dependencies")?.iter().map(bound).collect()
}

#[cfg(test)]
mod tests {
    use super::lower_bounds;

    #[test]
    fn a_version_has_three_numbers() {
        let manifest = "[dependencies]\na = \"1\"\nb = { version = \"0.9\" }\nc = \"0.2.7\"";
        let bounds = lower_bounds(&toml::from_str(manifest).unwrap()).unwrap();
        let bounds: Vec<_> =
            bounds.iter().map(|(name, version)| format!("{name} {version}")).collect();
        assert_eq!(bounds, ["a 1.0.0", "b 0.9.0", "c 0.2.7"]);
    }
}
