//! What the pages beside this file say is what the program computes.

use elman::{ClientUpdate, ConstZero, Initialize, Parameters, Pcg32, checkpoint};
use nalgebra::{SMatrix, SVector};

use crate::board::Net;
use crate::data::Parking;
use crate::device::{Device, FRAME, Line};
use crate::rls::Rls;
use crate::server::{Strategy, Update};
use crate::{experiments, flash, scale, slip, table};

const RESULTS: &str = include_str!("results.md");
const PAGE: &str = include_str!("README.md");

const CSV: &str = include_str!("parking.csv");

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

//////////// a board's side of a round ////////////

#[test]
fn the_readings_in_flash_are_those_of_the_file() {
    let parking = Parking::load().unwrap();
    for (site, readings) in parking.sites.iter().enumerate() {
        for (n, reading) in readings.iter().enumerate().step_by(9) {
            assert_eq!(flash::day(CSV, site, n), Some((reading.weekday(), reading.day)));
        }
        assert_eq!(flash::day(CSV, site, readings.len()), None);
    }
    assert_eq!(flash::day(CSV, 20, 0), None);
}

/// A line that has one answer, and keeps what is sent.
struct Answer {
    bytes: Vec<u8>,
    sent: Vec<u8>,
}

impl Line for Answer {
    fn send(&mut self, byte: u8) {
        self.sent.push(byte);
    }
    fn receive(&mut self) -> u8 {
        self.bytes.remove(0)
    }
}

/// The fleet's frame of a round; every weight is `weight`.
fn frame(round: u32, weight: f32) -> Vec<u8> {
    let mut net = Net::ZERO;
    (0..Net::TENSORS).for_each(|n| net.tensor_mut(n).fill(weight));
    let mut frame = [0; FRAME];
    let update = ClientUpdate { net: &mut net, num_examples: 17 };
    checkpoint::save(&update, round, &mut frame).unwrap();
    frame.into()
}

fn slipped(frame: &[u8]) -> Vec<u8> {
    let mut bytes = vec![];
    slip::send(frame, |byte| bytes.push(byte));
    bytes
}

/// A board after one day, to which `bytes` were the answer; and whether it took them over.
fn after(bytes: Vec<u8>) -> (Device, bool, Vec<u8>) {
    let mut device = Device::ZERO;
    device.board.start(1);
    let (weekday, today) = flash::day(CSV, 0, 0).unwrap();
    let mut line = Answer { bytes, sent: vec![] };
    let accepted = device.live(today.as_ref(), weekday, &mut line);
    assert_eq!(device.round, 1);
    (device, accepted, line.sent)
}

#[test]
fn a_whole_frame_is_taken_over_and_no_other_is() {
    let own = {
        let (_, _, sent) = after(slipped(&[1]));
        let mut frame = [0; FRAME];
        let mut receiver = slip::Receiver::default();
        let length = sent.iter().find_map(|&byte| receiver.push(byte, &mut frame));
        assert_eq!(length, Some(FRAME));
        let mut net = Net::ZERO;
        let mut update = ClientUpdate { net: &mut net, num_examples: 0 };
        assert_eq!(checkpoint::load(&mut update, &frame), Ok(0));
        assert_eq!(update.num_examples, 17);
        net
    };
    let net = |bytes| {
        let (device, accepted, _) = after(bytes);
        (device.board.trainer.learner.net, accepted)
    };
    let whole = frame(0, 0.25);
    let (taken, accepted) = net(slipped(&whole));
    assert!(accepted && taken.0.1.bias == [0.25]);
    let flipped = |at: usize| {
        let mut bytes = whole.clone();
        bytes[at] ^= 4;
        bytes
    };
    for refused in [
        slipped(&whole[..700]),
        slipped(&[&whole[..], &[0]].concat()),
        slipped(&flipped(3)),
        slipped(&flipped(FRAME - 1)),
        slipped(&frame(1, 0.25)),
        slipped(&frame(0, 1001.0)),
        slipped(&vec![0xC0; FRAME]),
    ] {
        assert_eq!(net(refused), (own.clone(), false));
    }
}

#[test]
fn what_follows_a_torn_frame_is_whole() {
    let mut receiver = slip::Receiver::default();
    let mut buffer = [0; 8];
    let mut lengths = vec![];
    let torn = &slipped(&[1, 2, 0xDB, 4])[..4];
    for byte in [torn, &slipped(&[0xC0, 0xDB, 0xDC, 7]), &slipped(&[9; 20])].concat() {
        if let Some(length) = receiver.push(byte, &mut buffer) {
            lengths.push((length, buffer));
        }
    }
    assert_eq!(lengths.iter().map(|(length, _)| *length).collect::<Vec<_>>(), [2, 4, 20]);
    assert_eq!(lengths[1].1[..4], [0xC0, 0xDB, 0xDC, 7]);
}
