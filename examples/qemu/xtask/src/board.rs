//! The emulated boards.

/// An emulated board.
pub struct Board {
    pub name: &'static str,
    /// The core's name in the tables.
    pub core: &'static str,
    /// QEMU's `-machine`.
    pub machine: &'static str,
    pub target: &'static str,
    /// The compiler's `-Ctarget-cpu`.
    pub cpu: &'static str,
    /// A feature of the crate, or nothing.
    pub feature: &'static str,
    /// Whether the programs are also checked at opt-level "s", and the checks shown to fail: on one board
    /// of each architecture.
    pub thorough: bool,
}

impl Board {
    const fn new(
        [name, core, machine]: [&'static str; 3],
        [target, cpu]: [&'static str; 2],
        feature: &'static str,
        thorough: bool,
    ) -> Self {
        Self { name, core, machine, target, cpu, feature, thorough }
    }

    /// Whether programs with large statics fit.
    pub fn is_large(&self) -> bool {
        self.machine != "microbit"
    }
}

const M0: [&str; 2] = ["thumbv6m-none-eabi", "cortex-m0"];
const M3: [&str; 2] = ["thumbv7m-none-eabi", "cortex-m3"];
const M4: [&str; 2] = ["thumbv7em-none-eabihf", "cortex-m4"];
const M7: [&str; 2] = ["thumbv7em-none-eabihf", "cortex-m7"];
const M33: [&str; 2] = ["thumbv8m.main-none-eabihf", "cortex-m33"];
const IMC: [&str; 2] = ["riscv32imc-unknown-none-elf", "generic-rv32"];
const IMAC: [&str; 2] = ["riscv32imac-unknown-none-elf", "generic-rv32"];
const IMAFC: [&str; 2] = ["riscv32imafc-unknown-none-elf", "generic-rv32"];
const ASM: &str = "cortex-m4";
const SOFT: &str = "soft-float";

/// In the order of the tables. A board with a feature is one of its own.
pub static BOARDS: [Board; 11] = [
    Board::new(["microbit", "Cortex-M0", "microbit"], M0, "", false),
    Board::new(["mps2-an385", "Cortex-M3", "mps2-an385"], M3, "", false),
    Board::new(["mps2-an386", "Cortex-M4F", "mps2-an386"], M4, "", true),
    Board::new(["mps2-an386-asm", "Cortex-M4F with `cortex-m4`", "mps2-an386"], M4, ASM, true),
    Board::new(["mps2-an505", "Cortex-M33", "mps2-an505"], M33, "", false),
    Board::new(["mps2-an505-asm", "Cortex-M33 with `cortex-m4`", "mps2-an505"], M33, ASM, false),
    Board::new(["mps2-an500", "Cortex-M7", "mps2-an500"], M7, "", false),
    Board::new(["mps2-an500-asm", "Cortex-M7 with `cortex-m4`", "mps2-an500"], M7, ASM, false),
    Board::new(["rv32imc", "RV32IMC", "virt"], IMC, "", true),
    Board::new(["rv32imac", "RV32IMAC with `soft-float`", "virt"], IMAC, SOFT, false),
    Board::new(["rv32imafc", "RV32IMAFC", "virt"], IMAFC, "", false),
];

/// One board of each kind of code, for counts of networks that the smallest board has no RAM for: the code of
/// a Cortex-M0 runs on a Cortex-M4F as well, with the same instructions.
pub static CODES: [Board; 6] = [
    Board::new(["cortex-m0", "Cortex-M0", "mps2-an386"], M0, "", false),
    Board::new(["mps2-an386", "Cortex-M4F", "mps2-an386"], M4, "", false),
    Board::new(["mps2-an386-asm", "Cortex-M4F with `cortex-m4`", "mps2-an386"], M4, ASM, false),
    Board::new(["mps2-an500", "Cortex-M7", "mps2-an500"], M7, "", false),
    Board::new(["rv32imc", "RV32IMC", "virt"], IMC, "", false),
    Board::new(["rv32imafc", "RV32IMAFC", "virt"], IMAFC, "", false),
];

/// The board of a name, for the command line.
pub fn named(name: &str) -> Result<&'static Board, String> {
    BOARDS.iter().find(|board| board.name == name).ok_or_else(|| {
        let names: Vec<_> = BOARDS.iter().map(|board| board.name).collect();
        format!("the boards are {}", names.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn by_name() {
        assert_eq!(named("rv32imc").unwrap().machine, "virt");
        assert!(named("arduino").is_err_and(|error| error.contains("microbit")));
    }
}
