//! Faulty logs: what is wrong, with line and column; and logs that are read.

use super::args;
use crate::log::{Log, LogError};
use crate::score::Scored;

fn read(line: &str, log: &[u8]) -> Result<Log, LogError> {
    Log::read(log, &args(line).format)
}

fn message(line: &str, log: &[u8]) -> String {
    read(line, log).unwrap_err().to_string()
}

fn rows(line: &str, log: &str) -> Vec<Vec<f32>> {
    read(line, log.as_bytes()).unwrap().rows
}

//////////// cells ////////////

#[test]
fn a_missing_cell_has_line_and_column() {
    let expected = "line 3, column 2 (`temp`): the cell is empty; \
                    --missing skip or --missing hold goes on after such cells";
    assert_eq!(message("--target temp", b"t,temp\n0,1.5\n1,\n"), expected);
    assert_eq!(message("--target temp", b"# comment\nt,temp\n0,  \n"), expected);
}

#[test]
fn empty_lines_and_comments_count_as_lines() {
    let log = b"# comment\r\n\r\nt,temp\r\n# comment\r\n\r\n0,\"1\"\r\n\r\n# x\r\n1,warm\r\n";
    assert_eq!(message("--target temp", log), "line 9, column 2 (`temp`): `warm` is no number");
    let quoted = b"note,temp\n\"two\nlines\",1\n\nnone,warm\n";
    assert_eq!(message("--target temp", quoted), "line 5, column 2 (`temp`): `warm` is no number");
    let marked = b"\xef\xbb\xbf# comment\nt,temp\n0,warm\n";
    assert_eq!(message("--target temp", marked), "line 3, column 2 (`temp`): `warm` is no number");
}

#[test]
fn a_cell_that_is_no_number_is_shown() {
    for (cell, expected) in [
        ("warm", "`warm` is no number"),
        ("NaN", "`NaN` is not a number; --missing skip"),
        ("NA", "`NA` is no number; --missing skip"),
        ("-inf", "`-inf` is not finite; --missing skip"),
        ("1e39", "`1e39` is too large to compute with in f32; --missing skip"),
        ("1e20", "`1e20` is too large to compute with in f32; --missing skip"),
        ("\"1,5\"", "`1,5` has a decimal comma; say so with --decimal-comma"),
        ("1;5", "`1;5` is no number; does --delimiter say what is between two cells?"),
        ("0x10", "`0x10` is no number"),
    ] {
        let message = message("--target 2", format!("t,temp\n0,1\n1,{cell}\n").as_bytes());
        let expected = format!("line 3, column 2 (`temp`): {expected}");
        assert!(message.starts_with(&expected), "{message}\n{expected}");
    }
}

#[test]
fn a_cell_or_a_name_that_is_not_utf_8_has_its_place() {
    let cell = "line 2, column 1 (`temp`): the cell is not UTF-8";
    assert_eq!(message("", b"temp\n21\xb0\n"), cell);
    assert_eq!(message("", b"t,temp \xb0C\n0,21\n"), "line 1, column 2: the cell is not UTF-8");
}

#[test]
fn other_columns_may_hold_anything() {
    let log = read("--target temp", b"time,temp,note\n10:00,21,\xb0\n10:01,22,\n").unwrap();
    assert_eq!(log.rows, [[21.0], [22.0]]);
}

//////////// rows and columns ////////////

#[test]
fn a_ragged_row_has_its_line() {
    let short = message("--target b", b"a,b\n1,2\n\n3\n");
    assert_eq!(short, "line 4: 1 of the 2 cells that line 1 has");
    let long = message("--target b", b"a,b\n1,2\n3,4,5\n");
    assert_eq!(long, "line 3: 3 cells, more than the 2 of line 1");
}

#[test]
fn columns_that_cannot_be_chosen_are_named() {
    let log = b"a,b,b\n1,2,3\n";
    for (line, expected) in [
        ("--target c", "line 1: there is no column `c`; there are `a`, `b`, `b`"),
        ("--target 4", "line 1: there is no column `4`; there are `a`, `b`, `b`"),
        ("--target 0", "line 1: there is no column `0`; there are `a`, `b`, `b`"),
        ("--target b", "line 1: columns 2 and 3 are both called `b`; give the number"),
        ("", "line 1: which column is to be forecast? --target one of `a`, `b`, `b`"),
        ("--target a --inputs a", "--inputs: column `a` is read already"),
        ("--target a --inputs 2,2", "--inputs: column `2` is read already"),
        ("--target a --delimiter ;", "line 1: there is no column `a`; there are `a,b,b`"),
    ] {
        assert_eq!(message(line, log), expected, "{line}");
    }
}

