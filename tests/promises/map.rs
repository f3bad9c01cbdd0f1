//! `tests/README.md` names every file of the tests, and no other.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const MAP: &str = include_str!("../README.md");

#[test]
fn every_test_file_is_named() {
    let named = names();
    for folder in ["agreement", "behaviour", "storage", "promises", "boards", "support"] {
        for file in files(folder) {
            let is_folder = root().join(&file).is_dir();
            let file = if is_folder { file.join("") } else { file };
            let name = file.to_str().unwrap();
            assert!(
                name.ends_with("main.rs") || name == "support/mod.rs" || named.contains(name),
                "{name} is not in the map"
            );
        }
    }
}

/// The package lacks what is of no use without the firmware.
#[test]
fn every_named_file_exists() {
    let is_package = !root().join("boards").exists();
    for name in names() {
        let is_left_out = ["boards", "examples/c", "examples/qemu", "fuzz", "mutants"]
            .iter()
            .any(|at| name.starts_with(at));
        let exists = root().join(name).exists() || root().join("..").join(name).exists();
        assert!(exists || is_package && is_left_out, "{name} does not exist");
    }
}

/// `Test: BINARY MODULE::` of every patch; their number is the one in the map.
#[test]
fn every_mutant_names_a_module_of_tests() {
    let patches = files("mutants");
    let patches = patches.iter().filter(|file| file.extension().is_some_and(|e| e == "patch"));
    for file in patches.clone() {
        let patch = fs::read_to_string(root().join(file)).unwrap();
        let test = patch.lines().find_map(|line| line.strip_prefix("Test: ")).unwrap_or_default();
        let module = root().join(test.trim_end_matches("::").replace(' ', "/"));
        let exists =
            test.contains(' ') && (module.is_dir() || module.with_extension("rs").exists());
        assert!(exists, "{}: there is no test {test:?}", file.display());
    }
    let count = patches.count();
    let is_package = !root().join("mutants").exists();
    assert!(is_package || MAP.contains(&format!("| {count} mutants |")), "{count} mutants");
}

/// What looks like a path, in backquotes.
fn names() -> BTreeSet<&'static str> {
    let quoted = MAP.split('`').skip(1).step_by(2);
    quoted.filter(|name| name.contains(['/', '.']) && !name.contains(['*', ' '])).collect()
}

/// The files of a folder, relative to `tests`.
fn files(folder: &str) -> Vec<PathBuf> {
    let files = fs::read_dir(root().join(folder)).into_iter().flatten();
    files.map(|file| Path::new(folder).join(file.unwrap().file_name())).collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}
