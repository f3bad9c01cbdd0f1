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
    /// Whether the programs are also checked at opt-level "s", and the checks shown to fail: on one board
    /// of each architecture.
    pub thorough: bool,
}

impl Board {
    const fn new(
        [name, core, machine]: [&'static str; 3],
        [target, cpu]: [&'static str; 2],
        thorough: bool,
    ) -> Self {
        Self { name, core, machine, target, cpu, thorough }
    }
}

const M0: [&str; 2] = ["thumbv6m-none-eabi", "cortex-m0"];
const M4: [&str; 2] = ["thumbv7em-none-eabihf", "cortex-m4"];
const M7: [&str; 2] = ["thumbv7em-none-eabihf", "cortex-m7"];
const M33: [&str; 2] = ["thumbv8m.main-none-eabihf", "cortex-m33"];
const IMC: [&str; 2] = ["riscv32imc-unknown-none-elf", "generic-rv32"];
const IMAFC: [&str; 2] = ["riscv32imafc-unknown-none-elf", "generic-rv32"];

/// In the order of the tables.
pub static BOARDS: [Board; 6] = [
    Board::new(["microbit", "Cortex-M0", "microbit"], M0, false),
    Board::new(["mps2-an386", "Cortex-M4F", "mps2-an386"], M4, true),
    Board::new(["mps2-an505", "Cortex-M33", "mps2-an505"], M33, false),
    Board::new(["mps2-an500", "Cortex-M7", "mps2-an500"], M7, false),
    Board::new(["rv32imc", "RV32IMC", "virt"], IMC, true),
    Board::new(["rv32imafc", "RV32IMAFC", "virt"], IMAFC, false),
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
