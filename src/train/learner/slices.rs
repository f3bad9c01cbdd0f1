//! The end of a window in slices: the work of [`update`](super::update), a part at a time.

use super::Learner;
use super::update::Clipping;
use crate::nn::{Backward, Parameters, max_abs};
use crate::num::ConstZero;
use crate::train::{SlicedOptimizer, StreamState, TrainErrorKind};

/// The pending work of one window, phase by phase.
#[derive(Clone, Debug)]
pub(in crate::train) enum Work<S, O, T> {
    /// Nothing.
    None,
    /// (1.3a), (1.3d): the newest `done` steps are done.
    Backward { targets: u32, done: usize, d_state: S },
    /// (1.3b–c): the first `done` parts are done.
    Accumulate { targets: u32, done: usize },
    /// Mean, norm and limits of the gradient.
    Clip,
    /// [`Optimizer::is_safe`](crate::Optimizer::is_safe): the first `done` bounds are found.
    Check { clipping: Clipping<T>, largest: [T; 4], done: usize },
    /// New weights take the gradient's place, from number `start` of tensor `tensor` on.
    Update { clipping: Clipping<T>, optimizer: O, tensor: usize, start: usize },
    /// The new weights become the network.
    Commit { clipping: Clipping<T> },
}

/// About how many multiply-accumulates an operation costs, for one weight.
mod macs {
    /// Mean, norm, scaling.
    pub const CLIP: usize = 4;
    /// The largest absolute value.
    pub const MAX_ABS: usize = 2;
    /// Copying the new weights, and clearing.
    pub const COMMIT: usize = 2;
}

/// The multiply-accumulates of one window, phase by phase.
impl<N, O, L> Learner<N, O, L>
where
    N: Backward + Parameters,
    O: SlicedOptimizer<N>,
{
    const WEIGHTS: usize = {
        let weights = size_of::<N>() / size_of::<N::Scalar>();
        if weights > 0 { weights } else { 1 }
    };

    /// The bounds that a check needs: of weights, gradient, and what the state has.
    const BOUNDS: usize = 2 + O::STATES;

    /// Those of one part of (1.3b–c), with `steps` steps.
    const fn macs_of_part(steps: usize) -> usize {
        let parts = if N::PARTS > 0 { N::PARTS } else { 1 };
        (steps * Self::WEIGHTS).div_ceil(parts)
    }

    /// Those of all phases, with `steps` steps.
    pub(in crate::train) const fn macs(steps: usize) -> usize {
        let check = Self::BOUNDS * macs::MAX_ABS;
        let per_weight = macs::CLIP + check + O::MACS_PER_WEIGHT + macs::COMMIT;
        (steps + per_weight) * Self::WEIGHTS + N::PARTS * Self::macs_of_part(steps)
    }

    /// How many slices of `macs` are enough for a window of `steps` steps.
    pub(in crate::train) const fn slices(steps: usize, macs: usize) -> usize {
        steps.div_ceil(granules(macs, Self::WEIGHTS))
            + N::PARTS.div_ceil(granules(macs, Self::macs_of_part(steps)))
            + 1
            + Self::BOUNDS.div_ceil(granules(macs, macs::MAX_ABS * Self::WEIGHTS))
            + Self::WEIGHTS.div_ceil(granules(macs, O::MACS_PER_WEIGHT))
            + 1
    }
}

/// How many operations of `each` multiply-accumulates a slice of `macs` has: at least one.
const fn granules(macs: usize, each: usize) -> usize {
    let granules = macs / each;
    if granules > 0 { granules } else { 1 }
}

