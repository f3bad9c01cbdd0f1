//! What the emulated boards computed and counted, against the host. It needs `examples/qemu`, which
//! is not in the package, and so is not there either.

mod bit_exact;
#[path = "../../examples/common/scaling.rs"]
mod counts;
mod least_squares;
mod persistence;
mod plan;
mod scaling;
