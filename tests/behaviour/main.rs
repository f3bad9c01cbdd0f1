//! What a network does while it is trained: step by step, for long, and with bad numbers.

mod cells;
mod classify;
mod frozen;
mod leaky;
mod long_run;
mod non_finite;
mod outside_layer;
mod pitfalls;
#[path = "../support/mod.rs"]
mod support;
mod trainer;
