//! Layers of integers: how well they learn, what they do not take, and that nothing wraps.

mod accuracy;
mod classes;
mod corners;
mod inference;
mod learner;
mod reber;
mod tasks;
