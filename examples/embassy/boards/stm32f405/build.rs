//! Tells the linker which scripts to take. `memory.x` is the HAL's.

fn main() {
    for script in ["-Tlink.x", "-Tdefmt.x", "--nmagic"] {
        println!("cargo:rustc-link-arg-bins={script}");
    }
}
