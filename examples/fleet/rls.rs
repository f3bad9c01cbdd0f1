//! Recursive least squares with forgetting, in `f64`.

/// A linear forecast `wᵀx` whose weights minimise `Σ λ^{t-s} (y_s − wᵀx_s)²` after every sample.
///
/// ```text
/// k = P x / (λ + xᵀ P x),   w ← w + k (y − wᵀx),   P ← (P − k xᵀ P) / λ
/// ```
#[derive(Clone)]
pub struct Rls<const N: usize> {
    weights: [f64; N],
    /// The inverse of the weighted correlation of the inputs.
    p: [[f64; N]; N],
    /// λ
    forgetting: f64,
}

impl<const N: usize> Rls<N> {
    /// Weights of 0, and `P = I / ridge`.
    pub fn new(forgetting: f64, ridge: f64) -> Self {
        let unit = |row: usize| core::array::from_fn(|c| if row == c { 1.0 / ridge } else { 0.0 });
        Self { weights: [0.0; N], p: core::array::from_fn(unit), forgetting }
    }

    pub fn predict(&self, x: &[f64; N]) -> f64 {
        dot(&self.weights, x)
    }

    pub fn update(&mut self, x: &[f64; N], y: f64) {
        let px = self.p.map(|row| dot(&row, x));
        let divisor = self.forgetting + dot(&px, x);
        let gain = px.map(|p| p / divisor);
        let error = y - self.predict(x);
        for (row, g) in gain.into_iter().enumerate() {
            self.weights[row] += g * error;
            for (p, px) in self.p[row].iter_mut().zip(&px) {
                *p = (*p - g * px) / self.forgetting;
            }
        }
    }
}

fn dot<const N: usize>(a: &[f64; N], b: &[f64; N]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
