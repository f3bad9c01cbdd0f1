//! The bodies of the fuzz targets: what each does with some bytes. It panics where a promise is broken.

pub mod calls;
pub mod checkpoint;
pub mod parser;
pub mod program;
pub mod sound;
