//! The monitor against textbook formulas in `f64`: two-pass mean and variance, the error function, the
//! cumulative sum of the Page–Hinkley test.

use core::num::NonZeroU32;

use elman::{
    AnomalyDetector, Drift, Limit, PageHinkley, Pcg32, StandardScaler, gaussian_threshold,
};

/// Numbers around 20 and around −3, of different spread.
fn rows(count: usize, seed: u64) -> Vec<[f64; 2]> {
    let mut rng = Pcg32::new(seed, 0);
    let mut row = || [20.0 + rng.approx_normal::<f64>(), -3.0 + 0.01 * rng.approx_normal::<f64>()];
    (0..count).map(|_| row()).collect()
}

/// Weighted mean and variance of a channel, in two passes.
fn two_pass(rows: &[[f64; 2]], weights: &[f64], channel: usize) -> (f64, f64) {
    let total: f64 = weights.iter().sum();
    let mean = rows.iter().zip(weights).map(|(x, w)| w * x[channel]).sum::<f64>() / total;
    let square = |(x, w): (&[f64; 2], &f64)| w * (x[channel] - mean).powi(2);
    (mean, rows.iter().zip(weights).map(square).sum::<f64>() / total)
}

/// The weight of each of `count` samples: sample n enters by 1/min(n, memory), and each later one
/// leaves 1 less its own of it.
fn weights(count: usize, memory: usize) -> Vec<f64> {
    let enters = |n: usize| 1.0 / n.min(memory) as f64;
    let mut left = 1.0;
    let mut weights: Vec<f64> = (1..=count)
        .rev()
        .map(|n| {
            let weight = left * enters(n);
            left *= 1.0 - enters(n);
            weight
        })
        .collect();
    weights.reverse();
    weights
}

fn worst_difference(scaler: &StandardScaler<[f64; 2]>, rows: &[[f64; 2]], memory: usize) -> f64 {
    let weights = weights(rows.len(), memory);
    let difference = |channel: usize| {
        let (mean, variance) = two_pass(rows, &weights, channel);
        let mean = (scaler.mean()[channel] / mean - 1.0).abs();
        mean.max((scaler.variance()[channel] / variance - 1.0).abs())
    };
    difference(0).max(difference(1))
}

#[test]
fn mean_and_variance_are_those_of_two_passes() {
    for memory in [None, NonZeroU32::new(50), NonZeroU32::new(400)] {
        let rows = rows(3000, 1);
        let mut scaler = StandardScaler::new();
        scaler.memory = memory;
        let mut worst = 0.0_f64;
        for n in 1..=rows.len() {
            scaler.update(&rows[n - 1]).unwrap();
            if n % 97 == 0 {
                let memory = memory.map_or(usize::MAX, |memory| memory.get() as usize);
                worst = worst.max(worst_difference(&scaler, &rows[..n], memory));
            }
        }
        println!("memory {memory:?}: relative difference at most {worst:.1e}");
        assert!(worst < 1e-12);
    }
}

/// Without a memory all samples have the weight 1.
#[test]
fn the_weights_without_memory_are_equal() {
    assert!(weights(100, usize::MAX).iter().all(|w| (w * 100.0 - 1.0).abs() < 1e-12));
}

/// A mean a thousand times the deviation, a million samples: Σx² − (Σx)²/n would have no digit left.
#[test]
fn in_f32_the_deviation_is_right_to_three_thousandths() {
    let mut rng = Pcg32::new(2, 0);
    let samples: Vec<f32> = (0..1_000_000).map(|_| 1000.0 + rng.approx_normal::<f32>()).collect();
    let mut scaler = StandardScaler::<[f32; 1]>::new();
    for &x in &samples {
        scaler.update(&[x]).unwrap();
    }
    let mean = samples.iter().map(|&x| f64::from(x)).sum::<f64>() / 1e6;
    let square = |&x: &f32| (f64::from(x) - mean).powi(2);
    let deviation = (samples.iter().map(square).sum::<f64>() / 1e6).sqrt();
    let relative = f64::from(scaler.variance()[0]).sqrt() / deviation - 1.0;
    let shift = (f64::from(scaler.mean()[0]) - mean) / deviation;
    println!("deviation off by {relative:.1e} of it, mean by {shift:.1e} deviations");
    assert!(relative.abs() < 3e-3 && shift.abs() < 1e-2);
}

#[test]
fn transforms_are_inverse() {
    let rows = rows(500, 3);
    let mut scaler = StandardScaler::new();
    for row in &rows {
        scaler.update(row).unwrap();
    }
    for row in &rows {
        let back = scaler.inverse_transform(&scaler.transform(row));
        assert!(back.iter().zip(row).all(|(back, x)| (back - x).abs() < 1e-12));
    }
    let z: Vec<[f64; 2]> = rows.iter().map(|row| scaler.transform(row)).collect();
    for channel in [0, 1] {
        let (mean, variance) = two_pass(&z, &vec![1.0; z.len()], channel);
        assert!(mean.abs() < 1e-12 && (variance - 1.0).abs() < 1e-12);
    }
}

/// The probability that a normal number exceeds `k` in absolute value.
fn tail(k: f64) -> f64 {
    libm::erfc(k / 2.0_f64.sqrt())
}

