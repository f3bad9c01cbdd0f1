//! Tables of gradients and of their differences.

use core::array::from_fn;
use core::slice::from_ref;

use elman::Stack;

use crate::{Gradients, Row};

/// A tensor: its name, its equation, the number of that, and its rows.
type Tensor<'a> = (&'static str, &'static str, &'static str, &'a [Row]);

impl Gradients {
    /// The outputs, then the gradients from the top of the network to the bottom.
    pub fn tensors(&self) -> [Tensor<'_>; 9] {
        let Stack([one, two]) = &self.net;
        let forward = "tanh(x_t · W_x + h_{t−1} · W_h + b)";
        let (w_x, w_h, b) = ("Σ_t x_tᵀ · δ_t", "Σ_t h_{t−1}ᵀ · δ_t", "Σ_t δ_t");
        [
            ("h_t     of layer 2", forward, "(1.1)", &self.outputs),
            ("∂L/∂W_x of layer 2", w_x, "(1.3b)", &two.kernel.0),
            ("∂L/∂W_h of layer 2", w_h, "(1.3c)", &two.recurrent_kernel.0),
            ("∂L/∂b   of layer 2", b, "(1.3c)", from_ref(&two.bias)),
            ("∂L/∂W_x of layer 1", w_x, "(1.3b)", &one.kernel.0),
            ("∂L/∂W_h of layer 1", w_h, "(1.3c)", &one.recurrent_kernel.0),
            ("∂L/∂b   of layer 1", b, "(1.3c)", from_ref(&one.bias)),
            ("∂L/∂x_t of layer 1", "δ_t · W_xᵀ", "(1.3d)", &self.inputs),
            ("∂L/∂h_0 of layers 1 and 2", "δ_1 · W_hᵀ", "(1.3a)", &self.initial_state),
        ]
    }

    /// The largest difference to `other`, tensor by tensor.
    pub fn differences(&self, other: &Self) -> [f64; 9] {
        let (a, b) = (self.tensors(), other.tensors());
        from_fn(|n| largest_difference(a[n].3.as_flattened(), b[n].3.as_flattened()))
    }
}

/// NaN if any difference is.
fn largest_difference(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).max_by(f64::total_cmp).expect("numbers")
}

/// Every number of both, and below each tensor the largest difference.
pub fn side_by_side(tensorflow: &Gradients, elman: &Gradients) {
    println!("{:4}{:>33}{:>36}", "", "TensorFlow", "elman");
    let (left, right) = (tensorflow.tensors(), elman.tensors());
    for (n, difference) in elman.differences(tensorflow).into_iter().enumerate() {
        let (name, equation, number, rows) = left[n];
        println!("\n{:66}{number:>7}", format!("{name} = {equation}"));
        for (row, (left, right)) in (1..).zip(rows.iter().zip(right[n].3)) {
            println!("{row:4}{}   {}", numbers(left), numbers(right));
        }
        println!("{:>73}", format!("largest difference {difference:.1e}"));
    }
}

fn numbers(row: &Row) -> String {
    row.map(|number| format!("{number:>11.7}")).concat()
}

/// The largest differences of the double loop to both others.
pub fn differences(tensorflow: &Gradients, elman: &Gradients, double_loop: &Gradients) {
    println!("\nThe same by a double loop: back to step 1 from every step that has an error\n");
    println!("{:49}{:>12}{:>12}", "largest difference to", "TensorFlow", "elman");
    let others = [tensorflow, elman].map(|other| double_loop.differences(other));
    for (n, (name, ..)) in double_loop.tensors().into_iter().enumerate() {
        println!("{name:49}{:>12.1e}{:>12.1e}", others[0][n], others[1][n]);
    }
}
