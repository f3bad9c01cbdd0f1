//! First weights.

use crate::support::convert::{filled, numbers};
use elman::{
    ConstZero, Dense, Elman, Gru, Initialize, LeakyElman, Matrix, MinGru, Parameters, Pcg32,
    Scalar, Stack, glorot_uniform, identity, orthogonal, uniform,
};

/// `|QᵀQ − I|` and `|QQᵀ − I|`, the largest entry: rounding only, of sums of N products.
const ORTHOGONAL_F32: f64 = 1e-6;
const ORTHOGONAL_F64: f64 = 1e-14;

#[test]
fn orthogonal_matrices_have_orthonormal_rows_and_columns() {
    let mut worst = (0.0_f64, 0.0_f64);
    for seed in 0..20 {
        worst.0 = worst.0.max(defect::<1, f32>(seed)).max(defect::<2, f32>(seed));
        worst.0 = worst.0.max(defect::<32, f32>(seed)).max(defect::<64, f32>(seed));
        worst.1 = worst.1.max(defect::<5, f64>(seed)).max(defect::<64, f64>(seed));
    }
    println!("worst {:.1e} in f32, {:.1e} in f64", worst.0, worst.1);
    assert!(worst.0 < ORTHOGONAL_F32 && worst.1 < ORTHOGONAL_F64);
}

fn defect<const N: usize, T: Scalar + Into<f64>>(seed: u64) -> f64 {
    let mut q = Matrix::<N, N, T>::ZERO;
    orthogonal(&mut q, &mut Pcg32::new(seed, 1));
    let q = q.0.map(|row| row.map(Into::<f64>::into));
    let mut worst = 0.0_f64;
    for i in 0..N {
        for j in 0..N {
            let expected = f64::from(u8::from(i == j));
            let rows: f64 = (0..N).map(|k| q[i][k] * q[j][k]).sum();
            let columns: f64 = (0..N).map(|k| q[k][i] * q[k][j]).sum();
            worst = worst.max((rows - expected).abs()).max((columns - expected).abs());
        }
    }
    worst
}

/// A row that almost vanishes is drawn again: dividing by its norm would leave no digits of it.
#[test]
fn a_short_row_is_drawn_again() {
    let mut drawn_again = 0;
    for seed in 0..2000 {
        let mut rng = Pcg32::new(seed, 0);
        let mut expected = rng.clone();
        orthogonal(&mut Matrix([[0.0_f64]]), &mut rng);
        while expected.approx_normal::<f64>().abs() <= 1.0 / 256.0 {
            drawn_again += 1;
        }
        assert_eq!(rng, expected);
    }
    assert!(drawn_again > 0);
}

/// No direction is preferred: over many seeds an entry has mean 0 and variance 1/N.
#[test]
fn orthogonal_matrices_point_everywhere() {
    const SEEDS: u32 = 4000;
    let mut sums = [[(0.0, 0.0); 3]; 3];
    for seed in 0..SEEDS {
        let mut q = Matrix::<3, 3, f64>::ZERO;
        orthogonal(&mut q, &mut Pcg32::new(seed.into(), 0));
        for (sums, row) in sums.iter_mut().zip(q.0) {
            for (sum, w) in sums.iter_mut().zip(row) {
                *sum = (sum.0 + w, sum.1 + w * w);
            }
        }
    }
    for (sum, square) in sums.as_flattened() {
        assert!((sum / f64::from(SEEDS)).abs() < 0.04); // four times 1/√(3 · SEEDS)
        assert!((square / f64::from(SEEDS) - 1.0 / 3.0).abs() < 0.02);
    }
}

#[test]
fn normal_numbers_have_mean_0_and_variance_1() {
    const DRAWS: u32 = 100_000;
    let mut rng = Pcg32::new(1, 2);
    let (mut sum, mut square, mut beyond_two) = (0.0, 0.0, 0);
    for _ in 0..DRAWS {
        let x: f64 = rng.approx_normal();
        sum += x;
        square += x * x;
        beyond_two += u32::from(x.abs() > 2.0);
    }
    assert!(
        (sum / f64::from(DRAWS)).abs() < 0.013 && (square / f64::from(DRAWS) - 1.0).abs() < 0.02
    );
    assert!((4000..5000).contains(&beyond_two)); // a normal distribution: 4550
}

type Net<T> = Stack<(Elman<3, 16, T>, [Elman<16, 16, T>; 2], Dense<16, 2, T>)>;

#[test]
fn pytorchs_weights_are_uniform_within_its_limits() {
    let mut net = Net::<f32>::ZERO;
    net.init_pytorch(&mut Pcg32::new(1, 0));
    let mut largest = 0.0_f32;
    for n in 0..Net::<f32>::TENSORS {
        let w = net.tensor(n);
        assert!(w.iter().all(|w| w.abs() <= 0.25)); // 1/√16, also of the readout's inputs
        largest = w.iter().fold(largest, |largest, w| largest.max(w.abs()));
    }
    assert!(largest > 0.249);

    let mut other = Dense::<4, 64>::ZERO;
    other.init_pytorch(&mut Pcg32::new(1, 0));
    assert!(other.bias.iter().all(|b| b.abs() <= 0.5) && other.bias.iter().any(|b| b.abs() > 0.4));
}

