//! Losses and their gradients.
//!
//! Each is a function of an output and its target that returns the loss and ∂L/∂y, and a type of
//! the same name that selects it in a [`Learner`](crate::Learner).

use crate::nn::fixed::Row;
use crate::num::{ConstZero, InRange, Scalar};

/// A loss as a type, a parameter of [`Learner`](crate::Learner) and [`Trainer`](crate::Trainer).
///
/// A loss of your own is a few lines:
///
/// ```
/// use elman::{Loss, huber};
///
/// /// Huber's loss with the corner at 0.2.
/// struct Robust;
///
/// impl<const O: usize> Loss<[f32; O]> for Robust {
///     type Scalar = f32;
///     type Target = [f32; O];
///
///     fn loss(y: &[f32; O], target: &[f32; O]) -> (f32, [f32; O]) {
///         huber(y, target, 0.2)
///     }
/// }
/// # assert_eq!(Robust::loss(&[1.2], &[1.0]).1, [0.2]);
/// ```
pub trait Loss<Y> {
    /// The type of the loss.
    type Scalar;
    /// The target: a row as the output, or the index of a class.
    type Target: InRange;

    /// The loss and ∂L/∂y.
    fn loss(y: &Y, target: &Self::Target) -> (Self::Scalar, Y);

    /// Whether the target is possible: `false` for the number of a class that `Y` does not have.
    #[must_use]
    fn is_class(_target: &Self::Target) -> bool {
        true
    }
}

/// [`squared_error`] as a type.
#[derive(Clone, Copy, Debug, Default)]
pub struct SquaredError;
/// [`mean_squared_error`] as a type.
#[derive(Clone, Copy, Debug, Default)]
pub struct MeanSquaredError;
/// [`huber`] with the corner at 1 as a type.
#[derive(Clone, Copy, Debug, Default)]
pub struct Huber;
/// [`softmax_cross_entropy`] as a type; the target is the number of a class.
#[derive(Clone, Copy, Debug, Default)]
pub struct SoftmaxCrossEntropy;
/// [`binary_cross_entropy_with_logits`] as a type.
#[derive(Clone, Copy, Debug, Default)]
pub struct BinaryCrossEntropyWithLogits;

/// On outputs of integers: the loss of the floats they stand for.
impl<L: Loss<[f32; O], Scalar = f32>, const O: usize> Loss<Row<O>> for L {
    type Scalar = f32;
    type Target = L::Target;

    fn loss(y: &Row<O>, target: &L::Target) -> (f32, Row<O>) {
        let (loss, d_y) = L::loss(&y.to_f32(), target);
        (loss, Row::from(d_y))
    }
}

macro_rules! loss {
    ($name:ident, $target:ty, |$y:ident, $t:ident| $loss:expr $(, $is_class:expr)?) => {
        impl<T: Scalar, const O: usize> Loss<[T; O]> for $name {
            type Scalar = T;
            type Target = $target;

            fn loss($y: &[T; O], $t: &$target) -> (T, [T; O]) {
                $loss
            }

            $(fn is_class($t: &$target) -> bool {
                $is_class
            })?
        }
    };
}

loss!(SquaredError, [T; O], |y, target| squared_error(y, target));
loss!(MeanSquaredError, [T; O], |y, target| mean_squared_error(y, target));
loss!(Huber, [T; O], |y, target| huber(y, target, T::ONE));
loss!(SoftmaxCrossEntropy, usize, |y, class| softmax_cross_entropy(y, *class), *class < O);
loss!(BinaryCrossEntropyWithLogits, [T; O], |y, target| binary_cross_entropy_with_logits(
    y, target
));

/// The squared error, summed over the outputs, and its gradient.
///
/// ```text
/// L = Σ_o (y_o − target_o)²,    ∂L/∂y_o = 2 (y_o − target_o)
/// ```
///
/// ```
/// let (loss, d_y) = elman::squared_error(&[1.0, 3.0], &[0.0, 5.0]);
/// assert_eq!((loss, d_y), (5.0, [2.0, -4.0]));
/// ```
#[must_use]
pub fn squared_error<T: Scalar, const O: usize>(y: &[T; O], target: &[T; O]) -> (T, [T; O]) {
    sum(y, target, |y, target| {
        let error = y - target;
        (error * error, error + error)
    })
}

/// The squared error, averaged over the outputs, and its gradient: PyTorch's `mse_loss`.
///
/// ```text
/// L = Σ_o (y_o − target_o)² / O,    ∂L/∂y_o = 2 (y_o − target_o) / O
/// ```
///
/// ```
/// let (loss, d_y) = elman::mean_squared_error(&[1.0, 3.0], &[0.0, 5.0]);
/// assert_eq!((loss, d_y), (2.5, [1.0, -2.0]));
/// ```
#[must_use]
pub fn mean_squared_error<T: Scalar, const O: usize>(y: &[T; O], target: &[T; O]) -> (T, [T; O]) {
    let count = y.iter().fold(T::ZERO, |count, _| count + T::ONE);
    let (loss, d_y) = squared_error(y, target);
    (loss / count, d_y.map(|d_y| d_y / count))
}

/// Huber's loss, summed over the outputs, and its gradient: square up to `delta`, straight beyond.
///
/// ```text
/// e = y_o − target_o
/// L = Σ_o  e² / 2                    where |e| ≤ delta,    ∂L/∂y_o = e
///          delta · (|e| − delta/2)   elsewhere,            ∂L/∂y_o = ±delta
/// ```
///
/// PyTorch's `huber_loss` with `reduction='sum'`. An outlier moves the network no more than an error
/// of `delta` would.
///
/// ```
/// let (loss, d_y) = elman::huber(&[0.5, 9.0], &[0.0, 5.0], 1.0);
/// assert_eq!((loss, d_y), (0.125 + 3.5, [0.5, 1.0]));
/// ```
#[must_use]
pub fn huber<T: Scalar, const O: usize>(y: &[T; O], target: &[T; O], delta: T) -> (T, [T; O]) {
    let half = T::ONE / T::from_u32(2);
    sum(y, target, |y, target| {
        let error = y - target;
        if error > delta {
            (delta * (error - half * delta), delta)
        } else if error < -delta {
            (delta * (-error - half * delta), -delta)
        } else {
            (half * error * error, error)
        }
    })
}

