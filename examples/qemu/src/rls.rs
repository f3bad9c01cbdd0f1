//! Recursive least squares on the newest numbers, the baseline of `examples/common/baselines.rs`, without a heap.

use elman::Scalar;

/// A constant and a weight for each of the `N − 1` newest numbers, learned number by number.
///
/// ```text
/// k = P·φ / (λ + φᵀ·P·φ),   w ← w + k · (x − wᵀ·φ),   P ← (P − k·φᵀ·P) / λ
/// ```
pub struct RecursiveLeastSquares<const N: usize, T = f32> {
    /// 1 and the newest numbers, newest first.
    regressors: [T; N],
    weights: [T; N],
    /// P, symmetric.
    inverse: [[T; N]; N],
    forgetting: T,
    is_started: bool,
}

impl<const N: usize, T: Scalar> RecursiveLeastSquares<N, T> {
    /// `forgetting` is λ, `start` the diagonal of the first P.
    pub fn new(forgetting: T, start: T) -> Self {
        let mut inverse = [[T::ZERO; N]; N];
        inverse.iter_mut().enumerate().for_each(|(n, row)| row[n] = start);
        let zeros = [T::ZERO; N];
        Self { regressors: zeros, weights: zeros, inverse, forgetting, is_started: false }
    }

    /// Learns `x`, and forecasts the number after it.
    pub fn observe(&mut self, x: T) -> T {
        if self.is_started {
            self.learn(x);
            self.regressors.copy_within(1..N - 1, 2);
            self.regressors[1] = x;
        } else {
            self.is_started = true;
            self.regressors = [x; N];
            self.regressors[0] = T::ONE;
        }
        dot(&self.weights, &self.regressors)
    }

    fn learn(&mut self, x: T) {
        let Self { regressors, weights, inverse, forgetting, .. } = self;
        let projected = inverse.each_ref().map(|row| dot(row, regressors));
        let scale = T::ONE / (*forgetting + dot(regressors, &projected));
        let error = x - dot(weights, regressors);
        let gain = projected.map(|p| p * scale);
        for (w, k) in weights.iter_mut().zip(gain) {
            *w += k * error;
        }
        let grown = T::ONE / *forgetting;
        for (i, k) in gain.into_iter().enumerate() {
            for (j, p) in projected.iter().enumerate().take(i + 1) {
                let entry = (inverse[i][j] - k * *p) * grown;
                (inverse[i][j], inverse[j][i]) = (entry, entry);
            }
        }
    }
}

fn dot<const N: usize, T: Scalar>(a: &[T; N], b: &[T; N]) -> T {
    a.iter().zip(b).fold(T::ZERO, |sum, (&a, &b)| sum + a * b)
}
