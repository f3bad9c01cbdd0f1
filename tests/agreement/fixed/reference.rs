//! The same integer rules in plain code: whole numbers of 64 bits, lists, no tile, no bias of an
//! exponent, no bound. Equal bits after hundreds of updates.

use elman::fixed::{self, Row, tanh};
use elman::{ConstZero, Initialize, Optimizer, Parameters, Pcg32, Stack, Tape};

/// The exponent of zeros.
const NOTHING: i64 = -1024;

/// `numbers · 2^exponent`
#[derive(Clone, Debug, PartialEq)]
struct Block {
    numbers: Vec<i64>,
    exponent: i64,
}

impl Block {
    fn zeros(len: usize) -> Self {
        Self { numbers: vec![0; len], exponent: NOTHING }
    }

    /// An input or an error: 14 bits of the largest.
    fn of_floats(x: &[f32]) -> Self {
        let largest = x.iter().fold(0.0, |largest: f64, &x| largest.max(f64::from(x).abs()));
        if largest == 0.0 {
            return Self::zeros(x.len());
        }
        let exponent = largest.log2().floor() as i64 - 13;
        let unit = 2_f64.powi(exponent as i32);
        let round = |x: f64| ((x.abs() / unit + 0.5).floor() * x.signum()) as i64;
        Self { numbers: x.iter().map(|&x| round(x.into())).collect(), exponent }
    }

    /// A row of sums: 14 bits of the largest.
    fn round(numbers: Vec<i64>, exponent: i64) -> Self {
        let by = bits(&numbers) - 14;
        if by == -14 {
            return Self::zeros(numbers.len());
        }
        let half = if by > 0 { 1 << (by - 1) } else { 0 };
        let numbers = numbers.iter().map(|n| floor(n + half, by)).collect();
        Self { numbers, exponent: exponent + by }
    }

    fn shift(&mut self, by: i64) {
        for n in &mut self.numbers {
            *n = nearest(*n, by);
        }
        if self.exponent != NOTHING {
            self.exponent += by;
        }
    }
}

/// The length of the largest; −1 is none.
fn bits(numbers: &[i64]) -> i64 {
    numbers
        .iter()
        .map(|&n| magnitude(n))
        .max()
        .map_or(0, |largest| 64 - i64::from(largest.leading_zeros()))
}

/// One less than the absolute value where it is negative.
fn magnitude(n: i64) -> i64 {
    if n < 0 { -n - 1 } else { n }
}

/// `n / 2^by`, down.
fn floor(n: i64, by: i64) -> i64 {
    if by < 0 { n << -by } else { n >> by.min(31) }
}

/// `n / 2^by`, to nearest, halves up.
fn nearest(n: i64, by: i64) -> i64 {
    match by {
        i64::MIN..=0 => n << -by,
        1..=31 => (n + (1 << (by - 1))) >> by,
        _ => 0,
    }
}

/// `x · W` and `W · y` of the factors in the middle of their intervals.
fn product(x: &Block, w: &Block, columns: usize) -> Block {
    let middle = x.numbers.iter().sum::<i64>() >> 1;
    let column = |c: usize| {
        let terms =
            x.numbers.iter().enumerate().map(|(r, x)| x * (w.numbers[r * columns + c] >> 16));
        terms.sum::<i64>() + middle
    };
    Block { numbers: (0..columns).map(column).collect(), exponent: x.exponent + w.exponent + 16 }
}

fn product_transposed(y: &Block, w: &Block, rows: usize) -> Block {
    let columns = y.numbers.len();
    let middle = y.numbers.iter().sum::<i64>() >> 1;
    let row = |r: usize| {
        let terms =
            y.numbers.iter().enumerate().map(|(c, y)| y * (w.numbers[r * columns + c] >> 16));
        terms.sum::<i64>() + middle
    };
    Block::round((0..rows).map(row).collect(), y.exponent + w.exponent + 16)
}

/// The cell `I-H`, a readout of `O`: kernel, recurrent kernel, bias, kernel, bias.
struct Net {
    sizes: [usize; 3],
    tensors: [Block; 5],
    gradient: [Block; 5],
}

