//! The mutants that no test catches, with the reason.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::Mutant;

pub struct Known {
    names: BTreeSet<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Groups {
    /// Nothing that is promised tells them from the original.
    equivalent: Vec<Group>,
}

/// Those of one reason.
#[derive(Deserialize)]
struct Group {
    why: String,
    mutants: Vec<String>,
}

impl Known {
    pub fn read(path: &Path) -> Result<Self> {
        Self::parse(&fs::read_to_string(path)?).with_context(|| path.display().to_string())
    }

    fn parse(text: &str) -> Result<Self> {
        let mut names = BTreeSet::new();
        let Groups { equivalent } = toml::from_str(text)?;
        for Group { why, mutants } in equivalent {
            ensure!(why.len() > 20, "{mutants:?}: say why");
            for name in mutants {
                ensure!(names.insert(name.clone()), "{name} is there twice");
            }
        }
        Ok(Self { names })
    }

    pub fn contains(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// Every name is that of a mutant.
    pub fn check(&self, mutants: &[Mutant]) -> Result<()> {
        let generated: BTreeSet<_> = mutants.iter().map(Mutant::name).collect();
        let unknown: Vec<_> = self.names.difference(&generated).collect();
        ensure!(unknown.is_empty(), "listed, and not generated: {unknown:#?}");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Known;

    #[test]
    fn a_reason_is_needed_and_a_name_is_there_once() {
        let parse = |why: &str, names: &str| {
            Known::parse(&format!("[[equivalent]]\nwhy = \"{why}\"\nmutants = [{names}]"))
        };
        let why = "the sum is the same in any order";
        assert!(parse(why, "\"a\", \"b\"").unwrap().contains("b"));
        assert!(parse(why, "\"a\", \"a\"").is_err());
        assert!(parse("", "\"a\"").is_err());
        assert!(Known::parse("[[open]]\nwhy = \"a test is wanted\"\nmutants = [\"a\"]").is_err());
    }
}
