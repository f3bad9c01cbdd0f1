//! What a firmware can live with: the cost of checkpoints and of optimisers, in instructions, stack and
//! flash, as counted on the emulated boards.

use std::fs;

use crate::counts::{Checkpoint, checkpoints};

/// Of the distance from a straight line, relative to it: the numbers in the header grow by a digit.
const STRAIGHT: f64 = 0.04;

fn counted(board: &str, opt_level: &str) -> Vec<Checkpoint> {
    let mut all = checkpoints().unwrap();
    all.retain(|count| count.board == board && count.opt_level == opt_level);
    assert!(!all.is_empty());
    all
}

fn of<'c>(counts: &'c [Checkpoint], value: &str) -> &'c Checkpoint {
    counts.iter().find(|count| count.value == value).unwrap()
}

#[test]
fn instructions() {
    let counts = counted("mps2-an386", "3");
    let run = of(&counts, "3-16-3");
    assert!(run.load < 400e3 && run.save < 300e3);
    assert!(of(&counted("microbit", "3"), "1-4-1").load < 1e6);
}

#[test]
fn stack() {
    for count in checkpoints().unwrap() {
        let Checkpoint { save_stack, load_stack, save_to_stack, load_from_stack, .. } = count;
        for stack in [save_stack, load_stack, save_to_stack, load_from_stack] {
            assert!(stack < 1.2 * 1024.0, "{}: {stack}", count.value);
        }
    }
}

#[test]
fn linear_in_tensors() {
    for opt_level in ["3", "s"] {
        let counts = counted("mps2-an386", opt_level);
        let tensors = counts.iter().filter_map(|count| Some((count.tensors()?, count)));
        let tensors: Vec<_> = tensors.collect();
        assert!(tensors.len() >= 5 && tensors[0].0 == 10.0 && tensors.last().unwrap().0 == 200.0);
        straight("load", &tensors, |count| count.load);
        straight("save", &tensors, |count| count.save);
    }
}

/// Each count lies on the line through the first and the last.
fn straight(what: &str, counts: &[(f64, &Checkpoint)], cost: fn(&Checkpoint) -> f64) {
    let ((first, a), (last, b)) = (counts[0], counts[counts.len() - 1]);
    let slope = (cost(b) - cost(a)) / (last - first);
    for (n, count) in counts {
        let line = cost(a) + slope * (n - first);
        let off = (line / cost(count) - 1.0).abs();
        println!("{what} of {n}: {:.2} % off the line", 100.0 * off);
        assert!(off < STRAIGHT);
    }
}

/// The more bytes a trainer has, the less its header weighs: a byte never costs more.
#[test]
fn linear_in_bytes() {
    for opt_level in ["3", "s"] {
        let counts = counted("mps2-an386", opt_level);
        let runs = ["1-4-1", "3-16-3", "3-64-3"].map(|value| of(&counts, value));
        for each in
            [runs.map(|count| count.load / count.bytes), runs.map(|count| count.save / count.bytes)]
        {
            println!("instructions a byte: {each:.1?}");
            assert!(each.is_sorted_by(|a, b| a >= b));
        }
    }
}

//////////// the boards' own tables ////////////

/// The words of a line of `costs/*.txt` behind its name.
fn line(board: &str, name: &str) -> Vec<f64> {
    let costs = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/qemu/costs/");
    let text = fs::read_to_string(format!("{costs}{board}.txt")).unwrap();
    let mut lines = text.lines().map(|line| line.split_whitespace());
    let line = lines.find_map(|mut words| (words.next() == Some(name)).then_some(words));
    line.unwrap_or_else(|| panic!("no {name}")).map(|word| word.parse().unwrap()).collect()
}

/// What checkpoints add to the flash of a product on the Cortex-M4F.
#[test]
fn flash() {
    for (board, most) in [("mps2-an386", 16.0), ("mps2-an386-s", 8.0)] {
        let added = line(board, "learn_and_keep")[0] - line(board, "learn")[0];
        println!("{board}: {added} bytes");
        assert!(added < most * 1024.0);
    }
}

/// Instructions a weight, the check that nothing becomes infinite or NaN included.
#[test]
fn optimizers() {
    for (board, adam, rms_prop) in [("mps2-an386", 120.0, 80.0), ("mps2-an386-asm", 90.0, 60.0)] {
        for (name, most) in [("adam", adam), ("adam_w", adam), ("rms_prop", rms_prop)] {
            let counts = line(board, name);
            let each = (counts[0] + counts[1]) / WEIGHTS;
            println!("{board} {name}: {each:.1} instructions a weight");
            assert!(each <= most);
        }
    }
}

/// Of the network 3-16-3.
const WEIGHTS: f64 = 371.0;