#[test]
fn the_threshold_is_the_normal_quantile() {
    let mut worst = 0.0_f64;
    for exponent in 1..=60 {
        let rate = 10_f64.powf(-0.1 * f64::from(exponent));
        let (mut below, mut above) = (0.0, 10.0); // by bisection
        for _ in 0..60 {
            let middle = 0.5 * (below + above);
            if tail(middle) > rate { below = middle } else { above = middle }
        }
        worst = worst.max((gaussian_threshold(rate) - below).abs());
        worst = worst.max((f64::from(gaussian_threshold(rate as f32)) - below).abs());
    }
    println!("threshold off by at most {worst:.1e}");
    assert!(worst < 4.5e-4 + 1e-6);
}

#[test]
fn rates_that_are_none_have_finite_thresholds() {
    for rate in [0.0, -1.0, 1.0, 2.0, f32::NAN, f32::INFINITY, 1e-45] {
        assert!(gaussian_threshold(rate).is_finite(), "{rate}");
    }
}

/// The running median of normal errors is 0.6745 deviations, whatever the first error was; 100 runs.
#[test]
fn the_running_median_is_that_of_the_normal_distribution() {
    for first in [1e-9, 1.0, 1e3] {
        let medians: Vec<f64> = (0..100)
            .map(|seed| {
                let mut rng = Pcg32::new(seed, 1);
                let mut detector = AnomalyDetector::<[f64; 1], f64>::new();
                detector.update(&[first]).unwrap();
                for _ in 0..20_000 {
                    detector.update(&[3.0 * normal(&mut rng)]).unwrap();
                }
                detector.median()[0] / 3.0
            })
            .collect();
        let mean = medians.iter().sum::<f64>() / 100.0;
        let spread = medians.iter().map(|m| (m - mean).powi(2)).sum::<f64>() / 100.0;
        println!("first {first}: median {mean:.4}, deviation {:.4}", spread.sqrt());
        assert!((mean - 0.6745).abs() < 0.006 && spread.sqrt() < 0.03);
    }
}

/// A normal number, by Box and Muller: `approx_normal` has lighter tails.
fn normal(rng: &mut Pcg32) -> f64 {
    let mut uniform = || (f64::from(rng.next_u32()) + 0.5) / 2_f64.powi(32);
    let radius = (-2.0 * uniform().ln()).sqrt();
    radius * (core::f64::consts::TAU * uniform()).cos()
}

/// 40 runs of 10⁵ normal errors: the rate that the threshold was made for, and a
/// little more, since the scale is known to 2.6 % only.
#[test]
fn the_rate_of_false_alarms_is_the_one_stated() {
    for (rate, limit) in [(1e-4, Limit::Default), (1e-3, Limit::At(gaussian_threshold(1e-3)))] {
        let mut alarms = 0;
        for seed in 0..40 {
            let mut rng = Pcg32::new(seed, 3);
            let mut detector = AnomalyDetector::<[f64; 1], f64>::new();
            detector.threshold = limit;
            for _ in 0..100_000 {
                alarms += u32::from(detector.update(&[normal(&mut rng)]).unwrap().is_anomaly);
            }
        }
        let relative = f64::from(alarms) / 4e6 / rate;
        println!("rate {rate}: {relative:.2} times as many alarms");
        assert!((0.9..1.3).contains(&relative));
    }
}

/// The number of the first sample of a change by the textbook: m_n = Σ (x − mean − δ), a rise where
/// m − min m exceeds λ, and the mirror image for a fall. Every mean is computed anew.
fn textbook(numbers: &[f64], delta: f64, lambda: f64) -> Option<(usize, Drift)> {
    let (mut up, mut down) = (0.0_f64, 0.0_f64);
    let (mut least_up, mut least_down) = (0.0_f64, 0.0_f64);
    for n in 1..=numbers.len() {
        let mean = numbers[..n].iter().sum::<f64>() / n as f64;
        up += numbers[n - 1] - mean - delta;
        down += mean - numbers[n - 1] - delta;
        least_up = least_up.min(up);
        least_down = least_down.min(down);
        if n >= 30 && up - least_up > lambda {
            return Some((n, Drift::Up));
        }
        if n >= 30 && down - least_down > lambda {
            return Some((n, Drift::Down));
        }
    }
    None
}

#[test]
fn page_hinkley_is_the_textbooks() {
    let mut found = 0;
    for seed in 0..40 {
        let mut rng = Pcg32::new(seed, 2);
        let shift = [0.0, 0.5, -0.7, 2.0][seed as usize % 4];
        let mut number = |t| rng.approx_normal::<f64>() + if t < 300 { 0.0 } else { shift };
        let numbers: Vec<f64> = (0..1000).map(&mut number).collect();
        let mut test = PageHinkley::<f64>::new();
        let ours = numbers.iter().zip(1..).find_map(|(&x, n)| {
            let drift = test.update(x);
            (drift != Drift::None).then_some((n, drift))
        });
        assert_eq!(ours, textbook(&numbers, 0.1, 50.0), "seed {seed}");
        found += usize::from(ours.is_some());
    }
    assert!(found >= 30, "{found} of 30 changes");
}
