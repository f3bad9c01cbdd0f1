//! Files that are not what they seem: never a panic, never a long loop, never a file that the
//! official library refuses, and every error with its reason.

use core::time::Duration;
use std::time::Instant;

use elman::safetensors::{Reason, SafeTensors, StateDict, load, save};
use elman::{
    Adam, ConstZero, Dense, Elman, Pcg32, Stack, Tape, Trainer, checkpoint, state_dict, uniform,
};

fn file(header: &[u8], data: usize) -> Vec<u8> {
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header);
    file.resize(file.len() + data, 0);
    file
}

/// What `parse` says of a header with so many bytes of data, and whether the official library
/// accepts it.
fn verdicts(header: &[u8], data: usize) -> (String, bool) {
    let file = file(header, data);
    let ours = SafeTensors::parse(&file).map_or_else(|error| error.to_string(), |_| "ok".into());
    (ours, safetensors::SafeTensors::deserialize(&file).is_ok())
}

const FITS: bool = true;
const REFUSED: bool = false;

/// `entry` is that of a tensor `a`.
#[track_caller]
fn entry(entry: &str, data: usize, ours: &str, official: bool) {
    header(&format!(r#"{{"a":{entry}}}"#), data, ours, official);
}

#[track_caller]
fn header(header: &str, data: usize, ours: &str, official: bool) {
    assert_eq!(verdicts(header.as_bytes(), data), (ours.into(), official), "{header}");
}

#[test]
fn lengths_of_file_and_header() {
    let says = |file: &[u8]| SafeTensors::parse(file).unwrap_err().to_string();
    assert_eq!(says(&[]), "truncated: the file ends before its header does");
    assert_eq!(says(&[2, 0, 0, 0, 0, 0, 0]), "truncated: the file ends before its header does");
    assert_eq!(says(&file(b"{}", 0)[..9]), "truncated: the file ends before its header does");
    assert_eq!(says(&[0xff; 64]), "the header is longer than 100000000 bytes");
    assert_eq!(says(&100_000_001_u64.to_le_bytes()), "the header is longer than 100000000 bytes");
    assert_eq!(
        says(&100_000_000_u64.to_le_bytes()),
        "truncated: the file ends before its header does"
    );
}

#[test]
fn headers_that_are_not_json() {
    header("{}", 0, "ok", FITS);
    header("{}", 1, "the bytes from 0 of the data on belong to no tensor", REFUSED);
    header("", 0, "byte 0 of the header should be {", REFUSED);
    header("[]", 0, "byte 0 of the header should be {", REFUSED);
    header(" \t\r\n{ } \t\r\n", 0, "ok", FITS);
    header("{}{}", 0, "byte 2 of the header should be the end of the header", REFUSED);
    header("{}\0", 0, "byte 2 of the header should be the end of the header", REFUSED);
    header("{,}", 0, "byte 1 of the header should be a string", REFUSED);
    header("{\"a", 0, "byte 3 of the header should be the end of a string", REFUSED);
    header("{\"a\n\":", 0, "byte 3 of the header should be the end of a string", REFUSED);
    header("{\"a\"", 0, "byte 4 of the header should be :", REFUSED);
    let deep = format!("{{\"a\":{}", "{\"a\":".repeat(1_000_000));
    let fields = "byte 6 of the header should be dtype, shape or data_offsets, each once";
    header(&deep, 0, &format!("tensor `a`: {fields}"), REFUSED);
    let deep = format!("{{\"a\":{}", "[".repeat(1_000_000));
    header(&deep, 0, "tensor `a`: byte 5 of the header should be {", REFUSED);
    assert_eq!(verdicts(b"{\"\xff\":1}", 0), ("the header is not UTF-8".into(), REFUSED));
}

const SCALAR: &str = r#"{"dtype":"U8","shape":[],"data_offsets":[0,1]}"#;

#[test]
fn names_and_escapes() {
    for name in
        ["", "a\u{e9}\u{1f600}", r#"\"\\\/\b\f\n\r\t"#, r"\u0061", r"\ud83d\ude00", r"\u0000"]
    {
        header(&format!(r#"{{"{name}":{SCALAR}}}"#), 1, "ok", FITS);
    }
    for name in
        [r"\x", r"\u12", r"\u12g4", r"\ud83d", r"\ude00", r"\ud83d\u0061", r"\ud83dx", r"\u+123"]
    {
        let expected = "byte 2 of the header should be a valid escape";
        header(&format!(r#"{{"{name}":{SCALAR}}}"#), 1, expected, REFUSED);
    }
    let trailing = format!(r#"{{"a":{SCALAR}}}x"#);
    let end = format!("byte {} of the header should be the end of the header", trailing.len() - 1);
    header(&trailing, 1, &end, REFUSED);
    let escaped = file(format!(r#"{{"\u0061\ud83d\ude00":{SCALAR}}}"#).as_bytes(), 1);
    let escaped = SafeTensors::parse(&escaped).unwrap();
    assert!(escaped.tensor(elman::safetensors::TensorName::new("a\u{1f600}")).is_ok());
    entry(r#"{"\u0064type":"U\u0038","shape":[],"data_offsets":[0,1]}"#, 1, "ok", FITS);
}

#[test]
fn numbers_that_are_not_sizes() {
    let with = |n: &str| format!(r#"{{"dtype":"U8","shape":[{n}],"data_offsets":[0,1]}}"#);
    entry(&with("1"), 1, "ok", FITS);
    entry(&with("1,1 ,1 , 1,1,1"), 1, "ok", FITS);
    for n in ["-1", "+1", ".1", "null", "\"1\""] {
        entry(&with(n), 1, "tensor `a`: byte 28 of the header should be a whole number", REFUSED);
    }
    for n in ["01", "00"] {
        entry(&with(n), 1, "tensor `a`: byte 29 of the header should be no leading zero", REFUSED);
    }
    for n in ["1.0", "1e0", "1 1"] {
        let (ours, official) = verdicts(format!(r#"{{"a":{}}}"#, with(n)).as_bytes(), 1);
        assert!(ours.ends_with("of the header should be , or ]") && !official, "{n}: {ours}");
    }
    for n in ["18446744073709551616", "99999999999999999999999999"] {
        let (ours, official) = verdicts(format!(r#"{{"a":{}}}"#, with(n)).as_bytes(), 1);
        assert!(ours.ends_with("of the header should be a number that fits") && !official);
    }
    let size = "tensor `a`: its data_offsets do not fit its shape and dtype";
    entry(&with("18446744073709551615"), 1, size, REFUSED);
    entry(&with("4294967296,4294967296"), 1, size, REFUSED);
    entry(&with("2"), 1, size, REFUSED);
    entry(r#"{"dtype":"U8","shape":[],"data_offsets":[1,0]}"#, 1, size, REFUSED);
    entry(r#"{"dtype":"F4","shape":[1],"data_offsets":[0,0]}"#, 0, size, REFUSED);
    entry(r#"{"dtype":"F4","shape":[2],"data_offsets":[0,1]}"#, 1, "ok", FITS);
    entry(
        r#"{"dtype":"U8","shape":[],"data_offsets":[0,1,2]}"#,
        1,
        "tensor `a`: byte 49 of the header should be ]",
        REFUSED,
    );
}

#[test]
fn every_dtype_of_the_format() {
    for (dtype, bytes) in [
        ("BOOL", 2),
        ("F4", 1),
        ("F6_E2M3", 3),
        ("F6_E3M2", 3),
        ("U8", 2),
        ("I8", 2),
        ("F8_E5M2", 2),
        ("F8_E4M3", 2),
        ("F8_E8M0", 2),
        ("F8_E4M3FNUZ", 2),
        ("F8_E5M2FNUZ", 2),
        ("I16", 4),
        ("U16", 4),
        ("F16", 4),
        ("BF16", 4),
        ("I32", 8),
        ("U32", 8),
        ("F32", 8),
        ("C64", 16),
        ("F64", 16),
        ("I64", 16),
        ("U64", 16),
    ] {
        let (shape, bytes) = if dtype.starts_with("F6_") { (4, bytes) } else { (2, bytes) };
        let body = format!(r#"{{"dtype":"{dtype}","shape":[{shape}],"data_offsets":[0,{bytes}]}}"#);
        entry(&body, bytes, "ok", FITS);
    }
    entry(
        r#"{"dtype":"f32","shape":[],"data_offsets":[0,4]}"#,
        4,
        "tensor `a`: byte 14 of the header should be a dtype of the format",
        REFUSED,
    );
}

/// Tensors `a`, `b`, … of bytes at these offsets.
fn layout(offsets: &[(usize, usize)], data: usize) -> (String, bool) {
    let entries: Vec<_> = (b'a'..)
        .zip(offsets)
        .map(|(name, (start, end))| {
            let (name, shape) = (name as char, end - start);
            format!(r#""{name}":{{"dtype":"U8","shape":[{shape}],"data_offsets":[{start},{end}]}}"#)
        })
        .collect();
    verdicts(format!("{{{}}}", entries.join(",")).as_bytes(), data)
}

#[test]
fn gaps_and_overlaps() {
    assert_eq!(layout(&[(0, 2), (2, 4)], 4), ("ok".into(), FITS));
    assert_eq!(layout(&[(2, 4), (0, 2)], 4), ("ok".into(), FITS));
    assert_eq!(layout(&[(4, 6), (0, 1), (1, 4)], 6), ("ok".into(), FITS));
    assert_eq!(layout(&[(0, 0), (0, 2), (2, 2)], 2), ("ok".into(), FITS));
    let gap = |at| (format!("the bytes from {at} of the data on belong to no tensor"), REFUSED);
    assert_eq!(layout(&[(1, 2)], 2), gap(0));
    assert_eq!(layout(&[(0, 2), (3, 4)], 4), gap(2));
    assert_eq!(layout(&[(0, 2)], 4), gap(2));
    assert_eq!(layout(&[(0, 2), (1, 3), (3, 4)], 5), gap(2)); // an overlap and a gap
    let overlap = |name| (format!("tensor `{name}`: some bytes belong to two tensors"), REFUSED);
    assert_eq!(layout(&[(0, 2), (1, 3)], 3), overlap('b'));
    assert_eq!(layout(&[(0, 2), (0, 2)], 2), overlap('b'));
    let beyond = "tensor `b`: truncated: the file ends before it does";
    assert_eq!(layout(&[(0, 2), (2, 4)], 3), (beyond.into(), REFUSED));
}

/// The documented number of jumps back, and one more.
#[test]
fn jumps_back_are_counted() {
    let reversed = |tensors: usize| {
        let entry = |i: usize| {
            format!(r#""{i}":{{"dtype":"U8","shape":[1],"data_offsets":[{i},{}]}}"#, i + 1)
        };
        let entries: Vec<_> = (0..tensors).rev().map(entry).collect();
        verdicts(format!("{{{}}}", entries.join(",")).as_bytes(), tensors)
    };
    assert_eq!(reversed(SafeTensors::JUMPS + 1), ("ok".into(), FITS));
    let unsorted = "the header's order is too different from the data's";
    assert_eq!(reversed(SafeTensors::JUMPS + 2), (unsorted.into(), FITS));
}

/// Where the official library is lenient beyond the format's description.
#[test]
fn stricter_than_the_official_library() {
    let fields = "should be dtype, shape or data_offsets, each once";
    let unknown = r#"{"dtype":"U8","shape":[],"data_offsets":[0,1],"more":[[{}]]}"#;
    entry(unknown, 1, &format!("tensor `a`: byte 51 of the header {fields}"), FITS);
    entry(r#"["U8",[],[0,1]]"#, 1, "tensor `a`: byte 5 of the header should be {", FITS);
    let map = r#"{"dtype":{"U8":null},"shape":[],"data_offsets":[0,1]}"#;
    entry(map, 1, "tensor `a`: byte 14 of the header should be a string", FITS);
    let null = "tensor `__metadata__`: byte 16 of the header should be {";
    header(r#"{"__metadata__":null}"#, 0, null, FITS);
}

#[test]
fn metadata_is_read_and_refused_as_specified() {
    header(r#"{"__metadata__":{}}"#, 0, "ok", FITS);
    header(r#"{"__metadata__":{"a":"b","\u0063":"d"}}"#, 0, "ok", FITS);
    header(&format!(r#"{{"a":{SCALAR},"__metadata__":{{"a":"b"}}}}"#), 1, "ok", FITS);
    let twice = "tensor `__metadata__`: there are two of this name";
    header(r#"{"__metadata__":{},"__metadata__":{}}"#, 0, twice, REFUSED);
    let string = "tensor `__metadata__`: byte 21 of the header should be a string";
    header(r#"{"__metadata__":{"a":1}}"#, 0, string, REFUSED);
}

/// Two of one name: refused when asked for, also when one is disguised by an escape. The official
/// library forgets the first; most often its bytes are then nobody's.
#[test]
fn duplicate_names_are_refused() {
    let two = r#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"\u0061":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}"#;
    header(two, 2, "ok", REFUSED);
    let same = r#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#;
    header(same, 1, "tensor `a`: some bytes belong to two tensors", FITS);
    let two = file(two.as_bytes(), 2);
    let error = SafeTensors::parse(&two).unwrap().tensor(elman::safetensors::TensorName::new("a"));
    assert_eq!(error.unwrap_err().to_string(), "tensor `a`: there are two of this name");
}

/// The time is that of some passes over the header, whatever is in it.
#[test]
fn no_file_takes_long() {
    const TENSORS: usize = 4_000;
    /// Debug builds on slow machines; quadratic time would be minutes.
    const LONG: Duration = Duration::from_secs(10);
    let entry =
        |i: usize| format!(r#""{i}":{{"dtype":"U8","shape":[1],"data_offsets":[{i},{}]}}"#, i + 1);
    let reversed: Vec<_> = (0..TENSORS).rev().map(entry).collect();
    let start = Instant::now();
    let file = file(format!("{{{}}}", reversed.join(",")).as_bytes(), TENSORS);
    assert_eq!(SafeTensors::parse(&file).unwrap_err().reason, Reason::UnsortedHeader);
    println!("{} bytes refused in {:?}", file.len(), start.elapsed());
    assert!(start.elapsed() < LONG);
}

//////////// mutated files ////////////

type Net = Stack<(Elman<1, 2>, Dense<2, 1>)>;

struct Run {
    net: Net,
    tape: Tape<Net, 2>,
}
state_dict!(Run { net: Net, tape: Tape<Net, 2> });

/// One release run in CI takes about a minute.
const MUTANTS: u32 = if cfg!(debug_assertions) { 60_000 } else { 3_000_000 };

fn seeds() -> Vec<Vec<u8>> {
    let mut run = Run { net: Net::ZERO, tape: Tape::new() };
    uniform(&mut run.net, 1.0, &mut Pcg32::new(5, 0));
    let mut saved = vec![0; Net::SIZE];
    save(&run.net, &mut saved).unwrap();
    let mut cut = vec![0; checkpoint::size::<Run>()];
    checkpoint::save(&run, 3, &mut cut).unwrap();
    let odd = r#" { "\u0061\n" : {"shape":[2, 1],"data_offsets":[2,4],"dtype":"U8"}, "__metadata__":{"x":"\ud83d\ude00"}, "b":{"dtype":"F16","shape":[],"data_offsets":[0,2]},"c":{"dtype":"F4","shape":[0,3],"data_offsets":[4,4]} } "#;
    let small = r#"{"kernel":{"dtype":"F32","shape":[1,1],"data_offsets":[0,4]},"bias":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#;
    vec![saved, cut, file(odd.as_bytes(), 4), file(small.as_bytes(), 8)]
}

/// Changes a few places, in the header more often than in the data; half the time the length of the
/// header is made right again.
fn mutate(file: &mut Vec<u8>, rng: &mut Pcg32) {
    const PIECES: &[&str] = &[
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\\",
        "\\u0061",
        "\\ud83d",
        "0",
        "1",
        "9",
        "-",
        ".",
        "e5",
        " ",
        "\n",
        "null",
        "18446744073709551615",
        "\"shape\":[1],",
        "\"dtype\":\"F32\"",
        "F64",
        "U8",
        "\u{e9}",
        "\0",
    ];
    let mut below = |n: usize| rng.next_u32() as usize % n.max(1);
    let header = u64::from_le_bytes(file[..8].try_into().unwrap()) as usize;
    let data = file.len() - 8 - header;
    for _ in 0..1 + below(3) {
        let at = if below(3) == 0 { below(file.len()) } else { 8 + below(header) };
        let at = at.min(file.len().saturating_sub(1));
        match below(6) {
            0 => file[at] ^= 1 << below(8),
            1 => file[at] = below(256) as u8,
            2 => drop(file.splice(at..at, PIECES[below(PIECES.len())].bytes())),
            3 => drop(file.splice(at..=at, PIECES[below(PIECES.len())].bytes())),
            4 => drop(file.drain(at..(at + 1 + below(8)).min(file.len()))),
            _ => {
                let copy = file[at..(at + 1 + below(80)).min(file.len())].to_vec();
                let to = 8.max(below(file.len())).min(file.len());
                drop(file.splice(to..to, copy));
            }
        }
    }
    if below(2) == 0 && file.len() >= 8 + data {
        let header = (file.len() - 8 - data) as u64;
        file[..8].copy_from_slice(&header.to_le_bytes());
    }
}

/// The header's entries, the last of each name; and how many there are with the others.
fn entries(file: &[u8]) -> (serde_json::Map<String, serde_json::Value>, usize) {
    let header = u64::from_le_bytes(file[..8].try_into().unwrap()) as usize;
    let text = core::str::from_utf8(&file[8..8 + header]).unwrap();
    (serde_json::from_str(text).unwrap(), text.matches("data_offsets").count())
}

fn two_of_a_name(file: &[u8]) -> bool {
    let (last, all) = entries(file);
    last.values().filter(|entry| entry.get("data_offsets").is_some()).count() < all
}

fn a_tensor_without_numbers(file: &[u8]) -> bool {
    let offsets = |entry: &serde_json::Value| {
        Some((
            entry.get("data_offsets")?.get(0)?.as_u64(),
            entry.get("data_offsets")?.get(1)?.as_u64(),
        ))
    };
    entries(file).0.values().filter_map(offsets).any(|(start, end)| start == end)
}

/// Whether the documented strictness explains that this reader refuses a file that is accepted.
fn beyond_the_format(reason: Reason) -> bool {
    let Reason::Syntax { expected, .. } = reason else { return false };
    ["dtype, shape or data_offsets, each once", "{", "a string"].contains(&expected)
}

#[test]
fn millions_of_mutated_files() {
    let seeds = seeds();
    let mut rng = Pcg32::new(11, 0);
    let (mut accepted, mut official, mut both) = (0, 0, 0);
    for n in 0..MUTANTS {
        let mut file = seeds[n as usize % seeds.len()].clone();
        mutate(&mut file, &mut rng);
        let ours = SafeTensors::parse(&file);
        let theirs = safetensors::SafeTensors::deserialize(&file);
        match (&ours, &theirs) {
            (Ok(_), Ok(_)) => both += 1,
            (Ok(_), Err(_)) => {
                let known = two_of_a_name(&file) || a_tensor_without_numbers(&file);
                assert!(known, "{}", file.escape_ascii());
            }
            (Err(error), Ok(_)) => {
                let known = beyond_the_format(error.reason) || two_of_a_name(&file);
                assert!(known, "{error}: {}", file.escape_ascii());
            }
            (Err(error), Err(_)) => assert!(!error.to_string().is_empty()),
        }
        accepted += u32::from(ours.is_ok());
        official += u32::from(theirs.is_ok());
        loads_or_leaves_alone(&file);
    }
    println!(
        "{MUTANTS} files: {accepted} accepted, {official} by the official library, {both} by both"
    );
    assert!(both > MUTANTS / 50, "the mutations are too wild to test anything");
}

fn loads_or_leaves_alone(file: &[u8]) {
    let mut net = Net::ZERO;
    if load(&mut net, file).is_err() {
        assert_eq!(net, Net::ZERO);
    }
    let mut run = Run { net: Net::ZERO, tape: Tape::new() };
    if checkpoint::load(&mut run, file).is_err() {
        assert!(run.net == Net::ZERO && run.tape.is_empty());
    }
}

/// Whatever the counters of a checkpoint are, the trainer that takes them learns on.
#[test]
fn counters_at_their_ends() {
    type Run = Trainer<Net, Adam, 1, 2>;
    let mut trainer = Run::new(Adam::new(0.01));
    trainer.predict(&[0.5]).unwrap();
    let mut file = vec![0; <Run as StateDict>::SIZE];
    save(&trainer, &mut file).unwrap();
    // Where each begins, in bytes before the end of its tensor, and its bytes.
    let updates_windows_targets_roll_backs = [(16, 4), (12, 4), (8, 4), (4, 4)];
    let steps_window_targets_newest_roll_backs = [(24, 8), (16, 4), (12, 4), (8, 4), (4, 4)];
    let learner = updates_windows_targets_roll_backs.map(|place| ("learner.packed", place));
    let stream = steps_window_targets_newest_roll_backs.map(|place| ("stream.packed", place));
    for (name, place) in learner.into_iter().chain(stream) {
        let mut file = file.clone();
        fill(&mut file, name, place);
        if load(&mut trainer, &file).is_ok() {
            for _ in 0..3 {
                trainer.observe(&[0.5], &[0.25]).unwrap();
            }
        }
    }
}

/// Sets all bits of some bytes that are `from_end` before the end of a tensor.
fn fill(file: &mut [u8], name: &str, (from_end, bytes): (usize, usize)) {
    let (length, _) = file.split_first_chunk().unwrap();
    let data = 8 + u64::from_le_bytes(*length) as usize;
    let header: serde_json::Value = serde_json::from_slice(&file[8..data]).unwrap();
    let end = data + header[name]["data_offsets"][1].as_u64().unwrap() as usize;
    file[end - from_end..][..bytes].fill(0xff);
}
