//! Weight files and checkpoints: written, read, and refused.

mod checkpoint;
mod chunks;
mod dtypes;
mod hostile;
mod matching;
mod other_program;
mod safetensors;
