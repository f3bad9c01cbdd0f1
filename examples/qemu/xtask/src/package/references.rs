//! The paths in a document.

use regex::Regex;

/// A path in a document.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// From 1.
    pub line: usize,
    pub document: String,
    pub path: String,
    pub kind: Kind,
}

/// How a path is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A file that the compiler reads.
    Include,
    /// A Markdown link or image.
    Link,
    /// A word.
    Text,
}

const INCLUDE: &str = r#"(?:include_(?:str|bytes)!\(\s*|#\[path = )"([^"]+)""#;
const LINK: &str = r"\]\(([^)\s#]+)[^)\s]*\)";
/// A path whose first folder is one of the root's.
const ROOTED: &str = r"(?:^|[\s`(,])((?:src|tests|examples|benches|\.ci)/[A-Za-z0-9_./*-]*)";
/// A file in backticks, alone or before its arguments.
const FILE: &str =
    r"`((?:[A-Za-z0-9_*.-]+/)*[A-Za-z0-9_*-]+\.(?:rs|md|sh|py|c|csv|svg|patch|toml))(?:`| )";

/// All paths of a Markdown file or a source, in the order of its lines. Of a path that is found twice in a
/// line, as a link and as a word, the first kind counts.
pub fn find(document: &str, text: &str) -> Vec<Reference> {
    let is_source = document.ends_with(".rs");
    let [include, link, rooted, file] =
        [INCLUDE, LINK, ROOTED, FILE].map(|pattern| Regex::new(pattern).expect("a pattern"));
    let mut references = Vec::new();
    for (n, line) in text.lines().enumerate() {
        let mut add = |kind, pattern: &Regex| {
            for captures in pattern.captures_iter(line) {
                let path = captures[1].trim_end_matches(['.', ',']).to_string();
                references.push(Reference {
                    document: document.to_string(),
                    line: n + 1,
                    path,
                    kind,
                });
            }
        };
        if is_source && !line.trim_start().starts_with("//") {
            add(Kind::Include, &include);
        } else {
            add(Kind::Link, &link);
            add(Kind::Text, &rooted);
            add(Kind::Text, &file);
        }
    }
    references.retain(|reference| is_path(reference, is_source));
    references.sort();
    references.dedup_by(|a, b| (a.line, &a.path) == (b.line, &b.path));
    references
}

/// Not a page elsewhere, not an item of the source, not what a build makes.
fn is_path(reference: &Reference, is_source: bool) -> bool {
    let path = &reference.path;
    let elsewhere = path.starts_with("https://") || path.starts_with("target/");
    let item = is_source && reference.kind == Kind::Link && !path.contains(['/', '.']);
    !elsewhere && !item
}

#[cfg(test)]
mod tests {
    use super::{Kind, find};

    fn paths(document: &str, text: &str) -> Vec<(usize, Kind, String)> {
        find(document, text).into_iter().map(|found| (found.line, found.kind, found.path)).collect()
    }

    fn named(line: usize, kind: Kind, path: &str) -> (usize, Kind, String) {
        (line, kind, path.to_string())
    }

    #[test]
    fn paths_of_markdown() {
        let text = "See [the map](tests/README.md#map) and ![a picture](docs/a.svg).\n\
            `tests/ui/*.rs`, src/lib.rs. `run.sh --bless`\n    examples/qemu/run.sh microbit";
        assert_eq!(
            paths("README.md", text),
            [
                named(1, Kind::Link, "docs/a.svg"),
                named(1, Kind::Link, "tests/README.md"),
                named(2, Kind::Text, "run.sh"),
                named(2, Kind::Text, "src/lib.rs"),
                named(2, Kind::Text, "tests/ui/*.rs"),
                named(3, Kind::Text, "examples/qemu/run.sh"),
            ]
        );
    }

    #[test]
    fn paths_of_a_source() {
        let text = "//! As [`step`](Layer::step) and `src/num/tanh.rs`; [broken](notes.md).\n\
            #![doc = include_str!(\"../README.md\")]\n#[path = \"x.rs\"]\nlet y = \"tests/not.rs\";\n\
            /// let w = include_bytes!(\"net.safetensors\");";
        assert_eq!(
            paths("src/lib.rs", text),
            [
                named(1, Kind::Link, "notes.md"),
                named(1, Kind::Text, "src/num/tanh.rs"),
                named(2, Kind::Include, "../README.md"),
                named(3, Kind::Include, "x.rs"),
            ]
        );
    }

    #[test]
    fn what_is_not_a_path() {
        let text =
            "[site](https://x.org/a.md) [below](#below) `target/a.svg` `net.step` and/or `Vec<T>`";
        assert_eq!(paths("README.md", text), []);
        // A page of the web without encryption is not accepted.
        assert_eq!(paths("README.md", "[x](http://x.org)").len(), 1);
    }
}
