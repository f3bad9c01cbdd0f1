//! From a gradient to new weights.

mod adam;
mod momentum;
mod rms_prop;
mod sgd;

pub use self::adam::{Adam, AdamMoments, AdamW};
pub use self::momentum::Momentum;
pub use self::rms_prop::RmsProp;
pub use self::sgd::Sgd;

use crate::{Parameters, Scalar, Zeros};

/// A rule that takes a network and a gradient to a better network.
///
/// The rule is a few numbers, `&self`; what it remembers from update to update is
/// [`Moments`](Self::Moments), a value of its own, as the state is beside a layer. So the rule can be
/// a `const` and the moments, as large as the network, a `static` in `.bss`.
///
/// | | remembers | `RAM`, for a network of `P` bytes |
/// |---|---|---|
/// | [`Sgd`] | nothing | 0 |
/// | [`Momentum`], with or without Nesterov | its velocity | `P` |
/// | [`RmsProp`] | the mean square of the gradient | `P` |
/// | [`Adam`], [`AdamW`] | the mean and the mean square | `2 · P` and two numbers |
///
/// Each computes what PyTorch's of that name does, in `f64` to 1e-12 (`tests/optimizers.rs`);
/// [`Momentum`] is its SGD with a momentum, 0.9 unless it is set. A moment that is too small to be a
/// normal number becomes 0.
///
/// ```
/// use elman::{Adam, Dense, Matrix, Optimizer, Zeros};
///
/// const ADAM: Adam = Adam::new(0.1);
/// type Net = Dense<1, 1>;
/// let mut net = Net::ZEROS;
/// let mut moments = <Adam as Optimizer<Net>>::Moments::ZEROS;
/// let gradient = Dense { kernel: Matrix([[2.0]]), bias: [-3.0] };
///
/// ADAM.apply(&mut net, &gradient, &mut moments);
/// assert!((net.kernel.0[0][0] + 0.1).abs() < 1e-6); // one learning rate against the sign
/// assert_eq!(<Adam as Optimizer<Net>>::RAM, 2 * size_of::<Net>() + 8);
/// ```
pub trait Optimizer<P: Parameters>: Copy {
    /// What is remembered from update to update; zero before the first one.
    type Moments: Zeros;

    /// The bytes of [`Moments`](Self::Moments).
    const RAM: usize = size_of::<Self::Moments>();

    /// One update of every weight.
    fn apply(&self, net: &mut P, gradient: &P, moments: &mut Self::Moments);

    /// Whether [`apply`](Self::apply) would leave every weight and moment finite; changes nothing.
    ///
    /// It computes every new number once, so it costs about as much as the update.
    #[must_use]
    fn is_safe(&self, net: &P, gradient: &P, moments: &Self::Moments) -> bool;

    /// The same rule with `factor` times its learning rate.
    #[must_use]
    fn scaled(self, factor: P::Scalar) -> Self;

    /// Sets `moments` to zero, in place.
    fn forget(moments: &mut Self::Moments);
}

/// Zero for a number too small to be normal.
///
/// A moment that decays would end as a subnormal number and, rounded to nearest, stay one. Some
/// processors compute with those a hundred times slower.
#[inline]
fn flush<T: Scalar>(moment: T) -> T {
    if moment.abs() < T::MIN_POSITIVE { T::ZERO } else { moment }
}

/// The hyper-parameters that `new` sets: PyTorch's. A [`Scalar`] has them, since a `const fn` cannot
/// make numbers of another type.
pub trait Defaults {
    /// The share of a momentum that stays, and of Adam's mean.
    const MOMENTUM: Self;
    /// The share of Adam's mean square that stays.
    const BETA_2: Self;
    /// The share of RMSprop's mean square that stays.
    const ALPHA: Self;
    /// What keeps a quotient finite.
    const TINY: Self;
    /// AdamW's weight decay.
    const WEIGHT_DECAY: Self;
}

macro_rules! defaults {
    ($float:ident) => {
        impl Defaults for $float {
            const MOMENTUM: Self = 0.9;
            const BETA_2: Self = 0.999;
            const ALPHA: Self = 0.99;
            const TINY: Self = 1e-8;
            const WEIGHT_DECAY: Self = 0.01;
        }
    };
}

defaults!(f32);
defaults!(f64);