struct Step {
    x: Block,
    h: Block,
    d_y: Block,
}

impl Net {
    fn new(net: &Crate) -> Self {
        let tensors = tensors(net);
        let gradient = tensors.clone().map(|tensor| Block::zeros(tensor.numbers.len()));
        Self { sizes: [I, H, O], tensors, gradient }
    }

    /// The rows of a matrix and its longest side; of a vector 1.
    fn longest(&self, n: usize) -> usize {
        let [i, h, o] = self.sizes;
        [i.max(h), h, 1, h.max(o), 1][n]
    }

    fn columns(&self, n: usize) -> usize {
        let [_, h, o] = self.sizes;
        [h, h, 0, o, 0][n]
    }

    fn sum_bits(&self, n: usize) -> i64 {
        let sides = (1..=self.longest(n)).rev().find(|side| *side == 1 || side.is_power_of_two());
        let mut log = sides.map_or(0, |side| i64::from(side.ilog2()));
        log += i64::from(!self.longest(n).is_power_of_two());
        (31 - log).min(29)
    }

    fn step(&self, x: &[f32], before: &Block) -> (Block, Block, Block) {
        let [_, h, o] = self.sizes;
        let x = Block::of_floats(x);
        let terms = [
            product(&x, &self.tensors[0], h),
            product(before, &self.tensors[1], h),
            self.tensors[2].clone(),
        ];
        let z = |n: usize| terms.iter().map(|t| floor(t.numbers[n], -18 - t.exponent)).sum::<i64>();
        assert!(terms.iter().all(|term| -18 - term.exponent >= 2), "of a usual size");
        let state: Vec<i64> = (0..h).map(|n| tanh(z(n) as i32).into()).collect();
        let state = Block { numbers: state, exponent: -15 };

        let (y, b) = (product(&state, &self.tensors[3], o), &self.tensors[4]);
        let sum = y.exponent.max(b.exponent) + 1;
        let add = |n: usize| {
            floor(y.numbers[n], sum - y.exponent) + floor(b.numbers[n], sum - b.exponent)
        };
        (x, state, Block::round((0..o).map(add).collect(), sum))
    }

    fn backward(&mut self, steps: &[Step], before: &Block) {
        let [_, h, _] = self.sizes;
        let mut carry = Block::zeros(h);
        let mut deltas = vec![];
        for step in steps.iter().rev() {
            let d = product_transposed(&step.d_y, &self.tensors[3], h);
            let top = d.exponent.max(carry.exponent);
            let slopes = step.h.numbers.iter().map(|h| (1 << 15) - ((h * h) >> 15));
            let sums = (0..h).map(|n| {
                floor(d.numbers[n], top - d.exponent)
                    + floor(carry.numbers[n], top - carry.exponent)
            });
            let delta = Block::round(sums.zip(slopes).map(|(a, b)| a * b).collect(), top - 15);
            carry = product_transposed(&delta, &self.tensors[1], h);
            deltas.insert(0, delta);
        }
        let befores: Vec<Block> =
            core::iter::once(before).chain(steps.iter().map(|step| &step.h)).cloned().collect();
        let xs: Vec<Block> = steps.iter().map(|step| step.x.clone()).collect();
        let hs: Vec<Block> = steps.iter().map(|step| step.h.clone()).collect();

        let mut errors: Vec<Block> = steps.iter().map(|step| step.d_y.clone()).collect();
        align(&mut errors);
        self.add_rows(4, &errors);
        fold(&hs, &mut errors);
        self.add_products(3, &hs, &errors);

        align(&mut deltas);
        self.add_rows(2, &deltas);
        if befores[0].exponent == -15 || deltas.len() == 1 {
            self.add_products(1, &befores, &deltas);
        } else {
            self.add_products(1, &befores[..1], &deltas[..1]);
            self.add_products(1, &befores[1..], &deltas[1..]);
        }
        fold(&xs, &mut deltas);
        self.add_products(0, &xs, &deltas);
    }

