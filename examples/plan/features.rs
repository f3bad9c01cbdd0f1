//! What a computation does, as numbers that its cost is linear in: the loops of `src/matrix/blocked.rs`.
//!
//! Columns are computed in blocks of 16, of 4 and of 1, weight gradients in tiles of four by four. All cells
//! share these loops, and so their costs; of its own a cell has a cost of each step and of each unit.

use std::collections::BTreeMap;

use crate::network::{Cell, Layer, Network};

/// What, and of which size of block or of which cell.
pub type Key = (&'static str, usize);

/// How often each is done.
#[derive(Clone, Debug, Default)]
pub struct Features(pub BTreeMap<Key, f64>);

impl Features {
    pub fn add(&mut self, key: Key, count: usize) {
        if count > 0 {
            *self.0.entry(key).or_default() += count as f64;
        }
    }

    pub fn with(mut self, name: &'static str, count: usize) -> Self {
        self.add((name, 0), count);
        self
    }

    /// `count` times a product with `rows × columns` weights. On the way forward the compiler makes other code of
    /// one block of four than of a loop of several.
    fn product(
        &mut self,
        [block, row]: [&'static str; 2],
        [rows, columns]: [usize; 2],
        count: usize,
    ) {
        for (size, blocks) in blocks(columns) {
            let kind = if size == 4 && row == FORWARD[1] { 4 * blocks } else { size };
            self.add((block, kind), blocks * count);
            self.add((row, kind), blocks * rows * count);
        }
    }

    /// `stretches` sums over `steps` in all of `rows × columns` weights: `Matrix::add_outer`.
    fn outer(&mut self, [rows, columns]: [usize; 2], stretches: usize, steps: usize) {
        let (fours, rest) = (rows / 4, rows % 4);
        let tiles = fours * (columns / 4);
        self.add(("tile", 0), tiles * stretches);
        self.add(("tile step", 0), tiles * steps);
        let by_row = rest + if columns % 4 > 0 { 4 * fours } else { 0 };
        self.add(("row call", 0), by_row * stretches);
        let of_columns = 4 * fours * (columns % 4);
        self.add(("column", 0), of_columns * stretches);
        self.add(("column step", 0), of_columns * steps);
        for (size, blocks) in blocks(columns) {
            self.add(("row", size), rest * blocks * stretches);
            self.add(("row step", size), rest * blocks * steps);
        }
    }

    /// The same for the gradients of a step alone, as often as there are steps.
    fn outer_of_step(&mut self, [rows, columns]: [usize; 2], steps: usize) {
        let (fours, rest) = (rows / 4, rows % 4);
        self.add(("gate tile", 0), fours * (columns / 4) * steps);
        self.add(("gate row", 0), rest * steps);
        for (size, blocks) in blocks(columns) {
            self.add(("gate row", size), rest * blocks * steps);
        }
    }
}

/// The blocks of each size.
fn blocks(columns: usize) -> [(usize, usize); 3] {
    [(16, columns / 16), (4, columns % 16 / 4), (1, columns % 4)]
}

/// Numbers that are copied without a call.
pub const COPIED: usize = 16;

const FORWARD: [&str; 2] = ["block", "block row"];
/// The same on the way back, for what is computed once more.
const AGAIN: [&str; 2] = ["again", "again row"];
/// Of one factor and its rows.
const SINGLE: [&str; 2] = ["single block", "single row"];
const TRANSPOSED: [&str; 2] = ["dot", "dot row"];

/// One step of inference.
pub fn step(network: &Network) -> Features {
    let mut features = Features::default();
    for layer in &network.0 {
        of_step(layer, &mut features);
    }
    features
}

fn of_step(layer: &Layer, features: &mut Features) {
    let Layer { cell, inputs: i, units: h } = *layer;
    features.add(("step", cell as usize), 1);
    features.add(("unit", cell as usize), h);
    of_products(layer, features, [FORWARD, SINGLE], 1);
    if cell == Cell::Dense {
        features.add(("output", 0), i);
    }
}

/// The products of `steps` steps forward, of several factors and of one.
fn of_products(
    layer: &Layer,
    features: &mut Features,
    [several, single]: [[&'static str; 2]; 2],
    steps: usize,
) {
    let Layer { cell, inputs: i, units: h } = *layer;
    match cell {
        Cell::Elman | Cell::LeakyElman => features.product(several, [i + h, h], steps),
        Cell::Gru => {
            features.product(several, [i + h, h], 2 * steps);
            features.product(single, [i, h], steps);
            features.product(single, [h, h], steps);
        }
        Cell::MinGru => features.product(single, [i, h], 2 * steps),
        Cell::Dense => features.product(single, [i, h], steps),
    }
}

/// What a trainer does with a sample beside the step: checks, loss, record.
pub fn sample(network: &Network) -> Features {
    let features = Features::default().with("sample", 1).with("inputs", network.inputs());
    let features = features.with("state", network.state()).with("outputs", network.outputs());
    copies(network, features)
}

/// Copies of states: of more than 64 bytes by a call of `memcpy` (on RISC-V of more than 32), and how many of
/// them there are depends on what the compiler inlines.
fn copies(network: &Network, mut features: Features) -> Features {
    let is_gated = |layer: &Layer| matches!(layer.cell, Cell::Gru | Cell::MinGru);
    let is_several = network.outputs() > 1 || network.0.iter().any(is_gated);
    if network.state() > COPIED {
        features = features.with("copy", 1).with("copied", network.state());
        if is_several {
            features = features.with("more copies", 1).with("more copied", network.state());
        }
    }
    for layer in &network.0 {
        if layer.units > COPIED / 2 {
            features = features.with("short", 1).with("short copied", layer.units);
        }
        if layer.units > COPIED {
            features = features.with("layer copy", 1).with("layer copied", layer.units);
        }
        if layer.units >= COPIED && layer.cell == Cell::Elman && !is_several {
            features = features.with("tanh copy", 1).with("tanh copied", layer.units);
        }
    }
    features
}

/// (1.3a) and (1.3d) through `steps` steps, which come in `stretches`.
pub fn backward(network: &Network, stretches: usize, steps: usize) -> Features {
    let mut features = Features::default();
    for (n, layer) in network.0.iter().enumerate() {
        let Layer { cell, inputs: i, units: h } = *layer;
        features.add(("stretch", cell as usize), stretches);
        features.add(("back step", cell as usize), steps);
        features.add(("back unit", cell as usize), steps * h);
        let to_inputs = if n == 0 { 0 } else { i };
        let products = match cell {
            Cell::Elman | Cell::LeakyElman => (1, h + to_inputs),
            Cell::Gru => (3, h + to_inputs),
            Cell::MinGru => (2, to_inputs),
            Cell::Dense => (1, to_inputs),
        };
        features.product(TRANSPOSED, [products.1, h], products.0 * steps);
        if matches!(cell, Cell::Gru | Cell::MinGru | Cell::LeakyElman) {
            of_products(layer, &mut features, [AGAIN, AGAIN], steps); // computed once more
        }
        let (of_inputs, of_state) = match cell {
            Cell::Gru => (3, 3),
            Cell::MinGru => (2, 0),
            _ => (0, 0),
        };
        features.outer_of_step([i, h], of_inputs * steps);
        features.outer_of_step([h, h], of_state * steps);
    }
    features
}

/// (1.3b–c) of `steps` steps in `stretches`, in the parts of `Backward::PARTS`, the topmost layer first.
pub fn parts(network: &Network, stretches: usize, steps: usize) -> Vec<Features> {
    let mut parts = Vec::new();
    for Layer { cell, inputs: i, units: h } in network.0.iter().rev().copied() {
        let rows: &[usize] = match cell {
            Cell::Elman | Cell::LeakyElman => &[i, h],
            Cell::Dense => &[i],
            Cell::Gru | Cell::MinGru => &[],
        };
        for &rows in rows {
            parts.extend(of_matrix([rows, h], stretches, steps));
        }
        if rows.len() == 2 {
            parts.push(Features::default()); // the bias
        }
        if let Some(last) = parts.last_mut().filter(|_| !rows.is_empty()) {
            last.add(("sum", 0), stretches);
            last.add(("sum step", 0), steps * h);
        }
    }
    parts
}

/// Each part some blocks of four rows, of 64 numbers or more: `Matrix::PARTS`.
fn of_matrix([rows, columns]: [usize; 2], stretches: usize, steps: usize) -> Vec<Features> {
    let of_part = 4 * 16_usize.div_ceil(columns);
    let part = |start: usize| {
        let mut features = Features::default();
        features.outer([of_part.min(rows - start), columns], stretches, steps);
        features
    };
    (0..rows).step_by(of_part).map(part).collect()
}

/// All parts.
pub fn accumulate(network: &Network, stretches: usize, steps: usize) -> Features {
    parts(network, stretches, steps).iter().fold(Features::default(), plus)
}

/// What goes through all weights once.
pub fn weights(network: &Network) -> Features {
    let features = Features::default().with("call", 1).with("tensor", network.tensors());
    features.with("weight", network.weights())
}

/// Both.
pub fn plus(mut a: Features, b: &Features) -> Features {
    for (key, count) in &b.0 {
        *a.0.entry(*key).or_default() += count;
    }
    a
}
