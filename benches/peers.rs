//! This crate beside textbook loops and nalgebra, the same arithmetic on the same numbers.
//!
//!     cargo bench --bench peers
//!     RUSTFLAGS=-Ctarget-cpu=x86-64-v3 cargo bench --bench peers
//!
//! `step` is one step of a cell of `I` inputs and `H` units, `training` 20 steps forward and back
//! with an error at every step. All three use the crate's tanh. The lines at the end have the times
//! as multiples of this crate's: only those mean something on another machine.

#![expect(clippy::needless_range_loop, reason = "the textbook's loops are written as it does")]

use core::hint::black_box;
use std::fs::File;

use criterion::Criterion;
use elman::{ConstZero, Elman, Layer, Pcg32, Scalar, Tape, uniform};

const PEERS: [&str; 3] = ["elman", "textbook", "nalgebra"];
const UNITS: [&str; 2] = ["step", "training"];
const SIZES: [&str; 4] = ["3-16", "8-32", "16-64", "32-128"];

const K: usize = 20;
/// Relative to numbers of the size of 1: what a sum of 20 · 128 products in another order may be off.
const TOLERANCE: f32 = 1e-3;

/// One sequence, and the error of every step.
struct Sequence<const I: usize, const H: usize> {
    x: [[f32; I]; K],
    d_h: [[f32; H]; K],
}

/// A way to compute (1.1) and (1.3), with what it needs for 20 steps.
trait Peer<const I: usize, const H: usize> {
    fn new(cell: &Elman<I, H>) -> Self;
    fn step(&mut self, x: &[f32; I]) -> f32;
    fn train(&mut self, sequence: &Sequence<I, H>);
    /// Some numbers of the gradient.
    fn gradient(&self) -> [f32; 3];
}

struct Ours<const I: usize, const H: usize> {
    cell: Elman<I, H>,
    h: [f32; H],
    tape: Tape<Elman<I, H>, K>,
    gradient: Elman<I, H>,
}

impl<const I: usize, const H: usize> Peer<I, H> for Ours<I, H> {
    fn new(cell: &Elman<I, H>) -> Self {
        let (h, gradient) = (Elman::<I, H>::INITIAL_STATE, Elman::ZERO);
        Self { cell: cell.clone(), h, tape: Tape::new(), gradient }
    }

    fn step(&mut self, x: &[f32; I]) -> f32 {
        self.cell.step(x, &mut self.h)[0]
    }

    fn train(&mut self, sequence: &Sequence<I, H>) {
        self.tape.reset(Elman::<I, H>::INITIAL_STATE);
        for (x, d_h) in sequence.x.iter().zip(&sequence.d_h) {
            self.tape.step(&self.cell, x);
            self.tape.set_output_gradient(d_h);
        }
        self.tape.backward(&self.cell, &mut self.gradient);
    }

    fn gradient(&self) -> [f32; 3] {
        some(&self.gradient)
    }
}

fn some<const I: usize, const H: usize>(gradient: &Elman<I, H>) -> [f32; 3] {
    [gradient.kernel.0[I - 1][1], gradient.recurrent_kernel.0[2][1], gradient.bias[1]]
}

/// The equations, number by number.
struct Textbook<const I: usize, const H: usize> {
    cell: Elman<I, H>,
    h: [f32; H],
    states: [[f32; H]; K],
    gradient: Elman<I, H>,
}

impl<const I: usize, const H: usize> Textbook<I, H> {
    fn forward(cell: &Elman<I, H>, x: &[f32; I], before: &[f32; H], h: &mut [f32; H]) {
        for j in 0..H {
            let mut z = cell.bias[j];
            for i in 0..I {
                z += x[i] * cell.kernel.0[i][j];
            }
            for i in 0..H {
                z += before[i] * cell.recurrent_kernel.0[i][j];
            }
            h[j] = Scalar::tanh(z);
        }
    }
}

