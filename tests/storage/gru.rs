//! GRUs in `f32` as PyTorch and Keras saved them (`tests/data/make_cells.py`), at compile time and at run time.

use elman::safetensors::{Error, SafeTensors, load};
use elman::{Dense, Gru, Layer, LayerTypes, Parameters, Stack, checked};

/// How far an f32 forward pass may be from the program's own.
const SAME_FORWARD: f64 = 1e-6;

const TORCH: SafeTensors<'_> =
    checked!(SafeTensors::parse(include_bytes!("../data/torch_gru.safetensors")));
static FROM_TORCH: Stack<(Gru<2, 4>, Gru<4, 4>, Dense<4, 2>)> = Stack::new((
    checked!(Gru::from_pytorch(&TORCH, "gru.", 0)),
    checked!(Gru::from_pytorch(&TORCH, "gru.", 1)),
    checked!(Dense::from_pytorch(&TORCH, "head.")),
));

const KERAS: SafeTensors<'_> =
    checked!(SafeTensors::parse(include_bytes!("../data/keras_gru.safetensors")));
static FROM_KERAS: Stack<(Gru<2, 4>, Gru<4, 3>, Dense<3, 2>)> = Stack::new((
    checked!(Gru::<2, 4>::from_keras(&KERAS, "0.")),
    checked!(Gru::<4, 3>::from_keras(&KERAS, "1.")),
    checked!(Dense::from_keras(&KERAS, "2.")),
));

type Before<const I: usize, const H: usize> = Gru<I, H, f32, false>;
const KERAS_BEFORE: SafeTensors<'_> =
    checked!(SafeTensors::parse(include_bytes!("../data/keras_gru_reset_before.safetensors")));
static FROM_KERAS_BEFORE: Stack<(Before<2, 4>, Before<4, 3>, Dense<3, 2>)> = Stack::new((
    checked!(Before::<2, 4>::from_keras(&KERAS_BEFORE, "0.")),
    checked!(Before::<4, 3>::from_keras(&KERAS_BEFORE, "1.")),
    checked!(Dense::from_keras(&KERAS_BEFORE, "2.")),
));

#[derive(Default)]
struct Sequence {
    x: [[f32; 2]; 12],
    y: [[f32; 2]; 12],
}
elman::state_dict!(Sequence { x: [[f32; 2]; 12], y: [[f32; 2]; 12] });

/// The largest distance from the program's outputs.
fn distance<N: Layer + LayerTypes<In = [f32; 2], Out = [f32; 2]>>(net: &N, expected: &[u8]) -> f64 {
    let mut sequence = Sequence::default();
    load(&mut sequence, expected).unwrap();
    let mut state = N::INITIAL_STATE;
    let mut worst = 0.0_f64;
    for (x, y) in sequence.x.iter().zip(&sequence.y) {
        for (&ours, &theirs) in net.step(x, &mut state).iter().zip(y) {
            worst = worst.max((f64::from(ours) - f64::from(theirs)).abs());
        }
    }
    println!("largest distance {worst:.2e}");
    worst
}

#[test]
fn the_forward_pass_is_that_of_pytorch_and_keras() {
    let pytorch = include_bytes!("../data/torch_gru.expected.safetensors");
    let keras = include_bytes!("../data/keras_gru.expected.safetensors");
    let before = include_bytes!("../data/keras_gru_reset_before.expected.safetensors");
    assert!(distance(&FROM_TORCH, pytorch) < SAME_FORWARD);
    assert!(distance(&FROM_KERAS, keras) < SAME_FORWARD);
    assert!(distance(&FROM_KERAS_BEFORE, before) < SAME_FORWARD);
}

/// In place, over other weights: every number is that of the network made at compile time.
#[test]
fn in_place_gives_the_same_network() {
    let mut net = FROM_TORCH.clone();
    scramble(&mut net);
    net.0.0.load_pytorch(&TORCH, "gru.", 0).unwrap();
    net.0.1.load_pytorch(&TORCH, "gru.", 1).unwrap();
    net.0.2.load_pytorch(&TORCH, "head.").unwrap();
    assert_eq!(net, FROM_TORCH);

    let mut net = FROM_KERAS.clone();
    scramble(&mut net);
    net.0.0.load_keras(&KERAS, "0.").unwrap();
    net.0.1.load_keras(&KERAS, "1.").unwrap();
    net.0.2.load_keras(&KERAS, "2.").unwrap();
    assert_eq!(net, FROM_KERAS);

    let mut net = FROM_KERAS_BEFORE.clone();
    scramble(&mut net);
    (net.0.0.recurrent_bias, net.0.1.recurrent_bias) = ([9.0; 4], [9.0; 3]);
    net.0.0.load_keras(&KERAS_BEFORE, "0.").unwrap();
    net.0.1.load_keras(&KERAS_BEFORE, "1.").unwrap();
    net.0.2.load_keras(&KERAS_BEFORE, "2.").unwrap();
    assert_eq!(net, FROM_KERAS_BEFORE);
}

fn scramble<P: Parameters<Scalar = f32, Tensor = [f32]>>(net: &mut P) {
    (0..P::TENSORS).for_each(|n| net.tensor_mut(n).fill(9.0));
}

/// No shape can catch these: gates in another order, a square matrix transposed.
#[test]
fn what_only_values_tell_is_told_by_them() {
    let expected = include_bytes!("../data/torch_gru.expected.safetensors");
    let mut swapped = FROM_TORCH.clone();
    swapped.0.1.kernel.swap(0, 1);
    assert!(distance(&swapped, expected) > 1000.0 * SAME_FORWARD);

    let mut transposed = FROM_TORCH.clone();
    let w = &mut transposed.0.1.recurrent_kernel[2].0;
    *w = core::array::from_fn(|r| core::array::from_fn(|c| w[c][r]));
    assert!(distance(&transposed, expected) > 1000.0 * SAME_FORWARD);
}

#[test]
fn a_rejected_file_is_told_by_tensor_and_reason() {
    fn says<T: core::fmt::Debug>(result: Result<T, Error>, message: &str) {
        assert_eq!(result.unwrap_err().to_string(), message);
    }
    says(Gru::<2, 4>::from_pytorch(&TORCH, "gru.", 2), "tensor `gru.weight_ih_l2`: missing");
    says(
        Gru::<3, 4>::from_pytorch(&TORCH, "gru.", 0),
        "tensor `gru.weight_ih_l0`: its shape is [12, 2], not [12, 3]",
    );
    says(
        Before::<2, 4>::from_keras(&KERAS, "0."),
        "tensor `0.bias`: its shape is [2, 12], not [12]",
    );
    says(
        Gru::<2, 4>::from_keras(&KERAS_BEFORE, "0."),
        "tensor `0.bias`: its shape is [12], not [2, 12]",
    );
}

/// Saved weights are read back by [`load`], under the crate's names.
#[test]
fn a_saved_network_comes_back() {
    use elman::safetensors::{StateDict, TensorName, save};
    type Net = Stack<(Gru<2, 4>, Gru<4, 3>, Dense<3, 2>)>;
    let mut file = [0; Net::SIZE];
    save(&FROM_KERAS, &mut file).unwrap();
    let mut net = <Net as elman::ConstZero>::ZERO;
    load(&mut net, &file).unwrap();
    assert_eq!(net, FROM_KERAS);
    let parsed = SafeTensors::parse(&file).unwrap();
    assert!(parsed.tensor(TensorName::new("1.recurrent_bias")).is_ok());
    assert!(parsed.tensor(TensorName::new("0.bias")).is_ok());
}
