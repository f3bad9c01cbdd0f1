//! Compiles the firmware for a board and runs it in QEMU.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use xshell::{Shell, cmd};

use crate::board::Board;
use crate::{paths, rustc};

/// How a program is optimised.
#[derive(Clone, Copy, PartialEq)]
pub enum Profile {
    Release,
    Small,
}

impl Profile {
    pub const BOTH: [Self; 2] = [Self::Release, Self::Small];

    /// Its name in `Cargo.toml`.
    pub fn name(self) -> &'static str {
        if self == Self::Small { "small" } else { "release" }
    }

    pub fn opt_level(self) -> &'static str {
        if self == Self::Small { "s" } else { "3" }
    }
}

/// The firmware of one board.
#[derive(Clone, Copy)]
pub struct Firmware {
    pub board: &'static Board,
    pub profile: Profile,
}

/// What a program left.
pub struct Run {
    pub code: Option<i32>,
    pub output: String,
}

impl Firmware {
    /// Builds programs: `arguments` are Cargo's.
    pub fn build<A: AsRef<OsStr>>(self, arguments: &[A]) -> Result<()> {
        let Board { name, target, cpu, feature, .. } = self.board;
        let profile = self.profile.name();
        let shell = Shell::new()?;
        shell.change_dir(paths::firmware());
        let cargo = cmd!(
            shell,
            "cargo build --quiet --target {target} --target-dir target/{name} --profile {profile} --features={feature} {arguments...}"
        );
        let cargo = cargo.env("RUSTFLAGS", format!("-Ctarget-cpu={cpu}"));
        rustc::wrap(cargo)?.quiet().run()?;
        Ok(())
    }

    pub fn elf(self, program: &str) -> PathBuf {
        let Board { name, target, .. } = self.board;
        paths::firmware().join(format!("target/{name}/{target}/{}/{program}", self.profile.name()))
    }

    /// Runs a program and keeps its output. What does not end in two minutes is stopped.
    pub fn run(self, program: &str, arguments: &[String]) -> Result<Run> {
        let mut qemu = Command::new("timeout");
        let emulator = self.qemu(program, arguments);
        qemu.arg("120").arg(emulator.get_program()).args(emulator.get_args());
        let done = qemu.stdin(Stdio::null()).stderr(Stdio::inherit()).output();
        let done = done.context("timeout, of the coreutils")?;
        Ok(Run { code: done.status.code(), output: String::from_utf8(done.stdout)? })
    }

    /// Runs a program and shows its output. The exit code is the program's.
    pub fn show(self, program: &str) -> Result<Option<i32>> {
        let mut qemu = self.qemu(program, &[]);
        let status = qemu.stdin(Stdio::null()).status();
        Ok(status.with_context(|| format!("{:?}", qemu.get_program()))?.code())
    }

    /// A program whose serial port is a TCP connection to `address`, at the speed of the host.
    pub fn on_a_line(self, program: &str, address: &str) -> Command {
        let line = ["-display", "none", "-monitor", "none", "-serial"].map(String::from);
        let port = format!("tcp:{address}");
        let mut qemu = Command::new("nice"); // a board that waits polls its port
        qemu.args(["-n", "19", emulator(self.board.machine)]);
        qemu.args(["-machine", self.board.machine]).args(line).arg(port);
        qemu.args(["-semihosting-config", "enable=on,target=native"]);
        load(&mut qemu, self.board.machine, &self.elf(program));
        qemu
    }

    fn qemu(self, program: &str, arguments: &[String]) -> Command {
        qemu(self.board.machine, &self.elf(program), arguments)
    }
}

/// QEMU's command line. The clock counts instructions, so that every run is the same: 128 ns each on
/// Arm, where a timer is read, 1 ns on RISC-V, which has a counter. `.cargo/config.toml` has the same.
fn qemu(machine: &str, elf: &Path, arguments: &[String]) -> Command {
    let mut qemu = Command::new(emulator(machine));
    qemu.args(["-machine", machine, "-nographic"]);
    qemu.args(["-semihosting-config", "enable=on,target=native"]).args(arguments);
    qemu.args(["-icount", if is_risc_v(machine) { "shift=0" } else { "shift=7" }]);
    load(&mut qemu, machine, elf);
    qemu
}

fn is_risc_v(machine: &str) -> bool {
    machine == "virt"
}

fn emulator(machine: &str) -> &'static str {
    if is_risc_v(machine) { "qemu-system-riscv32" } else { "qemu-system-arm" }
}

fn load(qemu: &mut Command, machine: &str, elf: &Path) {
    if is_risc_v(machine) {
        // From flash, as a microcontroller starts, not from the RAM at 0x80000000.
        let loader = format!("loader,cpu-num=0,file={}", elf.display());
        qemu.args(["-bios", "none", "-device", &loader]);
    } else {
        qemu.arg("-kernel").arg(elf);
    }
}
