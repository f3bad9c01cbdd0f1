//! Tells the linker which scripts to take: the HAL's.

fn main() {
    for script in ["-Tlinkall.x", "-Tdefmt.x"] {
        println!("cargo:rustc-link-arg-bins={script}");
    }
}
