//! Federated averaging: the weighted mean of networks that learned apart.

use core::fmt;

use super::Limit;
use crate::nn::{Parameters, max_abs};
use crate::num::{ConstZero, InRange, Scalar};
use crate::safetensors::StateDict;
use crate::state_dict;

/// What a device sends after a round: its network, and how many samples that learned from.
///
/// [`checkpoint::save`](crate::checkpoint::save) makes one frame of it, a `safetensors` file with a
/// CRC-32; the sequence number is the round. [`checkpoint::load`](crate::checkpoint::load) refuses a
/// frame that is torn, of another network, or with a number that is not finite, and then changes nothing.
///
/// ```
/// use elman::{ClientUpdate, ConstZero, Dense, checkpoint};
///
/// type Net = Dense<2, 1>;
/// const FRAME: usize = checkpoint::size::<ClientUpdate<'_, Net>>();
///
/// let mut net = Net { bias: [0.5], ..Net::ZERO };
/// let mut frame = [0; FRAME];
/// checkpoint::save(&ClientUpdate { net: &mut net, num_examples: 120 }, 7, &mut frame)?;
///
/// let mut received = Net::ZERO;
/// let mut update = ClientUpdate { net: &mut received, num_examples: 0 };
/// assert_eq!(checkpoint::load(&mut update, &frame)?, 7);
/// assert_eq!((update.num_examples, received), (120, net));
/// # Ok::<(), elman::safetensors::Error>(())
/// ```
#[derive(Debug)]
pub struct ClientUpdate<'n, N> {
    /// The network as the device has it; when loading, where it is put.
    pub net: &'n mut N,
    /// The samples it learned from since the last round.
    pub num_examples: u32,
}

state_dict!(['n, N: Parameters + StateDict] ClientUpdate<'n, N> {
    net: &'n mut N,
    num_examples: u32,
});

/// The mean of networks, each weighted by its samples: federated averaging (McMahan et al. 2017).
///
/// ```text
/// w = Σ n_k · w_k / Σ n_k
/// ```
///
/// in place and one network after the other, so that the memory does not grow with their number:
/// after the k-th, `w ← w + n_k / (n_1 + … + n_k) · (w_k − w)`. Rounding depends on the order, so the
/// same bits need the same order. An update that is refused changes nothing.
///
/// ```
/// use elman::{ClientError, Dense, ConstZero, FedAvg};
///
/// let net = |bias| Dense { bias: [bias], ..Dense::<1, 1>::ZERO };
/// let mut mean = FedAvg::new();
/// mean.add(&net(1.0), 30)?;
/// mean.add(&net(5.0), 10)?;
/// assert_eq!(mean.add(&net(f32::NAN), 10), Err(ClientError::NotFinite));
/// assert_eq!(mean.add(&net(-2000.0), 10), Err(ClientError::TooLarge));
/// assert_eq!(mean.net(), Some(&net(2.0)));
/// # Ok::<(), ClientError>(())
/// ```
///
/// Networks of [integers](crate::fixed) are averaged in 64 bits, each tensor at the largest exponent so far.
///
/// One device that lies within the limit still moves the mean as far as its share of the samples
/// allows. A median needs all networks at once, so it belongs on a host: `examples/fleet`.
#[derive(Clone, Debug)]
pub struct FedAvg<N: Parameters> {
    /// The largest absolute weight that is accepted. Default: 1000.
    pub max_abs: Limit<N::Scalar>,
    /// The most samples that one update counts for. Default: `None`, as many as it says.
    pub max_examples: Option<u32>,
    net: N,
    num_examples: u32,
}

impl<N: Parameters> FedAvg<N> {
    /// The mean of no network yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { max_abs: Limit::Default, max_examples: None, net: N::ZERO, num_examples: 0 }
    }

    /// Adds the network of one device, which learned from `num_examples` samples.
    ///
    /// # Errors
    ///
    /// A weight is not finite or above the limit, there is no sample, or there are more than a `u32`
    /// counts. Then the mean is as it was.
    pub fn add(&mut self, net: &N, num_examples: u32) -> Result<(), ClientError> {
        let limit = self.max_abs.or(N::Scalar::from_u32(1000));
        check_weights(net, limit)?;
        let num_examples = self.max_examples.map_or(num_examples, |most| num_examples.min(most));
        let total = self.num_examples.checked_add(num_examples);
        let total = total.ok_or(ClientError::TooManyExamples)?;
        if num_examples == 0 {
            return Err(ClientError::NoExamples);
        }
        self.net.lerp(net, N::Scalar::from_u32(num_examples) / N::Scalar::from_u32(total));
        self.num_examples = total;
        Ok(())
    }

    /// The mean so far; `None` if no network was accepted.
    #[must_use]
    pub fn net(&self) -> Option<&N> {
        (self.num_examples > 0).then_some(&self.net)
    }

    /// The samples of all networks that were accepted.
    #[must_use]
    pub const fn num_examples(&self) -> u32 {
        self.num_examples
    }

    /// Begins the next round. The limits stay.
    pub fn clear(&mut self) {
        self.net.set_zero();
        self.num_examples = 0;
    }
}

impl<N: Parameters> ConstZero for FedAvg<N> {
    const ZERO: Self = Self::new();
}

impl<N: Parameters> Default for FedAvg<N> {
    fn default() -> Self {
        Self::new()
    }
}

/// Whether every weight is finite and within ±`limit`, before a network from elsewhere is used.
///
/// Without a limit, each must still be [`InRange`].
///
/// ```
/// use elman::{ClientError, Dense, ConstZero, check_weights};
///
/// let net = Dense { bias: [-3.0], ..Dense::<1, 1>::ZERO };
/// assert_eq!(check_weights(&net, Some(3.0)), Ok(()));
/// assert_eq!(check_weights(&net, Some(2.0)), Err(ClientError::TooLarge));
/// ```
///
/// # Errors
///
/// A weight is not finite, or above the limit.
pub fn check_weights<P: Parameters>(net: &P, limit: Option<P::Scalar>) -> Result<(), ClientError> {
    let largest = max_abs(net);
    if !largest.is_finite() {
        return Err(ClientError::NotFinite);
    }
    let within = limit.is_none_or(|limit| largest <= limit);
    if within && largest.is_in_range() { Ok(()) } else { Err(ClientError::TooLarge) }
}

/// Why a network from another device was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientError {
    /// A weight is infinite or NaN.
    NotFinite,
    /// A weight is above the limit.
    TooLarge,
    /// It learned from no sample.
    NoExamples,
    /// The samples of the round are more than a `u32` counts.
    TooManyExamples,
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotFinite => "a weight is not finite",
            Self::TooLarge => "a weight is above the limit",
            Self::NoExamples => "an update without a sample",
            Self::TooManyExamples => "more samples than a round counts",
        })
    }
}

impl core::error::Error for ClientError {}
