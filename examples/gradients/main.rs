//! Gradients of a small network, side by side: TensorFlow's, this crate's and those of a double loop.
//!
//!     cargo run --example gradients
//!
//! `--release` before `--example` makes the times at the end those of optimised code.
//!
//! Two tanh layers of 3 units read ten steps of ones. The targets are ones, and only the last two
//! steps have a loss: `L = Σ_t Σ_j (y_t[j] − 1)²`.
//!
//! In the equations rows multiply matrices from the left, and `∘` is the product number by number.
//! `x_t` is the input of a layer at step `t`, `h_t` its output, `W_x` its kernel, `W_h` its recurrent
//! kernel and `b` its bias; `δ_t` is the derivative of `L` by the argument of the layer's tanh.
//! `loops.rs` computes each equation number by number; `by_elman`, below, by calls of the crate.

mod costs;
mod loops;
mod table;
mod tensorflow;
#[cfg(test)]
mod tests;

use core::time::Duration;

use elman::{ConstZero, Elman, Stack, Tape, squared_error};

use costs::timed;
use loops::{by_loops, walk_back_for_each_error};

/// What a layer reads or writes at one step.
type Row = [f64; 3];
type TanhLayer = Elman<3, 3, f64>;
/// Layer 1 is `net.0[0]`, and layer 2, which reads its output, `net.0[1]`.
type Net = Stack<[TanhLayer; 2]>;

/// The outputs, and the derivative of the loss by everything they depend on.
struct Gradients {
    outputs: Vec<Row>,
    /// ∂L/∂W_x, ∂L/∂W_h and ∂L/∂b: a gradient has the type of the network.
    net: Net,
    /// ∂L/∂x_t of layer 1.
    inputs: Vec<Row>,
    /// ∂L/∂h_0 of both layers.
    initial_state: [Row; 2],
}

const STEPS: usize = 10;
/// Both the input and the target of every step.
const ONES: Row = [1.0; 3];

/// Which steps have an error; the first is step 1.
type HasError = fn(usize) -> bool;
const LAST_TWO: HasError = |t| t > STEPS - 2;

const INTRODUCTION: &str = "\
Two tanh layers of 3 units, ten steps of ones, targets of ones, squared
error on the last two steps. A row is a step, a row of a matrix or a layer.

h^l_t = f(h^{l−1}_t, h^l_{t−1}),  h^0_t = x_t                       (1.2)
δ_t = (∂L/∂h_t from the loss and the layer above + δ_{t+1} · W_hᵀ)
      ∘ (1 − h_t²)                                                 (1.3a)
";

fn main() {
    let (net, tensorflow) = tensorflow::read();
    let (elman, _) = by_elman::<STEPS>(&net, LAST_TWO);
    let (double_loop, ..) = by_loops(&net, STEPS, LAST_TWO, walk_back_for_each_error);

    println!("{INTRODUCTION}");
    table::side_by_side(&tensorflow, &elman);
    table::differences(&tensorflow, &elman, &double_loop);
    costs::print::<100>(&net);
}

/// By the crate: a tape records the steps; one pass back through it takes all errors along.
///
/// Also returns how long that pass takes.
fn by_elman<const K: usize>(net: &Net, has_error: HasError) -> (Gradients, Duration) {
    let mut tape = Tape::<Net, K>::new();
    let mut outputs = vec![];
    for t in 1..=K {
        // (1.1)  in each layer; (1.2)  layer 1 first, then layer 2 on its output
        let y = *tape.step(net, &ONES);
        outputs.push(y);
        if has_error(t) {
            // ∂L/∂y_t = 2 (y_t − 1)
            let (_loss, d_y) = squared_error(&y, &ONES);
            tape.set_output_gradient(&d_y);
        }
    }
    // (1.3a) to (1.3d)  layer 2 first, then layer 1, each from the last step to the first
    let (mut gradient, mut inputs) = (Net::ZERO, [[0.0; 3]; K]);
    let backward = || tape.backward_to_inputs(net, &mut gradient, &mut inputs);
    let (initial_state, time) = timed(backward);
    (Gradients { outputs, net: gradient, inputs: inputs.into(), initial_state }, time)
}
