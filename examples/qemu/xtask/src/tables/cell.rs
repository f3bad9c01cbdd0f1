//! A bare cell on the Cortex-M4F (`costs/cell.csv`), beside its limit and beside others (`peers.csv`).

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result};

use super::markdown::{number, table};
use crate::costs::Cell;
use crate::firmware::Profile;
use crate::paths;

const STEPS: f64 = 20.0; // of the unit `training`
const CALLS: f64 = 256.0; // of the size `tanh`
/// The least cycles of a multiplication and its addition: forward and back through time, and in ΔW.
const PRODUCT: f64 = 3.0625;
const PRODUCT_OF_GRADIENT: f64 = 2.875;
/// Load, multiplication and addition, one number at a time.
const LOADED_PRODUCT: f64 = 4.0;
/// The size whose product is in the text.
const LARGEST: &str = "32-128";

/// Forward and back through time, and in ΔW; for the text.
pub fn limits_of_products() -> [String; 2] {
    [PRODUCT, PRODUCT_OF_GRADIENT].map(|cycles| format!("{cycles:.2}"))
}

/// The cells of one opt-level, and its tanh.
pub struct Cells {
    sizes: Vec<Cell>,
    tanh: Cell,
}

impl Cells {
    pub fn read(board: &str, profile: Profile) -> Result<Self> {
        let mut sizes = Cell::read(&fs::read(paths::costs().join("cell.csv"))?, board, profile)?;
        let tanh = sizes.iter().position(|cell| cell.size == "tanh").context("no line tanh")?;
        Ok(Self { tanh: sizes.remove(tanh), sizes })
    }

    /// Each size beside its limit.
    pub fn table(&self, compiler: &str) -> Result<String> {
        let head = [
            "I-H",
            "step",
            "cycles",
            "of it tanh",
            "limit",
            "20 steps and back",
            "cycles",
            "limit",
        ];
        let head = [&head[..], &["SGD per parameter", "code, bytes"]].concat();
        let rows: Option<Vec<_>> = self.sizes.iter().map(Cell::row).collect();
        let rows = rows.context("a cell without a count")?;
        Ok(format!("{}\n\n{}", table(&head, rows), self.tanh(compiler).context("no tanh")?))
    }

    fn tanh(&self, compiler: &str) -> Option<String> {
        let [instructions, cycles] =
            [self.tanh.tanh?, self.tanh.tanh_cycles?].map(|n| n as f64 / CALLS);
        Some(format!(
            "A tanh takes {instructions:.1} instructions and about {cycles:.0} cycles, mean of 256 from −2.5 to \
             2.5; rustc {compiler}."
        ))
    }

    /// Cycles of a multiplication in a step of the largest size, tanh aside; and those above load,
    /// multiplication and addition.
    pub fn product(&self) -> Result<[String; 2]> {
        let largest =
            self.sizes.iter().find(|cell| cell.size == LARGEST).context("no largest size")?;
        let product = largest.product().context("a cell without a count")?;
        Ok([product, product - LOADED_PRODUCT].map(|cycles| format!("{cycles:.1}")))
    }
}

impl Cell {
    /// I and H.
    fn sizes(&self) -> Option<[f64; 2]> {
        let (inputs, units) = self.size.split_once('-')?;
        Some([inputs.parse().ok()?, units.parse().ok()?])
    }

    fn row(&self) -> Option<Vec<String>> {
        let [step, training] = self.limits()?.map(|cycles| number(cycles.round() as u64));
        let sgd = self.sgd? as f64 / self.parameters? as f64;
        Some(vec![
            self.size.clone(),
            number(self.step?),
            number(self.step_cycles?),
            number(self.tanh_cycles?),
            step,
            number(self.training?),
            number(self.training_cycles?),
            training,
            format!("{sgd:.2}"),
            number(self.code?),
        ])
    }

    /// The least cycles of a step and of 20 steps and back, tanh aside.
    fn limits(&self) -> Option<[f64; 2]> {
        let [i, h] = self.sizes()?;
        let step = PRODUCT * h * (i + h);
        Some([step, STEPS * (step + PRODUCT * h * h + PRODUCT_OF_GRADIENT * h * (i + h))])
    }

    /// Cycles as multiples of the limit, the tanh of the safe code added to it.
    fn distances(&self, tanh: u64) -> Option<[f64; 2]> {
        let [step, training] = self.limits()?;
        let tanh = tanh as f64;
        Some([
            self.step_cycles? as f64 / (step + tanh),
            self.training_cycles? as f64 / (training + STEPS * tanh),
        ])
    }

    fn product(&self) -> Option<f64> {
        let [i, h] = self.sizes()?;
        Some((self.step_cycles? - self.tanh_cycles?) as f64 / (h * (i + h)))
    }
}

// ---- distance to the limit ----

/// Cycles as multiples of the limit with tanh: of the safe code, of the assembly and of the best peer.
pub fn distances(cells: &Cells, assembly: &Cells) -> Result<String> {
    let head = ["I-H", "step", "with `cortex-m4`", "best peer", "20 steps and back"];
    let head = [&head[..], &["with `cortex-m4`", "best peer"]].concat();
    let peers = others(&fs::read(paths::firmware().join("peers.csv"))?)?;
    let rows = cells.sizes.iter().zip(&assembly.sizes).map(|(safe, assembly)| {
        let tanh = safe.tanh_cycles?;
        let [step, training] = safe.distances(tanh)?;
        let [assembly_step, assembly_training] = assembly.distances(tanh)?;
        let [peer_step, peer_training] =
            ["step", "training"].map(|unit| smallest(&peers, &format!("{unit} {}", safe.size)));
        let peer = |peer: Option<u64>, ours: Option<u64>, distance: f64| {
            Some(distance * peer? as f64 / ours? as f64)
        };
        let peer_step = peer(peer_step, safe.step_cycles, step)?;
        let peer_training = peer(peer_training, safe.training_cycles, training)?;
        let distances =
            [step, assembly_step, peer_step, training, assembly_training, peer_training];
        let distances = distances.map(|distance| format!("{distance:.2}"));
        Some([safe.size.clone()].into_iter().chain(distances).collect())
    });
    let rows: Option<Vec<Vec<String>>> = rows.collect();
    Ok(table(&head, rows.context("a cell without a count")?))
}

