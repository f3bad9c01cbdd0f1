//! What the tests share: the reference, the bridge to it, and how numbers are compared.
#![allow(dead_code, reason = "every test file uses its own part of this")]

pub mod all_numbers;
pub mod convert;
pub mod orders;
pub mod pytorch_runs;
pub mod reference;
pub mod tolerance;