impl<N, O, L> Learner<N, O, L>
where
    N: Backward + Parameters<Tensor = [<N as Parameters>::Scalar]>,
    O: SlicedOptimizer<N>,
{
    /// The work at the end of a window.
    pub(in crate::train) fn begin_work<const K1: usize, const K2: usize>(
        stream: &mut StreamState<N, K1, K2>,
    ) -> Work<N::State, O, N::Scalar> {
        match stream.end_window() {
            0 => Work::None,
            targets => Work::Backward { targets, done: 0, d_state: ConstZero::ZERO },
        }
    }

    /// The smallest piece of what comes next, in multiply-accumulates.
    pub(in crate::train) fn granule<const K1: usize, const K2: usize>(
        stream: &StreamState<N, K1, K2>,
        work: &Work<N::State, O, N::Scalar>,
    ) -> usize {
        match work {
            Work::None => 0,
            Work::Backward { .. } => Self::WEIGHTS,
            Work::Accumulate { .. } => Self::macs_of_part(stream.len()),
            Work::Clip => macs::CLIP * Self::WEIGHTS,
            Work::Check { .. } => macs::MAX_ABS * Self::WEIGHTS,
            Work::Update { .. } => O::MACS_PER_WEIGHT,
            Work::Commit { .. } => macs::COMMIT * Self::WEIGHTS,
        }
    }

    /// Does at most `n` granules of `work`, of its present phase. Returns how many.
    ///
    /// When all is done, [`last_update`](Self::last_update) says with which result.
    pub(in crate::train) fn slice<const K1: usize, const K2: usize>(
        &mut self,
        stream: &mut StreamState<N, K1, K2>,
        work: &mut Work<N::State, O, N::Scalar>,
        n: usize,
    ) -> usize {
        match work {
            Work::None => 0,
            Work::Backward { targets, done, d_state } => {
                let tape = &mut stream.tape;
                let steps = tape.backward_part(&self.net, &mut self.gradient, *done, n, d_state);
                *done += steps;
                if *done >= tape.len() {
                    *work = Work::Accumulate { targets: *targets, done: 0 };
                }
                steps
            }
            Work::Accumulate { targets, done } => {
                let parts = *done..N::PARTS.min(done.saturating_add(n));
                *done = parts.end;
                stream.tape.accumulate_parts(&self.net, &mut self.gradient, parts.clone());
                if *done >= N::PARTS {
                    stream.tape.end_backward();
                    let is_due = self.count_window(*targets);
                    *work = if is_due { Work::Clip } else { Work::None };
                }
                parts.len()
            }
            Work::Clip => {
                *work = match self.clip() {
                    Ok(clipping) => Work::Check { clipping, largest: ConstZero::ZERO, done: 0 },
                    Err(kind) => self.skip(stream, kind),
                };
                1
            }
            Work::Check { clipping, largest, done } => {
                let bounds = *done..Self::BOUNDS.min(done.saturating_add(n));
                bounds.clone().for_each(|bound| self.find_bound(bound, largest));
                *done = bounds.end;
                if *done == Self::BOUNDS {
                    *work = self.begin_update(stream, *clipping, *largest);
                }
                bounds.len()
            }
            Work::Update { clipping, optimizer, tensor, start } => {
                let weights = self.update_some(*optimizer, tensor, start, n);
                if *tensor >= N::TENSORS {
                    *work = Work::Commit { clipping: *clipping };
                }
                weights
            }
            Work::Commit { clipping } => {
                self.net.copy_from(&self.gradient);
                self.updated(*clipping);
                *work = Work::None;
                1
            }
        }
    }

    fn find_bound(&self, bound: usize, largest: &mut [N::Scalar; 4]) {
        if let Some(largest) = largest.get_mut(bound) {
            *largest = match bound {
                0 => max_abs(&self.net),
                1 => max_abs(&self.gradient),
                n => O::max_abs(&self.optimizer_state, n - 2),
            };
        }
    }

    fn begin_update<const K1: usize, const K2: usize>(
        &mut self,
        stream: &mut StreamState<N, K1, K2>,
        clipping: Clipping<N::Scalar>,
        largest: [N::Scalar; 4],
    ) -> Work<N::State, O, N::Scalar> {
        let optimizer = self.scheduled_optimizer();
        if !optimizer.is_safe_within(largest, &self.optimizer_state) {
            return self.skip(stream, TrainErrorKind::Update);
        }
        optimizer.begin_update(&mut self.optimizer_state);
        Work::Update { clipping, optimizer, tensor: 0, start: 0 }
    }

    /// Updates at most `n` weights from number `start` of tensor `tensor` on. The new ones take the
    /// place of their gradient, so that the network changes in one slice. Returns how many.
    fn update_some(
        &mut self,
        optimizer: O,
        tensor: &mut usize,
        start: &mut usize,
        n: usize,
    ) -> usize {
        let mut done = 0;
        while done < n && *tensor < N::TENSORS {
            let (weights, gradient) = (self.net.tensor(*tensor), self.gradient.tensor_mut(*tensor));
            let end = weights.len().min(start.saturating_add(n - done));
            let weights = weights.get(*start..end).unwrap_or_default();
            let gradient = gradient.get_mut(*start..end).unwrap_or_default();
            done += weights.len();

            let weights = weights.iter().zip(gradient).map(|(&w, g)| (w, *g, g));
            optimizer.update_part(weights, &mut self.optimizer_state, *tensor, *start);
            *start = end;
            if end >= self.net.tensor(*tensor).len() {
                (*tensor, *start) = (*tensor + 1, 0);
            }
        }
        done
    }

    fn skip<const K1: usize, const K2: usize>(
        &mut self,
        stream: &mut StreamState<N, K1, K2>,
        kind: TrainErrorKind,
    ) -> Work<N::State, O, N::Scalar> {
        self.skipped(kind);
        stream.tape.clear_gradients();
        Work::None
    }
}
