//! What a network does while it is trained: step by step, for long, and with bad numbers.

mod classify;
mod frozen;
mod long_run;
mod non_finite;
mod outside_layer;
mod pitfalls;
mod safe_updates;
#[path = "../support/mod.rs"]
mod support;
mod trainer;
