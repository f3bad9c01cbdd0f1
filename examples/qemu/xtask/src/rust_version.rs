//! `rust-version`: the crate builds with the oldest compiler it declares.

use std::fs;

use anyhow::{Context, Result};
use xshell::{Shell, cmd};

use crate::paths;

/// Builds the crate with the very compiler that Cargo.toml declares as the oldest; rustup fetches it. Tests and
/// examples may need a newer one, as their dependencies do.
#[derive(clap::Args)]
pub struct Arguments {}

pub fn run(_: &Arguments) -> Result<()> {
    let version = declared(&fs::read_to_string(paths::root().join("Cargo.toml"))?)?;
    let shell = Shell::new()?;
    shell.change_dir(paths::root());
    if cmd!(shell, "rustup run {version} rustc --version").quiet().ignore_stderr().read().is_err() {
        cmd!(shell, "rustup toolchain install {version} --profile minimal").quiet().run()?;
    }
    let cargo = format!("+{version}");
    let check = cmd!(
        shell,
        "cargo {cargo} check --quiet --lib --features cortex-m4,soft-float --target-dir target/rust-version"
    );
    check.quiet().run()?;
    println!("builds with rustc {version}");
    Ok(())
}

/// The toolchain of `rust-version`: 1.88 is 1.88.0.
fn declared(manifest: &str) -> Result<String> {
    let manifest: toml::Table = toml::from_str(manifest)?;
    let version = manifest.get("package").and_then(|package| package.get("rust-version"));
    let version = version.and_then(toml::Value::as_str).context("no rust-version in Cargo.toml")?;
    let patch = if version.matches('.').count() == 1 { ".0" } else { "" };
    Ok(format!("{version}{patch}"))
}

#[cfg(test)]
mod tests {
    use super::declared;

    #[test]
    fn a_toolchain_has_three_numbers() {
        assert_eq!(declared("[package]\nrust-version = \"1.88\"").unwrap(), "1.88.0");
        assert_eq!(declared("[package]\nrust-version = \"1.88.1\"").unwrap(), "1.88.1");
        assert!(declared("[package]\nname = \"x\"").is_err());
    }
}
