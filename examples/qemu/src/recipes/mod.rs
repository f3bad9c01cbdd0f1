//! Computations of the firmware programs, without code for a board: the host's tests run the same files.
//!
//! A recipe writes its report to any [`Write`](core::fmt::Write). Every number in it comes from
//! integers and `f32` arithmetic with the same bits everywhere, so the text is the same everywhere too.

pub mod cells;
pub mod decimal;
pub mod fixed_loop;
pub mod fixed_stream;
pub mod fixed_sunspots;
pub mod hash;
pub mod infer;
pub mod monitor;
pub mod resume;
pub mod series;
pub mod sgd_loop;
pub mod sliced;
pub mod stream;
pub mod sunspots;
