//! What the boards counted (`costs/*.txt`), in tables.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result};

use super::markdown::{number, number_or_dash, table};
use crate::board::BOARDS;
use crate::costs::SIZED;
use crate::paths;

const MICROBIT_RAM: u64 = 16 * 1024;
pub const STEPS: u64 = 20;
/// The cores of the README's table.
const SUMMARY: [&str; 4] = ["microbit", "mps2-an386", "rv32imc", "rv32imafc"];

/// The costs of all boards, by name; "-s" behind it is opt-level "s".
pub struct Costs(BTreeMap<String, Board>);

/// The costs of one board.
#[derive(Default)]
struct Board {
    compiler: String,
    networks: Vec<Network>,
    /// Flash and statics.
    programs: BTreeMap<String, [u64; 2]>,
}

/// Instructions and bytes of a network I-H-1.
#[derive(PartialEq)]
struct Network {
    size: String,
    cell: Option<u64>,
    step: Option<u64>,
    recorded_step: Option<u64>,
    backward: Option<u64>,
    update: Option<u64>,
    ram: u64,
    state: u64,
    stack: u64,
}

impl Costs {
    pub fn read() -> Result<Self> {
        let mut boards = BTreeMap::new();
        for entry in fs::read_dir(paths::costs())? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "txt") {
                let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                let board = Board::parse(&fs::read_to_string(&path)?);
                boards.insert(name, board.with_context(|| format!("{}", path.display()))?);
            }
        }
        Ok(Self(boards))
    }

    fn board(&self, name: &str) -> Result<&Board> {
        self.0.get(name).with_context(|| format!("no costs of {name}"))
    }

    pub fn compiler(&self) -> Result<&str> {
        Ok(&self.board("microbit")?.compiler)
    }

    /// Twenty recorded steps, the way back through them and an update of a network in `f32`.
    pub fn whole_update(&self, board: &str, size: &str) -> Option<u64> {
        self.0.get(board)?.network(size).ok()?.whole_update()
    }

    /// The README's table.
    pub fn summary(&self) -> Result<String> {
        let rows: Result<Vec<_>> = SUMMARY.iter().map(|name| self.summary_row(name)).collect();
        let head = ["core", "step", "update through 20 steps", "RAM to train", "flash"];
        Ok(table(&head, rows?))
    }

    fn summary_row(&self, name: &str) -> Result<Vec<String>> {
        let core = BOARDS.iter().find(|board| board.name == name).context("no such board")?.core;
        let board = self.board(name)?;
        let network = board.network("1-12-1")?;
        let [flash, _] = *board.programs.get("nopanic").context("no program nopanic")?;
        let counts = [network.step, network.whole_update()].map(number_or_dash);
        let bytes = [network.ram, flash].map(number);
        Ok([core.to_string()].into_iter().chain(counts).chain(bytes).collect())
    }

    /// Instructions, RAM and flash of all boards.
    pub fn tables(&self) -> Result<String> {
        Ok(format!(
            "Counted on emulated boards (QEMU), rustc {}, opt-level 3, networks I-H-1, window K = {STEPS}.\n\
             These are instructions, not cycles. `update` is SGD and clearing the gradient.\n\n{}\n\n\
             RAM to train is network, gradient, tape and optimiser; a stream that only runs needs its state.\n\n\
             {}\n\n{}",
            self.compiler()?,
            self.instructions()?,
            self.flash()?,
            self.microbit()?
        ))
    }

    /// Cores with the same counts share their rows.
    fn instructions(&self) -> Result<String> {
        let mut cores: Vec<(Vec<&str>, &[Network])> = Vec::new();
        for board in &BOARDS {
            let networks = &*self.board(board.name)?.networks;
            match cores.iter_mut().find(|(_, others)| shown(others) == shown(networks)) {
                Some((names, _)) => names.push(board.core),
                None => cores.push((vec![board.core], networks)),
            }
        }
        let rows = cores.iter().flat_map(|(names, networks)| {
            shown(networks).into_iter().map(|row| [vec![names.join(", ")], row].concat())
        });
        let head = ["core", "network", "step", "recorded step", "backward", "update"];
        let bytes = ["RAM to train", "RAM per stream", "stack to train"];
        Ok(table(&[&head[..], &bytes[..]].concat(), rows))
    }

    fn flash(&self) -> Result<String> {
        let columns = flash_columns();
        let head: Vec<_> =
            ["flash"].into_iter().chain(columns.iter().map(|(title, _)| &**title)).collect();
        let mut rows = Vec::new();
        for program in SIZED {
            let mut row = vec![format!("`{program}`")];
            for (_, board) in &columns {
                let bytes = self.board(board)?.programs.get(program);
                row.push(number_or_dash(bytes.map(|[flash, _]| *flash)));
            }
            rows.push(row);
        }
        Ok(table(&head, rows))
    }

    fn microbit(&self) -> Result<String> {
        let board = self.board("microbit")?;
        let statics = |program: &str| {
            let program = board.programs.get(program).context(program.to_string());
            program.map(|[_, statics]| *statics)
        };
        let (float, fixed) = (statics("sunspots")?, statics("fixed_sunspots")?);
        let stack = board.network("1-12-1")?.stack;
        let free = number(MICROBIT_RAM - float - stack);
        let [float, fixed, stack] = [float, fixed, stack].map(number);
        Ok(format!(
            "Training 1-12-1 on the micro:bit takes {float} bytes of statics (the optimiser is not kept) and \
             {stack} of stack below `main`'s; {free} of its {} bytes of RAM stay free. In integers it takes \
             {fixed} bytes of statics.",
            number(MICROBIT_RAM)
        ))
    }

    /// What a multiplication with its addition takes without an FPU, and a tanh.
    pub fn without_fpu(&self) -> Result<String> {
        let mut cores = Vec::new();
        for (name, core) in [("microbit", "Cortex-M0"), ("rv32imc", "RV32IMC")] {
            let [product, tanh] = self.board(name)?.product_and_tanh().context("two networks")?;
            let tanh = number(tanh.round() as u64);
            cores.push(format!(
                "on the {core} {product:.0} instructions a product and {tanh} a tanh"
            ));
        }
        Ok(format!("{}.", cores.join("; ")))
    }
}

