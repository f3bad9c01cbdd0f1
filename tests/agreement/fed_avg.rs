//! Federated averaging against the sum of its definition in `f64`.

use elman::fixed::{self, Quantize};
use elman::{
    ClientError, ConstZero, Dense, Elman, FedAvg, Initialize, Limit, Parameters, Pcg32, Stack,
    check_weights,
};

type Net = Stack<(Elman<5, 12>, Dense<12, 1>)>;
type Integers = Stack<(fixed::Elman<5, 12>, fixed::Dense<12, 1>)>;

/// Each of up to 20 means rounds three times, to 2⁻²⁴ of numbers of at most 0.6.
const ROUNDING: f64 = 20.0 * 3.0 * 0.6 / (1 << 24) as f64;

fn net(seed: u64) -> Net {
    let mut net = elman::ConstZero::ZERO;
    Initialize::init_pytorch(&mut net, &mut Pcg32::new(seed, 0));
    net
}

fn numbers(net: &Net) -> Vec<f64> {
    (0..Net::TENSORS).flat_map(|n| net.tensor(n)).map(|&w| f64::from(w)).collect()
}

/// `Σ n_k · w_k / Σ n_k`
fn weighted_mean(nets: &[(Net, u32)]) -> Vec<f64> {
    let total: f64 = nets.iter().map(|&(_, n)| f64::from(n)).sum();
    let mut mean = vec![0.0; numbers(&nets[0].0).len()];
    for (net, n) in nets {
        for (sum, w) in mean.iter_mut().zip(numbers(net)) {
            *sum += f64::from(*n) * w / total;
        }
    }
    mean
}

#[test]
fn the_mean_is_that_of_the_definition() {
    for count in 1..=20 {
        let nets: Vec<_> =
            (0..count).map(|seed| (net(seed), 1 + (seed * 7919 % 1000) as u32)).collect();
        let mut mean = FedAvg::new();
        nets.iter().for_each(|(net, n)| mean.add(net, *n).unwrap());
        let pairs =
            numbers(mean.net().unwrap()).into_iter().zip(weighted_mean(&nets)).collect::<Vec<_>>();
        let worst = pairs.iter().map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        println!("{count} networks: at most {worst:e}");
        assert!(worst < ROUNDING);
        assert!(pairs.iter().any(|(a, _)| a.abs() > 0.01));
        assert_eq!(mean.num_examples(), nets.iter().map(|(_, n)| n).sum::<u32>());
    }
}

#[test]
fn equal_networks_have_their_own_bits_as_mean() {
    let mut mean = FedAvg::new();
    for n in [3, 1000, 17, 1] {
        mean.add(&net(1), n).unwrap();
        assert_eq!(mean.net(), Some(&net(1)));
    }
}

#[test]
fn what_is_refused_changes_nothing() {
    let mut mean = FedAvg::new();
    assert_eq!(mean.net(), None);
    mean.add(&net(1), 10).unwrap();
    let mut bad = net(2);
    for (weight, error) in [
        (f32::NAN, ClientError::NotFinite),
        (f32::NEG_INFINITY, ClientError::NotFinite),
        (1000.1, ClientError::TooLarge),
        (f32::MAX, ClientError::TooLarge),
    ] {
        for n in 0..Net::TENSORS {
            bad = net(2);
            *bad.tensor_mut(n).last_mut().unwrap() = weight;
            assert_eq!(mean.add(&bad, 10), Err(error));
        }
    }
    mean.max_abs = Limit::Off;
    bad.0.1.bias = [f32::MAX];
    assert_eq!(mean.add(&bad, 10), Err(ClientError::TooLarge), "its difference could overflow");
    assert_eq!(mean.add(&net(2), 0), Err(ClientError::NoExamples));
    assert_eq!(mean.add(&net(2), u32::MAX), Err(ClientError::TooManyExamples));
    assert_eq!((mean.net(), mean.num_examples()), (Some(&net(1)), 10));
}

#[test]
fn the_samples_of_one_device_are_capped() {
    let (mut capped, mut honest) = (FedAvg::new(), FedAvg::new());
    capped.max_examples = Some(10);
    for (seed, said, counted) in [(1, 4, 4), (2, 4_000_000_000, 10), (3, 10, 10)] {
        capped.add(&net(seed), said).unwrap();
        honest.add(&net(seed), counted).unwrap();
    }
    assert_eq!(capped.net(), honest.net());
}

#[test]
fn the_next_round_begins_anew() {
    let mut mean = FedAvg::new();
    mean.add(&net(1), 10).unwrap();
    mean.clear();
    assert_eq!(mean.net(), None);
    mean.add(&net(2), 7).unwrap();
    assert_eq!(mean.net(), Some(&net(2)));
    assert_eq!(check_weights(&net(2), Some(0.0)), Err(ClientError::TooLarge));
}

