//! Writes `oscillation/include/oscillation.h`. With `--check` it writes nothing, and fails if it would be another file.
//!
//! cbindgen reads plain Rust and no macros, on a stable compiler; so it is given what `export!` expands to
//! (`expand.rs`), with the sizes that the compiler found for cores with 32-bit and with 64-bit pointers (`measure.rs`).

mod bindings;
mod expand;
mod measure;

use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context, Result, ensure};

/// The package, and the network in it.
const NAME: &str = "oscillation";

fn main() -> Result<()> {
    let is_check = env::args().any(|argument| argument == "--check");
    let path = root().join(NAME).join("include").join(NAME).with_extension("h");
    if !path.exists() {
        fs::write(&path, "").context("an empty header to begin with")?;
    }
    let header = header()?;
    if is_check {
        let committed = fs::read_to_string(&path)?;
        ensure!(committed == header, "{} is stale: cargo run -p header", path.display());
    } else {
        fs::write(&path, header)?;
    }
    Ok(())
}

fn header() -> Result<String> {
    let macros = fs::read_to_string(root().join("elman-c/src/export.rs"))?;
    let package = fs::read_to_string(root().join(NAME).join("src/lib.rs"))?;
    let sizes = measure::sizes(&root(), NAME)?;
    let items = expand::plain_items(&macros, &package, NAME, &sizes)?;
    bindings::header(&root(), NAME, &items)
}

/// The workspace.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a folder above").to_path_buf()
}
