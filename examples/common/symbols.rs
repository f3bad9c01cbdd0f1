//! Baselines of the next symbol of the embedded Reber grammar: persistence, least squares, a table.

use elman::Pcg32;
use nalgebra::DMatrix;

use crate::grammar::{Example, SYMBOLS, draw};
use crate::{is_right, one_hot};

/// How many symbols back the baselines see.
pub const NEWEST: usize = 3;
/// What each of them may be; before the string there is a symbol of its own.
pub const PLACES: usize = SYMBOLS + 1;
pub const REGRESSORS: usize = NEWEST * PLACES;

/// Scores of the next symbol from the newest `NEWEST`.
pub trait Scores {
    fn scores(&self, symbols: &[usize]) -> [f32; SYMBOLS];

    fn share_correct(&self, examples: &[Example]) -> f64 {
        let all = |example: &Example| -> Vec<_> {
            (1..example.symbols.len()).map(|t| self.scores(&example.symbols[..t])).collect()
        };
        let right = examples.iter().filter(|example| is_right(&all(example), example)).count();
        right as f64 / examples.len() as f64
    }
}

/// The newest symbols, newest first.
fn newest(symbols: &[usize]) -> [usize; NEWEST] {
    core::array::from_fn(|ago| symbols.iter().rev().nth(ago).map_or(SYMBOLS, |symbol| *symbol))
}

/// Every beginning of `strings` strings, and the symbol after it.
fn for_each_pair(strings: usize, mut f: impl FnMut([usize; NEWEST], usize)) {
    let mut rng = Pcg32::new(0, 2);
    for _ in 0..strings {
        let symbols = draw(&mut rng, false).symbols;
        (1..symbols.len()).for_each(|t| f(newest(&symbols[..t]), symbols[t]));
    }
}

/// Persistence: the present symbol again.
pub struct Present;

impl Scores for Present {
    fn scores(&self, symbols: &[usize]) -> [f32; SYMBOLS] {
        one_hot(newest(symbols)[0])
    }
}

/// Counts of the symbols that follow the newest ones: what a table can know.
pub struct Counts(Vec<[f32; SYMBOLS]>);

impl Counts {
    pub fn learn(strings: usize) -> Self {
        let mut counts = Self(vec![[0.0; SYMBOLS]; PLACES.pow(NEWEST as u32)]);
        for_each_pair(strings, |newest, next| counts.0[Self::place(newest)][next] += 1.0);
        counts
    }

    fn place(newest: [usize; NEWEST]) -> usize {
        newest.iter().fold(0, |place, symbol| place * PLACES + symbol)
    }
}

impl Scores for Counts {
    fn scores(&self, symbols: &[usize]) -> [f32; SYMBOLS] {
        self.0[Self::place(newest(symbols))]
    }
}

/// A weight for each of the newest symbols: what recursive least squares without forgetting comes to.
pub struct LeastSquares(DMatrix<f64>);

impl LeastSquares {
    /// W = (XᵀX)⁻¹·XᵀY; each row of X has a 1 for each of the newest symbols, each of Y for the next.
    pub fn learn(strings: usize) -> Self {
        let mut squares = DMatrix::from_diagonal_element(REGRESSORS, REGRESSORS, 1e-3);
        let mut products = DMatrix::zeros(REGRESSORS, SYMBOLS);
        for_each_pair(strings, |newest, next| {
            for row in Self::rows(newest) {
                Self::rows(newest).for_each(|column| squares[(row, column)] += 1.0);
                products[(row, next)] += 1.0;
            }
        });
        Self(squares.cholesky().expect("positive definite").solve(&products))
    }

    /// The regressors that are 1.
    fn rows(newest: [usize; NEWEST]) -> impl Iterator<Item = usize> {
        newest.into_iter().enumerate().map(|(ago, symbol)| ago * PLACES + symbol)
    }
}

impl Scores for LeastSquares {
    fn scores(&self, symbols: &[usize]) -> [f32; SYMBOLS] {
        let score = |next| Self::rows(newest(symbols)).map(|row| self.0[(row, next)]).sum::<f64>();
        core::array::from_fn(|next| score(next) as f32)
    }
}
