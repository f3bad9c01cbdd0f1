//! Imports in `src/` point down: a folder imports only from the folders before it.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

const FLOORS: [&str; 7] = ["num", "safetensors", "matrix", "nn", "train", "monitor", "checkpoint"];

/// The file's path below `src/`, and its text.
type File = (String, String);

#[test]
fn imports_point_down() {
    let mut files = vec![];
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "", &mut files);
    assert!(files.len() > 40, "src was read");
    assert_eq!(upward(&files), Vec::<String>::new());
    for (path, _) in files {
        let folder = path.split('/').next().unwrap();
        let is_above = ["lib.rs", "first_hour.md"].contains(&&*path);
        assert!(is_above || FLOORS.contains(&folder), "{path} is on no floor");
    }
}

#[test]
fn an_import_that_points_up_is_found() {
    let lib = "pub use self::nn::{Elman, Stack};\npub use self::num::Scalar;";
    let found = |path: &str, text: &str| {
        let files = [("lib.rs", lib), (path, text)];
        upward(&files.map(|(path, text)| (path.to_owned(), text.to_owned())))
    };
    assert_eq!(found("nn/a.rs", "use crate::num::Scalar;"), [""; 0]);
    assert_eq!(found("num/a.rs", "use crate::nn::Elman;"), ["num/a.rs uses nn::Elman"]);
    assert_eq!(
        found("num/a.rs", "use crate::{\n    Scalar,\n    Stack,\n};"),
        ["num/a.rs uses nn::Stack"]
    );
    assert_eq!(found("num/a.rs", "fn f(net: &crate::Elman) {}"), ["num/a.rs uses nn::Elman"]);
    assert_eq!(found("num/a.rs", "/// [`Elman`](crate::Elman) has it."), [""; 0]);
}

fn read(folder: &Path, name: &str, files: &mut Vec<File>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = format!("{name}{}", entry.file_name().to_str().unwrap());
        if entry.path().is_dir() {
            read(&entry.path(), &format!("{name}/"), files);
        } else {
            files.push((name, fs::read_to_string(entry.path()).unwrap()));
        }
    }
}

/// Every use of a name from a higher floor. Names at the root belong to the floor that `lib.rs`
/// takes them from.
fn upward(files: &[File]) -> Vec<String> {
    let (_, lib) = files.iter().find(|(path, _)| path == "lib.rs").expect("a lib.rs");
    let owners: HashMap<_, _> = paths(lib, "self::")
        .into_iter()
        .filter_map(|path| Some((path.rsplit("::").next()?.to_owned(), floor(&path)?)))
        .collect();
    let mut found = vec![];
    for (file, text) in files {
        let Some(own) = floor(&file.replace('/', "::")) else { continue };
        for path in paths(text, "crate::") {
            let root = path.split("::").next().unwrap_or_default();
            let (used, name) = match owners.get(root) {
                Some(&owner) => (owner, format!("{}::{path}", FLOORS[owner])),
                None => (floor(&path).unwrap_or(0), path.clone()),
            };
            if used > own {
                found.push(format!("{file} uses {name}"));
            }
        }
    }
    found
}

/// The number of the floor that a path begins with.
fn floor(path: &str) -> Option<usize> {
    let folder = path.split("::").next()?;
    FLOORS.iter().position(|&floor| floor == folder)
}

/// What follows each `start` in the code, with a list in braces taken apart.
fn paths(text: &str, start: &str) -> Vec<String> {
    let code: String =
        text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect();
    let is_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let mut paths = vec![];
    for rest in code.split(start).skip(1) {
        let end = rest.find(|c| !is_path(c)).unwrap_or(rest.len());
        let (head, tail) = rest.split_at(end);
        match tail.strip_prefix('{').and_then(|list| list.split('}').next()) {
            Some(list) => {
                paths.extend(list.split(',').map(|name| format!("{head}{}", name.trim())));
            }
            None => paths.push(head.to_owned()),
        }
    }
    paths.retain(|path| !path.is_empty());
    paths
}
