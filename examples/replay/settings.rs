//! Settings of a run, and the grid of those that are asked for.

use clap::{Args, ValueEnum};

use crate::common::baselines::net_operations;
use crate::rule::RuleName;
use crate::sizes::{INTEGER_WINDOWS, UNITS, WINDOWS};

/// A recurrent layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Cell {
    Elman,
    Leaky,
    Gru,
    #[value(name = "mingru")]
    MinGru,
}

/// A kind of numbers that a network computes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Numbers {
    F32,
    /// Block floating point: `elman::fixed`, with an Elman cell and fewer windows
    Integers,
}

/// What a run depends on, beside the log and the seed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    pub numbers: Numbers,
    pub cell: Cell,
    pub units: usize,
    pub k1: usize,
    pub k2: usize,
    pub rule: RuleName,
    pub lr: f32,
}

/// Lists, each setting with each other.
#[derive(Args, Clone, Debug)]
pub struct Grid {
    /// Cells, a list [default: elman]
    #[arg(long, value_enum, value_delimiter = ',')]
    cell: Vec<Cell>,
    /// Units of the layer, a list [default: 8]
    #[arg(long, value_delimiter = ',')]
    units: Vec<usize>,
    /// Samples from one update to the next, a list [default: 8]
    #[arg(long, value_delimiter = ',')]
    k1: Vec<usize>,
    /// Samples that errors are propagated back through, a list [default: 24]
    #[arg(long, value_delimiter = ',')]
    k2: Vec<usize>,
    /// Learning rates, a list [default: 0.003]
    #[arg(long, value_delimiter = ',')]
    lr: Vec<f32>,
    /// Tries every compiled size, cell and kind of numbers, and four learning rates, where no list is
    /// given
    #[arg(long)]
    sweep: bool,
    /// The optimiser
    #[arg(long, value_enum, default_value = "adam")]
    optimizer: RuleName,
    /// The numbers that networks compute in, a list [default: f32]
    #[arg(long, value_enum, value_delimiter = ',')]
    numbers: Vec<Numbers>,
}

const RATES: [f32; 4] = [0.001, 0.003, 0.01, 0.03];

impl Grid {
    /// All settings, or what is not compiled.
    pub fn settings(&self) -> Result<Vec<Settings>, String> {
        self.check()?;
        let numbers = self.or(&self.numbers, Numbers::value_variants(), Numbers::F32);
        let all = numbers.into_iter().flat_map(|numbers| self.of_numbers(numbers));
        Ok(all.filter(Settings::is_compiled).collect())
    }

    fn of_numbers(&self, numbers: Numbers) -> Vec<Settings> {
        let (rule, mut all) = (self.optimizer, Vec::new());
        for &cell in &self.or(&self.cell, Cell::value_variants(), Cell::Elman) {
            for &units in &self.or(&self.units, UNITS, 8) {
                for (k1, k2) in self.windows() {
                    for &lr in &self.or(&self.lr, &RATES, 0.003) {
                        all.push(Settings { numbers, cell, units, k1, k2, rule, lr });
                    }
                }
            }
        }
        all
    }

    /// The list that is given, or the default.
    fn or<T: Clone>(&self, given: &[T], all: &[T], one: T) -> Vec<T> {
        match (given, self.sweep) {
            ([], true) => all.to_vec(),
            ([], false) => vec![one],
            (given, _) => given.to_vec(),
        }
    }

    /// The compiled windows of the lists.
    fn windows(&self) -> Vec<(usize, usize)> {
        let every = |of: fn(&(usize, usize)) -> usize| WINDOWS.iter().map(of).collect::<Vec<_>>();
        let k1 = self.or(&self.k1, &every(|window| window.0), 8);
        let k2 = self.or(&self.k2, &every(|window| window.1), 24);
        let is_asked = |(a, b): &&(usize, usize)| k1.contains(a) && k2.contains(b);
        WINDOWS.iter().filter(is_asked).copied().collect()
    }

