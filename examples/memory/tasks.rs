//! The tasks: sequences of inputs, targets at some steps, and when a network has it right.

use elman::Pcg32;

use crate::grammar::{self, SYMBOLS};

/// One sequence of a task.
pub struct Sequence<const I: usize> {
    pub inputs: Vec<[f32; I]>,
    pub targets: Vec<Option<Target>>,
    pub right: Right,
}

#[derive(Clone, Copy)]
pub enum Target {
    Class(usize),
    Value(f32),
}

/// What the outputs of a sequence must be to count as right.
pub enum Right {
    /// The last output, as a class, or to 0.1 as a value.
    Last(Target),
    /// At each step every legal symbol has a higher score than every other.
    Legal(Vec<Vec<usize>>),
}

pub trait Task<const I: usize>: Sync {
    /// A sequence to learn from.
    fn draw(&self, rng: &mut Pcg32) -> Sequence<I>;
    /// Sequences that no network learns from.
    fn unseen(&self) -> Vec<Sequence<I>>;
    /// The steps over which something must be remembered: the time constants that a cell starts with.
    fn span(&self) -> f32;
}

/// Sequences for tests.
const TESTS: usize = 300;

/// `TESTS` draws from a generator of their own.
fn other_draws<const I: usize>(draw: impl Fn(&mut Pcg32) -> Sequence<I>) -> Vec<Sequence<I>> {
    let mut rng = Pcg32::new(0, 99);
    (0..TESTS).map(|_| draw(&mut rng)).collect()
}

fn last<const I: usize>(inputs: Vec<[f32; I]>, target: Target) -> Sequence<I> {
    let mut targets = vec![None; inputs.len()];
    targets[inputs.len() - 1] = Some(target);
    Sequence { inputs, targets, right: Right::Last(target) }
}

fn uniform(rng: &mut Pcg32) -> f32 {
    0.5 + 0.5 * rng.uniform_symmetric::<f32>()
}

/// Delayed recall: one of four symbols, then so many steps of noise; at the last, which was it?
pub struct Recall(pub usize);

impl Task<5> for Recall {
    fn draw(&self, rng: &mut Pcg32) -> Sequence<5> {
        let symbol = (rng.next_u32() >> 30) as usize;
        let mut inputs: Vec<[f32; 5]> =
            (0..self.0).map(|_| [0.0, 0.0, 0.0, 0.0, rng.uniform_symmetric()]).collect();
        inputs[0][symbol] = 1.0;
        last(inputs, Target::Class(symbol))
    }

    fn unseen(&self) -> Vec<Sequence<5>> {
        other_draws(|rng| self.draw(rng))
    }

    fn span(&self) -> f32 {
        self.0 as f32
    }
}

/// The adding problem (Hochreiter & Schmidhuber 1997): a number and a mark at each step, two marks in
/// all; the sum of the two marked numbers.
pub struct Adding(pub usize);

impl Task<2> for Adding {
    fn draw(&self, rng: &mut Pcg32) -> Sequence<2> {
        let mut inputs: Vec<[f32; 2]> = (0..self.0).map(|_| [uniform(rng), 0.0]).collect();
        let half = self.0 / 2;
        let marked = [0, half].map(|start| start + (uniform(rng) * half as f32) as usize % half);
        marked.iter().for_each(|&t| inputs[t][1] = 1.0);
        let sum = inputs[marked[0]][0] + inputs[marked[1]][0];
        last(inputs, Target::Value(sum))
    }

    fn unseen(&self) -> Vec<Sequence<2>> {
        other_draws(|rng| self.draw(rng))
    }

    fn span(&self) -> f32 {
        self.0 as f32
    }
}

/// The embedded Reber grammar, as in the example `reber`.
pub struct Reber;

impl Task<SYMBOLS> for Reber {
    fn draw(&self, rng: &mut Pcg32) -> Sequence<SYMBOLS> {
        string(grammar::draw(rng, false))
    }

    fn unseen(&self) -> Vec<Sequence<SYMBOLS>> {
        other_draws(|rng| string(grammar::draw(rng, true)))
    }

    fn span(&self) -> f32 {
        16.0
    }
}

/// After each symbol of a string the next one; at most 64 steps of it.
fn string(example: grammar::Example) -> Sequence<SYMBOLS> {
    let steps = example.legal.len().min(64);
    let one_hot = |symbol| core::array::from_fn(|s| if s == symbol { 1.0 } else { 0.0 });
    Sequence {
        inputs: example.symbols[..steps].iter().map(|&symbol| one_hot(symbol)).collect(),
        targets: example.symbols[1..=steps].iter().map(|&s| Some(Target::Class(s))).collect(),
        right: Right::Legal(example.legal[..steps].to_vec()),
    }
}

/// Handwritten digits, one pixel a step, row by row: which digit was it?
pub struct Digits(Vec<(usize, Vec<[f32; 1]>)>);

/// The last quarter of the images is for tests.
const UNSEEN: usize = 450;

impl Digits {
    pub fn load() -> Result<Self, csv::Error> {
        let text = include_str!("../data/digits.csv");
        let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(text.as_bytes());
        let pixel = |c: char| [c.to_digit(17).map_or(0.0, |n| n as f32 / 16.0)];
        let rows = reader.deserialize::<(usize, String)>();
        rows.map(|row| row.map(|(digit, pixels)| (digit, pixels.chars().map(pixel).collect())))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    fn sequence(&self, n: usize) -> Sequence<1> {
        let (digit, pixels) = &self.0[n];
        last(pixels.clone(), Target::Class(*digit))
    }
}

impl Task<1> for Digits {
    fn draw(&self, rng: &mut Pcg32) -> Sequence<1> {
        self.sequence(rng.next_u32() as usize % (self.0.len() - UNSEEN))
    }

    fn unseen(&self) -> Vec<Sequence<1>> {
        (self.0.len() - UNSEEN..self.0.len()).map(|n| self.sequence(n)).collect()
    }

    fn span(&self) -> f32 {
        64.0
    }
}
