//! Learned values: what a learner has learned, without the run.

use super::Optimizer;
use crate::nn::Parameters;
use crate::safetensors::{StateDict, Tag};
use crate::state_dict;

/// The network and the optimiser's state of a [`Learner`](crate::Learner), as one value to save and
/// load.
///
/// A checkpoint of it is smaller than one of the learner or trainer, and does not depend on `K1` and
/// `K2`; a run that starts from it begins a new sequence. The network alone is
/// [`Learner::net`](crate::Learner::net).
///
/// ```
/// use elman::{Adam, Dense, Elman, Learned, Stack, Trainer, checkpoint};
///
/// type Net = Stack<(Elman<1, 4>, Dense<4, 1>)>;
/// const SIZE: usize = checkpoint::size::<Learned<'_, Net, Adam>>();
///
/// let mut trainer = Trainer::<Net, Adam, 5, 20>::new(Adam::new(0.01));
/// let mut slot = [0; SIZE];
/// checkpoint::save(&trainer.learner.learned(), 1, &mut slot)?;
/// checkpoint::load(&mut trainer.learner.learned(), &slot)?;
/// # Ok::<(), elman::safetensors::Error>(())
/// ```
#[derive(Debug)]
pub struct Learned<'l, N: Parameters, O: Optimizer<N>> {
    pub(super) net: &'l mut N,
    pub(super) optimizer_state: &'l mut O::State,
}

state_dict!(['l, N: Parameters + StateDict, O: Optimizer<N>] Learned<'l, N, O> {
    net: &'l mut N,
    optimizer_state: &'l mut O::State,
} tags {
    optimizer: Tag::Word(O::NAME),
} where O::State: StateDict);
