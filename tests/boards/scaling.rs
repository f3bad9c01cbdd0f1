//! The cost of training grows as the equations say: linearly with the window and the depth,
//! quadratically with the units, and without a cliff.
//!
//! What is looked at are the counts of the emulated Cortex-M4F in `examples/qemu/costs/`, which
//! `cargo xtask costs --check` holds to the firmware `scaling`.

use crate::counts::{Count, counts};

/// The cell's inputs in the part where the units vary.
const INPUTS: f64 = 4.0;
/// The steps of the window where it does not vary.
const WINDOW: f64 = 8.0;

/// Of the distance from a straight line, relative to it.
const STRAIGHT: f64 = 0.01;
/// An activation costs about as much as so many multiplications.
const TANH: f64 = 10.0;
/// A slope of integers, its rounding included, about as much as so many of theirs.
const SLOPE_OF_INTEGERS: f64 = 20.0;
/// How much more a multiplication may cost in one size than in another.
const EVEN: f64 = 1.35;
/// The same from one size to the next larger. From rows of 1 KB on an address no longer fits into the
/// instruction that loads from it.
const STEADY: f64 = 1.2;

#[test]
fn linear_in_the_window() {
    let counts = counts("K").unwrap();
    straight("backward by K", &counts, |count| count.backward);
    straight("bytes by K", &counts, Count::ram);
    for count in &counts {
        assert!((count.step / counts[0].step - 1.0).abs() < STRAIGHT, "a step knows no window");
    }
}

#[test]
fn linear_in_the_depth() {
    let counts = counts("depth").unwrap();
    straight("step by depth", &counts, |count| count.step);
    straight("bytes by depth", &counts, Count::ram);
    // The first layer has no layer below that wants its error.
    straight("backward by depth", &counts[1..], |count| count.backward);
}

#[test]
fn quadratic_in_the_units() {
    let counts = counts("H").unwrap();
    even("step by H", &counts, |count| count.step, |h| h * (h + INPUTS + TANH));
    // The gradient's products and the error's way back.
    even("backward by H", &counts, |count| count.backward, |h| WINDOW * h * (2.0 * h + INPUTS));
    // Weights and their gradient, and two numbers a unit and step.
    even("bytes by H", &counts, Count::ram, |h| 8.0 * h * (h + INPUTS + WINDOW));
}

/// Of integers, where a slope and its rounding cost more beside a product.
#[test]
fn quadratic_in_the_units_of_integers() {
    let counts = counts("H in integers").unwrap();
    let work = |h| WINDOW * h * (2.0 * h + INPUTS + SLOPE_OF_INTEGERS);
    even("backward by H in integers", &counts, |count| count.backward, work);
}

/// Every count lies on the line through the first and the last.
fn straight(what: &str, counts: &[Count], cost: fn(&Count) -> f64) {
    let (first, last) = (&counts[0], &counts[counts.len() - 1]);
    let slope = (cost(last) - cost(first)) / (last.value - first.value);
    let worst = counts
        .iter()
        .map(|count| cost(first) + slope * (count.value - first.value) - cost(count))
        .zip(counts)
        .map(|(off, count)| (off / cost(count)).abs())
        .fold(0.0, f64::max);
    println!("{what}: {slope:.0} for each, at most {:.2} % off the line", 100.0 * worst);
    assert!(counts.len() >= 5 && worst < STRAIGHT);
}

/// What `work` asks for costs about the same in all sizes, and never jumps.
fn even(what: &str, counts: &[Count], cost: fn(&Count) -> f64, work: fn(f64) -> f64) {
    let each: Vec<f64> = counts.iter().map(|count| cost(count) / work(count.value)).collect();
    let least = each.iter().copied().fold(f64::MAX, f64::min);
    let most = each.iter().copied().fold(0.0, f64::max);
    println!("{what}: {least:.2} to {most:.2} each");
    assert!(most < EVEN * least);
    assert!(each.is_sorted_by(|before, after| *after < STEADY * before), "a cliff: {each:.2?}");
}
