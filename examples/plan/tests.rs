//! The model against what was counted, and the formulae against the types.

mod counted;
