//! Weight files and checkpoints: written, read, and refused.

mod checkpoint;
mod dtypes;
mod hostile;
mod safetensors;
