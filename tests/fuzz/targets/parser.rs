//! The parser beside the official `safetensors` library: what both accept, and what is read.

use std::collections::HashMap;
use std::fmt;

use elman::safetensors::{Reason, SafeTensors, TensorName, load, load_any};
use elman::{ConstZero, Dense, Elman, Parameters, Stack};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors as Official};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

type Net = Stack<(Elman<2, 3>, Dense<3, 1>)>;

/// Some bytes as a file; and as a header and data, the first byte being the length of the data, so that
/// the length of the header need not be guessed.
pub fn run(bytes: &[u8]) {
    compare(bytes);
    if let Some((data, rest)) = bytes.split_first() {
        let header = rest.len().saturating_sub(usize::from(*data));
        compare(&[&(header as u64).to_le_bytes(), rest].concat());
    }
}

fn compare(file: &[u8]) {
    let ours = SafeTensors::parse(file);
    let theirs = Official::deserialize(file);
    match (&ours, &theirs) {
        (Ok(_), Err(error)) => assert!(is_lenient(&header(file)), "only here it is valid: {error}"),
        (Err(error), Ok(_)) => {
            let known = error.reason == Reason::UnsortedHeader || is_strict(&header(file));
            assert!(known, "only here it is not valid: {error}");
        }
        (Ok(ours), Ok(theirs)) => {
            same_tensors(ours, theirs);
            same_imports(ours, theirs);
            same_numbers(file, theirs);
        }
        (Err(error), Err(_)) => assert!(!error.to_string().is_empty()),
    }
    a_file_that_is_not_loaded_changes_nothing(file);
}

//////////// documented differences, at `elman::safetensors` ////////////

/// Two tensors of one name, or one without numbers, which may lie anywhere.
fn is_lenient(header: &Header) -> bool {
    let is_empty = |entry: &Value| {
        let offset = |n| entry.get("data_offsets").and_then(|offsets| offsets.get(n));
        offset(0).and_then(Value::as_u64) == offset(1).and_then(Value::as_u64)
    };
    header.has_two_of_a_name() || header.0.iter().any(|(_, entry)| is_empty(entry))
}

/// Other fields, an array, a `dtype` that is no string, metadata that are no object of strings, or two
/// tensors of one name.
fn is_strict(header: &Header) -> bool {
    let is_odd = |(name, entry): &(String, Value)| match (&**name, entry.as_object()) {
        (_, None) => true,
        ("__metadata__", Some(metadata)) => !metadata.values().all(Value::is_string),
        (_, Some(fields)) => fields.len() != 3 || !entry["dtype"].is_string(),
    };
    header.has_two_of_a_name() || header.0.iter().any(is_odd)
}

/// The entries, those of the same name too.
struct Header(Vec<(String, Value)>);

impl Header {
    fn has_two_of_a_name(&self) -> bool {
        let names: HashMap<_, _> = self.0.iter().map(|(name, _)| (name, ())).collect();
        names.len() < self.0.len()
    }
}

fn header(file: &[u8]) -> Header {
    let length = u64::from_le_bytes(file[..8].try_into().unwrap()) as usize;
    serde_json::from_slice(&file[8..8 + length]).expect("one of the two has read it")
}

impl<'de> Deserialize<'de> for Header {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Entries)
    }
}

struct Entries;

impl<'de> Visitor<'de> for Entries {
    type Value = Header;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a header")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Header, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Header(entries))
    }
}

//////////// the same content ////////////

fn same_tensors(ours: &SafeTensors<'_>, theirs: &Official<'_>) {
    for (name, tensor) in theirs.tensors() {
        if name.len() > 64 {
            assert!(ours.tensor(TensorName::new(&name)).is_err(), "such a name equals no other");
            continue;
        }
        match ours.tensor(TensorName::new(&name)) {
            Ok(found) => {
                assert_eq!(found.dtype().name(), tensor.dtype().to_string(), "{name}");
                let dims = tensor.shape().len().min(4);
                assert_eq!(found.shape().as_slice(), &tensor.shape()[..dims], "{name}");
            }
            Err(error) => assert_eq!(error.reason, Reason::Duplicate, "{name}"),
        }
    }
}

