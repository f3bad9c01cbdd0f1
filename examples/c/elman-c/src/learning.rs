//! Learning: what C needs of a trainer.

use elman::safetensors::StateDict;
use elman::{
    Backward, ConstZero, Loss, OutputRow, Parameters, Report, Scalar, SlicedOptimizer,
    SlicedTrainer, TrainError, Trainer, Update, checkpoint,
};

/// How many numbers of `T` a row or a network is.
#[must_use]
pub const fn numbers<T: Learning, Row>() -> usize {
    size_of::<Row>() / size_of::<T::Scalar>()
}

/// The size of a checkpoint.
#[must_use]
pub const fn checkpoint_bytes<T: Learning>() -> usize {
    checkpoint::size::<T::Run>()
}

/// A trainer that learns in slices, from targets that are rows.
pub trait Learning: ConstZero {
    /// The numbers.
    type Scalar: Scalar;
    /// An input: a row.
    type In: Copy;
    /// An output, and a target: a row.
    type Out: Copy;
    /// The network.
    type Net: Parameters<Scalar = Self::Scalar, Tensor = [Self::Scalar]> + StateDict;
    /// What a checkpoint holds.
    type Run: StateDict;

    /// The multiply-accumulates of a window.
    const MACS: usize;

    /// [`SlicedTrainer::predict`].
    ///
    /// # Errors
    ///
    /// When the sample is rejected.
    fn predict(&mut self, x: &Self::In) -> Result<Self::Out, TrainError>;

    /// [`SlicedTrainer::observe`].
    ///
    /// # Errors
    ///
    /// When the sample is rejected.
    fn observe(
        &mut self,
        x: &Self::In,
        target: &Self::Out,
    ) -> Result<Report<Self::Out, Self::Scalar>, TrainError>;

    /// [`SlicedTrainer::learn`].
    fn learn(&mut self, macs: usize) -> Update<Self::Scalar>;

    /// [`SlicedTrainer::is_pending`].
    fn is_pending(&self) -> bool;

    /// [`SlicedTrainer::net`].
    fn net(&self) -> &Self::Net;

    /// The network of [`complete`](Self::complete).
    fn net_mut(&mut self) -> &mut Self::Net;

    /// [`SlicedTrainer::complete`].
    fn complete(&mut self) -> &mut Self::Run;

    /// Starts a new sequence.
    fn reset(&mut self);
}

impl<N, O, const K1: usize, const K2: usize, L> Learning for SlicedTrainer<N, O, K1, K2, L>
where
    N: Backward<Out: OutputRow<N::Scalar>> + Parameters<Tensor = [<N as Parameters>::Scalar]>,
    N: StateDict,
    O: SlicedOptimizer<N> + ConstZero,
    L: Loss<N::Out, Scalar = N::Scalar, Target = N::Out>,
    Trainer<N, O, K1, K2, L>: StateDict,
{
    type Scalar = N::Scalar;
    type In = N::In;
    type Out = N::Out;
    type Net = N;
    type Run = Trainer<N, O, K1, K2, L>;

    const MACS: usize = Self::MACS;

    fn predict(&mut self, x: &N::In) -> Result<N::Out, TrainError> {
        Self::predict(self, x)
    }

    fn observe(
        &mut self,
        x: &N::In,
        target: &N::Out,
    ) -> Result<Report<N::Out, N::Scalar>, TrainError> {
        Self::observe(self, x, target)
    }

    fn learn(&mut self, macs: usize) -> Update<N::Scalar> {
        Self::learn(self, macs)
    }

    fn is_pending(&self) -> bool {
        Self::is_pending(self)
    }

    fn net(&self) -> &N {
        Self::net(self)
    }

    fn net_mut(&mut self) -> &mut N {
        &mut Self::complete(self).learner.net
    }

    fn complete(&mut self) -> &mut Trainer<N, O, K1, K2, L> {
        Self::complete(self)
    }

    fn reset(&mut self) {
        Self::complete(self).reset();
    }
}
