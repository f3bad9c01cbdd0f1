//! Tables of words or of commas, compared to a percent.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

/// Fails if a number of `now`, a whole table, is more than 1 % from that in a file, or if anything else
/// differs; the error shows the lines.
pub fn check(file: &Path, now: &str) -> Result<()> {
    let was = fs::read_to_string(file).with_context(|| format!("{}", file.display()))?;
    let differences = differences(&was, now);
    if differences.is_empty() {
        return Ok(());
    }
    let name = file.strip_prefix(crate::paths::root()).unwrap_or(file);
    bail!("not as in {}, to a percent\n{differences}", name.display())
}

/// The lines that differ, each with what it was: empty if there are none.
fn differences(was: &str, now: &str) -> String {
    let (mut was, mut now) = (was.lines(), now.lines());
    let mut different = String::new();
    loop {
        let (old, new) = match (was.next(), now.next()) {
            (None, None) => return different,
            (old, new) => (old.unwrap_or_default(), new.unwrap_or_default()),
        };
        if !alike(old, new) {
            _ = writeln!(different, "was: {old}\nis:  {new}");
        }
    }
}

fn alike(old: &str, new: &str) -> bool {
    let (old, new) = (columns(old), columns(new));
    old.len() == new.len() && old.iter().zip(&new).all(|(old, new)| near(old, new))
}

fn columns(line: &str) -> Vec<&str> {
    if line.contains(',') { line.split(',').collect() } else { line.split_whitespace().collect() }
}

fn near(old: &str, new: &str) -> bool {
    match (old.parse::<u64>(), new.parse::<u64>()) {
        (Ok(old), Ok(new)) => old.abs_diff(new) * 100 <= old,
        _ => old == new,
    }
}

#[cfg(test)]
mod tests {
    use super::{check, differences};

    #[test]
    fn a_percent_more_or_less_is_alike() {
        assert_eq!(differences("3-16 1000 20", "3-16 1010 20"), "");
        assert_eq!(differences("3-16,1000,,20", "3-16,990,,20"), "");
        assert_eq!(differences("x 99", "x  99"), "");
    }

    #[test]
    fn more_than_a_percent_differs() {
        assert_eq!(differences("3-16 1000", "3-16 1011"), "was: 3-16 1000\nis:  3-16 1011\n");
        assert_eq!(differences("a,1000", "a,989"), "was: a,1000\nis:  a,989\n");
        assert_ne!(differences("x 0", "x 1"), "");
        assert_ne!(differences("x 99", "x 100"), ""); // a number below 100 may not move
    }

    #[test]
    fn words_columns_and_lines_must_be_the_same() {
        assert_ne!(differences("board a 1", "board b 1"), "");
        assert_ne!(differences("x 1", "x -"), "");
        assert_ne!(differences("x,1,", "x,1"), "");
        assert_ne!(differences("x 1", "x 1\ny 1"), "");
        assert_ne!(differences("x 1\ny 1", "x 1"), "");
        assert_ne!(differences("rustc 1.95.0", "rustc 1.96.0"), "");
    }

    #[test]
    fn a_file_is_named() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "x 1000\n").unwrap();
        assert!(check(file.path(), "x 1005\n").is_ok());
        let error = check(file.path(), "x 2000\n").unwrap_err().to_string();
        assert!(error.contains(file.path().to_str().unwrap()) && error.contains("is:  x 2000"));
        assert!(check(&file.path().join("none"), "").is_err());
    }
}
