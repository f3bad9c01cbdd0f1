//! Writes the header of a package whose only network has its name: `cargo run -p header -- pump` writes
//! `pump/include/pump.h`. Without a name it is that of `oscillation`. With `--check` it writes nothing, and fails if it would
//! write another file.
//!
//! cbindgen reads plain Rust and no macros, on a stable compiler; so it is given what `export!` expands to
//! (`expand.rs`), with the sizes that the compiler found for cores with 32-bit and with 64-bit pointers (`measure.rs`).

mod bindings;
mod expand;
mod measure;

use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context, Result, ensure};

const DEFAULT: &str = "oscillation";

fn main() -> Result<()> {
    let (options, names): (Vec<_>, Vec<_>) =
        env::args().skip(1).partition(|argument| argument.starts_with("--"));
    ensure!(options.iter().all(|option| option == "--check"), "header [--check] [NAME]");
    let name = names.first().map_or(DEFAULT, |name| name);
    write(name, !options.is_empty())
}

fn write(name: &str, is_check: bool) -> Result<()> {
    let path = root().join(name).join("include").join(name).with_extension("h");
    if !path.exists() {
        fs::write(&path, "").context("an empty header to begin with")?;
    }
    let header = header(name)?;
    if is_check {
        let committed = fs::read_to_string(&path)?;
        ensure!(committed == header, "{} is stale: cargo run -p header", path.display());
    } else {
        fs::write(&path, header)?;
    }
    Ok(())
}

fn header(name: &str) -> Result<String> {
    let macros = fs::read_to_string(root().join("elman-c/src/export.rs"))?;
    let package = fs::read_to_string(root().join(name).join("src/lib.rs"))?;
    let sizes = measure::sizes(&root(), name)?;
    let items = expand::plain_items(&macros, &package, name, &sizes)?;
    bindings::header(&root(), name, &items)
}

/// The workspace.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a folder above").to_path_buf()
}
