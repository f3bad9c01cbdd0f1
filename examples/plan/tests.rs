//! The model against what was counted, the formulae against the types, and the command line.

mod command_line;
mod counted;
mod parts;
mod sizes;
