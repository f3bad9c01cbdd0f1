//! History of a layer's outputs, and of their gradients, over the last K steps.

use core::fmt::Debug;
use core::ops::Range;

use heapless::Vec;

use crate::num::ConstZero;
use crate::safetensors::{Reader, Schema, StateDict, Writer, set_len};

/// The recorded steps of a layer, with a row for ∂L/∂output of each.
pub trait Activations: ConstZero + Clone + Debug {
    /// The layer's state.
    type State;
    /// The layer's output.
    type Out;

    /// Records `state`, with a gradient of 0, as row `row`: over that row, or after the last one.
    fn write(&mut self, row: usize, state: &Self::State);

    /// Copies row `row` to `state`; leaves `state` unchanged when there is no such row.
    fn read(&self, row: usize, state: &mut Self::State);

    /// The outputs of some steps, and ∂L/∂output of each unless the layer propagates no gradient.
    ///
    /// The outputs are empty when a step is not recorded.
    fn rows(&mut self, steps: Range<usize>) -> (&[Self::Out], Option<&mut [Self::Out]>);

    /// ∂L/∂output of every recorded step; empty if the layer propagates no gradient.
    fn d_outputs(&self) -> &[Self::Out];

    /// Drops every step.
    fn clear(&mut self);

    /// Sets the gradients of every step to 0.
    fn clear_gradients(&mut self);
}

/// The activations of a layer whose state is its output: `2 · K` rows.
#[derive(Clone, Debug)]
pub struct History<H, const K: usize> {
    outputs: Vec<H, K>,
    d_outputs: Vec<H, K>,
}

impl<H, const K: usize> ConstZero for History<H, K> {
    const ZERO: Self = Self { outputs: Vec::new(), d_outputs: Vec::new() };
}

impl<H, const K: usize> Default for History<H, K> {
    fn default() -> Self {
        Self::ZERO
    }
}

impl<H: Copy + ConstZero + Debug, const K: usize> Activations for History<H, K> {
    type State = H;
    type Out = H;

    fn write(&mut self, row: usize, state: &H) {
        put(&mut self.outputs, row, state);
        put(&mut self.d_outputs, row, &H::ZERO);
    }

    fn read(&self, row: usize, state: &mut H) {
        if let Some(output) = self.outputs.get(row) {
            *state = *output;
        }
    }

    fn rows(&mut self, steps: Range<usize>) -> (&[H], Option<&mut [H]>) {
        (self.outputs.get(steps.clone()).unwrap_or_default(), self.d_outputs.get_mut(steps))
    }

    fn d_outputs(&self) -> &[H] {
        &self.d_outputs
    }

    fn clear(&mut self) {
        self.outputs.clear();
        self.d_outputs.clear();
    }

    fn clear_gradients(&mut self) {
        self.d_outputs.fill(H::ZERO);
    }
}

/// The outputs. Gradients are scratch, but for those of the topmost layer, which belong to the
/// [`Tape`](crate::Tape): here they become 0.
impl<H: StateDict + ConstZero, const K: usize> StateDict for History<H, K> {
    const SCHEMA: Schema = <Vec<H, K>>::SCHEMA;

    fn write(&self, writer: &mut Writer<'_>) {
        self.outputs.write(writer);
    }

    fn read(&mut self, reader: &mut Reader<'_>) {
        if reader.at_start() {
            self.d_outputs.clear();
        }
        self.outputs.read(reader);
        set_len(&mut self.d_outputs, self.outputs.len());
    }
}

/// Writes `value` as row `row`: over that row, or after the last one.
pub(crate) fn put<A: Copy, const K: usize>(rows: &mut Vec<A, K>, row: usize, value: &A) {
    match rows.get_mut(row) {
        Some(slot) => *slot = *value,
        // Full only if `row` is beyond the window, where nothing is recorded.
        None => drop(rows.push(*value)),
    }
}
