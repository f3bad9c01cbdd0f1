//! A network as it is written on the command line: `5-12-1`, or with cells by name `3-gru12-elman8-2`.

use core::fmt::{Display, Formatter, Result as Formatted};
use core::str::FromStr;

/// A kind of layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cell {
    Elman,
    LeakyElman,
    Gru,
    MinGru,
    Dense,
}

/// One layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Layer {
    pub cell: Cell,
    pub inputs: usize,
    pub units: usize,
}

/// One to five cells and a readout.
#[derive(Clone, Debug, PartialEq)]
pub struct Network(pub Vec<Layer>);

/// The largest tuple of layers that the crate has.
const LAYERS: usize = 6;
const LARGEST: usize = 4096;
/// The units that were counted are multiples of it.
const BLOCK: usize = 4;

impl FromStr for Cell {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name.to_ascii_lowercase().as_str() {
            "elman" => Ok(Self::Elman),
            "leaky" | "leakyelman" => Ok(Self::LeakyElman),
            "gru" => Ok(Self::Gru),
            "mingru" => Ok(Self::MinGru),
            _ => Err(format!("`{name}` is no cell: elman, leaky, gru, mingru")),
        }
    }
}

impl Network {
    /// Reads a network; `cell` is that of layers without a name.
    pub fn parse(text: &str, cell: Cell) -> Result<Self, String> {
        let words: Vec<_> = text.split('-').collect();
        let [inputs, cells @ .., outputs] = words.as_slice() else {
            return Err(format!("`{text}`: a network is inputs-units-outputs, as 5-12-1"));
        };
        if cells.is_empty() || cells.len() >= LAYERS {
            let most = LAYERS - 1;
            return Err(format!(
                "`{text}`: between inputs and outputs stand one to {most} cells, as in 5-12-1"
            ));
        }
        let mut inputs = size(inputs)?;
        let mut layers = Vec::new();
        for word in cells {
            let (cell, units) = named(word, cell)?;
            layers.push(Layer { cell, inputs, units });
            inputs = units;
        }
        layers.push(Layer { cell: Cell::Dense, inputs, units: size(outputs)? });
        Ok(Self(layers))
    }

    pub fn inputs(&self) -> usize {
        self.0.first().map_or(0, |layer| layer.inputs)
    }

    pub fn outputs(&self) -> usize {
        self.0.last().map_or(0, |layer| layer.units)
    }

    /// The numbers of a state: the units of every layer.
    pub fn state(&self) -> usize {
        self.0.iter().map(|layer| layer.units).sum()
    }

    pub fn weights(&self) -> usize {
        self.0.iter().map(Layer::weights).sum()
    }

    pub fn tensors(&self) -> usize {
        self.0.iter().map(|layer| layer.cell.tensors()).sum()
    }

    /// `Backward::PARTS`.
    pub fn parts(&self) -> usize {
        self.0.iter().map(Layer::parts).sum()
    }

    /// Whether it lies between networks that were counted: of each cell the units, a multiple of four, and
    /// inputs, outputs and layers.
    pub fn is_among(&self, counted: &[Self]) -> bool {
        let most = |size: fn(&Self) -> usize| counted.iter().map(size).max() >= Some(size(self));
        let cells = &self.0[..self.0.len() - 1];
        cells.iter().all(|layer| layer.is_among(counted))
            && most(Self::inputs)
            && most(Self::outputs)
            && most(|network| network.0.len())
    }
}

/// `gru12`, or `12`.
fn named(word: &str, cell: Cell) -> Result<(Cell, usize), String> {
    let (name, units) =
        word.split_at(word.find(|c: char| c.is_ascii_digit()).unwrap_or(word.len()));
    let cell = if name.is_empty() { cell } else { name.parse()? };
    Ok((cell, size(units)?))
}

fn size(word: &str) -> Result<usize, String> {
    let size = word.parse().ok().filter(|size| (1..=LARGEST).contains(size));
    size.ok_or_else(|| format!("`{word}` is no size from 1 to {LARGEST}"))
}

impl Layer {
    /// Whether cells of this kind were counted with as few units and with as many.
    fn is_among(&self, counted: &[Network]) -> bool {
        let layers = counted.iter().flat_map(|network| &network.0);
        let units = layers.filter(|layer| layer.cell == self.cell).map(|layer| layer.units);
        let (fewest, most) = (units.clone().min(), units.max());
        let is_between = fewest <= Some(self.units) && Some(self.units) <= most;
        is_between && fewest.is_some() && self.units.is_multiple_of(BLOCK)
    }

    pub fn weights(&self) -> usize {
        let Self { inputs: i, units: h, .. } = *self;
        match self.cell {
            Cell::Elman => i * h + h * h + h,
            Cell::LeakyElman => i * h + h * h + 2 * h,
            Cell::Gru => 3 * (i * h + h * h + h) + h,
            Cell::MinGru => 2 * (i * h + h),
            Cell::Dense => i * h + h,
        }
    }

    fn parts(&self) -> usize {
        let of = |rows: usize| rows.div_ceil(4 * 16_usize.div_ceil(self.units));
        match self.cell {
            Cell::Elman | Cell::LeakyElman => of(self.inputs) + of(self.units) + 1,
            Cell::Gru | Cell::MinGru => 0,
            Cell::Dense => of(self.inputs),
        }
    }
}

impl Cell {
    fn tensors(self) -> usize {
        match self {
            Self::Elman => 3,
            Self::LeakyElman | Self::MinGru => 4,
            Self::Gru => 8,
            Self::Dense => 2,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Elman => "elman",
            Self::LeakyElman => "leaky",
            Self::Gru => "gru",
            Self::MinGru => "mingru",
            Self::Dense => "dense",
        }
    }
}

impl Display for Network {
    fn fmt(&self, f: &mut Formatter<'_>) -> Formatted {
        write!(f, "{}", self.inputs())?;
        for Layer { cell, units, .. } in &self.0 {
            match cell {
                Cell::Elman | Cell::Dense => write!(f, "-{units}")?,
                _ => write!(f, "-{}{units}", cell.name())?,
            }
        }
        Ok(())
    }
}
