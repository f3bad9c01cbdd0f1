//! Networks and optimisers in double precision, for a host.
//!
//! The same names without a type parameter: where a program in `f32` imports them from the crate, one
//! in `f64` imports them from here.
//!
//! ```
//! use elman::f64::{Adam, Dense, Elman};
//! use elman::{Initialize, Pcg32, Stack, Trainer};
//!
//! type Net = Stack<(Elman<1, 8>, Dense<8, 1>)>;
//! let mut trainer = Trainer::<Net, Adam, 5, 20>::new(Adam::new(0.01));
//! trainer.learner.net.init_pytorch(&mut Pcg32::new(1, 0));
//! let prediction: [f64; 1] = trainer.observe(&[0.1], &[0.2])?.prediction;
//! # let _ = prediction;
//! # Ok::<(), elman::TrainError>(())
//! ```

/// [`Dense`](crate::Dense) in `f64`.
pub type Dense<const I: usize, const O: usize> = crate::nn::Dense<I, O, f64>;
/// [`Elman`](crate::Elman) in `f64`.
pub type Elman<const I: usize, const H: usize> = crate::nn::Elman<I, H, f64>;
/// [`Matrix`](crate::Matrix) in `f64`.
pub type Matrix<const R: usize, const C: usize> = crate::matrix::Matrix<R, C, f64>;
/// [`Adam`](crate::Adam) in `f64`.
pub type Adam = super::Adam<f64>;
/// [`AdamW`](crate::AdamW) in `f64`.
pub type AdamW = super::AdamW<f64>;
/// [`Momentum`](crate::Momentum) in `f64`.
pub type Momentum = super::Momentum<f64>;
/// [`RmsProp`](crate::RmsProp) in `f64`.
pub type RmsProp = super::RmsProp<f64>;
/// [`Sgd`](crate::Sgd) in `f64`.
pub type Sgd = super::Sgd<f64>;
/// [`Schedule`](crate::Schedule) in `f64`.
pub type Schedule = super::Schedule<f64>;