    fn check(&self) -> Result<(), String> {
        if let Some(lr) = self.lr.iter().find(|lr| !(lr.is_finite() && **lr > 0.0)) {
            return Err(format!("--lr {lr}: a learning rate is positive"));
        }
        if let Some(units) = self.units.iter().find(|units| !UNITS.contains(units)) {
            return Err(not_compiled(&format!("--units {units}"), UNITS));
        }
        let windows = self.windows();
        let lost_k1 = self.k1.iter().find(|k1| windows.iter().all(|window| window.0 != **k1));
        let lost_k2 = self.k2.iter().find(|k2| windows.iter().all(|window| window.1 != **k2));
        let lost =
            lost_k1.map(|k1| format!("--k1 {k1}")).or(lost_k2.map(|k2| format!("--k2 {k2}")));
        let not_compiled = |what: String| not_compiled(&format!("{what}, of (k1, k2),"), WINDOWS);
        lost.map_or(Ok(()), |what| Err(not_compiled(what)))?;
        if self.numbers.contains(&Numbers::Integers) { self.check_integers() } else { Ok(()) }
    }

    /// Whether what is asked of integers is compiled.
    fn check_integers(&self) -> Result<(), String> {
        if let Some(cell) = self.cell.iter().find(|cell| **cell != Cell::Elman) {
            let name = cell.type_name();
            return Err(format!("--numbers integers: there is no {name} of integers, only Elman"));
        }
        if self.windows().iter().any(|window| INTEGER_WINDOWS.contains(window)) {
            return Ok(());
        }
        Err(not_compiled("--numbers integers with such (k1, k2)", INTEGER_WINDOWS))
    }
}

/// Which sizes there are.
pub fn not_compiled(what: &str, sizes: &[impl core::fmt::Debug]) -> String {
    format!(
        "{what} is not compiled; there are {sizes:?}. Sizes are parts of types: add yours to the table \
         in examples/replay/sizes.rs"
    )
}

impl Settings {
    pub fn name(&self) -> String {
        let Self { units, k1, k2, lr, rule, .. } = self;
        let cell = self.cell.to_possible_value().expect("no variant is skipped");
        let cell = cell.get_name();
        let numbers = match self.numbers {
            Numbers::F32 => "",
            Numbers::Integers => " of integers",
        };
        format!("{cell}{numbers}, {units} units, k1 {k1}, k2 {k2}, {} {lr}", rule.name())
    }

    /// The network's type, with so many inputs.
    pub fn net(&self, inputs: usize) -> String {
        let (cell, units) = (self.cell.type_name(), self.units);
        let path = match self.numbers {
            Numbers::F32 => "",
            Numbers::Integers => "fixed::",
        };
        format!("Stack<({path}{cell}<{inputs}, {units}>, {path}Dense<{units}, 1>)>")
    }

    /// The optimiser's type, and its value.
    pub fn optimizer(&self) -> (String, String) {
        let name = self.rule.name();
        let value = format!("{name}::new({:?})", self.lr);
        match (self.numbers, self.rule) {
            (Numbers::F32, _) => (name.into(), value),
            (Numbers::Integers, RuleName::Momentum | RuleName::Sgd) => {
                (format!("fixed::{name}"), format!("fixed::{value}"))
            }
            (Numbers::Integers, RuleName::Adam | RuleName::RmsProp) => {
                (format!("fixed::InFloat<{name}>"), format!("fixed::InFloat({value})"))
            }
        }
    }

    fn is_compiled(&self) -> bool {
        let of_integers = self.cell == Cell::Elman && INTEGER_WINDOWS.contains(&(self.k1, self.k2));
        self.numbers == Numbers::F32 || of_integers
    }

    /// Multiplications for one sample, without those of the optimiser and of the gates' products
    /// number by number.
    pub fn operations(&self, inputs: usize) -> usize {
        let Self { units, k1, k2, .. } = *self;
        let readout = units + 2 * units * k2 / k1;
        let one_gate = net_operations([inputs, units, 0], k1, k2);
        match self.cell {
            Cell::Elman | Cell::Leaky => net_operations([inputs, units, 1], k1, k2),
            Cell::Gru => 3 * one_gate + readout,
            Cell::MinGru => 2 * (inputs * units + inputs * units * k2 / k1) + readout,
        }
    }
}

impl Cell {
    pub const fn type_name(self) -> &'static str {
        match self {
            Self::Elman => "Elman",
            Self::Leaky => "LeakyElman",
            Self::Gru => "Gru",
            Self::MinGru => "MinGru",
        }
    }
}
