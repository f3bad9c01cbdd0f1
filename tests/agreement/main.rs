//! Outputs, gradients, updates and weights agree with something independent of the crate.

mod cells;
mod finite_differences;
mod fixed;
mod frameworks;
mod init;
mod losses;
mod matrix;
mod optimizers;
mod reference;
mod rtrl;
mod sigmoid;
mod soft_float;
mod sqrt;
#[path = "../support/mod.rs"]
mod support;
mod tanh;
