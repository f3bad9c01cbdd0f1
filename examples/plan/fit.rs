//! Least squares: costs of features from counts, none of them negative.

use std::collections::{BTreeMap, BTreeSet};

use crate::features::{Features, Key};

/// Instructions of each feature.
#[derive(Clone, Debug, Default)]
pub struct Costs(BTreeMap<Key, f64>);

/// Where the counts leave a cost open, the smaller ones are taken.
const RIDGE: f64 = 1e-5;
const ROUNDS: usize = 3_000;
const SETTLED: f64 = 1e-6;

impl Costs {
    /// The costs with the smallest sum of squared relative errors.
    pub fn fit(counts: &[(Features, f64)]) -> Self {
        let counts: Vec<_> =
            counts.iter().map(|(features, count)| (features, *count, 1.0)).collect();
        Self::fit_weighted(&counts)
    }

    /// The same with the weight of each error.
    pub fn fit_weighted(counts: &[(&Features, f64, f64)]) -> Self {
        let keys: BTreeSet<_> =
            counts.iter().flat_map(|(features, ..)| features.0.keys()).collect();
        let keys: Vec<_> = keys.into_iter().copied().collect();
        let rows: Vec<Vec<f64>> = counts
            .iter()
            .map(|(features, count, weight)| row(&keys, features, count / weight))
            .collect();
        let weights: Vec<_> = counts.iter().map(|(.., weight)| *weight).collect();
        let scales: Vec<f64> = (0..keys.len())
            .map(|j| rows.iter().map(|row| row[j] * row[j]).sum::<f64>().sqrt())
            .collect();
        let normal = Normal::new(&rows, &weights, &scales);
        let solution = normal.solve();
        Self(
            keys.into_iter()
                .zip(solution.iter().zip(&scales).map(|(x, scale)| x / scale))
                .collect(),
        )
    }

    /// What so much work costs.
    pub fn of(&self, features: &Features) -> f64 {
        features.0.iter().map(|(key, count)| self.0.get(key).unwrap_or(&0.0) * count).sum()
    }
}

/// Features for each instruction counted: the sum of all, each times its cost, should be 1.
fn row(keys: &[Key], features: &Features, count: f64) -> Vec<f64> {
    keys.iter().map(|key| features.0.get(key).unwrap_or(&0.0) / count).collect()
}

/// The normal equations, every column scaled to length 1.
struct Normal {
    matrix: Vec<Vec<f64>>,
    right: Vec<f64>,
}

impl Normal {
    fn new(rows: &[Vec<f64>], weights: &[f64], scales: &[f64]) -> Self {
        let n = scales.len();
        let dot = |i: usize, j: usize| {
            rows.iter().map(|row| row[i] / scales[i] * row[j] / scales[j]).sum::<f64>()
        };
        let ridge = RIDGE * rows.len() as f64;
        let entry = |i, j| dot(i, j) + if i == j { ridge } else { 0.0 };
        let matrix = (0..n).map(|i| (0..n).map(|j| entry(i, j)).collect()).collect();
        let right = (0..n)
            .map(|i| {
                rows.iter().zip(weights).map(|(row, weight)| weight * row[i] / scales[i]).sum()
            })
            .collect();
        Self { matrix, right }
    }

    /// Coordinate descent: one unknown after the other, until none moves.
    fn solve(&self) -> Vec<f64> {
        let mut x = vec![0.0; self.right.len()];
        for _ in 0..ROUNDS {
            let mut moved = 0.0_f64;
            for j in 0..x.len() {
                let residual =
                    self.right[j] - self.matrix[j].iter().zip(&x).map(|(a, x)| a * x).sum::<f64>();
                let next = (x[j] + residual / self.matrix[j][j]).max(0.0);
                moved = moved.max((next - x[j]).abs());
                x[j] = next;
            }
            if moved < SETTLED {
                break;
            }
        }
        x
    }
}
