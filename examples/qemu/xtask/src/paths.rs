//! Where things lie in the checkout.

use std::path::{Path, PathBuf};

/// The crate `elman`.
pub fn root() -> &'static Path {
    let mut up = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    up.nth(3).expect("xtask lies three folders deep in the crate")
}

pub fn firmware() -> PathBuf {
    root().join("examples/qemu")
}

/// The counts that are committed.
pub fn costs() -> PathBuf {
    firmware().join("costs")
}
