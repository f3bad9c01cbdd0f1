//! Layers of integers, against plain code of 64 bits, `f64` and floats.

mod floats;
mod reference;
mod tanh;
