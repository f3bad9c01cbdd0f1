//! The yearly sunspot numbers, made from the table at compile time: they lie in flash.

/// One number a year, from 1700 on.
pub static SUNSPOTS: [f32; YEARS] = parse();
pub const FIRST_YEAR: usize = 1700;

const TABLE: &[u8] = include_bytes!("../../../data/sunspots.csv");
const YEARS: usize = 309;

/// The number after the comma of every line; lines that begin with no digit are comments.
const fn parse() -> [f32; YEARS] {
    let mut series = [0.0; YEARS];
    let (mut at, mut year) = (0, 0);
    while at < TABLE.len() {
        if TABLE[at].is_ascii_digit() {
            series[year] = activity(at);
            year += 1;
        }
        while TABLE[at] != b'\n' {
            at += 1;
        }
        at += 1;
    }
    assert!(year == YEARS, "another table than the one this was written for");
    series
}

/// The number after the comma of the line at `at`, which has at most one digit after its point.
const fn activity(mut at: usize) -> f32 {
    while TABLE[at] != b',' {
        at += 1;
    }
    at += 1;
    let (mut digits, mut unit) = (0, 1.0);
    while TABLE[at] != b'\n' {
        match TABLE[at] {
            digit @ b'0'..=b'9' => digits = digits * 10 + (digit - b'0') as u32,
            b'.' => unit = 10.0,
            _ => panic!("not a number"),
        }
        at += 1;
    }
    digits as f32 / unit
}
