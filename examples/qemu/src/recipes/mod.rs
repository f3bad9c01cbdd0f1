//! What the programs compute, without a word about a board: the host's tests run the same files.
//!
//! A recipe writes its report to anything that takes text. Every number in it is made of integers
//! and of the bits of `f32`, so the report is the same, to the letter, on every machine.

pub mod decimal;
pub mod hash;
pub mod infer;
pub mod learner;
pub mod resume;
pub mod series;
pub mod stream;
pub mod sunspots;
