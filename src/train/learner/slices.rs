//! The end of a window in slices: the work of [`update`](super::update), a part at a time.

use super::Learner;
use super::update::Clipping;
use crate::nn::{Backward, Parameters, Tensor};
use crate::num::ConstZero;
use crate::train::{SlicedOptimizer, StreamState, TrainErrorKind};

/// What is left to do of one window.
#[derive(Clone, Debug)]
pub(in crate::train) enum Work<S, O, T> {
    /// Nothing.
    None,
    /// (1.3a), (1.3d): the newest `done` steps are done.
    Backward { targets: u32, done: usize, d_state: S },
    /// (1.3b–c): the first `done` steps are done.
    Accumulate { targets: u32, done: usize },
    /// Mean, norm and limits of the gradient.
    Clip,
    /// [`Optimizer::is_safe`](crate::Optimizer::is_safe).
    Check(Clipping<T>),
    /// New weights take the gradient's place, from number `start` of tensor `tensor` on.
    Update { optimizer: O, tensor: usize, start: usize, clipping: Clipping<T> },
    /// The new weights become the network.
    Commit(Clipping<T>),
}

/// The parts of the update's pass over the weights.
pub(in crate::train) const UPDATE_PARTS: usize = 16;

/// The most numbers of weights that are copied to the stack.
const COPIED: usize = 32;

impl<N, O, L> Learner<N, O, L>
where
    N: Backward + Parameters<Tensor = [<N as Parameters>::Scalar]>,
    O: SlicedOptimizer<N>,
{
    /// Begins the work at the end of a window with its K1 steps.
    pub(in crate::train) fn begin_work<const K1: usize, const K2: usize>(
        stream: &mut StreamState<N, K1, K2>,
    ) -> Work<N::State, O, N::Scalar> {
        match stream.end_window() {
            0 => Work::None,
            targets => Work::Backward { targets, done: 0, d_state: ConstZero::ZERO },
        }
    }

    /// One slice of `work`, of at most `n` units. Returns how many it was.
    ///
    /// When all is done, [`last_update`](Self::last_update) says with which result.
    pub(in crate::train) fn slice<const K1: usize, const K2: usize>(
        &mut self,
        stream: &mut StreamState<N, K1, K2>,
        work: &mut Work<N::State, O, N::Scalar>,
        n: usize,
    ) -> usize {
        let (net, gradient) = (&self.net, &mut self.gradient);
        let mut units = 1;
        match work {
            Work::None => units = 0,
            Work::Backward { targets, done, d_state } => {
                units = stream.tape.backward_part(net, gradient, *done, n, d_state);
                *done += units;
                if *done >= stream.len() {
                    *work = Work::Accumulate { targets: *targets, done: 0 };
                }
            }
            Work::Accumulate { targets, done } => {
                units = stream.tape.accumulate_part(net, gradient, *done, n);
                *done += units;
                if *done >= stream.len() {
                    stream.tape.end_backward();
                    let is_due = self.count_window(*targets);
                    *work = if is_due { Work::Clip } else { Work::None };
                }
            }
            Work::Clip => {
                *work = self.clip().map_or_else(|kind| self.skip(stream, kind), Work::Check)
            }
            Work::Check(clipping) => *work = self.check(stream, *clipping),
            Work::Update { optimizer, tensor, start, clipping } => {
                let clipping = *clipping;
                units = n.min(UPDATE_PARTS);
                self.update_some(*optimizer, tensor, start, units * Self::UPDATE_PART);
                if *tensor >= N::TENSORS {
                    *work = Work::Commit(clipping);
                }
            }
            Work::Commit(clipping) => {
                self.commit(*clipping);
                *work = Work::None;
            }
        }
        units
    }

    fn check<const K1: usize, const K2: usize>(
        &mut self,
        stream: &mut StreamState<N, K1, K2>,
        clipping: Clipping<N::Scalar>,
    ) -> Work<N::State, O, N::Scalar> {
        match self.checked_optimizer() {
            Err(kind) => self.skip(stream, kind),
            Ok(optimizer) => {
                optimizer.begin_update(&mut self.optimizer_state);
                Work::Update { optimizer, tensor: 0, start: 0, clipping }
            }
        }
    }

    /// Updates at most `n` weights from number `start` of tensor `tensor` on. The new ones take the
    /// place of their gradient, so that the network changes in one slice.
    fn update_some(&mut self, optimizer: O, tensor: &mut usize, start: &mut usize, mut n: usize) {
        while n > 0 && *tensor < N::TENSORS {
            let weights = self.net.tensor(*tensor);
            let end = weights.len().min(*start + n.min(COPIED));
            let weights = weights.get(*start..end).unwrap_or_default();
            let gradient = self.gradient.tensor_mut(*tensor).get_mut(*start..end);
            let gradient = gradient.unwrap_or_default();

            let mut copy = [N::Scalar::ZERO; COPIED];
            let new = copy.get_mut(..weights.len()).unwrap_or_default();
            new.copy_from(weights);
            optimizer.update_part(new, gradient, &mut self.optimizer_state, *tensor, *start);
            gradient.copy_from(new);

            n -= new.len();
            *start = end;
            if end >= self.net.tensor(*tensor).len() {
                (*tensor, *start) = (*tensor + 1, 0);
            }
        }
    }

    /// The weights that one unit updates.
    const UPDATE_PART: usize = {
        let part = size_of::<N>().div_ceil(size_of::<N::Scalar>() * UPDATE_PARTS);
        if part > 0 { part } else { 1 }
    };

    fn commit(&mut self, clipping: Clipping<N::Scalar>) {
        self.net.copy_from(&self.gradient);
        self.updated(clipping);
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