    /// `Σ_t x_tᵀ · δ_t`, whose products have one exponent.
    fn add_products(&mut self, n: usize, x: &[Block], delta: &[Block]) {
        let (rows, columns) = (x[0].numbers.len(), delta[0].numbers.len());
        let exponent = x.iter().map(|x| x.exponent).max().unwrap() + delta[0].exponent;
        let sums = (0..rows * columns).map(|n| {
            let (r, c) = (n / columns, n % columns);
            x.iter().zip(delta).map(|(x, delta)| x.numbers[r] * delta.numbers[c]).sum()
        });
        self.add(n, sums.collect(), exponent, 31 - self.sum_bits(n));
    }

    fn add_rows(&mut self, n: usize, delta: &[Block]) {
        let len = delta[0].numbers.len();
        let sums = (0..len).map(|n| delta.iter().map(|d| d.numbers[n]).sum::<i64>() << 13);
        self.add(n, sums.collect(), delta[0].exponent - 13, 0);
    }

    fn add(&mut self, n: usize, sums: Vec<i64>, exponent: i64, room: i64) {
        let bound = self.sum_bits(n);
        let g = &mut self.gradient[n];
        let new = (exponent + room).max(NOTHING);
        let sum = g.exponent.max(new);
        for (g_n, s) in g.numbers.iter_mut().zip(sums) {
            *g_n = floor(*g_n, sum - g.exponent) + floor(s, sum - new + room);
        }
        g.exponent = sum;
        let by = bits(&g.numbers) - bound;
        if by > 0 {
            g.shift(by);
        }
    }

    fn update(&mut self, rate: f32) {
        let (mantissa, exponent) = factor(-rate);
        for n in 0..5 {
            let (columns, bound) = (self.columns(n), self.sum_bits(n));
            let (w, g) = (&mut self.tensors[n], &self.gradient[n]);
            if g.exponent == NOTHING {
                continue;
            }
            let unit = g.exponent + exponent + 16;
            if w.exponent == NOTHING {
                w.exponent = unit;
            }
            let mut by = w.exponent - unit;
            let more = bits(&g.numbers) - 1 - by - 28;
            if by <= 2 && more > 0 {
                w.shift(more);
                by += more;
            }
            for (w, g) in w.numbers.iter_mut().zip(&g.numbers) {
                *w += nearest((g * mantissa) >> 16, by.min(30));
            }
            fit(w, columns, bound);
        }
        for g in &mut self.gradient {
            *g = Block::zeros(g.numbers.len());
        }
    }
}

/// 15 bits of a float, and the exponent of the last.
fn factor(f: f32) -> (i64, i64) {
    let exponent = f64::from(f).abs().log2().floor() as i64 - 14;
    let mantissa = (f64::from(f).abs() / 2_f64.powi(exponent as i32) + 0.5).floor() as i64;
    (if f < 0.0 { -mantissa } else { mantissa }, exponent)
}

fn fit(w: &mut Block, columns: usize, bound: i64) {
    if columns == 0 {
        let by = bits(&w.numbers) - bound;
        return w.shift(by.max(0));
    }
    let reach = |w: &Block| {
        let factors: Vec<i64> = w.numbers.iter().map(|&n| magnitude(n) >> 16).collect();
        let rows = factors.chunks(columns).map(|row| row.iter().sum::<i64>());
        let column = |c: usize| factors.iter().skip(c).step_by(columns).sum::<i64>();
        rows.chain((0..columns).map(column)).max().unwrap()
    };
    while reach(w) > 3 << 13 {
        let mut by = 1;
        while (reach(w) - 1) >> by >= 1 << 14 {
            by += 1;
        }
        w.shift(by);
    }
    while reach(w) < 5 << 11 && bits(&w.numbers) > 0 {
        w.shift(-1);
    }
}

/// One exponent, at which absolute values add to less than 2¹⁵.
fn align(rows: &mut [Block]) {
    let top = rows.iter().map(|row| row.exponent).max().unwrap();
    let sum = |n: usize| {
        rows.iter()
            .map(|row| magnitude(row.numbers[n]) >> (top - row.exponent).min(15))
            .sum::<i64>()
    };
    let most = (0..rows[0].numbers.len()).map(sum).max().unwrap() + rows.len() as i64;
    let top = top + (bits(&[most]) - 15).max(0);
    for row in rows {
        shift_row(row, top - row.exponent);
        row.exponent = top;
    }
}