impl<const I: usize, const H: usize> Peer<I, H> for Textbook<I, H> {
    fn new(cell: &Elman<I, H>) -> Self {
        Self { cell: cell.clone(), h: [0.0; H], states: [[0.0; H]; K], gradient: Elman::ZERO }
    }

    fn step(&mut self, x: &[f32; I]) -> f32 {
        let before = self.h;
        Self::forward(&self.cell, x, &before, &mut self.h);
        self.h[0]
    }

    fn train(&mut self, sequence: &Sequence<I, H>) {
        let mut before = [0.0; H];
        for (x, h) in sequence.x.iter().zip(&mut self.states) {
            Self::forward(&self.cell, x, &before, h);
            before = *h;
        }
        let mut carry = [0.0; H];
        for t in (0..K).rev() {
            let before = if t == 0 { [0.0; H] } else { self.states[t - 1] };
            let mut delta = [0.0; H];
            for j in 0..H {
                let h = self.states[t][j];
                delta[j] = (sequence.d_h[t][j] + carry[j]) * (1.0 - h * h);
                self.gradient.bias[j] += delta[j];
            }
            for i in 0..I {
                for j in 0..H {
                    self.gradient.kernel.0[i][j] += sequence.x[t][i] * delta[j];
                }
            }
            for i in 0..H {
                carry[i] = 0.0;
                for j in 0..H {
                    self.gradient.recurrent_kernel.0[i][j] += before[i] * delta[j];
                    carry[i] += delta[j] * self.cell.recurrent_kernel.0[i][j];
                }
            }
        }
    }

    fn gradient(&self) -> [f32; 3] {
        some(&self.gradient)
    }
}

type Column<const N: usize> = nalgebra::SVector<f32, N>;
type Columns<const R: usize, const C: usize> = nalgebra::SMatrix<f32, R, C>;

/// Its fixed matrices, by the operations that take no temporary.
struct Nalgebra<const I: usize, const H: usize> {
    kernel: Columns<H, I>,
    recurrent_kernel: Columns<H, H>,
    bias: Column<H>,
    h: Column<H>,
    states: [Column<H>; K],
    d_kernel: Columns<H, I>,
    d_recurrent_kernel: Columns<H, H>,
    d_bias: Column<H>,
}

impl<const I: usize, const H: usize> Nalgebra<I, H> {
    fn forward(&self, x: &[f32; I], before: &Column<H>) -> Column<H> {
        let mut z = self.bias;
        z.gemv(1.0, &self.kernel, &Column::from(*x), 1.0);
        z.gemv(1.0, &self.recurrent_kernel, before, 1.0);
        z.apply(|z| *z = Scalar::tanh(*z));
        z
    }
}

impl<const I: usize, const H: usize> Peer<I, H> for Nalgebra<I, H> {
    fn new(cell: &Elman<I, H>) -> Self {
        Self {
            kernel: Columns::from(cell.kernel.0),
            recurrent_kernel: Columns::from(cell.recurrent_kernel.0),
            bias: Column::from(cell.bias),
            h: Column::zeros(),
            states: [Column::zeros(); K],
            d_kernel: Columns::zeros(),
            d_recurrent_kernel: Columns::zeros(),
            d_bias: Column::zeros(),
        }
    }

    fn step(&mut self, x: &[f32; I]) -> f32 {
        self.h = self.forward(x, &self.h);
        self.h[0]
    }

    fn train(&mut self, sequence: &Sequence<I, H>) {
        let mut before = Column::zeros();
        for (t, x) in sequence.x.iter().enumerate() {
            before = self.forward(x, &before);
            self.states[t] = before;
        }
        let mut carry = Column::zeros();
        for t in (0..K).rev() {
            let before = if t == 0 { Column::zeros() } else { self.states[t - 1] };
            let error = Column::from(sequence.d_h[t]) + carry;
            let delta = error.zip_map(&self.states[t], |error, h| error * (1.0 - h * h));
            self.d_kernel.ger(1.0, &delta, &Column::from(sequence.x[t]), 1.0);
            self.d_recurrent_kernel.ger(1.0, &delta, &before, 1.0);
            self.d_bias += delta;
            carry.gemv_tr(1.0, &self.recurrent_kernel, &delta, 0.0);
        }
    }

