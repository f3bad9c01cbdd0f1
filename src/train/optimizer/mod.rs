//! Optimisers: from a gradient to new weights.

mod adam;
mod bound;
pub mod fixed;
mod hyper_parameters;
mod momentum;
mod rms_prop;
mod sgd;

pub use self::adam::{Adam, AdamState, AdamW};
pub use self::hyper_parameters::HyperParameters;
pub use self::momentum::{Momentum, MomentumState};
pub use self::rms_prop::{RmsProp, RmsPropState};
pub use self::sgd::Sgd;

use self::bound::{Bound, Term};
use crate::nn::{Parameters, max_abs};
use crate::num::{ConstZero, Scalar};

/// An update rule for the parameters `P` of a network.
///
/// The rule is a few numbers, `&self`. What it accumulates from update to update is
/// [`State`](Self::State), a value of its own, as the state is beside a layer: the rule can be a
/// `const` and the state, as large as the network, a `static` in `.bss`.
///
/// | | state | RAM, for a network of `P` bytes |
/// |---|---|---|
/// | [`Sgd`] | none | 0 |
/// | [`Momentum`], with or without Nesterov | velocity | `P` |
/// | [`RmsProp`] | mean square of the gradient | `P` |
/// | [`Adam`], [`AdamW`] | mean and mean square | `2 · P` and two numbers |
///
/// Each computes what PyTorch's of that name does, in `f64` to 1e-12 (`tests/agreement/optimizers.rs`);
/// [`Momentum`] is PyTorch's SGD with momentum 0.9. A mean or velocity below the smallest normal
/// number becomes 0.
///
/// ```
/// use elman::{Adam, ConstZero, Dense, Matrix, Optimizer};
///
/// const ADAM: Adam = Adam::new(0.1);
/// type Net = Dense<1, 1>;
/// let mut net = Net::ZERO;
/// let mut state = <Adam as Optimizer<Net>>::State::ZERO;
/// let gradient = Dense { kernel: Matrix([[2.0]]), bias: [-3.0] };
///
/// ADAM.update(&mut net, &gradient, &mut state);
/// assert!((net.kernel.0[0][0] + 0.1).abs() < 1e-6); // one learning rate against the sign
/// assert_eq!(<Adam as Optimizer<Net>>::RAM, 2 * size_of::<Net>() + 8);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot update parameters of type `{P}`",
    note = "each optimiser updates one kind of number: its own scalar, in tensors of it"
)]
pub trait Optimizer<P: Parameters>: Copy {
    /// What accumulates from update to update; zero before the first one.
    type State: ConstZero;

    /// Its name. A checkpoint has it, and is refused by a learner with another optimiser.
    const NAME: &'static str = "";

    /// The bytes of [`State`](Self::State).
    const RAM: usize = size_of::<Self::State>();

    /// One update of every weight.
    fn update(&self, net: &mut P, gradient: &P, state: &mut Self::State);

    /// Whether [`update`](Self::update) is sure to leave every weight and the state finite.
    ///
    /// It evaluates the rule once, on the largest absolute values of weights, gradient and state, so
    /// it costs less than the update. It is `true` only if every new number is finite, whatever the
    /// numbers and hyper-parameters are. It is `false` too in these cases, in which an update may
    /// turn out finite:
    ///
    /// - The bound overflows and the numbers do not, since the largest ones are at different
    ///   weights, or of opposite signs. Where `|w|` and `|g|` are below 10¹⁸ in `f32`, and the
    ///   hyper-parameters usual ones, it does not overflow.
    /// - [`RmsProp`], [`Adam`] and [`AdamW`] with an `epsilon` that is not positive, which divide by
    ///   0 where every gradient so far is 0; and with one so small that the step would overflow if
    ///   it alone were the divisor.
    #[must_use]
    fn is_safe(&self, net: &P, gradient: &P, state: &Self::State) -> bool;

    /// The same rule with the learning rate times `factor`.
    #[must_use]
    fn with_rate_scaled(self, factor: P::Scalar) -> Self;

    /// Sets `state` to zero, in place.
    fn reset(state: &mut Self::State);
}