/// Shifts each delta by what its input is smaller than the largest.
fn fold(x: &[Block], delta: &mut [Block]) {
    let top = x.iter().map(|x| x.exponent).max().unwrap();
    for (x, delta) in x.iter().zip(delta) {
        shift_row(delta, top - x.exponent);
    }
}

fn shift_row(row: &mut Block, by: i64) {
    for n in &mut row.numbers {
        *n = if by > 15 { 0 } else { nearest(*n, by) };
    }
}

//////////// against the crate ////////////

const I: usize = 3;
const H: usize = 6;
const O: usize = 2;
const K: usize = 9;

type Crate = Stack<(fixed::Elman<I, H>, fixed::Dense<H, O>)>;

fn tensors(net: &Crate) -> [Block; 5] {
    let Stack((cell, dense)) = net;
    let of = |numbers: &[i32], exponent: i32| Block {
        numbers: numbers.iter().map(|&n| n.into()).collect(),
        exponent: exponent.into(),
    };
    [
        of(cell.kernel.numbers().as_flattened(), cell.kernel.exponent()),
        of(cell.recurrent_kernel.numbers().as_flattened(), cell.recurrent_kernel.exponent()),
        of(cell.bias.numbers(), cell.bias.exponent()),
        of(dense.kernel.numbers().as_flattened(), dense.kernel.exponent()),
        of(dense.bias.numbers(), dense.bias.exponent()),
    ]
}

/// Windows of all lengths up to K, inputs and errors over many scales, some of them zero.
#[test]
fn the_bits_are_those_of_the_plain_reference() {
    let mut rng = Pcg32::new(7, 0);
    let mut net = Crate::ZERO;
    net.init_pytorch(&mut rng);
    let mut reference = Net::new(&net);
    let mut gradient = Crate::ZERO;
    let mut tape = Tape::<Crate, K>::new();
    let mut state = Block::zeros(H);
    for update in 0..400 {
        let windows = 1 + rng.next_u32() % 3;
        for _ in 0..windows {
            let before = state.clone();
            let mut steps = vec![];
            for _ in 0..1 + rng.next_u32() as usize % K {
                let scale = 2_f32.powi((rng.next_u32() % 12) as i32 - 9);
                let x: [f32; I] = core::array::from_fn(|_| scale * rng.uniform_symmetric::<f32>());
                let d_y: [f32; O] =
                    core::array::from_fn(|_| scale * rng.uniform_symmetric::<f32>());
                let y = *tape.step(&net, &Row::from(x));
                let (x, h, plain) = reference.step(&x, &state);
                assert_eq!(as_block(&y), plain, "output in update {update}");
                state = h.clone();
                let has_error = !rng.next_u32().is_multiple_of(4);
                if has_error {
                    tape.set_output_gradient(&Row::from(d_y));
                }
                let d_y = if has_error { Block::of_floats(&d_y) } else { Block::zeros(O) };
                steps.push(Step { x, h, d_y });
            }
            tape.backward(&net, &mut gradient);
            let state = *tape.state();
            tape.reset(state); // windows do not overlap
            reference.backward(&steps, &before);
            assert_eq!(tensors(&gradient), reference.gradient, "gradient of update {update}");
        }
        let rate = [0.5, 0.1, 0.01, 3e-5][update % 4];
        fixed::Sgd::new(rate).update(&mut net, &gradient, &mut ());
        gradient.set_zero();
        reference.update(rate);
        assert_eq!(tensors(&net), reference.tensors, "weights after update {update}");
    }
    assert_ne!(
        net.0.0.recurrent_kernel.exponent(),
        {
            let mut first = Crate::ZERO;
            first.init_pytorch(&mut Pcg32::new(7, 0));
            first.0.0.recurrent_kernel.exponent()
        },
        "an exponent has moved meanwhile"
    );
}

fn as_block<const N: usize>(row: &Row<N>) -> Block {
    let numbers = row.mantissas().iter().map(|&m| m.into()).collect();
    Block { numbers, exponent: row.exponent().into() }
}