/// A file that is loaded has every tensor, of this shape, and these are its numbers.
fn same_numbers(file: &[u8], theirs: &Official<'_>) {
    let mut net = Net::ZERO;
    if load_any(&mut net, file).is_ok() {
        const SHAPES: [(&str, &[usize]); 5] = [
            ("0.kernel", &[2, 3]),
            ("0.recurrent_kernel", &[3, 3]),
            ("0.bias", &[3]),
            ("1.kernel", &[3, 1]),
            ("1.bias", &[1]),
        ];
        for (n, (name, shape)) in SHAPES.into_iter().enumerate() {
            let tensor = theirs.tensor(name).unwrap();
            assert_eq!(tensor.shape(), shape, "{name}");
            assert!(same(net.tensor(n), &numbers(&tensor)), "{name}");
        }
    }
}

/// PyTorch's matrices are transposed; Keras's and TensorFlow's are not.
fn same_imports(ours: &SafeTensors<'_>, theirs: &Official<'_>) {
    let official = |name| numbers(&theirs.tensor(name).unwrap());
    if let Ok(cell) = Elman::<2, 3>::from_pytorch(ours, "", 0) {
        let transposed = official("weight_ih_l0");
        for (r, row) in cell.kernel.0.iter().enumerate() {
            let column: Vec<_> = transposed.iter().skip(r).step_by(2).copied().collect();
            assert!(same(row, &column));
        }
    }
    if let Ok(cell) = Elman::<2, 3>::from_keras(ours, "0.") {
        assert!(same(cell.tensor(0), &official("0.kernel")));
        assert!(same(cell.tensor(2), &official("0.bias")));
    }
    if let Ok(cell) = Elman::<2, 3>::from_tensorflow(ours, "") {
        let kernels = [cell.tensor(0), cell.tensor(1)].concat();
        assert!(same(&kernels, &official("kernel")));
    }
    if let Ok(readout) = Dense::<3, 1>::from_pytorch(ours, "") {
        assert!(same(readout.tensor(0), &official("weight")));
        assert!(readout.kernel.0.iter().flatten().all(|w| w.is_finite()));
    }
}

/// The numbers of a tensor, rounded to `f32`.
fn numbers(tensor: &TensorView<'_>) -> Vec<f32> {
    let data = tensor.data();
    match tensor.dtype() {
        Dtype::F32 => words(data, f32::from_le_bytes),
        Dtype::F64 => words(data, |word| f64::from_le_bytes(word) as f32),
        Dtype::F16 => words(data, |word| half::f16::from_le_bytes(word).to_f32()),
        Dtype::BF16 => words(data, |word| half::bf16::from_le_bytes(word).to_f32()),
        dtype => panic!("{dtype:?} was read as weights"),
    }
}

fn words<const N: usize>(data: &[u8], number: fn([u8; N]) -> f32) -> Vec<f32> {
    data.chunks_exact(N).map(|word| number(word.try_into().unwrap())).collect()
}

/// Bits, but for those of a NaN.
fn same(a: &[f32], b: &[f32]) -> bool {
    let same = |(a, b): (&f32, &f32)| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan();
    a.len() == b.len() && a.iter().zip(b).all(same)
}

fn a_file_that_is_not_loaded_changes_nothing(file: &[u8]) {
    let before = Net::new((Elman::ZERO, Dense { bias: [0.5], ..Dense::ZERO }));
    let mut net = before.clone();
    match load(&mut net, file) {
        Ok(()) => assert!(super::sound::is_finite(&net)),
        Err(_) => assert_eq!(net, before),
    }
}
