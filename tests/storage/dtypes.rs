//! Every dtype of a weight, as `f32`: all values of the 16-bit ones, and the roundings of F64.

use elman::safetensors::{Reason, StateDict, load, load_any, save_any};
use elman::{Pcg32, state_dict};

struct StaticLayer<const N: usize> {
    w: [f32; N],
}
state_dict!([const N: usize] StaticLayer<N> { w: [f32; N] });

/// A file of one tensor `w`.
fn file(dtype: &str, len: usize, data: &[u8]) -> Vec<u8> {
    let end = data.len();
    let header =
        format!(r#"{{"w":{{"dtype":"{dtype}","shape":[{len}],"data_offsets":[0,{end}]}}}}"#);
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), data].concat()
}

fn read<const N: usize>(dtype: &str, data: &[u8]) -> Box<StaticLayer<N>> {
    let mut weights = Box::new(StaticLayer { w: [0.0; N] });
    load_any(&mut *weights, &file(dtype, N, data)).unwrap();
    weights
}

fn same(a: f32, b: f32) -> bool {
    a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan()
}

const ALL: usize = 1 << 16;

fn all_bits() -> Vec<u8> {
    (0..=u16::MAX).flat_map(u16::to_le_bytes).collect()
}

#[test]
fn all_values_of_f16() {
    let weights = read::<ALL>("F16", &all_bits());
    for (bits, &w) in (0..=u16::MAX).zip(&weights.w) {
        let expected = half::f16::from_bits(bits).to_f32();
        assert!(same(w, expected), "{bits:#06x}: {w}, not {expected}");
    }
}

#[test]
fn all_values_of_bf16() {
    let weights = read::<ALL>("BF16", &all_bits());
    for (bits, &w) in (0..=u16::MAX).zip(&weights.w) {
        let expected = half::bf16::from_bits(bits).to_f32();
        assert!(same(w, expected), "{bits:#06x}: {w}, not {expected}");
    }
}

/// Against the compiler's `as`, which rounds to nearest, ties to even.
fn narrows(numbers: &[f64; 8]) {
    let data: Vec<u8> = numbers.iter().flat_map(|n| n.to_le_bytes()).collect();
    let weights = read::<8>("F64", &data);
    for (&n, &w) in numbers.iter().zip(&weights.w) {
        assert!(same(w, n as f32), "{n:e} ({:#x}): {w:e}, not {:e}", n.to_bits(), n as f32);
    }
}

/// Any bits; and what lies between two neighbours in `f32`: the middle, and just beside it.
#[test]
fn f64_is_narrowed_to_the_nearest() {
    let mut rng = Pcg32::new(3, 0);
    for _ in 0..100_000 {
        let low = rng.next_u32() & 0x7fff_ffff;
        let high = f64::from(f32::from_bits(low + 1));
        let low = f64::from(f32::from_bits(low));
        let middle = low + (high - low) / 2.0;
        let any = f64::from_bits(u64::from(rng.next_u32()) << 32 | u64::from(rng.next_u32()));
        narrows(&[any, low, middle, -middle, middle.next_up(), middle.next_down(), -high, -any]);
    }
}

#[test]
fn f64_at_the_edges_of_f32() {
    let largest = f64::from(f32::MAX);
    let infinite = largest + largest * f64::from(f32::EPSILON) / 4.0; // half a unit above it
    let smallest = f64::from(f32::from_bits(1));
    let normal = f64::from(f32::MIN_POSITIVE);
    narrows(&[0.0, -0.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, f64::MAX, -f64::MAX, largest]);
    narrows(&[
        infinite,
        infinite.next_down(),
        smallest / 2.0,
        (smallest / 2.0).next_up(),
        (smallest / 2.0).next_down(),
        smallest * 1.5,
        f64::from_bits(1),
        -smallest / 2.0,
    ]);
    narrows(&[
        normal,
        normal.next_down(),
        normal - smallest / 2.0,
        (normal - smallest / 2.0).next_down(),
        normal - smallest,
        f64::MIN_POSITIVE,
        f64::from_bits(0x7ff0_0000_0000_0001), // NaN whose payload is below f32's
        f64::from_bits(0xfff0_0000_0000_0001),
    ]);
}

#[test]
fn nan_of_f64_is_not_loaded() {
    let mut file = vec![0; <[f64; 1]>::SIZE];
    save_any(&[f64::NAN], &mut file).unwrap();
    assert!(matches!(load(&mut [0.0_f64], &file).unwrap_err().reason, Reason::NonFinite));
}

/// Doubles before and after, each of another dtype in the file: every number goes where it belongs.
#[test]
fn floats_of_other_dtypes_beside_doubles() {
    #[derive(Default)]
    struct Mixed {
        a: f64,
        b: [f64; 2],
        c: f32,
        d: f64,
    }
    state_dict!(Mixed { a: f64, b: [f64; 2], c: f32, d: f64 });

    let data = [
        &0.25_f32.to_le_bytes()[..],
        &half::f16::from_f32(0.5).to_le_bytes(),
        &half::f16::from_f32(-2.0).to_le_bytes(),
        &0.1_f64.to_le_bytes(),
        &half::bf16::from_f32(8.0).to_le_bytes(),
    ]
    .concat();
    let header = r#"{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"b":{"dtype":"F16","shape":[2],"data_offsets":[4,8]},"c":{"dtype":"F64","shape":[],"data_offsets":[8,16]},"d":{"dtype":"BF16","shape":[],"data_offsets":[16,18]}}"#;
    let file = [&(header.len() as u64).to_le_bytes(), header.as_bytes(), &data].concat();
    let mut mixed = Mixed::default();
    load(&mut mixed, &file).unwrap();
    assert_eq!((mixed.a, mixed.b, mixed.c, mixed.d), (0.25, [0.5, -2.0], 0.1_f64 as f32, 8.0));
}