/// An optimiser whose update can be made in parts, with the bits of [`Optimizer::update`].
///
/// A [`SlicedTrainer`](crate::SlicedTrainer) asks for it.
///
/// ```
/// use elman::{Adam, AdamState, Dense, Matrix, Optimizer, SlicedOptimizer};
///
/// const ADAM: Adam = Adam::new(0.1);
/// let gradient = Dense { kernel: Matrix([[2.0, 1.0, 0.5]]), bias: [0.0; 3] };
/// let mut net = Dense { kernel: Matrix([[1.0, 2.0, 3.0]]), bias: [0.0; 3] };
/// let mut state = AdamState::<Dense<1, 3>>::default();
/// let (mut whole, mut its_state) = (net.clone(), state.clone());
///
/// ADAM.begin_update(&mut state);
/// for (n, (w, g)) in net.kernel.as_mut_slice().iter_mut().zip([2.0, 1.0, 0.5]).enumerate() {
///     ADAM.update_part([(*w, g, w)].into_iter(), &mut state, 0, n);
/// }
///
/// ADAM.update(&mut whole, &gradient, &mut its_state);
/// assert_eq!(net.kernel, whole.kernel);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot update parameters of type `{P}` in slices",
    note = "`SlicedTrainer` and `fixed::InFloat` take the optimisers of floats; integer layers learn in a `Trainer`"
)]
pub trait SlicedOptimizer<P: Parameters>: Optimizer<P> {
    /// About how many multiply-accumulates take as long as the update of one weight.
    const MACS_PER_WEIGHT: usize;

    /// How many values of the network's size the state has, at most two.
    const STATES: usize;

    /// The largest absolute value of value `n` of the state; 0 if there is none.
    fn max_abs(state: &Self::State, n: usize) -> P::Scalar {
        let _ = (state, n);
        ConstZero::ZERO
    }

    /// [`Optimizer::is_safe`] from the largest absolute values: of the weights, of the gradient, and of
    /// values 0 and 1 of the state.
    #[must_use]
    fn is_safe_within(&self, largest: [P::Scalar; 4], state: &Self::State) -> bool;

    /// What happens once in an update, before its first part: Adam's bias corrections.
    fn begin_update(&self, state: &mut Self::State) {
        let _ = state;
    }

    /// Updates some weights: those of tensor `n` from number `start` on. Of each `weights` has the
    /// number, its gradient, and the place of the new number.
    fn update_part<'w>(
        &self,
        weights: impl Iterator<Item = (P::Scalar, P::Scalar, &'w mut P::Scalar)>,
        state: &mut Self::State,
        n: usize,
        start: usize,
    ) where
        P::Scalar: 'w;
}

/// One update in place, each tensor a part.
#[inline(always)]
fn update_tensors<P: Parameters<Tensor = [<P as Parameters>::Scalar]>, O: SlicedOptimizer<P>>(
    optimizer: &O,
    net: &mut P,
    gradient: &P,
    state: &mut O::State,
) {
    optimizer.begin_update(state);
    for n in 0..P::TENSORS {
        let weights = net.tensor_mut(n).iter_mut().zip(gradient.tensor(n));
        optimizer.update_part(weights.map(|(w, &g)| (*w, g, w)), state, n, 0);
    }
}

/// [`Optimizer::is_safe`], every bound in turn.
fn is_safe<P: Parameters, O: SlicedOptimizer<P>>(
    optimizer: &O,
    net: &P,
    gradient: &P,
    state: &O::State,
) -> bool {
    let of_state = [O::max_abs(state, 0), O::max_abs(state, 1)];
    let [first, second] = of_state;
    optimizer.is_safe_within([max_abs(net), max_abs(gradient), first, second], state)
}

/// The numbers of tensor `n` from number `start` on.
fn from<P: Parameters<Tensor = [T]>, T>(parameters: &mut P, n: usize, start: usize) -> &mut [T] {
    parameters.tensor_mut(n).get_mut(start..).unwrap_or_default()
}

/// `β · old + (1 − β) · new`
#[inline]
fn moving_average<T: Scalar, A: Term<T>>(beta: T, old: A, new: A) -> A {
    old * beta + new * (T::ONE - beta)
}
