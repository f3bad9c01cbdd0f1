//! This crate beside candle on a host, batch 1, one thread: the same cell on the same numbers.
//!
//!     cd benches/frameworks
//!     RUSTFLAGS=-Ctarget-cpu=x86-64-v3 RAYON_NUM_THREADS=1 cargo run --release
//!
//! `step` and `training` are those of `benches/peers.rs`; candle's gradients come from its automatic
//! differentiation. `benches/pytorch.py` measures PyTorch. Times are medians; only the ratios mean
//! something on another machine.

use std::hint::black_box;
use std::time::Instant;

use candle_core::{Device, Result, Tensor, Var};
use elman::{ConstZero, Elman, Layer, Pcg32, Tape, uniform};

const K: usize = 20;
/// How many times a unit is timed.
const TIMES: usize = 101;
/// What candle's own tanh, and another order of sums, may change a number of the size of 1.
const TOLERANCE: f32 = 1e-3;

fn main() -> Result<()> {
    println!("elman {}, candle {}", version("elman"), version("candle-core"));
    println!("{:8} {:>6} {:>12} {:>12} {:>8}", "", "", "elman, ns", "candle, ns", "ratio");
    size::<3, 16>()?;
    size::<8, 32>()?;
    size::<16, 64>()?;
    size::<32, 128>()
}

/// From the lock file, which is what was built.
fn version(package: &str) -> &'static str {
    let lock = include_str!("../Cargo.lock");
    let entry = lock.split_once(&format!("name = \"{package}\"\nversion = \""));
    entry.and_then(|(_, rest)| rest.split_once('"')).map_or("unknown", |(version, _)| version)
}

fn size<const I: usize, const H: usize>() -> Result<()> {
    let mut rng = Pcg32::new(1, 0);
    let mut cell = Elman::<I, H>::ZERO;
    uniform(&mut cell, 1.0 / (H as f32).sqrt(), &mut rng);
    let (mut x, mut d_h) = ([[0.0; I]; K], [[0.0; H]; K]);
    x.as_flattened_mut().fill_with(|| rng.uniform_symmetric());
    d_h.as_flattened_mut().fill_with(|| rng.uniform_symmetric());

    let theirs = Candle::new(&cell)?;
    let rows = |row: &[f32]| Tensor::from_slice(row, (1, row.len()), &Device::Cpu);
    let x_rows: Vec<_> = x.iter().map(|x| rows(x)).collect::<Result<_>>()?;
    let d_rows: Vec<_> = d_h.iter().map(|d| rows(d)).collect::<Result<_>>()?;

    let mut h = [0.0; H];
    let ours_step = median(200, || {
        black_box(cell.step(black_box(&x[0]), &mut h));
        Ok(())
    })?;
    let mut state = theirs.start()?;
    let theirs_step = median(200, || {
        state = theirs.step(black_box(&x_rows[0]), &state)?;
        Ok(())
    })?;
    report::<I, H>("step", ours_step, theirs_step);

    let (mut tape, mut gradient) = (Tape::<_, K>::new(), Elman::<I, H>::ZERO);
    let ours_training = median(20, || {
        gradient = Elman::ZERO;
        tape.reset([0.0; H]);
        for (x, d_h) in x.iter().zip(&d_h) {
            tape.step(&cell, x);
            tape.set_output_gradient(d_h);
        }
        tape.backward(&cell, black_box(&mut gradient));
        Ok(())
    })?;
    let mut d_kernel = Vec::new();
    let theirs_training = median(2, || {
        d_kernel = theirs.train(black_box(&x_rows), &d_rows)?;
        Ok(())
    })?;
    report::<I, H>("training", ours_training, theirs_training);

    for (ours, theirs) in gradient.kernel.0.as_flattened().iter().zip(d_kernel) {
        assert!((ours - theirs).abs() < TOLERANCE * ours.abs().max(1.0), "{ours} {theirs}");
    }
    Ok(())
}

fn report<const I: usize, const H: usize>(unit: &str, ours: f64, theirs: f64) {
    let size = format!("{I}-{H}");
    println!("{unit:8} {size:>6} {ours:12.0} {theirs:12.0} {:8.1}", theirs / ours);
}

/// Nanoseconds of one of `n` runs.
fn median(n: u32, mut run: impl FnMut() -> Result<()>) -> Result<f64> {
    let mut times = [0.0; TIMES];
    for time in &mut times {
        let start = Instant::now();
        for _ in 0..n {
            run()?;
        }
        *time = start.elapsed().as_nanos() as f64 / f64::from(n);
    }
    times.sort_by(f64::total_cmp);
    Ok(times[TIMES / 2])
}

/// (1.1) in tensors.
struct Candle {
    kernel: Var,
    recurrent_kernel: Var,
    bias: Var,
}

impl Candle {
    fn new<const I: usize, const H: usize>(cell: &Elman<I, H>) -> Result<Self> {
        let cpu = &Device::Cpu;
        Ok(Self {
            kernel: Var::from_slice(cell.kernel.as_slice(), (I, H), cpu)?,
            recurrent_kernel: Var::from_slice(cell.recurrent_kernel.as_slice(), (H, H), cpu)?,
            bias: Var::from_slice(&cell.bias, (1, H), cpu)?,
        })
    }

    fn start(&self) -> Result<Tensor> {
        self.bias.zeros_like()
    }

    fn step(&self, x: &Tensor, h: &Tensor) -> Result<Tensor> {
        let z = (x.matmul(&self.kernel)? + h.matmul(&self.recurrent_kernel)?)?;
        (z + self.bias.as_tensor())?.tanh()
    }

    /// The gradient of `Σ_t h_t · d_t`; returns that of the kernel.
    fn train(&self, x: &[Tensor], d_h: &[Tensor]) -> Result<Vec<f32>> {
        let mut h = self.start()?;
        let mut loss = Tensor::zeros((), candle_core::DType::F32, &Device::Cpu)?;
        for (x, d_h) in x.iter().zip(d_h) {
            h = self.step(x, &h)?;
            loss = (loss + (&h * d_h)?.sum_all()?)?;
        }
        let gradients = loss.backward()?;
        let kernel = gradients.get(&self.kernel).expect("the kernel has a gradient");
        kernel.flatten_all()?.to_vec1()
    }
}
