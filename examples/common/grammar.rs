//! The embedded Reber grammar: random strings, each for training or for testing.

use elman::Pcg32;

pub const SYMBOLS: usize = 7;
pub const B: usize = 0;
pub const T: usize = 1;
pub const P: usize = 2;
pub const S: usize = 3;
pub const X: usize = 4;
pub const V: usize = 5;
pub const E: usize = 6;

/// A state of the inner grammar: the symbols that may come, and the state each leads to.
type Place = [(usize, usize); 2];

/// The inner grammar as a graph; place 5 is its end.
const GRAPH: [Place; 5] =
    [[(T, 1), (P, 2)], [(S, 1), (X, 3)], [(T, 2), (V, 4)], [(X, 2), (S, 5)], [(P, 3), (V, 5)]];

/// A string, and the legal next symbols after each of its symbols but the last.
#[derive(Clone)]
pub struct Example {
    pub symbols: Vec<usize>,
    pub legal: Vec<Vec<usize>>,
}

fn string(rng: &mut Pcg32) -> Example {
    let outer = [T, P][flip(rng)];
    let mut example = Example { symbols: vec![B], legal: vec![vec![T, P]] };
    example.push(outer, &[B]);
    example.push(B, &[T, P]);
    let mut place = 0;
    while place < GRAPH.len() {
        let (symbol, next) = GRAPH[place][flip(rng)];
        let legal = GRAPH.get(next).map_or(vec![E], |place| place.map(|(symbol, _)| symbol).into());
        example.push(symbol, &legal);
        place = next;
    }
    example.push(E, &[outer]);
    example.push(outer, &[E]);
    example.symbols.push(E);
    example
}

impl Example {
    fn push(&mut self, symbol: usize, legal: &[usize]) {
        self.symbols.push(symbol);
        self.legal.push(legal.into());
    }
}

fn flip(rng: &mut Pcg32) -> usize {
    (rng.next_u32() >> 31) as usize
}

/// Whether a string is for testing: a hash of its symbols selects one in four, of any length.
fn is_kept(example: &Example) -> bool {
    let hash = example
        .symbols
        .iter()
        .fold(0x811c_9dc5_u32, |hash, &symbol| (hash ^ symbol as u32).wrapping_mul(0x0100_0193));
    (hash >> 16).is_multiple_of(4)
}

/// The next random string for testing (`kept`) or for training.
pub fn draw(rng: &mut Pcg32, kept: bool) -> Example {
    core::iter::repeat_with(|| string(rng))
        .find(|example| is_kept(example) == kept)
        .expect("there is always another string")
}
