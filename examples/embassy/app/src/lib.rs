//! A monitor of a pump's vibration, without a word about a chip.
//!
//! `sampler` runs in an interrupt executor, `learner` and `saver` in the thread's. They share one `Model`,
//! which the learner alone changes, a slice at a time (`shared`). What is learned depends on the samples
//! alone, not on when the slices run: `tests` on the host replays what a board did, to the bit.
#![no_std]
#![forbid(unsafe_code)]

pub mod front;
pub mod hash;
pub mod learning;
pub mod model;
pub mod sensor;

#[cfg(target_os = "none")]
pub mod store;
#[cfg(target_os = "none")]
pub mod timing;

#[cfg(target_os = "none")]
mod learner;
#[cfg(target_os = "none")]
mod sampler;
#[cfg(target_os = "none")]
mod saver;
#[cfg(target_os = "none")]
mod shared;

#[cfg(target_os = "none")]
pub use self::learner::learn;
#[cfg(target_os = "none")]
pub use self::sampler::sample;
#[cfg(target_os = "none")]
pub use self::saver::{resume, save};
