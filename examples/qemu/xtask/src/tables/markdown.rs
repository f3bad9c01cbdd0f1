//! Markdown: tables, and what stands between two markers.

use anyhow::{Context, Result};

/// A table whose first column is left-aligned.
pub fn table(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let head: Vec<_> = head.iter().map(|title| (*title).to_string()).collect();
    let align = format!("|---|{}", "---:|".repeat(head.len() - 1));
    let mut lines = vec![line(&head), align];
    lines.extend(rows.into_iter().map(|row| line(&row)));
    lines.join("\n")
}

fn line(cells: &[String]) -> String {
    format!("| {} |", cells.join(" | "))
}

/// Thousands are separated by a space.
pub fn number(n: u64) -> String {
    let digits = n.to_string();
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    groups.join(" ")
}

/// A number, or a dash where there is none.
pub fn number_or_dash(n: Option<u64>) -> String {
    n.map_or_else(|| "–".to_string(), number)
}

/// Puts `content` between `<!-- name -->` and `<!-- /name -->`: in lines of its own if the marker is one.
pub fn fill(text: &str, name: &str, content: &str) -> Result<String> {
    let (begin, end) = (format!("<!-- {name} -->"), format!("<!-- /{name} -->"));
    let (before, rest) = text.split_once(&begin).with_context(|| format!("no {begin}"))?;
    let (old, after) = rest.split_once(&end).with_context(|| format!("no {end}"))?;
    let space = if old.starts_with('\n') { "\n\n" } else { "" };
    Ok(format!("{before}{begin}{space}{content}{space}{end}{after}"))
}

#[cfg(test)]
mod tests {
    use super::{fill, number, number_or_dash, table};

    #[test]
    fn numbers() {
        assert_eq!(number(7), "7");
        assert_eq!(number(999), "999");
        assert_eq!(number(1234), "1 234");
        assert_eq!(number(1_000_007), "1 000 007");
        assert_eq!(number_or_dash(None), "–");
    }

    #[test]
    fn a_table() {
        let rows = [vec!["x".to_string(), "1".to_string()]];
        assert_eq!(table(&["name", "n"], rows), "| name | n |\n|---|---:|\n| x | 1 |");
    }

    #[test]
    fn between_markers() {
        let lines = "a\n<!-- t -->\n\nold\n\n<!-- /t -->\nb";
        assert_eq!(fill(lines, "t", "new").unwrap(), "a\n<!-- t -->\n\nnew\n\n<!-- /t -->\nb");
        let words = "takes <!-- n -->4<!-- /n --> cycles";
        assert_eq!(fill(words, "n", "5").unwrap(), "takes <!-- n -->5<!-- /n --> cycles");
        assert!(fill(lines, "other", "").is_err());
        assert!(fill("<!-- t -->", "t", "").is_err());
    }
}
