//! Every command of `src/first_hour.md` exists, and every option that it names.

use std::fs;
use std::path::{Path, PathBuf};

const PAGE: &str = include_str!("../../src/first_hour.md");
const REPLAY: &str = "--example replay";
const PLAN: &str = "--example plan";

#[test]
fn the_examples_and_scripts_exist() {
    for name in words(PAGE).zip(words(PAGE).skip(1)).filter(|(a, _)| *a == "--example") {
        assert!(source(name.1).len() > 1000, "{}", name.1);
    }
    let is_package = !root().join("tests/boards").exists();
    for script in words(PAGE).filter(|word| word.ends_with("run.sh")) {
        assert!(is_package || root().join(script).exists(), "{script}");
    }
}

#[test]
fn the_options_exist() {
    let (replay, plan) = (section(REPLAY), section(PLAN));
    assert_eq!(missing(replay, "replay"), [""; 0]);
    assert_eq!(missing(plan, "plan"), [""; 0]);
    assert_eq!(missing("`--no-such-option`", "replay"), ["no-such-option"]);
}

/// From the command to the next section.
fn section(command: &str) -> &'static str {
    let (_, from) = PAGE.split_once(command).unwrap();
    from.split("\n## ").next().unwrap()
}

/// The options of a text that are no field of the example's arguments.
fn missing<'a>(text: &'a str, example: &str) -> Vec<&'a str> {
    let source = source(example);
    let options = words(text).filter_map(|word| word.strip_prefix("--"));
    let is_missing = |option: &&str| {
        !["help", ""].contains(option)
            && !source.contains(&format!(" {}: ", option.replace('-', "_")))
    };
    options.filter(is_missing).collect()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || "`,;".contains(c))
}

/// All Rust of an example.
fn source(example: &str) -> String {
    let mut folders = vec![root().join("examples").join(example)];
    let mut source = String::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap().map(Result::unwrap) {
            match entry.path() {
                path if path.is_dir() => folders.push(path),
                path if path.extension().is_some_and(|e| e == "rs") => {
                    source += &fs::read_to_string(path).unwrap();
                }
                _ => {}
            }
        }
    }
    source
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}
