//! Integer layers: what they compute, how well they learn, and that nothing wraps.

#[path = "fixed/accuracy.rs"]
mod accuracy;
#[path = "fixed/corners.rs"]
mod corners;
#[path = "fixed/tanh.rs"]
mod tanh;
#[path = "fixed/tasks.rs"]
mod tasks;
#[path = "fixed/reference.rs"]
mod reference;
