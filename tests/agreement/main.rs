//! Outputs, gradients, updates and weights agree with something independent of the crate.

mod cells;
mod fed_avg;
mod finite_differences;
mod fixed;
mod frameworks;
mod init;
mod losses;
mod matrix;
mod monitor;
mod optimizers;
mod reference;
mod rtrl;
mod sigmoid;
mod sliced;
mod soft_float;
mod sqrt;
#[path = "../support/mod.rs"]
mod support;
mod tanh;
