//! The sizes of a network, as the compiler has them on cores with 32-bit and with 64-bit pointers.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use anyhow::{Context, Result, ensure};
use object::read::archive::ArchiveFile;
use object::{Object, ObjectSection, ObjectSymbol};

/// A core of each kind. Any other of its kind has the same sizes: that is checked when it is built.
const WITH_32_BITS: &str = "thumbv7em-none-eabihf";
const WITH_64_BITS: &str = "x86_64-unknown-linux-gnu";

/// The bytes of the memory.
pub struct Sizes {
    pub bytes_32: u32,
    pub bytes_64: u32,
    pub others: Others,
}

/// What is the same on every core, in the order of `SIZES` in `elman-c/src/export.rs`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Others {
    pub inputs: u32,
    pub outputs: u32,
    pub weights: u32,
    pub checkpoint_bytes: u32,
    pub macs: u32,
}

pub fn sizes(root: &Path, package: &str) -> Result<Sizes> {
    let (bytes_32, others) = of_target(root, package, WITH_32_BITS)?;
    let (bytes_64, with_64) = of_target(root, package, WITH_64_BITS)?;
    ensure!(others == with_64, "{others:?} with 32 bits, {with_64:?} with 64 bits");
    Ok(Sizes { bytes_32, bytes_64, others })
}

fn of_target(root: &Path, package: &str, target: &str) -> Result<(u32, Others)> {
    let library = build(root, package, target)?;
    let archive = fs::read(&library).with_context(|| library.display().to_string())?;
    let symbol = format!("{package}_sizes");
    let sizes = numbers(&archive, &symbol)?.with_context(|| format!("no symbol {symbol}"))?;
    let [bytes, inputs, outputs, weights, checkpoint_bytes, macs] = sizes;
    Ok((bytes, Others { inputs, outputs, weights, checkpoint_bytes, macs }))
}

/// Builds the library, whatever its header says.
fn build(root: &Path, package: &str, target: &str) -> Result<PathBuf> {
    let cargo = env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let status = Command::new(cargo)
        .args(["build", "--quiet", "--release", "--package", package, "--target", target])
        .env("ELMAN_C_MEASURE", "1")
        .current_dir(root)
        .status()?;
    ensure!(status.success(), "{package} does not build for {target}");
    Ok(root.join("target").join(target).join("release").join(format!("lib{package}.a")))
}

/// The numbers of a static in an archive, little-endian.
fn numbers<const N: usize>(archive: &[u8], symbol: &str) -> Result<Option<[u32; N]>> {
    for member in ArchiveFile::parse(archive)?.members() {
        let Ok(file) = object::File::parse(member?.data(archive)?) else { continue };
        if let Some(found) = file.symbols().find(|found| found.name() == Ok(symbol)) {
            let section = found.section_index().context("a symbol without a section")?;
            let section = file.section_by_index(section)?;
            let bytes = section.data_range(found.address(), 4 * N as u64)?;
            return Ok(bytes.map(words));
        }
    }
    Ok(None)
}

fn words<const N: usize>(bytes: &[u8]) -> [u32; N] {
    let mut words = bytes.chunks_exact(4).map(|word| word.try_into().map(u32::from_le_bytes));
    core::array::from_fn(|_| words.next().and_then(Result::ok).unwrap_or_default())
}
