//! What the documentation promises in numbers: sizes, and the errors of the sunspots example.
//!
//! The example's modules name each other by `crate`, and so they are at the root here too.

mod first_hour;
mod floors;
mod levels;
mod map;
mod sizes;
mod sunspots;
mod which_cell;

#[allow(dead_code, reason = "a test prints no table")]
#[path = "../../examples/sunspots/baselines.rs"]
mod baselines;
#[allow(dead_code, reason = "a test draws nothing")]
#[path = "../../examples/common/mod.rs"]
mod common;
#[path = "../../examples/sunspots/data.rs"]
mod data;
#[allow(dead_code, reason = "a test has no command line")]
#[path = "../../examples/sunspots/recipe.rs"]
mod recipe;
#[path = "../../examples/sunspots/score.rs"]
mod score;
#[path = "../../examples/sunspots/seeds.rs"]
mod seeds;
