//! Integer layers: what they compute, how well they learn, and that nothing wraps.

#[path = "fixed/accuracy.rs"]
mod accuracy;
#[path = "fixed/classes.rs"]
mod classes;
#[path = "fixed/corners.rs"]
mod corners;
#[path = "fixed/inference.rs"]
mod inference;
#[path = "fixed/reber.rs"]
mod reber;
#[path = "fixed/reference.rs"]
mod reference;
#[path = "fixed/shape.rs"]
mod shape;
#[path = "fixed/tanh.rs"]
mod tanh;
#[path = "fixed/tasks.rs"]
mod tasks;
