//! What is linked into a program.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use object::{Object, ObjectSection, ObjectSymbol, SectionKind};
use regex::Regex;

/// Symbols that a firmware must not have: what they are, and their names. The run-time library's names
/// for double precision are by Arm's convention and by GCC's.
const FORBIDDEN: [(&str, &str); 3] = [
    ("a panic", "panicking|panic_fmt|begin_unwind"),
    ("an allocator", "__rust_|__rdl_|__rg_|malloc|_sbrk"),
    (
        "double precision",
        "^(__aeabi_(d(add|sub|rsub|mul|div|neg|cmp|2)|cd|[a-z]+2d)|__[a-z]+df[a-z]*[0-9]?$)",
    ),
];
const FLASH: [&str; 5] = [".vector_table", ".text", ".rodata", ".data", ".gnu.sgstubs"];
const STATICS: [&str; 3] = [".data", ".bss", ".uninit"];

pub struct Elf {
    pub symbols: Vec<Symbol>,
    /// Names and bytes.
    sections: Vec<(String, u64)>,
}

#[derive(Clone)]
pub struct Symbol {
    pub name: String,
    pub bytes: u64,
    address: u64,
    lies: Lies,
}

/// What a symbol's section is.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Lies {
    /// Zero at start, or left as it is.
    Bss,
    Data,
    Flash,
    Elsewhere,
}

impl Elf {
    pub fn read(path: &Path) -> Result<Self> {
        let bytes = fs::read(path).with_context(|| format!("{}", path.display()))?;
        let file = object::File::parse(&*bytes)?;
        let symbols = file.symbols().map(|symbol| {
            let section =
                symbol.section_index().and_then(|index| file.section_by_index(index).ok());
            Ok(Symbol {
                name: symbol.name()?.to_string(),
                bytes: symbol.size(),
                address: symbol.address(),
                lies: section.map_or(Lies::Elsewhere, |section| lies(section.kind())),
            })
        });
        let sections =
            file.sections().map(|section| Ok((section.name()?.to_string(), section.size())));
        Ok(Self {
            symbols: symbols.collect::<Result<_>>()?,
            sections: sections.collect::<Result<_>>()?,
        })
    }

    pub fn flash(&self) -> u64 {
        self.bytes(&FLASH)
    }

    pub fn statics(&self) -> u64 {
        self.bytes(&STATICS)
    }

    fn bytes(&self, names: &[&str]) -> u64 {
        self.sections
            .iter()
            .filter(|(name, _)| names.contains(&&**name))
            .map(|(_, bytes)| bytes)
            .sum()
    }

    /// All that is claimed of a program's symbols.
    pub fn check(&self, program: &str) -> Result<()> {
        for (what, names) in FORBIDDEN {
            self.check_absent(what, names)?;
        }
        self.check_statics(program)
    }

    /// Where the statics lie.
    pub fn check_statics(&self, program: &str) -> Result<()> {
        self.check_statics_above_stack()?;
        self.check_in_place(program)
    }

    fn check_absent(&self, what: &str, names: &str) -> Result<()> {
        let names = Regex::new(names)?;
        let found: Vec<_> = self
            .symbols
            .iter()
            .map(|symbol| &*symbol.name)
            .filter(|name| names.is_match(name))
            .collect();
        ensure!(found.is_empty(), "{what} is linked: {}", found.join(", "));
        Ok(())
    }

    /// No static lies below the top of the stack.
    fn check_statics_above_stack(&self) -> Result<()> {
        let top = self.symbols.iter().find(|symbol| symbol.name == "_stack_start");
        let top = top.context("no symbol _stack_start")?.address;
        match self.symbols.iter().find(|symbol| symbol.is_static() && symbol.address < top) {
            Some(symbol) => bail!("a static lies below the stack: {}", symbol.name),
            None => Ok(()),
        }
    }

    /// What learns is zero at start, the trained network in flash.
    fn check_in_place(&self, program: &str) -> Result<()> {
        let statics: &[_] = match program {
            "nopanic" => &[("LEARNER", Lies::Bss), ("TRAINER", Lies::Bss)],
            "sunspots" | "stream" | "cells" | "monitor" | "fixed_sunspots" | "fixed_stream" => {
                &[("LEARNER", Lies::Bss)]
            }
            "resume" => &[("TRAINER", Lies::Bss)],
            "fleet" => &[("DEVICE", Lies::Bss)],
            "infer" => &[("NET", Lies::Flash)],
            _ => &[],
        };
        for &(name, lies) in statics {
            let mut symbols = self.symbols.iter();
            let found = symbols.any(|symbol| symbol.lies == lies && symbol.is_named(name));
            ensure!(found, "no {name} lies in {lies:?}");
        }
        Ok(())
    }
}

