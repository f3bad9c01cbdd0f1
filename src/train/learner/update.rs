//! What a learner does at the end of a window: backpropagation, limits, checks, update.

use super::Learner;
use crate::nn::{Backward, Parameters, Tensor};
use crate::num::Scalar;
use crate::train::guard::finite;
use crate::train::{
    Optimizer, Reduction, StreamState, TrainErrorKind, Update, clip_grad_norm_with_epsilon,
    clip_grad_value, global_norm,
};

/// The gradient's norm before it was clipped, and whether a limit was exceeded.
pub(super) type Clipping<T> = (T, bool);

impl<N, O, L> Learner<N, O, L>
where
    N: Backward + Parameters,
    O: Optimizer<N>,
{
    pub(super) fn end_window_if_due<const K1: usize, const K2: usize>(
        &mut self,
        stream: &mut StreamState<N, K1, K2>,
    ) {
        if stream.is_due() {
            self.end_window(stream);
        }
    }

    /// Ends a window: backpropagation, (1.3), and an update if the batch is full.
    pub(super) fn end_window<const K1: usize, const K2: usize>(
        &mut self,
        stream: &mut StreamState<N, K1, K2>,
    ) {
        let targets = stream.end_window();
        if targets == 0 {
            return;
        }
        stream.tape.backward(&self.net, &mut self.gradient);
        if self.count_window(targets) {
            self.update();
        }
        if matches!(self.last_update, Update::Skipped(_)) {
            stream.tape.clear_gradients(); // they may be what is not finite
        }
    }

    /// Counts a window whose gradient was added. Returns whether the batch is full, or lost.
    pub(super) fn count_window(&mut self, targets: u32) -> bool {
        self.targets = self.targets.saturating_add(targets);
        self.windows = self.windows.saturating_add(1);
        let is_full = self.batch.is_none_or(|batch| self.windows >= batch.get());
        is_full || !global_norm(&self.gradient).is_finite()
    }

    /// An update with the gradient so far, which is then dropped.
    pub(super) fn update(&mut self) {
        match self.try_update() {
            Ok(clipping) => self.updated(clipping),
            Err(kind) => self.skipped(kind),
        }
    }

    fn try_update(&mut self) -> Result<Clipping<N::Scalar>, TrainErrorKind> {
        let clipping = self.clip()?;
        let optimizer = self.scheduled_optimizer();
        if !optimizer.is_safe(&self.net, &self.gradient, &self.optimizer_state) {
            return Err(TrainErrorKind::Update);
        }
        optimizer.update(&mut self.net, &self.gradient, &mut self.optimizer_state);
        Ok(clipping)
    }

    /// The optimiser at the present learning rate.
    pub(super) fn scheduled_optimizer(&self) -> O {
        self.optimizer.with_rate_scaled(self.schedule.factor(self.updates))
    }

    /// After an update.
    pub(super) fn updated(&mut self, (gradient_norm, clipped): Clipping<N::Scalar>) {
        self.updates = self.updates.saturating_add(1);
        self.last_update = Update::Done { gradient_norm, clipped };
        self.drop_gradient();
    }

    /// In place of an update.
    pub(super) fn skipped(&mut self, kind: TrainErrorKind) {
        self.last_update = Update::Skipped(kind);
        self.drop_gradient();
    }

    /// Averages and clips.
    pub(super) fn clip(&mut self) -> Result<Clipping<N::Scalar>, TrainErrorKind> {
        if self.reduction == Reduction::Mean {
            self.gradient.scale(N::Scalar::ONE / N::Scalar::from_u32(self.targets));
        }
        let max_norm = self.max_norm.or(N::Scalar::ONE);
        let norm = match max_norm {
            Some(limit) => {
                clip_grad_norm_with_epsilon(&mut self.gradient, limit, self.norm_epsilon)
            }
            None => global_norm(&self.gradient),
        };
        finite(norm, TrainErrorKind::Gradient)?;
        let mut clipped = max_norm.is_some_and(|limit| norm > limit);
        if let Some(limit) = self.max_value {
            clipped |= (0..N::TENSORS).any(|n| self.gradient.tensor(n).max_abs() > limit);
            clip_grad_value(&mut self.gradient, limit);
        }
        Ok((norm, clipped))
    }

    pub(super) fn drop_gradient(&mut self) {
        self.gradient.set_zero();
        self.windows = 0;
        self.targets = 0;
    }
}
