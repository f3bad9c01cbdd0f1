//! Functions for C around a trainer: [`export!`] names a network and writes them.
//!
//! All `unsafe` of the C interface is in this crate: in `memory.rs` and `pointer.rs`, in the calls that pass
//! pointers on to them, and in what [`export!`] expands to.
#![no_std]

mod learning;
pub use self::learning::{Learning, checkpoint_bytes, numbers};

mod status;
pub use self::status::{Status, elman_status_text};

mod pointer;

mod memory;
pub use self::memory::Memory;

pub mod calls;

mod header;
pub use self::header::header_says;

mod export;
