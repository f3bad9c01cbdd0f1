//! What a header says, read at compile time.

/// The number behind `#define NAME_WHAT ` in a header; 0 if there is none.
///
/// ```
/// const HEADER: &str = "#define PUMP_BYTES_32 128\n#define PUMP_BYTES 12\n";
/// const BYTES: usize = elman_c::header_says(HEADER, "pump", "_BYTES ");
/// assert_eq!(BYTES, 12);
/// ```
#[must_use]
pub const fn header_says(header: &str, name: &str, what: &str) -> usize {
    let header = header.as_bytes();
    let mut at = 0;
    while at < header.len() {
        if let Some(number) = after(header, at, b"#define ")
            && let Some(number) = after(header, number, name.as_bytes())
            && let Some(number) = after(header, number, what.as_bytes())
        {
            return digits(header, number);
        }
        at += 1;
    }
    0
}

/// The place behind `text`, if that is what stands at `at`; small letters of `text` are capital there.
const fn after(header: &[u8], at: usize, text: &[u8]) -> Option<usize> {
    let mut n = 0;
    while n < text.len() {
        let is_same = at + n < header.len()
            && (header[at + n] == text[n] || header[at + n] == text[n].to_ascii_uppercase());
        if !is_same {
            return None;
        }
        n += 1;
    }
    Some(at + n)
}

const fn digits(header: &[u8], mut at: usize) -> usize {
    let mut number = 0;
    while at < header.len() && header[at].is_ascii_digit() {
        number = 10 * number + (header[at] - b'0') as usize;
        at += 1;
    }
    number
}