/// Titles, and the names of the costs: all boards at opt-level 3, some at "s".
fn flash_columns() -> Vec<(String, String)> {
    let all = BOARDS.iter().map(|board| (board.core.to_string(), board.name.to_string()));
    let thorough = BOARDS.iter().filter(|board| board.thorough);
    let small =
        thorough.map(|board| (format!("{}, \"s\"", board.core), format!("{}-s", board.name)));
    all.chain(small).collect()
}

/// The rows of a core.
fn shown(networks: &[Network]) -> Vec<Vec<String>> {
    networks.iter().map(Network::row).collect()
}

impl Board {
    fn parse(text: &str) -> Result<Self> {
        let mut board = Self::default();
        let (_, compiler) = text.split_once("rustc ").context("no compiler")?;
        board.compiler = compiler.split(',').next().unwrap_or_default().to_string();
        for line in text.lines() {
            let mut words = line.split_whitespace().filter(|word| *word != "|");
            let name = words.next().unwrap_or_default();
            let Some(numbers) = words.map(parse).collect::<Option<Vec<_>>>() else { continue };
            match numbers[..] {
                [Some(flash), Some(statics)] => {
                    _ = board.programs.insert(name.to_string(), [flash, statics])
                }
                // Other lines are those of optimisers.
                [_, _, ..] if name.starts_with(|first: char| first.is_ascii_digit()) => {
                    board.networks.push(Network::new(name, &numbers).context(line.to_string())?)
                }
                _ => {} // a title
            }
        }
        Ok(board)
    }

    fn network(&self, size: &str) -> Result<&Network> {
        self.networks
            .iter()
            .find(|network| network.size == size)
            .with_context(|| format!("no {size}"))
    }

