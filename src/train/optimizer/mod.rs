//! Optimisers: from a gradient to new weights.

mod adam;
pub mod fixed;
mod hyper_parameters;
mod momentum;
mod rms_prop;
mod sgd;

pub use self::adam::{Adam, AdamState, AdamW};
pub use self::hyper_parameters::HyperParameters;
pub use self::momentum::Momentum;
pub use self::rms_prop::RmsProp;
pub use self::sgd::Sgd;

use crate::nn::Parameters;
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
/// Each computes what PyTorch's of that name does, in `f64` to 1e-12 (`tests/agreement`);
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

    /// The bytes of [`State`](Self::State).
    const RAM: usize = size_of::<Self::State>();

    /// One update of every weight.
    fn update(&self, net: &mut P, gradient: &P, state: &mut Self::State);

    /// Whether [`update`](Self::update) would leave every weight and the state finite; changes
    /// nothing.
    ///
    /// For floats it computes every new number once, so it costs about as much as the update.
    #[must_use]
    fn is_safe(&self, net: &mut P, gradient: &P, state: &mut Self::State) -> bool;

    /// The same rule with the learning rate times `factor`.
    #[must_use]
    fn with_rate_scaled(self, factor: P::Scalar) -> Self;

    /// Sets `state` to zero, in place.
    fn reset(state: &mut Self::State);
}

/// [`Optimizer::update`] and [`Optimizer::is_safe`] of a rule for floats, from its equation:
/// `for_each_new` computes every new weight and every new number of the state, in order, and passes
/// each to `store` with its place, `store(&mut old, new)`.
macro_rules! store_or_look {
    () => {
        fn update(&self, net: &mut P, gradient: &P, state: &mut Self::State) {
            self.for_each_new(net, gradient, state, |old, new| *old = new);
        }

        fn is_safe(&self, net: &mut P, gradient: &P, state: &mut Self::State) -> bool {
            let mut safe = true;
            self.for_each_new(net, gradient, state, |_, new| safe &= new.is_finite());
            safe
        }
    };
}
use store_or_look;

/// `β · old + (1 − β) · new`
#[inline]
fn moving_average<T: Scalar>(beta: T, old: T, new: T) -> T {
    beta * old + (T::ONE - beta) * new
}

/// Zero for a number too small to be normal.
///
/// A decaying mean would end as a subnormal number and, rounded to nearest, stay one. Some
/// processors are a hundred times slower on those.
#[inline]
fn flush_subnormal<T: Scalar>(mean: T) -> T {
    if mean.abs() < T::MIN_POSITIVE { T::ZERO } else { mean }
}
