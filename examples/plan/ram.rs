//! The bytes of the crate's types, by formula: the shapes of a plan are known at run time only.
//!
//! `word` is the size of a `usize`: 4 on the boards, 8 on most hosts. A test compares all with `size_of`.

use elman::{Dense, Learner, Sgd};

use crate::network::Network;
use crate::optimizer::Optimizer;

const FLOAT: usize = size_of::<f32>();
/// Of a `u64`, which a stream counts its steps with, on every target of the crate.
const ALIGN: usize = align_of::<u64>();
/// Of a `usize` on a board.
pub const BOARD: usize = 4;

/// What is trained, and how.
#[derive(Clone, Debug)]
pub struct Training {
    pub network: Network,
    pub optimizer: Optimizer,
    pub k1: usize,
    pub k2: usize,
}

impl Training {
    /// `Trainer`.
    pub fn trainer(&self, word: usize) -> usize {
        (self.learner() + self.stream(word)).next_multiple_of(ALIGN)
    }

    /// `SlicedTrainer`.
    pub fn sliced(&self, word: usize) -> usize {
        let network = &self.network;
        // input, state, `Option` of the output
        let step = FLOAT * (network.inputs() + network.state() + 1 + network.outputs());
        let arrived = rows(self.k1, step, word);
        (self.trainer(word) + self.work(word) + arrived).next_multiple_of(ALIGN)
    }

    /// `Learner`: two networks, the optimiser, and settings, which do not depend on the shape.
    fn learner(&self) -> usize {
        type Small = Dense<1, 1>;
        let settings = size_of::<Learner<Small, Sgd>>() - 2 * size_of::<Small>() - size_of::<Sgd>();
        let optimizer = self.optimizer.facts();
        let weights = FLOAT * self.network.weights();
        (2 + optimizer.states) * weights + optimizer.state_bytes + optimizer.bytes + settings
    }

    /// `StreamState`: the tape and counters.
    fn stream(&self, word: usize) -> usize {
        let counters = size_of::<u64>() + 2 * word + 2 * size_of::<u32>();
        (self.tape(word) + counters).next_multiple_of(ALIGN)
    }

    /// `Tape`: two states, inputs, of each layer outputs and their gradients, two numbers.
    fn tape(&self, word: usize) -> usize {
        let network = &self.network;
        let layers = network.0.iter().map(|layer| 2 * rows(self.k2, FLOAT * layer.units, word));
        let inputs = rows(self.k2, FLOAT * network.inputs(), word);
        let states = 2 * FLOAT * network.state();
        (states + inputs + layers.sum::<usize>() + 2 * word).next_multiple_of(word)
    }

    /// The pending work of a `SlicedTrainer`, an `enum`. A variant with a `bool` holds the others in the values
    /// that a `bool` does not have, if they fit beside it; otherwise a tag stands before each.
    fn work(&self, word: usize) -> usize {
        let clipping = 2 * FLOAT;
        let backward = size_of::<u32>() + FLOAT * self.network.state();
        let check = clipping + 4 * FLOAT;
        let update = clipping + self.optimizer.facts().bytes;
        let variants = [(backward, word), (check, word), (update, 2 * word)];

        let sizes = |before: usize| {
            variants.map(|(bytes, words)| (before + bytes).next_multiple_of(word) + words)
        };
        let [backward, check, update] = sizes(0);
        let (largest, second) = (check.max(update), check.min(update).max(backward));
        let tagged = sizes(TAG).into_iter().max().unwrap_or_default();
        if second + word.max(clipping) <= largest { largest } else { tagged }
    }
}

/// Of an `enum`, with what is lost to alignment.
const TAG: usize = size_of::<u32>();

/// `heapless::Vec` of so many rows.
fn rows(rows: usize, bytes: usize, word: usize) -> usize {
    (rows * bytes + word).next_multiple_of(word)
}