/// The limit itself is within it.
#[test]
fn a_weight_at_the_limit() {
    let largest = numbers(&net(2)).iter().fold(0.0, |largest: f64, w| largest.max(w.abs())) as f32;
    assert_eq!(check_weights(&net(2), Some(largest)), Ok(()));
    let error = check_weights(&net(2), Some(largest.next_down()));
    assert_eq!(error, Err(ClientError::TooLarge));
}

//////////// integers ////////////

/// Networks of integers whose largest weights differ by up to 2¹², so that their exponents do.
fn integers(seed: u64) -> Integers {
    let mut net: Integers = ConstZero::ZERO;
    net.init_pytorch(&mut Pcg32::new(seed, 0));
    net.scale([1.0, 0.01, 40.0, 0.3][seed as usize % 4]);
    net
}

/// Every weight exactly: 32 bits and an exponent.
fn exact(net: &Integers) -> Vec<Vec<f64>> {
    let of_tensor = |n| {
        let tensor = net.tensor(n);
        let unit = 2.0_f64.powi(tensor.exponent());
        tensor.numbers().iter().map(|&w| f64::from(w) * unit).collect()
    };
    (0..Integers::TENSORS).map(of_tensor).collect()
}

/// Each mean is rounded to the unit of the larger exponent twice, and `n_k / n` to 2⁻²⁴; a unit is below
/// 2⁻²⁴ of the largest weight, whose 5 to 27 bits a network of 12 columns keeps.
const INTEGER_ROUNDING: f64 = 20.0 * 3.0 / (1 << 24) as f64;

#[test]
fn the_mean_of_integers_is_that_of_the_definition() {
    for count in 1..=20 {
        let nets: Vec<_> =
            (0..count).map(|seed| (integers(seed), 1 + (seed * 7919 % 1000) as u32)).collect();
        let mut mean = FedAvg::new();
        nets.iter().for_each(|(net, n)| mean.add(net, *n).unwrap());
        let total: f64 = nets.iter().map(|&(_, n)| f64::from(n)).sum();
        let mut worst = 0.0_f64;
        for (n, of_tensor) in exact(mean.net().unwrap()).iter().enumerate() {
            let weights: Vec<_> = nets.iter().map(|(net, k)| (exact(net).remove(n), k)).collect();
            let largest = weights.iter().flat_map(|(w, _)| w).fold(0.0, |a: f64, w| a.max(w.abs()));
            for (i, mean) in of_tensor.iter().enumerate() {
                let sum: f64 = weights.iter().map(|(w, k)| f64::from(**k) * w[i]).sum();
                worst = worst.max((mean - sum / total).abs() / largest);
            }
        }
        println!("{count} networks of integers: at most {worst:e} of the largest weight");
        assert!(worst < INTEGER_ROUNDING);
    }
}

#[test]
fn equal_networks_of_integers_have_their_own_bits_as_mean() {
    let mut mean = FedAvg::new();
    for n in [3, 1000, 17, 1] {
        mean.add(&integers(2), n).unwrap();
        assert_eq!(mean.net(), Some(&integers(2)));
    }
}

#[test]
fn integers_that_are_refused_change_nothing() {
    let mut mean = FedAvg::new();
    mean.add(&integers(1), 10).unwrap();
    let (mut bad, mut float) = (integers(2), net(2));
    for (weight, error) in
        [(f32::INFINITY, ClientError::NotFinite), (1000.1, ClientError::TooLarge)]
    {
        float.0.1.bias = [weight];
        bad.quantize(&float);
        assert_eq!(mean.add(&bad, 10), Err(error));
    }
    assert_eq!((mean.net(), mean.num_examples()), (Some(&integers(1)), 10));
}

/// With every kind of weight, in 0..=1 and beyond, as `f64` has it.
#[test]
fn integers_move_towards_others_as_far_as_f64_says() {
    for weight in [0.0, 1e-30, 1e-6, 0.25, 0.999, 1.0, 1.5, -3.0, 130.0, -4e7, 1e20] {
        for seeds in [[0, 1], [1, 0], [2, 3], [1, 2], [2, 1]] {
            let [start, end] = seeds.map(integers);
            let mut moved = start.clone();
            moved.lerp(&end, weight);
            let [start, end, moved] = [&start, &end, &moved].map(exact);
            for ((start, end), moved) in start.iter().zip(&end).zip(&moved) {
                let expected = start.iter().zip(end);
                let expected: Vec<_> =
                    expected.map(|(w, end)| w + f64::from(weight) * (end - w)).collect();
                let largest =
                    expected.iter().chain(start).chain(end).fold(0.0, |a: f64, w| a.max(w.abs()));
                let errors = expected.iter().zip(moved).map(|(e, m)| (e - m).abs());
                let worst = errors.fold(0.0, f64::max) / largest;
                assert!(worst < 3.0 / (1 << 24) as f64, "{weight}, {seeds:?}: {worst:e}");
            }
        }
    }
    let mut lost = integers(1);
    lost.lerp(&integers(2), f32::NAN);
    assert_eq!(check_weights(&lost, None), Err(ClientError::NotFinite));
}
