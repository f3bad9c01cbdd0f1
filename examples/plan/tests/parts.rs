//! Least squares and slices, on small cases whose answers are known.

use crate::features::Features;
use crate::fit::Costs;
use crate::slices::{Phase, Slices, cut};

fn work(calls: usize, weights: usize) -> Features {
    Features::default().with("call", calls).with("weight", weights)
}

#[test]
fn costs_are_found_again() {
    let count = |calls: usize, weights: usize| (100 * calls + 7 * weights) as f64;
    let cases = [(1, 10), (1, 200), (2, 50), (5, 3000)];
    let counts: Vec<_> = cases.iter().map(|&(c, w)| (work(c, w), count(c, w))).collect();
    let costs = Costs::fit(&counts);
    let (found, right) = (costs.of(&work(3, 1000)), count(3, 1000));
    assert!((found / right - 1.0).abs() < 1e-3, "{found} for {right}");
}

#[test]
fn no_cost_is_negative() {
    let counts =
        [(work(1, 10), 100.0), (work(1, 20), 150.0), (work(1, 40), 190.0), (work(9, 10), 60.0)];
    assert!(Costs::fit(&counts).of(&work(1, 0)) >= 0.0);
}

#[test]
fn a_window_is_cut_by_its_budget() {
    let mut sums = Phase::even(10, 4, 40.0);
    sums.call = work(1, 0);
    let phases = [sums, Phase::even(40, 1, 5.0)];
    let costs = Costs::fit(&[(work(1, 0), 1.0)]);
    let slices = |budget| Slices::new(&cut(&phases, budget), &costs);
    for (budget, count, longest, total) in
        [(1, 5, 11.0, 49.0), (20, 3, 21.0, 47.0), (usize::MAX, 1, 46.0, 46.0)]
    {
        let found = slices(budget);
        assert_eq!(found.count, count);
        assert!((found.longest - longest).abs() < 1e-3 && (found.total - total).abs() < 1e-3);
    }
}