    fn gradient(&self) -> [f32; 3] {
        [self.d_kernel[(1, I - 1)], self.d_recurrent_kernel[(1, 2)], self.d_bias[1]]
    }
}

fn size<const I: usize, const H: usize>(criterion: &mut Criterion) {
    let mut rng = Pcg32::new(1, 0);
    let mut cell = Elman::<I, H>::ZERO;
    uniform(&mut cell, 1.0 / (H as f32).sqrt(), &mut rng);
    let mut sequence = Sequence { x: [[0.0; I]; K], d_h: [[0.0; H]; K] };
    sequence.x.as_flattened_mut().fill_with(|| rng.uniform_symmetric());
    sequence.d_h.as_flattened_mut().fill_with(|| rng.uniform_symmetric());

    agree(Ours::new(&cell), Textbook::new(&cell), &sequence);
    agree(Ours::new(&cell), Nalgebra::new(&cell), &sequence);
    measure("elman", Ours::new(&cell), &sequence, criterion);
    measure("textbook", Textbook::new(&cell), &sequence, criterion);
    measure("nalgebra", Nalgebra::new(&cell), &sequence, criterion);
}

fn agree<const I: usize, const H: usize>(
    mut ours: impl Peer<I, H>,
    mut theirs: impl Peer<I, H>,
    sequence: &Sequence<I, H>,
) {
    for x in &sequence.x {
        assert!((ours.step(x) - theirs.step(x)).abs() < TOLERANCE);
    }
    ours.train(sequence);
    theirs.train(sequence);
    for (ours, theirs) in ours.gradient().into_iter().zip(theirs.gradient()) {
        assert!((ours - theirs).abs() < TOLERANCE * ours.abs().max(1.0), "{ours} {theirs}");
    }
}

fn measure<const I: usize, const H: usize>(
    name: &str,
    mut peer: impl Peer<I, H>,
    sequence: &Sequence<I, H>,
    criterion: &mut Criterion,
) {
    let mut step = criterion.benchmark_group(format!("step {I}-{H}"));
    step.bench_function(name, |bencher| bencher.iter(|| peer.step(black_box(&sequence.x[0]))));
    drop(step);
    let mut training = criterion.benchmark_group(format!("training {I}-{H}"));
    training.bench_function(name, |bencher| bencher.iter(|| peer.train(black_box(sequence))));
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    size::<3, 16>(&mut criterion);
    size::<8, 32>(&mut criterion);
    size::<16, 64>(&mut criterion);
    size::<32, 128>(&mut criterion);
    criterion.final_summary();
    print_ratios();
}

/// From the medians that criterion leaves in `target/criterion`.
fn print_ratios() {
    for (unit, size) in UNITS.into_iter().flat_map(|unit| SIZES.map(|size| (unit, size))) {
        let [ours, textbook, nalgebra] = PEERS.map(|peer| median(&format!("{unit} {size}"), peer));
        if let (Some(ours), Some(textbook), Some(nalgebra)) = (ours, textbook, nalgebra) {
            let ratios = [1.0, textbook / ours, nalgebra / ours];
            println!("{unit:8} {size:6} {ours:10.0} ns, relative {PEERS:?}: {ratios:.2?}");
        }
    }
}

/// In nanoseconds; nothing when it was not measured, as with `--test`.
fn median(group: &str, peer: &str) -> Option<f64> {
    let target = std::env::current_exe().ok()?.ancestors().nth(3)?.join("criterion");
    let file = File::open(target.join(group).join(peer).join("new/estimates.json")).ok()?;
    let estimates: serde_json::Value = serde_json::from_reader(file).ok()?;
    estimates["median"]["point_estimate"].as_f64()
}
