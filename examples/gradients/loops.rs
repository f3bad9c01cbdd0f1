//! The equations as plain loops: a step forward, a step back, and two ways through the sequence.
#![expect(clippy::needless_range_loop, reason = "the indices are those of the equations")]

use core::array::from_fn;
use core::mem::take;
use core::time::Duration;

use elman::{ConstZero, Matrix};

use crate::costs::timed;
use crate::{Gradients, HasError, Net, ONES, Row, TanhLayer};

/// One layer, one step forward: from x_t and h_{t−1} to h_t.
fn step(layer: &TanhLayer, x: &Row, before: &Row) -> Row {
    let (w_x, w_h) = (&layer.kernel.0, &layer.recurrent_kernel.0);
    from_fn(|j| {
        // (1.1)  h_t = tanh(x_t · W_x + h_{t−1} · W_h + b)
        let sum: f64 = (0..3).map(|i| x[i] * w_x[i][j] + before[i] * w_h[i][j]).sum();
        (sum + layer.bias[j]).tanh()
    })
}

/// The same step back: from ∂L/∂h_t to ∂L/∂x_t and ∂L/∂h_{t−1}. Adds its share to `gradient`.
fn step_back(
    layer: &TanhLayer,
    [x, before, h]: [&Row; 3],
    d_h: &Row,
    gradient: &mut TanhLayer,
) -> (Row, Row) {
    // (1.3a)  δ_t = (∂L/∂h_t) ∘ (1 − h_t²), because the derivative of tanh is 1 − tanh²
    let delta: Row = from_fn(|j| d_h[j] * (1.0 - h[j] * h[j]));
    for j in 0..3 {
        for i in 0..3 {
            // (1.3b)  ΔW_x = Σ_t x_tᵀ · δ_t, because W_x[i][j] was multiplied by x_t[i]
            gradient.kernel.0[i][j] += x[i] * delta[j];
            // (1.3c)  ΔW_h = Σ_t h_{t−1}ᵀ · δ_t, because W_h[i][j] was multiplied by h_{t−1}[i]
            gradient.recurrent_kernel.0[i][j] += before[i] * delta[j];
        }
        // (1.3c)  Δb = Σ_t δ_t, because b[j] was added as it is
        gradient.bias[j] += delta[j];
    }
    // (1.3d)  ∂L/∂x_t = δ_t · W_xᵀ, for the layer below at the same step
    let d_x = times_transposed(&delta, &layer.kernel);
    // (1.3a)  δ_t · W_hᵀ, for the same layer at the step before
    let d_before = times_transposed(&delta, &layer.recurrent_kernel);
    (d_x, d_before)
}

/// `y · Wᵀ`
fn times_transposed(y: &Row, Matrix(w): &Matrix<3, 3, f64>) -> Row {
    from_fn(|i| (0..3).map(|j| y[j] * w[i][j]).sum())
}

/// Step t of the sequence: h^0_t, which is the input x_t, then h^1_t and h^2_t.
type Recorded = [Row; 3];
/// ∂L/∂y_t of steps 1, 2, …, where there is one.
type Errors = [Option<Row>];

/// All steps forward. Step 0 is the initial state, zero.
fn forward(net: &Net, steps: usize) -> Vec<Recorded> {
    let mut h = vec![[[0.0; 3]; 3]];
    for t in 1..=steps {
        let mut now = [ONES; 3];
        for l in [1, 2] {
            // (1.2)  h^l_t = f(h^{l−1}_t, h^l_{t−1}), and h^0_t = x_t
            now[l] = step(&net.0[l - 1], &now[l - 1], &h[t - 1][l]);
        }
        h.push(now);
    }
    h
}

/// One walk, from the last step to the first, that takes all errors along.
///
/// Adds to `sum`; returns how often a layer stepped back.
pub fn walk_back(net: &Net, h: &[Recorded], errors: &Errors, sum: &mut Gradients) -> usize {
    let mut calls = 0;
    let mut d_h = [[0.0; 3]; 3]; // of h^l_t, as far as it is known
    for t in (1..=errors.len()).rev() {
        // (1.3a)  ∂L/∂h_t from the loss, in addition to δ_{t+1} · W_hᵀ, which is already in d_h
        add(&mut d_h[2], &errors[t - 1].unwrap_or_default());
        for l in [2, 1] {
            let values = [&h[t][l - 1], &h[t - 1][l], &h[t][l]];
            let (d_x, d_before) = step_back(&net.0[l - 1], values, &d_h[l], &mut sum.net.0[l - 1]);
            add(&mut d_h[l - 1], &d_x);
            d_h[l] = d_before;
            calls += 1;
        }
        add(&mut sum.inputs[t - 1], &take(&mut d_h[0]));
    }
    for l in [1, 2] {
        add(&mut sum.initial_state[l - 1], &d_h[l]);
    }
    calls
}

/// The double loop: for every step with an error a walk of its own, with that error alone.
///
/// A walk is linear in its errors, so the sum of these walks is the one walk with all errors.
pub fn walk_back_for_each_error(
    net: &Net,
    h: &[Recorded],
    errors: &Errors,
    sum: &mut Gradients,
) -> usize {
    let mut calls = 0;
    for t in 1..=errors.len() {
        if errors[t - 1].is_some() {
            let mut alone = vec![None; t];
            alone[t - 1] = errors[t - 1];
            calls += walk_back(net, h, &alone, sum);
        }
    }
    calls
}

pub type Walk = fn(&Net, &[Recorded], &Errors, &mut Gradients) -> usize;

/// All steps forward, then back by `walk`.
///
/// Also returns how long the walk takes, and how often a layer steps back in it.
pub fn by_loops(
    net: &Net,
    steps: usize,
    has_error: HasError,
    walk: Walk,
) -> (Gradients, Duration, usize) {
    let h = forward(net, steps);
    let outputs: Vec<Row> = h[1..].iter().map(|h| h[2]).collect();
    // ∂L/∂y_t = 2 (y_t − 1)
    let error = |(t, y): (usize, &Row)| has_error(t).then(|| y.map(|y| 2.0 * (y - 1.0)));
    let errors: Vec<_> = (1..).zip(&outputs).map(error).collect();

    let inputs = vec![[0.0; 3]; steps];
    let mut sum = Gradients { outputs, net: Net::ZERO, inputs, initial_state: [[0.0; 3]; 2] };
    let (calls, time) = timed(|| walk(net, &h, &errors, &mut sum));
    (sum, time, calls)
}

fn add(sum: &mut Row, row: &Row) {
    sum.iter_mut().zip(row).for_each(|(sum, number)| *sum += number);
}