/// The cross-entropy of a class under the softmax of the outputs, and its gradient.
///
/// ```text
/// p_o = e^{y_o} / Σ_j e^{y_j},    L = −ln p_class,    ∂L/∂y_o = p_o − [o = class]
/// ```
///
/// PyTorch's `cross_entropy` of one sample. The largest output is taken from all before anything is
/// raised, so outputs of ±10⁴ are as good as small ones. A class that does not exist gives NaN.
///
/// ```
/// let (loss, d_y) = elman::softmax_cross_entropy(&[1e4_f32, 1e4], 0);
/// assert!((loss - 0.693147).abs() < 1e-6);
/// assert_eq!(d_y, [-0.5, 0.5]);
/// ```
#[must_use]
pub fn softmax_cross_entropy<T: Scalar, const O: usize>(y: &[T; O], class: usize) -> (T, [T; O]) {
    let mut target = <[T; O]>::ZERO;
    let Some(probability) = target.get_mut(class) else {
        return (T::NAN, [T::NAN; O]);
    };
    *probability = T::ONE;
    soft_target_cross_entropy(y, &target)
}

/// The cross-entropy of a distribution under the softmax of the outputs, and its gradient.
///
/// ```text
/// L = −Σ_o target_o · ln p_o,    ∂L/∂y_o = p_o · Σ_j target_j − target_o
/// ```
///
/// PyTorch's `cross_entropy` with probabilities as targets; stable as [`softmax_cross_entropy`].
///
/// ```
/// let (loss, d_y) = elman::soft_target_cross_entropy(&[0.0_f32; 2], &[0.75, 0.25]);
/// assert!((loss - 0.693147).abs() < 1e-6);
/// assert_eq!(d_y, [-0.25, 0.25]);
/// ```
#[must_use]
pub fn soft_target_cross_entropy<T: Scalar, const O: usize>(
    y: &[T; O],
    target: &[T; O],
) -> (T, [T; O]) {
    let largest = y.iter().copied().reduce(|a, b| if b > a { b } else { a }).unwrap_or(T::ZERO);
    let shifted = y.map(|y| y - largest);
    let powers = shifted.map(T::exp);
    let total = powers.iter().fold(T::ZERO, |total, &power| total + power);
    let mass = target.iter().fold(T::ZERO, |mass, &target| mass + target);
    let ln_total = total.ln();

    let mut loss = T::ZERO;
    let mut d_y = powers;
    for ((d_y, &y), &target) in d_y.iter_mut().zip(&shifted).zip(target) {
        loss += target * (ln_total - y);
        *d_y = *d_y / total * mass - target;
    }
    (loss, d_y)
}

/// The index of the largest output: the most probable class. The first one, if several are equal; 0
/// if there is none.
///
/// ```
/// assert_eq!(elman::argmax(&[0.5_f32, 2.0, 2.0, -1.0]), 1);
/// assert_eq!(elman::argmax(&[f32::NAN, 0.5]), 1); // a NaN is never the largest
/// ```
#[must_use]
pub fn argmax<T: Scalar>(y: &[T]) -> usize {
    let numbers = y.iter().enumerate().filter(|(_, y)| !y.is_nan());
    numbers.reduce(|a, b| if b.1 > a.1 { b } else { a }).map_or(0, |(class, _)| class)
}

/// The cross-entropy of independent yes-or-no outputs, summed, and its gradient.
///
/// ```text
/// p_o = 1 / (1 + e^{−y_o})
/// L = −Σ_o [target_o · ln p_o + (1 − target_o) · ln(1 − p_o)],    ∂L/∂y_o = p_o − target_o
/// ```
///
/// PyTorch's `binary_cross_entropy_with_logits` with `reduction='sum'`, and like it computed as
/// `max(y, 0) − y · target + ln(1 + e^{−|y|})`, which no output makes overflow.
///
/// ```
/// let (loss, d_y) = elman::binary_cross_entropy_with_logits(&[0.0_f32, -1e4], &[1.0, 0.0]);
/// assert!((loss - 0.693147).abs() < 1e-6);
/// assert_eq!(d_y, [-0.5, 0.0]);
/// ```
#[must_use]
pub fn binary_cross_entropy_with_logits<T: Scalar, const O: usize>(
    y: &[T; O],
    target: &[T; O],
) -> (T, [T; O]) {
    sum(y, target, |y, target| {
        let power = (-y.abs()).exp();
        let (positive, p) = if y < T::ZERO {
            (T::ZERO, power / (T::ONE + power))
        } else {
            (y, T::ONE / (T::ONE + power))
        };
        (positive - y * target + power.ln_1p(), p - target)
    })
}

/// The sum of a loss over the outputs, and each output's gradient.
fn sum<T: Scalar, const O: usize>(
    y: &[T; O],
    target: &[T; O],
    of_one: impl Fn(T, T) -> (T, T),
) -> (T, [T; O]) {
    let mut loss = T::ZERO;
    let mut d_y = *y;
    for (d_y, &target) in d_y.iter_mut().zip(target) {
        let (term, slope) = of_one(*d_y, target);
        loss += term;
        *d_y = slope;
    }
    (loss, d_y)
}
