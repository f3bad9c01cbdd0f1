//! `package`: what the documentation names is in the package.
//!
//! Looked at are the Markdown files and the sources in the package: files that are included at compile time,
//! links, and paths in the text. Cargo never packages a folder with a `Cargo.toml` of its own, such as
//! the firmware; what is only in the repository is listed here, and may be named but not linked.

mod references;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Result, ensure};
use regex::Regex;
use xshell::{Shell, cmd};

use crate::paths;
use references::{Kind, Reference};

/// Checks that every path that README, docs and sources name is in the package.
#[derive(clap::Args)]
pub struct Arguments {}

/// Files and folders that are not packaged. They may be named where it is said that they are in the
/// repository.
const REPOSITORY_ONLY: [&str; 12] = [
    ".cargo/",
    ".ci/",
    "benches/",
    "examples/c/",
    "examples/embassy/",
    "examples/qemu/",
    "examples/scaling.rs",
    "rust-toolchain.toml",
    "tests/boards/",
    "tests/fuzz/",
    "tests/mutants/",
    "tests/mutants.sh",
];

pub fn run(_: &Arguments) -> Result<()> {
    let shell = Shell::new()?;
    shell.change_dir(paths::root());
    let list = cmd!(shell, "cargo package --list --allow-dirty").quiet().ignore_stderr().read()?;
    let package = Package(list.lines().map(str::to_string).collect());
    let mut references = Vec::new();
    for document in package.documents() {
        references
            .extend(references::find(document, &fs::read_to_string(paths::root().join(document))?));
    }
    let missing: Vec<_> =
        references.iter().filter_map(|reference| package.error(reference)).collect();
    ensure!(missing.is_empty(), "{}", missing.join("\n"));
    println!(
        "all {} paths that are named are in the package, or in the repository",
        references.len()
    );
    Ok(())
}

/// The names of what is packaged.
struct Package(BTreeSet<String>);

impl Package {
    fn documents(&self) -> impl Iterator<Item = &str> {
        let is_document = |name: &&String| name.ends_with(".md") || name.ends_with(".rs");
        self.0.iter().filter(is_document).map(|name| &**name)
    }

    /// What is wrong with a reference.
    fn error(&self, reference: &Reference) -> Option<String> {
        let Reference { document, line, path, kind } = reference;
        let folder = Path::new(document).parent().unwrap_or(Path::new(""));
        let from_here = normal(&folder.join(path));
        let names = [from_here, normal(Path::new(path)), format!("src/{path}")];
        // Inclusions and links are relative to the file; in the text paths are also those of the root or src.
        let names = if *kind == Kind::Text { &names[..] } else { &names[..1] };
        let named = *kind == Kind::Text && names.iter().any(|name| in_repository(name));
        let packaged = names.iter().any(|name| self.has(name, *kind));
        (!packaged && !named).then(|| format!("{document}:{line}: not in the package: {path}"))
    }

    /// Whether a file, a folder or a pattern is packaged. A bare name may be that of any file.
    fn has(&self, name: &str, kind: Kind) -> bool {
        let anywhere = if kind == Kind::Text && !name.contains('/') { "(.*/)?" } else { "" };
        let pattern = regex::escape(name.trim_end_matches('/')).replace("\\*", "[^/]*");
        let pattern = Regex::new(&format!("^{anywhere}{pattern}(/.*)?$")).expect("it is escaped");
        self.0.iter().any(|file| pattern.is_match(file))
    }
}

fn in_repository(name: &str) -> bool {
    let listed = |only: &str| {
        name == only.trim_end_matches('/') || (only.ends_with('/') && name.starts_with(only))
    };
    REPOSITORY_ONLY.iter().any(|only| listed(only))
        && (name.contains('*') || paths::root().join(name).exists())
}

/// A path without `.` and `..`.
fn normal(path: &Path) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.iter().filter_map(|part| part.to_str()) {
        match part {
            "." => {}
            ".." => _ = parts.pop(),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Kind, Package, Reference, normal};

    fn error(kind: Kind, document: &str, path: &str) -> bool {
        let files = [
            "README.md",
            "src/lib.rs",
            "src/num/tanh.rs",
            "tests/README.md",
            "tests/ui/fit/a.rs",
            "docs/a.svg",
        ];
        let package = Package(files.map(String::from).into());
        let (document, path) = (document.to_string(), path.to_string());
        package.error(&Reference { document, line: 1, path, kind }).is_some()
    }

    #[test]
    fn what_is_packaged() {
        assert!(!error(Kind::Text, "README.md", "src/num/tanh.rs"));
        assert!(!error(Kind::Text, "src/num/tanh.rs", "tests/ui/"));
        assert!(!error(Kind::Text, "tests/README.md", "ui/fit/*.rs"));
        assert!(!error(Kind::Text, "README.md", "tanh.rs"));
        assert!(!error(Kind::Text, "README.md", "num/tanh.rs"));
        assert!(!error(Kind::Link, "README.md", "docs/a.svg"));
        assert!(!error(Kind::Include, "src/lib.rs", "../README.md"));
    }

    #[test]
    fn what_is_not() {
        assert!(error(Kind::Text, "README.md", "src/tanh.rs"));
        assert!(error(Kind::Text, "README.md", "anh.rs"));
        assert!(error(Kind::Text, "tests/README.md", "ui/*.svg"));
        assert!(error(Kind::Link, "tests/README.md", "docs/a.svg"));
        assert!(error(Kind::Include, "src/num/tanh.rs", "../README.md"));
    }

    #[test]
    fn what_is_in_the_repository_is_named_but_not_linked() {
        assert!(!error(Kind::Text, "README.md", "examples/qemu/run.sh"));
        assert!(error(Kind::Link, "README.md", "examples/qemu/run.sh"));
        assert!(error(Kind::Text, "README.md", "examples/qemu/no_such_file"));
    }

    #[test]
    fn dots() {
        assert_eq!(normal(Path::new("src/num/../../tests/./ui")), "tests/ui");
    }
}
