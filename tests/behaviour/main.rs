//! What a network does while it is trained: step by step, for long, and with bad numbers.

mod accidents;
mod cells;
mod classify;
mod fixed;
mod frozen;
mod leaky;
mod long_run;
mod non_finite;
mod outliers;
mod outside_layer;
mod pitfalls;
mod random_programs;
mod roll_back;
mod safe_updates;
#[path = "../support/mod.rs"]
mod support;
mod trainer;
