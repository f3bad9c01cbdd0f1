//! What a network does while it is trained: step by step, for long, and with bad numbers.

mod accidents;
mod cells;
mod classify;
mod faults;
mod fixed;
mod forecaster;
mod frozen;
mod leaky;
mod long_run;
mod non_finite;
mod outliers;
mod outside_layer;
mod pitfalls;
mod random_programs;
mod ring;
mod roll_back;
mod safe_updates;
mod sliced;
#[path = "../support/mod.rs"]
mod support;
mod trainer;
