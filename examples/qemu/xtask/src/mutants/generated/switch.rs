//! All changes in one build: each `if crate::mutant(N) { NEW } else { OLD }`, switched on by `MUTANT=N`.

use std::ops::Range;

use super::rules::Change;

/// Appended to `lib.rs`. Nothing is switched on at compile time. With `MUTANT_TRACE` the numbers that a
/// test asks for are added to the file of that name.
pub const MUTANT: &str = r#"
extern crate std;

#[doc(hidden)]
pub const fn mutant(n: u32) -> bool {
    const fn off(_: u32) -> bool {
        false
    }
    core::intrinsics::const_eval_select((n,), off, mutants::is_on)
}

mod mutants {
    use std::io::Write;
    use std::sync::{Mutex, OnceLock, atomic::{AtomicBool, Ordering}};

    pub fn is_on(n: u32) -> bool {
        static ON: OnceLock<u32> = OnceLock::new();
        let on = *ON.get_or_init(|| std::env::var("MUTANT").map_or(0, |n| n.parse().unwrap()));
        if on == 0 {
            trace(n);
        }
        on == n
    }

    fn trace(n: u32) {
        static SEEN: [AtomicBool; 1 << 16] = [const { AtomicBool::new(false) }; 1 << 16];
        static FILE: Mutex<Option<std::fs::File>> = Mutex::new(None);
        if SEEN[n as usize].load(Ordering::Relaxed) || SEEN[n as usize].swap(true, Ordering::Relaxed) {
            return;
        }
        let Some(path) = std::env::var_os("MUTANT_TRACE") else { return };
        let mut file = FILE.lock().unwrap();
        let file = file.get_or_insert_with(|| std::fs::File::create(path).unwrap());
        writeln!(file, "{n}").unwrap();
    }
}
"#;

/// What the compiler needs for it, before the first item.
pub const ATTRIBUTES: &str = "#![no_std]
#![feature(core_intrinsics, const_eval_select)]
#![allow(warnings, internal_features, arithmetic_overflow, unconditional_panic, unconditional_recursion)]";

/// A place of the switched source, and the numbers of what is there.
#[derive(Debug)]
pub struct Place {
    pub at: Range<usize>,
    /// Of one change; or, in the old source around it, of all changes there.
    pub numbers: Vec<u32>,
    pub is_statement: bool,
}

/// The source with its changes, each with its number, and where each is in the result.
pub fn switched(source: &str, changes: &[(u32, &Change)]) -> (String, Vec<Place>) {
    let mut sorted = changes.to_vec();
    sorted.sort_by_key(|(n, change)| {
        (change.at.start, usize::MAX - change.at.end, change.is_statement as u8 ^ 1, *n)
    });
    let mut writer = Writer { source, out: String::new(), places: Vec::new() };
    writer.write(&sorted, 0..source.len());
    (writer.out, writer.places)
}

struct Writer<'a> {
    source: &'a str,
    out: String,
    places: Vec<Place>,
}

impl Writer<'_> {
    /// Writes a part of the source with the changes in it.
    fn write(&mut self, mut changes: &[(u32, &Change)], part: Range<usize>) {
        let mut done = part.start;
        while let Some(((_, first), _)) = changes.split_first() {
            self.copy(done..first.at.start);
            let same =
                changes.iter().take_while(|(_, change)| is_same_place(change, first)).count();
            let inside = changes.iter().take_while(|(_, c)| c.at.end <= first.at.end).count();
            let (here, rest) = changes.split_at(inside.max(same));
            let (alternatives, inner) = here.split_at(same);
            self.choice(alternatives, inner);
            done = first.at.end;
            changes = rest;
        }
        self.copy(done..part.end);
    }

    /// `(if mutant(1) { NEW } else if mutant(2) { NEW } else { OLD })`
    fn choice(&mut self, alternatives: &[(u32, &Change)], inner: &[(u32, &Change)]) {
        let Some((_, first)) = alternatives.first() else { return };
        let start = self.out.len();
        let (open, end, close) = if first.is_statement { ("", ";", "") } else { ("(", "", ")") };
        self.out += open;
        for (n, change) in alternatives {
            let at = self.out.len();
            self.out += &format!("if crate::mutant({n}) {{ {}{end} }} else ", change.new);
            self.places.push(Place {
                at: at..self.out.len(),
                numbers: vec![*n],
                is_statement: first.is_statement,
            });
        }
        self.out += "{ ";
        self.write(inner, first.at.clone());
        self.out += &format!("{end} }}{close}");
        let numbers = alternatives.iter().map(|(n, _)| *n).collect();
        self.places.push(Place {
            at: start..self.out.len(),
            numbers,
            is_statement: first.is_statement,
        });
    }

    fn copy(&mut self, part: Range<usize>) {
        self.out += self.source.get(part).unwrap_or_default();
    }
}

fn is_same_place(a: &Change, b: &Change) -> bool {
    a.at == b.at && a.is_statement == b.is_statement
}

#[cfg(test)]
mod tests {
    use super::super::rules::changes;
    use super::switched;

    #[test]
    fn changes_inside_changes() {
        let source = "fn f() -> u8 { a * (1) }";
        let changes = changes(source).unwrap();
        let numbered: Vec<_> = (1..).zip(&changes).collect();
        let (text, places) = switched(source, &numbered);
        let old = "a * ((if crate::mutant(2) { 2 } else { 1 }))";
        let whole =
            format!("fn f() -> u8 {{ (if crate::mutant(1) {{ (a) / (1) }} else {{ {old} }}) }}");
        assert_eq!(text, whole);
        assert_eq!(places.len(), 4);
    }

    #[test]
    fn a_statement_with_a_value() {
        let source = "fn f() { x += 1; }";
        let changes = changes(source).unwrap();
        let numbered: Vec<_> = (1..).zip(&changes).filter(|(n, _)| *n != 3).collect();
        let (text, _) = switched(source, &numbered);
        let inner = "(if crate::mutant(4) { 2 } else { 1 })";
        let deleted = format!("if crate::mutant(2) {{ ; }} else {{ x += {inner}; }};");
        assert_eq!(
            text,
            format!("fn f() {{if crate::mutant(1) {{ return ; }} else {{ ; }} {deleted} }}")
        );
    }
}