#[test]
fn kerass_weights_are_glorot_and_orthogonal() {
    let mut net = Net::<f32>::ZERO;
    net.init_keras(&mut Pcg32::new(1, 0));
    let Stack((first, [second, _], readout)) = &net;
    within(first.kernel.as_slice(), (6.0_f32 / 19.0).sqrt());
    within(second.kernel.as_slice(), (6.0_f32 / 32.0).sqrt());
    within(readout.kernel.as_slice(), (6.0_f32 / 18.0).sqrt());
    assert_eq!((first.bias, readout.bias), ([0.0; 16], [0.0; 2]));
    let row = &second.recurrent_kernel.0[7];
    assert!((row.iter().map(|w| w * w).sum::<f32>() - 1.0).abs() < 1e-6);
}

/// All within the limit, and near it.
fn within(numbers: &[f32], limit: f32) {
    let largest = numbers.iter().fold(0.0_f32, |largest, w| largest.max(w.abs()));
    assert!((0.8 * limit..=limit).contains(&largest), "{largest} of {limit}");
}

#[test]
fn identity_is_the_identity_matrix() {
    let mut kernel = Matrix([[7.0_f32; 3]; 3]);
    identity(&mut kernel);
    assert_eq!(kernel, Matrix([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]));
}

/// One seed, one network, on every platform: a checksum of the bits. `f64` rounds to the same but for
/// the last places.
#[test]
fn a_seed_gives_the_same_bits_everywhere() {
    let mut net = Net::<f32>::ZERO;
    net.init_keras(&mut Pcg32::new(2026, 1));
    assert_eq!(checksum(&net), KERAS);
    net.init_pytorch(&mut Pcg32::new(2026, 1));
    assert_eq!(checksum(&net), PYTORCH);

    let (mut short, mut long) = (Matrix::<9, 4, f32>::ZERO, Matrix::<9, 4, f64>::ZERO);
    glorot_uniform(&mut short, &mut Pcg32::new(3, 0));
    glorot_uniform(&mut long, &mut Pcg32::new(3, 0));
    for (short, long) in short.as_slice().iter().zip(long.as_slice()) {
        assert!((f64::from(*short) - long).abs() < 1e-7);
    }
}

const KERAS: u32 = 3_616_031_428;
const PYTORCH: u32 = 523_373_937;

/// FNV-1a over the bits of every weight.
fn checksum<P: Parameters<Tensor = [f32]>>(net: &P) -> u32 {
    let mut hash = 0x811c_9dc5_u32;
    for n in 0..P::TENSORS {
        for byte in net.tensor(n).iter().flat_map(|w| w.to_le_bytes()) {
            hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
        }
    }
    hash
}

/// The outputs that PCG's own demonstration prints for seed 42, stream 54.
const PCG32_DEMO: [u32; 6] =
    [0xa15c_02b7, 0x7b47_f409, 0xba1d_3330, 0x83d2_f293, 0xbfa4_784b, 0xcbed_606e];

#[test]
fn the_generator_is_pcg32() {
    let mut rng = Pcg32::new(42, 54);
    assert_eq!([(); 6].map(|()| rng.next_u32()), PCG32_DEMO);
}

/// The 24 highest bits of every output, from −1 to 1, tensor by tensor, row by row.
#[test]
fn weights_are_drawn_in_order() {
    let drawn = PCG32_DEMO.map(|bits| f64::from(bits >> 8) / f64::from(1 << 23) - 1.0);
    let mut cell = Elman::<1, 1, f64>::ZERO;
    uniform(&mut cell, 0.5, &mut Pcg32::new(42, 54));
    assert_eq!(numbers(&cell), [0.5 * drawn[0], 0.5 * drawn[1], 0.5 * drawn[2]]);
    let mut readout = Dense::<2, 2, f64>::ZERO;
    uniform(&mut readout, 1.0, &mut Pcg32::new(42, 54));
    assert_eq!(numbers(&readout), drawn);
}

#[test]
fn one_seed_gives_the_same_weights_in_both_scalars() {
    let mut single = Net::<f32>::ZERO;
    let mut double = Net::<f64>::ZERO;
    uniform(&mut single, 0.3, &mut Pcg32::new(23, 1));
    uniform(&mut double, 0.3, &mut Pcg32::new(23, 1));
    let off = f64::from(f32::EPSILON); // the limit is rounded, and the product
    for (single, double) in numbers(&single).iter().zip(numbers(&double)) {
        assert!((single - double).abs() <= off * double.abs(), "{single} {double}");
        assert!((-0.3..0.3).contains(&double));
    }
}

#[test]
fn kerass_biases_are_set_to_0() {
    let mut net: Stack<(Elman<1, 2>, Dense<2, 1>)> = filled(7.0);
    net.init_keras(&mut Pcg32::new(1, 0));
    assert_eq!((net.0.0.bias, net.0.1.bias), ([0.0; 2], [0.0]));
}