impl Symbol {
    fn is_static(&self) -> bool {
        matches!(self.lies, Lies::Bss | Lies::Data) && !self.name.starts_with("__")
    }

    /// A mangled name has its length before it, and in the older form a hash behind.
    fn is_named(&self, name: &str) -> bool {
        let before = match self.name.rsplit_once("17h") {
            Some((before, _)) if before.ends_with(name) => before,
            _ => &self.name,
        };
        before.strip_suffix(name).is_some_and(|path| path.ends_with(|c: char| c.is_ascii_digit()))
    }
}

fn lies(section: SectionKind) -> Lies {
    match section {
        SectionKind::UninitializedData => Lies::Bss,
        SectionKind::Data => Lies::Data,
        SectionKind::ReadOnlyData | SectionKind::ReadOnlyString => Lies::Flash,
        _ => Lies::Elsewhere,
    }
}

#[cfg(test)]
mod tests {
    use super::{Elf, Lies, Symbol};

    const STACK_TOP: u64 = 0x1000;

    fn symbol(name: &str, address: u64, lies: Lies) -> Symbol {
        Symbol { name: name.to_string(), bytes: 4, address, lies }
    }

    /// A sound `nopanic` with one more symbol.
    fn with(name: &str, address: u64, lies: Lies) -> Elf {
        let symbols = vec![
            symbol("_stack_start", STACK_TOP, Lies::Elsewhere),
            symbol("_RNvCs1_7nopanic7LEARNER", 0x1000, Lies::Bss),
            symbol("_RNvCs1_7nopanic7TRAINER", 0x1100, Lies::Bss),
            symbol(name, address, lies),
        ];
        Elf { symbols, sections: Vec::new() }
    }

    fn error(elf: &Elf) -> String {
        elf.check("nopanic").map_or_else(|error| error.to_string(), |()| "none".to_string())
    }

    #[test]
    fn names_that_must_not_be_linked() {
        let error = |name| error(&with(name, 0, Lies::Elsewhere));
        for name in ["_RNvNtCs1_4core9panicking5panic", "rust_begin_unwind"] {
            assert!(error(name).starts_with("a panic is linked"), "{name}");
        }
        assert!(error("__rust_alloc").starts_with("an allocator"));
        for name in ["__aeabi_dadd", "__aeabi_f2d", "__aeabi_cdcmple", "__muldf3", "__extendsfdf2"]
        {
            assert!(error(name).starts_with("double precision"), "{name}");
        }
        for name in ["__aeabi_fadd", "__mulsf3", "__aeabi_d", "_RNvCs1_5elman5train"] {
            assert_eq!(error(name), "none", "{name}");
        }
    }

    #[test]
    fn statics_and_the_stack() {
        let error = |address, lies| error(&with("X", address, lies));
        assert_eq!(error(STACK_TOP - 4, Lies::Bss), "a static lies below the stack: X");
        assert_eq!(error(STACK_TOP - 4, Lies::Data), "a static lies below the stack: X");
        assert_eq!(error(STACK_TOP, Lies::Bss), "none");
        assert_eq!(error(STACK_TOP - 4, Lies::Flash), "none");
    }

    #[test]
    fn what_learns_is_zero_at_start() {
        let mut elf = with("X", STACK_TOP, Lies::Bss);
        elf.symbols[2].lies = Lies::Data;
        assert_eq!(error(&elf), "no TRAINER lies in Bss");
        elf.symbols.remove(1);
        assert_eq!(error(&elf), "no LEARNER lies in Bss");
    }

    #[test]
    fn mangled_names() {
        assert!(symbol("_ZN7nopanic7LEARNER17h00", 0, Lies::Bss).is_named("LEARNER"));
        assert!(symbol("_RNvCs1_7nopanic7LEARNER", 0, Lies::Bss).is_named("LEARNER"));
        assert!(!symbol("_RNvCs1_7nopanic10OLDLEARNER", 0, Lies::Bss).is_named("LEARNER"));
    }
}