#[test]
fn an_empty_file_and_one_too_short_are_refused() {
    assert_eq!(message("", b""), "line 1: the file has no row");
    assert_eq!(message("", b"# only a comment\n"), "line 1: the file has no row");
    let too_short = |rows: usize| {
        let text: String = (0..rows).map(|row| format!("{}\n", row % 7)).collect();
        let log = read("", text.as_bytes()).unwrap();
        Scored::new(&log, 1, 24).err().map(|error| error.to_string())
    };
    assert_eq!(too_short(302).unwrap(), "whole rows in the log: 302, but 303 are needed");
    assert_eq!(too_short(303), None);
}

#[test]
fn a_target_that_never_changes_is_refused() {
    let log = read("", &b"5\n".repeat(400)).unwrap();
    let error = Scored::new(&log, 1, 24).err().unwrap().to_string();
    assert_eq!(
        error,
        "column `1` does not change in whole rows of the last third: nothing to score"
    );
}

//////////// what is read ////////////

#[test]
fn delimiters_headers_and_decimal_commas_are_read() {
    let expected = [[1.5], [2.5]];
    assert_eq!(rows("--target b", "a,b\n0,1.5\n0, 2.5 \n"), expected);
    assert_eq!(rows("--target 2 --delimiter ; --decimal-comma", "a;b\n0;1,5\n0;2,5\n"), expected);
    assert_eq!(rows("--delimiter tab --target b", "a\tb\n0\t1.5\n0\t2.5\n"), expected);
    assert_eq!(rows("", "1.5\n2.5\n"), expected);
    assert_eq!(rows("--header no", "1.5\n2.5\n"), expected);
    assert_eq!(rows("--header yes", "7\n1.5\n2.5\n"), expected);
    assert_eq!(rows("--target b", "\u{feff}a,b\r\n0,1.5\r\n0,2.5\r\n"), expected);
    assert_eq!(rows("--target b --inputs a", "a,b\n3,4\n"), [[4.0, 3.0]]);
}

#[test]
fn gaps_are_skipped_or_held() {
    let log = "a,b\n,1\n2,2\n,inf\n4,NA\n5,5\n";
    let read = |line| read(line, log.as_bytes()).unwrap();
    let skip = read("--target a --inputs b --missing skip");
    let whole: Vec<bool> = (0..5).map(|row| skip.is_whole(row)).collect();
    assert_eq!((whole, skip.held), (vec![false, true, false, false, true], 0));
    assert_eq!(skip.target(), [2.0, 2.0, 2.0, 2.0, 5.0]);

    let hold = read("--target a --inputs b --missing hold");
    assert!(!hold.is_whole(0)); // there is nothing to hold yet
    assert_eq!(hold.rows[1..], [[2.0, 2.0], [2.0, 2.0], [4.0, 2.0], [5.0, 5.0]]);
    assert_eq!(hold.held, 2);
}

#[test]
fn text_is_an_error_whatever_is_missing() {
    for missing in ["skip", "hold"] {
        let line = format!("--missing {missing}");
        assert_eq!(message(&line, b"a\n1\nx\n"), "line 3, column 1 (`a`): `x` is no number");
    }
}

/// No row is scored that a gap touches, for no method.
#[test]
fn gaps_are_not_scored() {
    let mut text: String = (0..600).map(|row| format!("{}\n", row % 7)).collect();
    text.push_str("NaN\n1000\n1001\n");
    let log = read("--missing skip", text.as_bytes()).unwrap();
    let scored = Scored::new(&log, 1, 24).unwrap();
    let forecasts = vec![1000.0; log.rows.len()];
    assert_eq!(scored.mse(&forecasts, 600..603), 1.0); // of the last row alone
    assert!(scored.mse(&forecasts, 600..602).is_nan());
}
