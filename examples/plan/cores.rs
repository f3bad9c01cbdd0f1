//! The kinds of core, and the counts that stand for each.

use serde::Serialize;

/// A kind of core.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Core {
    /// Its name on the command line.
    pub name: &'static str,
    /// Its name in tables.
    pub title: &'static str,
    /// The board whose counts are its own: the same code, or counts that are the same to a percent.
    #[serde(skip)]
    pub counts: &'static str,
    /// The board whose programs are its own.
    #[serde(skip)]
    pub programs: &'static str,
    /// The instruction set of a chip that it is of.
    #[serde(skip)]
    pub chips: &'static str,
}

const fn core(
    [name, title]: [&'static str; 2],
    [counts, programs, chips]: [&'static str; 3],
) -> Core {
    Core { name, title, counts, programs, chips }
}

/// Another core, as a Cortex-M3, is one more line here, and one more board in the counts.
pub const CORES: [Core; 9] = [
    core(["m0", "Cortex-M0"], ["cortex-m0", "microbit", "m0"]),
    core(["m4f", "Cortex-M4F"], ["mps2-an386", "mps2-an386", "m4f"]),
    core(["m4f-asm", "Cortex-M4F, `cortex-m4`"], ["mps2-an386-asm", "mps2-an386-asm", "m4f"]),
    core(["m33", "Cortex-M33"], ["mps2-an386", "mps2-an505", "m33"]),
    core(["m33-asm", "Cortex-M33, `cortex-m4`"], ["mps2-an386-asm", "mps2-an505-asm", "m33"]),
    core(["m7", "Cortex-M7"], ["mps2-an500", "mps2-an500", "m7"]),
    core(["rv32imc", "RV32IMC"], ["rv32imc", "rv32imc", "rv32imc"]),
    core(["rv32imac", "RV32IMAC, `soft-float`"], ["rv32imc", "rv32imac", "rv32imac"]),
    core(["rv32imafc", "RV32IMAFC"], ["rv32imafc", "rv32imafc", "rv32imafc"]),
];
