//! The boards' programs on the host: what they report is the same to the letter, and with it the
//! hash of all weights after thousands of updates.
//!
//! The expected reports are those of the boards, `examples/qemu/src/bin/*.out`, which
//! `examples/qemu/run.sh --bless` writes. Run this in debug, in release and at opt-level "s".

#[path = "../examples/qemu/src/recipes/mod.rs"]
mod recipes;

use recipes::{infer, stream, sunspots};

/// 200 epochs of 11 updates.
#[test]
fn sunspots_train_to_the_bits_of_the_boards() {
    let mut report = String::new();
    sunspots::run(&mut sunspots::Learner::new(), &mut report).unwrap();
    assert_eq!(report, include_str!("../examples/qemu/src/bin/sunspots.out"));
}

/// 8000 steps with an update every 5, through the newest 20.
#[test]
fn a_stream_is_learned_to_the_bits_of_the_boards() {
    let mut report = String::new();
    let errors = stream::run(&mut stream::Learner::new(), &mut report).unwrap();
    assert_eq!(report, include_str!("../examples/qemu/src/bin/stream.out"));
    assert!(stream::adapted(&errors), "falling, rising at the change, falling again");
}

#[test]
fn a_net_in_flash_answers_with_the_bits_of_the_boards() {
    let mut report = String::new();
    let independent = infer::run(&infer::NET, &mut report).unwrap();
    assert_eq!(report, include_str!("../examples/qemu/src/bin/infer.out"));
    assert!(independent);
}

/// Writes the net that `infer` carries.
#[test]
#[ignore = "writes a file of the examples"]
fn write_trained_net() {
    let mut learner = sunspots::Learner::new();
    sunspots::run(&mut learner, &mut String::new()).unwrap();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/qemu/src/recipes/trained.rs");
    std::fs::write(path, format!("{:#?}\n", learner.net)).unwrap();
}
