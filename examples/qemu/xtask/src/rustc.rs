//! The compiler, with symbols whose names do not tell where the checkout is.
//!
//! Cargo hashes the path of a crate into the names of its functions, and LLVM goes through functions in
//! the order of their names: on RISC-V another directory alone changed a step's count by 8 %. The
//! names are of version 0, which has the sizes of what is generic in them.
//!
//! Cargo calls a `RUSTC_WRAPPER` in place of the compiler, with the compiler as its first argument.
//! This program is that wrapper, if a variable says so.

use std::env;
use std::process::{Command, exit};

use anyhow::{Context, Result};
use xshell::Cmd;

const WRAPPED: &str = "XTASK_WRAPS_RUSTC";

/// Makes this program the wrapper of the compiler that Cargo calls.
pub fn wrap(cargo: Cmd<'_>) -> Result<Cmd<'_>> {
    Ok(cargo.env("RUSTC_WRAPPER", env::current_exe()?).env(WRAPPED, "1"))
}

/// Whether Cargo calls this program as the compiler.
pub fn is_wrapped() -> bool {
    env::var_os(WRAPPED).is_some()
}

/// Runs the compiler, and ends with its exit code.
pub fn run() -> Result<()> {
    let mut arguments = env::args().skip(1);
    let rustc = arguments.next().context("Cargo names the compiler first")?;
    let package =
        ["CARGO_PKG_NAME", "CARGO_PKG_VERSION"].map(|name| env::var(name).unwrap_or_default());
    let arguments = arguments.map(|argument| without_path(argument, &package));
    let status =
        Command::new(rustc).args(arguments).arg("-Csymbol-mangling-version=v0").status()?;
    exit(status.code().unwrap_or(1))
}

/// Cargo's hash (`-C metadata=`) is replaced by the name and version of the package.
fn without_path(argument: String, [name, version]: &[String; 2]) -> String {
    if argument.starts_with("metadata=") { format!("metadata={name}-{version}") } else { argument }
}

#[cfg(test)]
mod tests {
    use super::without_path;

    #[test]
    fn only_the_hash_is_replaced() {
        let package = ["elman".to_string(), "0.1.0".to_string()];
        let replaced = |argument: &str| without_path(argument.to_string(), &package);
        assert_eq!(replaced("metadata=4f0c"), "metadata=elman-0.1.0");
        assert_eq!(replaced("extra-filename=-4f0c"), "extra-filename=-4f0c");
    }
}