// ---- beside others ----

/// A line of the table, with the cycles of each column.
struct Peer {
    names: [String; 3],
    cycles: BTreeMap<String, u64>,
}

/// Thousands of cycles; the smallest f32 figure of each column in bold.
pub fn peers(cells: &Cells, assembly: &Cells) -> Result<String> {
    let ours = [cells.as_peer("`elman`"), assembly.as_peer("`elman` with `cortex-m4`")];
    let mut peers =
        ours.into_iter().collect::<Option<Vec<_>>>().context("a cell without a count")?;
    peers.extend(others(&fs::read(paths::firmware().join("peers.csv"))?)?);
    let units = ["step", "training"];
    let columns = units
        .iter()
        .flat_map(|unit| cells.sizes.iter().map(move |cell| format!("{unit} {}", cell.size)));
    let columns: Vec<_> = columns.collect();
    let best: Vec<_> = columns.iter().map(|column| smallest(&peers, column)).collect();
    let rows = peers.iter().map(|peer| {
        let cycles = columns
            .iter()
            .zip(&best)
            .map(|(column, &best)| thousands(peer.cycles.get(column), best));
        peer.names.iter().cloned().chain(cycles).collect()
    });
    let head: Vec<_> = ["", "", ""].into_iter().chain(columns.iter().map(String::as_str)).collect();
    Ok(table(&head, rows.collect::<Vec<_>>()))
}

impl Cells {
    fn as_peer(&self, name: &str) -> Option<Peer> {
        let mut cycles = BTreeMap::new();
        for cell in &self.sizes {
            cycles.insert(format!("step {}", cell.size), cell.step_cycles?);
            cycles.insert(format!("training {}", cell.size), cell.training_cycles?);
        }
        Some(Peer { names: [name, "Rust", "f32"].map(String::from), cycles })
    }
}

/// The lines of `peers.csv`.
fn others(file: &[u8]) -> Result<Vec<Peer>> {
    let mut reader = csv::Reader::from_reader(file);
    let mut peers = Vec::new();
    for line in reader.deserialize() {
        let mut line: BTreeMap<String, String> = line?;
        let names = ["implementation", "language", "numbers"]
            .map(|name| line.remove(name).unwrap_or_default());
        let cycles = line.into_iter().filter(|(_, cycles)| !cycles.is_empty());
        let cycles =
            cycles.map(|(column, cycles)| Ok((column, cycles.parse()?))).collect::<Result<_>>()?;
        peers.push(Peer { names, cycles });
    }
    Ok(peers)
}

fn smallest(peers: &[Peer], column: &str) -> Option<u64> {
    peers
        .iter()
        .filter(|peer| peer.names[2] == "f32")
        .filter_map(|peer| peer.cycles.get(column))
        .copied()
        .min()
}

fn thousands(cycles: Option<&u64>, best: Option<u64>) -> String {
    let Some(&cycles) = cycles else { return "–".to_string() };
    let thousands = cycles as f64 / 1000.0;
    let text = if cycles < 100_000 {
        format!("{thousands:.1}")
    } else {
        number(thousands.round_ties_even() as u64)
    };
    if Some(cycles) == best { format!("**{text}**") } else { text }
}

#[cfg(test)]
mod tests {
    use super::{Cell, others, smallest, thousands};

    #[test]
    fn thousands_of_cycles() {
        assert_eq!(thousands(Some(&2178), None), "2.2");
        assert_eq!(thousands(Some(&5_158_631), Some(5_158_631)), "**5 159**");
        assert_eq!(thousands(Some(&99_999), Some(1)), "100.0");
        assert_eq!(thousands(None, Some(1)), "–");
    }

    #[test]
    fn the_smallest_is_among_equals() {
        let file = "implementation,language,numbers,step 3-16\na,C,f32,20\nb,C,f32,10\nc,C,int8,5\nd,C,f32,\n";
        let peers = others(file.as_bytes()).unwrap();
        assert_eq!(smallest(&peers, "step 3-16"), Some(10));
        assert_eq!(smallest(&peers, "step 8-32"), None);
        assert!(others(b"implementation,step 3-16\na,fast\n").is_err());
    }

    #[test]
    fn a_product_and_the_limit() {
        let counts = |n| Some(n);
        let cell = Cell {
            size: "3-16".to_string(),
            step_cycles: counts(2000),
            tanh_cycles: counts(480),
            ..Cell::default()
        };
        assert_eq!(cell.product(), Some(5.0));
        assert_eq!(cell.limits().unwrap()[0], 304.0 * 3.0625);
        assert_eq!(cell.row(), None);
        let cell = Cell { training_cycles: counts(103_560), ..cell };
        let [step, training] = cell.distances(69).unwrap();
        assert_eq!(step, 2.0);
        assert!(training < 2.0);
    }
}
