//! Programs that must not compile, and what the compiler says to them.

use std::process::Command;

/// The compiler whose messages are in `misfits/*.stderr`. Another one says the same in other words.
const COMPILER: &str = "rustc 1.95.0 ";

#[test]
fn misfits() {
    let version =
        Command::new("rustc").arg("--version").output().expect("rustc is installed").stdout;
    let version = String::from_utf8_lossy(&version);
    if !version.starts_with(COMPILER) {
        println!("not run: the messages are those of {COMPILER}, this is {version}");
        return;
    }
    let programs = trybuild::TestCases::new();
    programs.pass("tests/misfits/fit/*.rs");
    programs.compile_fail("tests/misfits/*.rs");
}
