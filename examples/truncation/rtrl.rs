//! Real-time recurrent learning of the whole tanh cell (Williams & Zipser 1989): the exact gradient of each
//! step's loss back to the first step, for a network as small as this one.

use elman::{Dense, Elman, Layer, Parameters, squared_error};

use crate::{H, Net};

/// Weights of the cell: kernel, recurrent kernel, bias.
const WEIGHTS: usize = H + H * H + H;

/// The state, and ∂h_j/∂weight for every unit and weight.
pub struct Rtrl {
    h: [f64; H],
    trace: Vec<[f64; WEIGHTS]>,
}

impl Rtrl {
    pub fn new() -> Self {
        Self { h: [0.0; H], trace: vec![[0.0; WEIGHTS]; H] }
    }

    /// `∂h_j = (1 − h_j²) · (Σ_i W_h[i][j] · ∂h_i before + ∂z_j)`
    fn step(&mut self, cell: &Elman<1, H, f64>, x: &[f64; 1]) {
        let before = self.h;
        cell.step(x, &mut self.h);
        let old = self.trace.clone();
        for (j, trace) in self.trace.iter_mut().enumerate() {
            let slope = 1.0 - self.h[j] * self.h[j];
            for (w, trace) in trace.iter_mut().enumerate() {
                let through_time: f64 =
                    (0..H).map(|i| cell.recurrent_kernel.0[i][j] * old[i][w]).sum();
                *trace = slope * (through_time + direct(j, w, x, &before));
            }
        }
    }

    /// Predicts `next` from `x`; returns the squared error and adds its gradient.
    pub fn observe(&mut self, net: &Net, x: &[f64; 1], next: &[f64; 1], gradient: &mut Net) -> f64 {
        self.step(&net.0.0, x);
        let mut y = Dense::<H, 1, f64>::INITIAL_STATE;
        net.0.1.step(&self.h, &mut y);
        let (loss, [d_y]) = squared_error(&y, next);
        for (j, h) in self.h.iter().enumerate() {
            gradient.0.1.kernel.0[j][0] += h * d_y;
        }
        gradient.0.1.bias[0] += d_y;
        let mut w = 0;
        for n in 0..Elman::<1, H, f64>::TENSORS {
            for g in gradient.0.0.tensor_mut(n) {
                let of_state = |j: usize| net.0.1.kernel.0[j][0] * self.trace[j][w];
                *g += d_y * (0..H).map(of_state).sum::<f64>();
                w += 1;
            }
        }
        loss
    }
}

/// `∂z_j/∂weight w` at this step alone.
fn direct(j: usize, w: usize, x: &[f64; 1], before: &[f64; H]) -> f64 {
    match w {
        w if w < H => {
            if w == j {
                x[0]
            } else {
                0.0
            }
        }
        w if w < H + H * H => {
            if (w - H) % H == j {
                before[(w - H) / H]
            } else {
                0.0
            }
        }
        w => {
            if w - H - H * H == j {
                1.0
            } else {
                0.0
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use elman::{ConstZero, Initialize, Pcg32, Tape};

    use super::*;

    /// Full BPTT on a tape of the whole sequence, to 1e-12.
    #[test]
    fn the_gradient_is_that_of_full_bptt() {
        let mut net = Net::ZERO;
        net.init_keras(&mut Pcg32::new(1, 0));
        let (mut by_trace, mut by_tape) = (Net::ZERO, Net::ZERO);
        let mut rtrl = Rtrl::new();
        let mut tape = Tape::<Net, 200>::new();
        for t in 0..200 {
            let (x, next) = ([f64::from(t % 7) / 7.0], [f64::from(t % 5) / 5.0]);
            let loss = rtrl.observe(&net, &x, &next, &mut by_trace);
            let (same, d_y) = squared_error(tape.step(&net, &x), &next);
            assert!((loss - same).abs() < 1e-14);
            tape.set_output_gradient(&d_y);
        }
        tape.backward(&net, &mut by_tape);
        for n in 0..Net::TENSORS {
            for (a, b) in by_trace.tensor(n).iter().zip(by_tape.tensor(n)) {
                assert!((a - b).abs() < 1e-12 * b.abs().max(1.0), "tensor {n}: {a} and {b}");
            }
        }
    }
}
