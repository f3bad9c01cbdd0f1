//! A layer from outside the crate, by the public API alone: one struct, one file.

use elman::{
    Cell, ConstZero, Dense, Elman, FrozenBase, Matrix, Optimizer, Parameters, Pcg32, Reads, Sgd,
    Stack, StaticLayer, Tape, Tensor, Window, layer, squared_error, uniform,
};

/// The recurrent layer of Le, Jaitly & Hinton 2015: `h_t = max(0, x_t · W_x + h_{t-1} · W_h)`.
#[derive(Clone, Debug)]
struct Irnn<const I: usize, const H: usize> {
    kernel: Matrix<I, H, f64>,
    recurrent_kernel: Matrix<H, H, f64>,
}

impl<const I: usize, const H: usize> Cell for Irnn<I, H> {
    type In = [f64; I];
    type Out = [f64; H];

    fn step(&self, x: &[f64; I], h: &mut [f64; H]) {
        let mut z = [0.0; H];
        self.kernel.add_product(x, &mut z);
        self.recurrent_kernel.add_product(h, &mut z);
        *h = z.map(|z| z.max(0.0));
    }

    /// Written as one would at first: indexing, step by step.
    fn backward(&self, window: Window<'_, [f64; I], [f64; H]>, mut gradient: Option<&mut Self>) {
        let Window { inputs, before, outputs, d_outputs, d_state, mut d_inputs } = window;
        for t in (0..inputs.len()).rev() {
            let delta: [f64; H] = core::array::from_fn(|j| {
                if outputs[t][j] > 0.0 { d_outputs[t][j] + d_state[j] } else { 0.0 }
            });
            *d_state = [0.0; H];
            self.recurrent_kernel.add_product_transposed(&delta, d_state);
            if let Some(d_inputs) = &mut d_inputs {
                d_inputs[t] = [0.0; I];
                self.kernel.add_product_transposed(&delta, &mut d_inputs[t]);
            }
            if let Some(gradient) = &mut gradient {
                let h = if t == 0 { before } else { &outputs[t - 1] };
                gradient.kernel.add_outer_products(&[inputs[t]], &[delta]);
                gradient.recurrent_kernel.add_outer_products(&[*h], &[delta]);
            }
        }
    }
}

layer!([const I: usize, const H: usize] Irnn<I, H>);
impl<const I: usize, const H: usize> Reads<[f64; I]> for Irnn<I, H> {}

impl<const I: usize, const H: usize> Parameters for Irnn<I, H> {
    type Scalar = f64;
    type Tensor = [f64];
    const TENSORS: usize = 2;

    fn tensor(&self, n: usize) -> &[f64] {
        match n {
            0 => self.kernel.as_slice(),
            1 => self.recurrent_kernel.as_slice(),
            _ => Tensor::empty(),
        }
    }

    fn tensor_mut(&mut self, n: usize) -> &mut [f64] {
        match n {
            0 => self.kernel.as_mut_slice(),
            1 => self.recurrent_kernel.as_mut_slice(),
            _ => Tensor::empty(),
        }
    }
}

impl<const I: usize, const H: usize> ConstZero for Irnn<I, H> {
    const ZERO: Self = Self { kernel: Matrix::ZERO, recurrent_kernel: Matrix::ZERO };
}

type Net = Stack<(Irnn<2, 5>, [Irnn<5, 5>; 2], Dense<5, 1, f64>)>;
const STEPS: usize = 7;

fn inputs() -> [[f64; 2]; STEPS] {
    let mut rng = Pcg32::new(5, 0);
    core::array::from_fn(|_| [rng.uniform_symmetric(), rng.uniform_symmetric()])
}

/// The loss of the sequence; and its gradient, in `gradient`.
fn loss(net: &Net, gradient: &mut Net) -> f64 {
    let mut tape = Tape::<Net, STEPS>::new();
    let mut sum = 0.0;
    for x in inputs() {
        let (loss, d_y) = squared_error(tape.step(net, &x), &[0.5]);
        tape.set_output_gradient(&d_y);
        sum += loss;
    }
    tape.backward(net, gradient);
    sum
}

#[test]
fn its_gradients_are_finite_differences() {
    let mut net = Net::ZERO;
    uniform(&mut net, 0.7, &mut Pcg32::new(1, 0));
    let mut gradient = Net::ZERO;
    loss(&net, &mut gradient);

    let (mut worst, mut largest) = (0.0_f64, 0.0_f64);
    for n in 0..Net::TENSORS {
        for i in 0..net.tensor(n).len() {
            let at = |shift: f64| {
                let mut net = net.clone();
                net.tensor_mut(n)[i] += shift;
                let mut ignored = Net::ZERO;
                loss(&net, &mut ignored)
            };
            let slope = (at(1e-6) - at(-1e-6)) / 2e-6;
            worst = worst.max((slope - gradient.tensor(n)[i]).abs());
            largest = largest.max(slope.abs());
        }
    }
    println!("largest slope {largest}, off by {worst:e} at most");
    assert!(largest > 0.1 && worst < 1e-8);
}

/// Above a frozen base nobody wants ∂L/∂x, which the layer is told by `None`.
#[test]
fn it_learns_above_a_frozen_base() {
    static BASE: Elman<2, 3, f64> =
        Elman { kernel: Matrix([[0.5, -0.3, 0.2]; 2]), ..ConstZero::ZERO };
    struct Base;
    impl StaticLayer for Base {
        type Layer = Elman<2, 3, f64>;
        fn layer() -> &'static Self::Layer {
            &BASE
        }
    }
    type Net = Stack<(FrozenBase<Base>, Irnn<3, 4>, Dense<4, 1, f64>)>;

    let mut net = Net::ZERO;
    uniform(&mut net, 0.5, &mut Pcg32::new(2, 0));
    let mut tape = Tape::<Net, STEPS>::new();
    let mut losses = vec![];
    for _ in 0..400 {
        tape.reset(Net::INITIAL_STATE);
        let (mut gradient, mut sum) = (Net::ZERO, 0.0);
        for x in inputs() {
            let (loss, d_y) = squared_error(tape.step(&net, &x), &[x[0]]);
            tape.set_output_gradient(&d_y);
            sum += loss;
        }
        tape.backward(&net, &mut gradient);
        Sgd::new(0.02).update(&mut net, &gradient, &mut ());
        losses.push(sum);
    }
    let (first, last) = (losses[0], losses[399]);
    println!("loss {first} before, {last} after");
    assert!(last < first / 5.0);
}