/// PyTorch's limit is 0 there.
#[test]
fn a_layer_without_inputs_is_finite() {
    let mut readout = Dense::<0, 2> { bias: [7.0; 2], ..Dense::ZERO };
    readout.init_pytorch(&mut Pcg32::new(1, 0));
    assert_eq!(readout.bias, [0.0; 2]);
    let mut net = Stack::<(Elman<0, 2>, Dense<2, 1>)>::ZERO;
    net.init_pytorch(&mut Pcg32::new(1, 0));
    assert!(elman::global_norm(&net).is_finite());
    net.init_keras(&mut Pcg32::new(1, 0));
    assert!(elman::global_norm(&net).is_finite());
}

/// The leaky cell and GRU as PyTorch's RNN, within 1/√H; minGRU as its `Linear`, within 1/√I.
#[test]
fn other_cells_are_drawn_as_in_pytorch() {
    let mut leaky: LeakyElman<4, 64> = filled(7.0);
    leaky.decay_logit = [7.0; 64];
    leaky.init_pytorch(&mut Pcg32::new(1, 0));
    for numbers in [leaky.kernel.as_slice(), leaky.recurrent_kernel.as_slice(), &leaky.bias] {
        within(numbers, 1.0 / 8.0);
    }
    assert_eq!(leaky.decay_logit, [7.0; 64]);

    let mut gru: Gru<4, 64> = filled(7.0);
    gru.init_pytorch(&mut Pcg32::new(1, 0));
    (0..Gru::<4, 64>::TENSORS).for_each(|n| within(gru.tensor(n), 1.0 / 8.0));

    let mut min_gru: MinGru<4, 64> = filled(7.0);
    min_gru.init_pytorch(&mut Pcg32::new(1, 0));
    (0..MinGru::<4, 64>::TENSORS).for_each(|n| within(min_gru.tensor(n), 1.0 / 2.0));
}

/// Kernels of Glorot's limit √(6 / (I + H)), recurrent ones orthogonal, biases 0.
#[test]
fn other_cells_are_drawn_as_in_keras() {
    let mut leaky: LeakyElman<4, 64> = filled(7.0);
    leaky.decay_logit = [7.0; 64];
    leaky.init_keras(&mut Pcg32::new(1, 0));
    within(leaky.kernel.as_slice(), (6.0_f32 / 68.0).sqrt());
    for row in leaky.recurrent_kernel.0 {
        assert!((row.iter().map(|w| w * w).sum::<f32>() - 1.0).abs() < 1e-6);
    }
    assert_eq!((leaky.bias, leaky.decay_logit), ([0.0; 64], [7.0; 64]));

    let mut gru: Gru<4, 64> = filled(7.0);
    gru.recurrent_bias = [7.0; 64];
    gru.init_keras(&mut Pcg32::new(1, 0));
    assert_eq!((gru.bias, gru.recurrent_bias), ([[0.0; 64]; 3], [0.0; 64]));

    let mut min_gru: MinGru<4, 64> = filled(7.0);
    min_gru.init_keras(&mut Pcg32::new(1, 0));
    for layer in [&min_gru.linear_z, &min_gru.linear_h] {
        within(layer.kernel.as_slice(), (6.0_f32 / 68.0).sqrt());
        assert_eq!(layer.bias, [0.0; 64]);
    }
}

/// The counts of equally probable outcomes are within six standard deviations of their mean.
fn assert_uniform(counts: &[u32]) {
    let n: u32 = counts.iter().sum();
    let p = 1.0 / counts.len() as f64;
    let deviation = (f64::from(n) * p * (1.0 - p)).sqrt();
    for &count in counts {
        assert!((f64::from(count) - f64::from(n) * p).abs() < 6.0 * deviation, "{counts:?}");
    }
}

/// Three quarters of 2³² do not divide it: without the products that are left out, every third number
/// would come twice as often as the others.
#[test]
fn whole_numbers_are_drawn_without_bias() {
    let mut rng = Pcg32::new(3, 0);
    let (mut thirds, mut remainders) = ([0; 3], [0; 3]);
    for _ in 0..30_000 {
        let number = rng.below(3 << 30);
        thirds[(number >> 30) as usize] += 1;
        remainders[(number % 3) as usize] += 1;
    }
    assert_uniform(&thirds);
    assert_uniform(&remainders);
    assert_eq!(rng.below(0), 0);
}

#[test]
fn every_order_is_equally_probable() {
    let mut rng = Pcg32::new(4, 0);
    let mut counts = std::collections::BTreeMap::new();
    for _ in 0..24_000 {
        let mut order = [0, 1, 2, 3];
        rng.shuffle(&mut order);
        *counts.entry(order).or_insert(0) += 1;
    }
    let counts: Vec<u32> = counts.into_values().collect();
    assert_eq!(counts.len(), 24);
    assert_uniform(&counts);
}