    /// products · product + tanhs · tanh = instructions of a cell, solved for the two largest sizes.
    fn product_and_tanh(&self) -> Option<[f64; 2]> {
        let [.., a, b] = &*self.networks else { return None };
        let ([p1, t1, n1], [p2, t2, n2]) = (a.equation()?, b.equation()?);
        let determinant = p1 * t2 - p2 * t1;
        Some([(n1 * t2 - n2 * t1) / determinant, (p1 * n2 - p2 * n1) / determinant])
    }
}

/// A count, or a dash where there is none. `None`: neither.
fn parse(word: &str) -> Option<Option<u64>> {
    if word == "-" { Some(None) } else { word.parse().ok().map(Some) }
}

impl Network {
    fn new(size: &str, numbers: &[Option<u64>]) -> Option<Self> {
        let &[cell, step, recorded_step, backward, update, net, tape, sgd, state, _, stack] =
            numbers
        else {
            return None;
        };
        let ram = 2 * net? + tape? + sgd?;
        let (size, state, stack) = (size.to_string(), state?, stack?);
        Some(Self { size, cell, step, recorded_step, backward, update, ram, state, stack })
    }

    fn row(&self) -> Vec<String> {
        let counts =
            [self.step, self.recorded_step, self.backward, self.update].map(number_or_dash);
        let bytes = [self.ram, self.state, self.stack].map(number);
        [self.size.clone()].into_iter().chain(counts).chain(bytes).collect()
    }

    /// Twenty recorded steps, the way back through them and an update.
    fn whole_update(&self) -> Option<u64> {
        Some(STEPS * self.recorded_step? + self.backward? + self.update?)
    }

    /// Products, tanhs and instructions of the cell.
    fn equation(&self) -> Option<[f64; 3]> {
        let mut sizes = self.size.split('-').map(|size| size.parse::<u32>().ok());
        let (i, h) = (sizes.next()??, sizes.next()??);
        Some([f64::from(h * (i + h)), f64::from(h), self.cell? as f64])
    }
}

#[cfg(test)]
mod tests {
    use super::{Board, STEPS};

    const TEXT: &str = "board microbit, rustc 1.95.0, target-cpu cortex-m0
opt-level 3
net    |   cell    step    tape backward  update |   net    tape  sgd  state | step learn
1-12-1    29440   31323    31512   905890    21029    724   2292      8     52    268    504
3-16-1    49200   51694    51882        -    38550   1348   3124      8     68    300    560
sgd             4848    4557   17706   74988
program   flash statics
nopanic   29948    5488
";

    #[test]
    fn a_board_is_read() {
        let board = Board::parse(TEXT).unwrap();
        assert_eq!(board.compiler, "1.95.0");
        assert_eq!(board.programs["nopanic"], [29948, 5488]);
        let network = board.network("1-12-1").unwrap();
        assert_eq!(network.ram, 2 * 724 + 2292 + 8);
        assert_eq!(network.whole_update(), Some(STEPS * 31512 + 905_890 + 21029));
        assert_eq!(board.network("3-16-1").unwrap().row()[3], "–");
        assert!(board.network("8-32-1").is_err());
    }

    #[test]
    fn a_line_of_other_columns_is_an_error() {
        assert!(Board::parse("rustc 1,\n1-12-1 1 2 3\n").is_err());
        assert!(Board::parse("1-12-1").is_err());
    }

    /// 100 instructions a product and 500 a tanh.
    #[test]
    fn two_equations() {
        let mut board = Board::parse(TEXT).unwrap();
        for (network, products, tanhs) in [(0, 12 * 13, 12), (1, 16 * 19, 16)] {
            board.networks[network].cell = Some(100 * products + 500 * tanhs);
        }
        let [product, tanh] = board.product_and_tanh().unwrap();
        assert!((product - 100.0).abs() < 1e-9 && (tanh - 500.0).abs() < 1e-9);
    }
}
