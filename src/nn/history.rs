//! What the last K steps leave behind: one row per step for the outputs, one for their errors.

use core::ops::Range;

use heapless::Vec;

use crate::{Scalar, Zeros, saved};

/// The recorded steps of a layer, and room for the errors on the way back.
pub trait Record: Zeros {
    /// The layer's state.
    type State;
    /// The layer's output.
    type Row;

    /// Records `state`, with no error, as row `row`: in place of that row, or after the last one.
    fn write(&mut self, row: usize, state: &Self::State);

    /// Copies row `row` to `state`; leaves `state` as it is when there is no such row.
    fn read(&self, row: usize, state: &mut Self::State);

    /// The outputs of some steps and their errors ∂L/∂output. Empty when a step is not recorded.
    fn rows(&mut self, steps: Range<usize>) -> (&[Self::Row], &mut [Self::Row]);

    /// Forgets every step.
    fn clear(&mut self);
}

/// The record of a layer whose state is its output: `2 · K · N` numbers.
#[derive(Clone, Debug)]
pub struct History<const N: usize, const K: usize, T> {
    outputs: Vec<[T; N], K>,
    errors: Vec<[T; N], K>,
}

impl<const N: usize, const K: usize, T> Zeros for History<N, K, T> {
    const ZEROS: Self = Self { outputs: Vec::new(), errors: Vec::new() };
}

impl<const N: usize, const K: usize, T: Scalar> Record for History<N, K, T> {
    type State = [T; N];
    type Row = [T; N];

    fn write(&mut self, row: usize, state: &[T; N]) {
        put(&mut self.outputs, row, state);
        put(&mut self.errors, row, &Zeros::ZEROS);
    }

    fn read(&self, row: usize, state: &mut [T; N]) {
        if let Some(output) = self.outputs.get(row) {
            *state = *output;
        }
    }

    fn rows(&mut self, steps: Range<usize>) -> (&[[T; N]], &mut [[T; N]]) {
        (
            self.outputs.get(steps.clone()).unwrap_or_default(),
            self.errors.get_mut(steps).unwrap_or_default(),
        )
    }

    fn clear(&mut self) {
        self.outputs.clear();
        self.errors.clear();
    }
}

saved!([const N: usize, const K: usize, T: Scalar] History<N, K, T> {
    outputs: Vec<[T; N], K>,
    errors: Vec<[T; N], K>,
});

/// Writes `value` as row `row`: in place of that row, or after the last one.
pub(crate) fn put<A: Copy, const K: usize>(rows: &mut Vec<A, K>, row: usize, value: &A) {
    match rows.get_mut(row) {
        Some(slot) => *slot = *value,
        // Full only if `row` is beyond the window, where nothing is recorded.
        None => drop(rows.push(*value)),
    }
}

impl<R: Record, const N: usize> Record for [R; N] {
    type State = [R::State; N];
    type Row = R::Row;

    fn write(&mut self, row: usize, state: &Self::State) {
        for (record, state) in self.iter_mut().zip(state) {
            record.write(row, state);
        }
    }

    fn read(&self, row: usize, state: &mut Self::State) {
        for (record, state) in self.iter().zip(state) {
            record.read(row, state);
        }
    }

    fn rows(&mut self, steps: Range<usize>) -> (&[R::Row], &mut [R::Row]) {
        match self.last_mut() {
            Some(record) => record.rows(steps),
            None => (&[], &mut []),
        }
    }

    fn clear(&mut self) {
        for record in self {
            record.clear();
        }
    }
}
