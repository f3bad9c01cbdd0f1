//! `tables`: the figures of README.md and PERFORMANCE.md, from what was counted (`costs/`).

mod board;
mod cell;
mod cells;
mod fixed;
mod markdown;
mod persist;
mod slices;

use std::fs;

use anyhow::{Context, Result, ensure};

use crate::costs::products::Products;
use crate::costs::{ASSEMBLY, SAFE};
use crate::firmware::Profile;
use crate::paths;

/// Writes the tables and figures of README.md and PERFORMANCE.md, each between `<!-- name -->` and
/// `<!-- /name -->`, from the counts in costs/ and peers.csv.
#[derive(clap::Args)]
pub struct Arguments {
    /// Fails if one is not what is written there
    #[arg(long)]
    check: bool,
}

/// The name of a place and what belongs there.
type Section = (&'static str, String);

pub fn run(arguments: &Arguments) -> Result<()> {
    let costs = board::Costs::read()?;
    write("README.md", &[("cost-summary", costs.summary()?)], arguments.check)?;
    write("PERFORMANCE.md", &performance(&costs)?, arguments.check)
}

fn performance(costs: &board::Costs) -> Result<[Section; 22]> {
    let [cells, small] = Profile::BOTH.map(|profile| cell::Cells::read(SAFE, profile));
    let [assembly, small_assembly] =
        Profile::BOTH.map(|profile| cell::Cells::read(ASSEMBLY, profile));
    let (cells, small, compiler) = (cells?, small?, costs.compiler()?);
    let (assembly, small_assembly) = (assembly?, small_assembly?);
    let [product, overhead] = cells.product()?;
    let [limit, limit_gradient] = cell::limits_of_products();
    Ok([
        ("cost", costs.tables()?),
        ("cell", cells.table(compiler)?),
        ("small", small.table(compiler)?),
        ("cells", cells::table()?),
        ("persist", persist::table("persist.csv")?),
        ("monitor", persist::table("monitor.csv")?),
        ("slices", slices::table()?),
        ("fixed", fixed::table(costs)?),
        ("fixed-peers", fixed::peers()?),
        ("limit", limit.clone()),
        ("limit-gradient", limit_gradient),
        ("limit-product", limit),
        ("product", product),
        ("overhead", overhead),
        ("without-fpu", costs.without_fpu()?),
        ("assembly", assembly.table(compiler)?),
        ("small-assembly", small_assembly.table(compiler)?),
        ("distance", cell::distances(&cells, &assembly)?),
        ("peers", cell::peers(&cells, &assembly)?),
        ("tanh-error", tanh_error()?),
        ("library-microbit", library("microbit")?),
        ("library-rv32imc", library("rv32imc")?),
    ])
}

/// The instructions of a product by the compiler's library.
fn library(board: &str) -> Result<String> {
    let counts = Products::read(&fs::read(paths::costs().join("products.csv"))?)?;
    let count = counts.into_iter().find(|(name, _)| name == board);
    Ok(count.with_context(|| format!("no products on {board}"))?.1)
}

/// The bound, in units in the last place, that the test of tanh holds it to.
fn tanh_error() -> Result<String> {
    let test = fs::read_to_string(paths::root().join("tests/agreement/tanh.rs"))?;
    let after =
        test.split_once("const MAX_ULP: f64 = ").context("no MAX_ULP in the test of tanh")?.1;
    Ok(after.split_once(';').context("MAX_ULP without an end")?.0.to_string())
}

fn write(name: &str, sections: &[Section], check: bool) -> Result<()> {
    let path = paths::root().join(name);
    let old = fs::read_to_string(&path)?;
    let mut new = old.clone();
    for (section, content) in sections {
        new = markdown::fill(&new, section, content).with_context(|| name.to_string())?;
    }
    if check {
        ensure!(
            new == old,
            "the figures in {name} are not those in costs/: run `cargo xtask tables`"
        );
    } else {
        fs::write(path, new)?;
    }
    Ok(())
}
