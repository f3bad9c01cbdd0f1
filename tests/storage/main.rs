//! Weight files and checkpoints: written, read, and refused.

mod checkpoint;
mod chunks;
mod client_update;
mod dtypes;
mod fixed;
mod format;
mod gru;
mod hostile;
mod in_place;
mod matching;
mod other_program;
mod safetensors;
