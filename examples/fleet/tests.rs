//! What the pages beside this file say is what the program computes.

use elman::{ConstZero, Initialize, Parameters, Pcg32};
use nalgebra::{SMatrix, SVector};

use crate::board::Net;
use crate::data::Parking;
use crate::rls::Rls;
use crate::server::{Strategy, Update};
use crate::{experiments, scale, table};

const RESULTS: &str = include_str!("results.md");
const PAGE: &str = include_str!("README.md");

/// The seeds of `results.md`.
const SEEDS: u64 = 5;

#[test]
#[cfg_attr(debug_assertions, ignore = "minutes without optimisation: cargo test --release")]
fn the_committed_tables_are_what_is_computed() {
    let parking = Parking::load().unwrap();
    let mut report = String::new();
    table::print(&experiments::run(&parking, SEEDS, || {}), &mut report).unwrap();
    for (computed, committed) in report.lines().zip(RESULTS.lines()) {
        assert_eq!(computed, committed);
    }
    assert_eq!(report.lines().count(), RESULTS.lines().count());
}

#[test]
fn every_row_of_the_page_is_one_of_the_results() {
    let rows = PAGE.lines().filter(|line| line.starts_with('|'));
    assert!(rows.clone().count() > 20);
    for row in rows {
        assert!(RESULTS.lines().any(|line| line == row), "{row}");
    }
}

/// In every build: the sizes of the tables are those of the types.
#[test]
fn the_committed_sizes_are_those_of_the_types() {
    let mut sizes = String::new();
    scale::print(&mut sizes).unwrap();
    assert!(RESULTS.ends_with(&sizes), "{sizes}");
}

#[test]
fn the_data_are_twenty_sites_of_eleven_weeks() {
    let parking = Parking::load().unwrap();
    assert_eq!(parking.sites.len(), 20);
    for site in &parking.sites {
        assert_eq!(site.len(), 73);
        assert!(site.iter().filter(|reading| reading.day.is_some()).count() >= 70);
        assert_eq!(site.last().unwrap().week(), crate::new_board::LAST);
        let shares = site.iter().filter_map(|reading| reading.day).flatten();
        assert!(shares.into_iter().all(|share| (0.0..1.1).contains(&share)));
    }
}

/// Against the solution of the normal equations, `(XᵀΛX + λⁿ·ridge·I) w = XᵀΛy`.
#[test]
fn recursive_least_squares_are_the_normal_equations() {
    const N: usize = 4;
    let (forgetting, ridge) = (0.98, 0.1);
    let mut rng = Pcg32::new(1, 0);
    let mut rls = Rls::<N>::new(forgetting, ridge);
    let (mut a, mut b) = (SMatrix::<f64, N, N>::identity() * ridge, SVector::<f64, N>::zeros());
    for _ in 0..200 {
        let x: [f64; N] = core::array::from_fn(|_| rng.uniform_symmetric());
        let y = x[0] - 2.0 * x[1] + 0.1 * rng.uniform_symmetric::<f64>();
        let column = SVector::from(x);
        a = a * forgetting + column * column.transpose();
        b = b * forgetting + column * y;
        rls.update(&x, y);
    }
    let weights = a.lu().solve(&b).unwrap();
    for n in 0..N {
        let unit = core::array::from_fn(|i| f64::from(i == n));
        assert!((rls.predict(&unit) - weights[n]).abs() < 1e-9, "weight {n}");
    }
}

fn updates(biases: &[f32]) -> Vec<Update> {
    let net = |&bias: &f32| {
        let mut net = Net::ZERO;
        net.0.1.bias = [bias];
        (net, 17)
    };
    biases.iter().map(net).collect()
}

#[test]
fn a_median_and_a_trimmed_mean_leave_out_what_is_far() {
    let bias = |strategy: Strategy, biases: &[f32]| {
        strategy.aggregate(&updates(biases)).map(|net| net.0.1.bias[0])
    };
    assert_eq!(bias(Strategy::Mean, &[1.0, 2.0, 900.0, 3.0, 4.0]), Some(182.0));
    assert_eq!(bias(Strategy::LimitedMean, &[1.0, 0.5, 900.0]), Some(0.75));
    assert_eq!(bias(Strategy::Median, &[1.0, 2.0, 900.0, 3.0, 4.0]), Some(3.0));
    assert_eq!(bias(Strategy::Median, &[1.0, 2.0, -900.0, 4.0]), Some(1.5));
    assert_eq!(bias(Strategy::TrimmedMean, &[1.0, 2.0, 900.0, 3.0, 4.0]), Some(3.0));
    for strategy in Strategy::ALL {
        assert_eq!(bias(strategy, &[f32::NAN]), None);
        assert_eq!(bias(strategy, &[f32::NAN, 0.5]), Some(0.5));
        assert_eq!(bias(strategy, &[]), None);
    }
}

#[test]
fn weights_that_are_alike_stay_as_they_are() {
    let mut net = Net::ZERO;
    net.init_pytorch(&mut Pcg32::new(7, 0));
    for strategy in [Strategy::Mean, Strategy::LimitedMean, Strategy::Median] {
        let whole = strategy.aggregate(&vec![(net.clone(), 17); 20]).unwrap();
        assert!((0..Net::TENSORS).all(|n| whole.tensor(n) == net.tensor(n)));
    }
}
