//! The way back through a tape, (1.3): whole, or in parts.

use core::ops::Range;

use super::Tape;
use crate::nn::{Activations, Backward, BackwardTypes, RecordedSteps, Steps};
use crate::num::ConstZero;

// The bound is on each method, so that the error for layers that do not fit names the layer.
impl<L: BackwardTypes, const K: usize> Tape<L, K> {
    /// Backpropagation through the recorded steps, (1.3). Adds ∂L/∂weights to `gradient`.
    ///
    /// The output gradients become 0, the steps stay recorded. Returns ∂L/∂state of the state before
    /// the oldest recorded step: the initial state, if the tape still holds the whole sequence.
    pub fn backward(&mut self, net: &L, gradient: &mut L) -> L::State
    where
        L: Backward,
    {
        self.travel_back(net, gradient, None)
    }

    /// [`backward`](Self::backward), and ∂L/∂x of the recorded steps, oldest first, into `d_x`.
    ///
    /// Rows of `d_x` beyond [`len`](Self::len) are left alone.
    ///
    /// ```
    /// use elman::{ConstZero, Dense, Matrix, Tape};
    ///
    /// let readout = Dense { kernel: Matrix([[3.0], [-1.0]]), bias: [0.0] };
    /// let mut tape = Tape::<Dense<2, 1>, 4>::new();
    /// tape.step(&readout, &[0.5, 0.5]);
    /// tape.set_output_gradient(&[2.0]);
    ///
    /// let mut d_x = [[0.0; 2]; 4];
    /// tape.backward_to_inputs(&readout, &mut Dense::ZERO, &mut d_x);
    /// assert_eq!(d_x[0], [6.0, -2.0]); // ∂L/∂y · Wᵀ
    /// ```
    pub fn backward_to_inputs(
        &mut self,
        net: &L,
        gradient: &mut L,
        d_x: &mut [L::In; K],
    ) -> L::State
    where
        L: Backward,
    {
        self.travel_back(net, gradient, Some(d_x))
    }
}

impl<L: Backward, const K: usize> Tape<L, K> {
    fn travel_back(&mut self, net: &L, gradient: &mut L, d_x: Option<&mut [L::In]>) -> L::State {
        let [newer, older] = self.halves();
        let (older_d_x, newer_d_x) = halves(d_x, older.len());
        let mut d_state = ConstZero::ZERO;
        self.backward_rows(net, gradient, newer, &mut d_state, newer_d_x);
        self.backward_rows(net, gradient, older, &mut d_state, older_d_x);
        self.accumulate_parts(net, gradient, 0..L::PARTS);
        self.end_backward();
        d_state
    }

    /// The next part of [`backward`](Self::backward) on its way to the oldest step: at most `n` steps
    /// after the newest `done`. Returns how many.
    ///
    /// With [`accumulate_parts`](Self::accumulate_parts) after it the result has the bits of `backward`.
    pub(in crate::train) fn backward_part(
        &mut self,
        net: &L,
        gradient: &mut L,
        done: usize,
        n: usize,
        d_state: &mut L::State,
    ) -> usize {
        let [newer, older] = self.halves();
        let is_newer = done < newer.len();
        let (half, done) = if is_newer { (newer, done) } else { (older, done - newer.len()) };
        let end = half.end.saturating_sub(done);
        let rows = end.saturating_sub(n).max(half.start)..end;
        self.backward_rows(net, gradient, rows.clone(), d_state, None);
        rows.len()
    }

    /// [`Backward::accumulate`] over all steps, which follow.
    pub(in crate::train) fn accumulate_parts(
        &mut self,
        net: &L,
        gradient: &mut L,
        parts: Range<usize>,
    ) {
        for rows in self.halves() {
            if !rows.is_empty() {
                self.accumulate_rows(net, gradient, rows, parts.clone());
            }
        }
    }

    /// After the last part: the output gradients become 0.
    pub(in crate::train) fn end_backward(&mut self) {
        if let (_, Some(gradients)) = self.activations.rows(0..self.inputs.len()) {
            gradients.fill(ConstZero::ZERO);
        }
        self.steps_since_backward = 0;
    }

    /// Sets every gradient that waits, and what a backward pass left behind, to 0.
    pub(in crate::train) fn clear_gradients(&mut self) {
        self.activations.clear_gradients();
    }

    /// [`Backward::backward`] through the steps in `rows`.
    #[inline(never)]
    fn backward_rows(
        &mut self,
        net: &L,
        gradient: &mut L,
        rows: Range<usize>,
        d_state: &mut L::State,
        d_inputs: Option<&mut [L::In]>,
    ) {
        let mut before = self.before;
        self.read_state_before(rows.start, &mut before);
        let inputs = self.inputs.get(rows.clone()).unwrap_or_default();
        let activations = &mut self.activations;
        let steps = Steps { inputs, before: &before, activations, range: rows, d_state, d_inputs };
        net.backward::<K>(steps, Some(gradient));
    }

    /// [`Backward::accumulate`] over the steps in `rows`.
    #[inline(never)]
    fn accumulate_rows(
        &mut self,
        net: &L,
        gradient: &mut L,
        rows: Range<usize>,
        parts: Range<usize>,
    ) {
        let mut before = self.before;
        self.read_state_before(rows.start, &mut before);
        let inputs = self.inputs.get(rows.clone()).unwrap_or_default();
        let activations = &mut self.activations;
        let steps = RecordedSteps { inputs, before: &before, activations, range: rows };
        net.accumulate::<K>(steps, gradient, parts);
    }

    /// The ring as two ranges of consecutive steps, first the newer ones.
    fn halves(&self) -> [Range<usize>; 2] {
        [0..self.next, self.next..self.inputs.len()]
    }

    /// The state before the step in row `row` into `state`, which is the state before the oldest step.
    fn read_state_before(&self, row: usize, state: &mut L::State) {
        let len = self.inputs.len();
        let oldest = if self.next < len { self.next } else { 0 };
        if row != oldest {
            self.activations.read(row.checked_sub(1).unwrap_or(len.saturating_sub(1)), state);
        }
    }
}

/// The first `n` rows and the rest, if there are any rows.
fn halves<A>(rows: Option<&mut [A]>, n: usize) -> (Option<&mut [A]>, Option<&mut [A]>) {
    rows.and_then(|rows| rows.split_at_mut_checked(n)).unzip()
}
