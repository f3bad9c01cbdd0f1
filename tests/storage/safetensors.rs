//! Networks that the real programs wrote, at compile time and at run time; and the way out again.

use core::array::from_fn;

use elman::safetensors::{
    Error, Reason, SafeTensors, StateDict, TensorName, load, load_any, save, save_any,
};
use elman::{
    ConstZero, Dense, Elman, Layer, Matrix, Parameters, Pcg32, Stack, checked, checkpoint,
    state_dict, uniform,
};

/// How far an f32 forward pass may be from the program's own.
const SAME_FORWARD: f64 = 1e-6;

macro_rules! file {
    ($name:literal) => {
        checked!(SafeTensors::parse(include_bytes!(concat!("../data/", $name, ".safetensors"))))
    };
}

/// The largest distance from the program's outputs, in a file that holds `x` and `y`.
macro_rules! distance {
    ($net:expr, $name:literal) => {{
        let expected = include_bytes!(concat!("../data/", $name, ".expected.safetensors"));
        let mut sequence = Sequence::default();
        load(&mut sequence, expected).unwrap();
        distance(&$net, &sequence)
    }};
}

#[derive(Default)]
struct Sequence {
    x: [[f32; 2]; 12],
    y: [[f32; 2]; 12],
}
elman::state_dict!(Sequence { x: [[f32; 2]; 12], y: [[f32; 2]; 12] });

fn distance<N: Layer<In = [f32; 2], Out = [f32; 2]>>(net: &N, sequence: &Sequence) -> f64 {
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

type OneLayer = Stack<(Elman<2, 4>, Dense<4, 2>)>;
type TwoEqual = Stack<(Elman<2, 4>, Elman<4, 4>, Dense<4, 2>)>;
type TwoLayers = Stack<(Elman<2, 4>, Elman<4, 3>, Dense<3, 2>)>;

const TORCH: SafeTensors<'_> = file!("torch");
static FROM_TORCH: TwoEqual = Stack::new((
    checked!(Elman::from_pytorch(&TORCH, "rnn.", 0)),
    checked!(Elman::from_pytorch(&TORCH, "rnn.", 1)),
    checked!(Dense::from_pytorch(&TORCH, "head.")),
));

const KERAS: SafeTensors<'_> = file!("keras");
static FROM_KERAS: TwoLayers = Stack::new((
    checked!(Elman::from_keras(&KERAS, "0.")),
    checked!(Elman::from_keras(&KERAS, "1.")),
    checked!(Dense::from_keras(&KERAS, "2.")),
));

const TENSORFLOW: SafeTensors<'_> = file!("tensorflow");
static FROM_TENSORFLOW: TwoLayers = Stack::new((
    checked!(Elman::from_tensorflow(&TENSORFLOW, "rnn/multi_rnn_cell/cell_0/basic_rnn_cell/")),
    checked!(Elman::from_tensorflow(&TENSORFLOW, "rnn/multi_rnn_cell/cell_1/basic_rnn_cell/")),
    checked!(Dense::from_keras(&TENSORFLOW, "dense/")),
));

/// PyTorch's one-layer model from a file, as a constant.
macro_rules! one_layer {
    ($name:literal) => {{
        const FILE: SafeTensors<'_> = file!($name);
        static NET: OneLayer = Stack::new((
            checked!(Elman::from_pytorch(&FILE, "rnn.", 0)),
            checked!(Dense::from_pytorch(&FILE, "head.")),
        ));
        &NET
    }};
}

#[test]
fn the_forward_pass_is_that_of_pytorch() {
    assert!(distance!(FROM_TORCH, "torch") < SAME_FORWARD);
    assert!(distance!(*one_layer!("torch_one_layer"), "torch_one_layer") < SAME_FORWARD);
}

#[test]
fn the_forward_pass_is_that_of_keras() {
    assert!(distance!(FROM_KERAS, "keras") < SAME_FORWARD);
}

#[test]
fn the_forward_pass_is_that_of_basic_rnn_cell() {
    assert!(distance!(FROM_TENSORFLOW, "tensorflow") < SAME_FORWARD);
}

#[test]
fn every_dtype_gives_the_forward_pass_of_its_program() {
    assert!(distance!(*one_layer!("torch_f16"), "torch_f16") < SAME_FORWARD);
    assert!(distance!(*one_layer!("torch_bf16"), "torch_bf16") < SAME_FORWARD);
    assert!(distance!(*one_layer!("torch_f64"), "torch_f64") < SAME_FORWARD); // narrowed
}

/// No shape can catch this: the recurrent matrix is square.
#[test]
fn a_transposed_square_matrix_is_caught_by_value() {
    let mut net = FROM_TORCH.clone();
    let w = &mut net.0.0.recurrent_kernel.0;
    *w = from_fn(|r| from_fn(|c| w[c][r]));
    assert!(distance!(net, "torch") > 1000.0 * SAME_FORWARD);
}

/// The same functions at run time, and [`load`] for files with the crate's own names.
#[test]
fn run_time_gives_the_same_network() {
    let bytes = std::fs::read("tests/data/torch.safetensors").unwrap();
    let file = SafeTensors::parse(&bytes).unwrap();
    assert_eq!(Elman::from_pytorch(&file, "rnn.", 1).as_ref(), Ok(&FROM_TORCH.0.1));

    let mut net = TwoLayers::ZERO;
    load(&mut net, include_bytes!("../data/keras.safetensors")).unwrap();
    assert_eq!(net, FROM_KERAS);
}

/// In place, over other weights: every number is that of the network made at compile time.
#[test]
fn in_place_gives_the_same_network() {
    let mut net = random_net::<TwoEqual>();
    net.0.0.load_pytorch(&TORCH, "rnn.", 0).unwrap();
    net.0.1.load_pytorch(&TORCH, "rnn.", 1).unwrap();
    net.0.2.load_pytorch(&TORCH, "head.").unwrap();
    assert_eq!(net, FROM_TORCH);

    let mut net = random_net::<TwoLayers>();
    net.0.0.load_keras(&KERAS, "0.").unwrap();
    net.0.1.load_keras(&KERAS, "1.").unwrap();
    net.0.2.load_keras(&KERAS, "2.").unwrap();
    assert_eq!(net, FROM_KERAS);

    let mut net = random_net::<TwoLayers>();
    let cell = "rnn/multi_rnn_cell/cell_";
    net.0.0.load_tensorflow(&TENSORFLOW, &format!("{cell}0/basic_rnn_cell/")).unwrap();
    net.0.1.load_tensorflow(&TENSORFLOW, &format!("{cell}1/basic_rnn_cell/")).unwrap();
    net.0.2.load_keras(&TENSORFLOW, "dense/").unwrap();
    assert_eq!(net, FROM_TENSORFLOW);
}

#[test]
fn a_refusal_names_tensor_and_reason() {
    fn says<T: core::fmt::Debug>(result: Result<T, Error>, message: &str) {
        assert_eq!(result.unwrap_err().to_string(), message);
    }
    says(Elman::<2, 4>::from_pytorch(&TORCH, "rnn.", 2), "tensor `rnn.weight_ih_l2`: missing");
    says(
        Elman::<3, 4>::from_pytorch(&TORCH, "rnn.", 0),
        "tensor `rnn.weight_ih_l0`: its shape is [4, 2], not [4, 3]",
    );
    says(
        Elman::<3, 4>::from_tensorflow(&TENSORFLOW, "rnn/multi_rnn_cell/cell_0/basic_rnn_cell/"),
        "tensor `rnn/multi_rnn_cell/cell_0/basic_rnn_cell/kernel`: its shape is [6, 4], not [7, 4]",
    );
    let torch = include_bytes!("../data/torch.safetensors");
    says(
        SafeTensors::parse(&torch[..torch.len() - 1]),
        "tensor `rnn.weight_ih_l1`: truncated: the file ends before it does",
    );
    says(SafeTensors::parse(&torch[..100]), "truncated: the file ends before its header does");
    let header = br#"{"w.kernel":{"dtype":"I32","shape":[1,1],"data_offsets":[0,4]},"w.bias":{"dtype":"F16","shape":[1],"data_offsets":[4,6]}}"#;
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header);
    file.extend([0; 6]);
    says(
        SafeTensors::parse(&file).and_then(|file| Dense::<1, 1>::from_keras(&file, "w.")),
        "tensor `w.kernel`: its dtype is I32, which cannot be read here",
    );
    let prefix = "a".repeat(60);
    says(Dense::<1, 1>::from_keras(&TORCH, &prefix), &format!("tensor `{prefix}kern`: missing"));
}

#[test]
fn imported_weights_are_finite() {
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let net = Dense::<1, 1> { kernel: Matrix([[1.0]]), bias: [bad] };
        let mut file = [0; Dense::<1, 1>::SIZE];
        save_any(&net, &mut file).unwrap();
        let file = SafeTensors::parse(&file).unwrap();
        assert_eq!(Dense::<1, 1>::from_keras(&file, "").unwrap_err().reason, Reason::NonFinite);
    }
}

/// PyTorch's two biases are finite, and their sum is not.
#[test]
fn the_sum_of_two_biases_is_finite() {
    struct Rnn {
        weight_ih_l0: Matrix<1, 1>,
        weight_hh_l0: Matrix<1, 1>,
        bias_ih_l0: [f32; 1],
        bias_hh_l0: [f32; 1],
    }
    state_dict!(Rnn {
        weight_ih_l0: Matrix<1, 1>,
        weight_hh_l0: Matrix<1, 1>,
        bias_ih_l0: [f32; 1],
        bias_hh_l0: [f32; 1],
    });
    let rnn = Rnn {
        weight_ih_l0: Matrix([[1.0]]),
        weight_hh_l0: Matrix([[1.0]]),
        bias_ih_l0: [3e38],
        bias_hh_l0: [3e38],
    };
    let mut file = [0; <Rnn as StateDict>::SIZE];
    save(&rnn, &mut file).unwrap();
    let file = SafeTensors::parse(&file).unwrap();
    let error = Error { tensor: TensorName::new("bias_hh_l0"), reason: Reason::NonFinite };
    assert_eq!(Elman::<1, 1>::from_pytorch(&file, "", 0), Err(error));
}

//////////// out, and in again ////////////

type Nested = Stack<(Elman<3, 5>, [Elman<5, 5>; 2], (Elman<5, 4>, Dense<4, 2>))>;

fn random_net<P: Parameters<Scalar = f32, Tensor = [f32]>>() -> P {
    let mut net = P::ZERO;
    uniform(&mut net, 1.0, &mut Pcg32::new(7, 0));
    net
}

#[test]
fn what_is_saved_comes_back_to_the_same_bits() {
    let net = random_net::<Nested>();
    let mut file = [0; Nested::SIZE];
    assert_eq!(save(&net, &mut file), Ok(Nested::SIZE));
    let mut again = Nested::ZERO;
    load(&mut again, &file).unwrap();
    assert_eq!(again, net);
}

/// In f64, and with numbers that are not: payloads of NaN and signs of zero are bits too.
#[test]
fn any_bits_come_back() {
    type Net = Dense<1, 3, f64>;
    let nan = f64::from_bits(0x7ff0_dead_beef_0001);
    let net =
        Net { kernel: Matrix([[nan, -0.0, f64::MIN_POSITIVE / 3.0]]), bias: [f64::INFINITY; 3] };
    let mut file = [0; Net::SIZE];
    save_any(&net, &mut file).unwrap();
    let mut again = Net::ZERO;
    load_any(&mut again, &file).unwrap();
    let bits = |net: &Net| (net.kernel.0[0].map(f64::to_bits), net.bias.map(f64::to_bits));
    assert_eq!(bits(&again), bits(&net));
}

#[test]
fn the_official_library_reads_what_is_saved() {
    let net = random_net::<Nested>();
    let mut buffer = vec![0; Nested::SIZE];
    save(&net, &mut buffer).unwrap();
    let file = safetensors::SafeTensors::deserialize(&buffer).unwrap();
    let mut names = file.names();
    names.sort_unstable();
    let expected = "0.bias 0.kernel 0.recurrent_kernel \
        1.0.bias 1.0.kernel 1.0.recurrent_kernel 1.1.bias 1.1.kernel 1.1.recurrent_kernel \
        2.0.bias 2.0.kernel 2.0.recurrent_kernel 2.1.bias 2.1.kernel";
    assert_eq!(names.join(" "), expected);
    let tensor = file.tensor("1.1.recurrent_kernel").unwrap();
    assert_eq!(tensor.shape(), [5, 5]);
    let bytes: Vec<u8> =
        net.0.1[1].recurrent_kernel.as_slice().iter().flat_map(|w| w.to_le_bytes()).collect();
    assert_eq!(tensor.data(), bytes);
}

/// Offsets with more and more digits, on both sides of each power of ten: the official library finds every
/// number in its place.
#[test]
fn offsets_of_every_length() {
    macro_rules! check {
        ($($n:literal)+) => { $( check_offsets::<$n>(); )+ };
    }
    check!(0 1 2 3 23 24 25 26 248 249 250 251 2498 2499 2500 2501 24998 24999 25000 25001);
}

fn check_offsets<const N: usize>() {
    type Value<const N: usize> = ([f32; 2], ([f32; N], [f32; 1]));
    let value: Box<Value<N>> = Box::new(([1.0, 2.0], (from_fn(|n| n as f32), [-1.0])));
    let mut buffer = vec![0; <Value<N> as StateDict>::SIZE];
    save(&*value, &mut buffer).unwrap();
    let file = safetensors::SafeTensors::deserialize(&buffer).unwrap();
    let bytes = |numbers: &[f32]| numbers.iter().flat_map(|w| w.to_le_bytes()).collect::<Vec<_>>();
    assert_eq!(file.tensor("0").unwrap().data(), bytes(&value.0));
    assert_eq!(file.tensor("1.0").unwrap().data(), bytes(&value.1.0));
    assert_eq!(file.tensor("1.1").unwrap().data(), bytes(&value.1.1));
    assert!(checkpoint_is_read(&*value));
}

fn checkpoint_is_read<S: StateDict>(value: &S) -> bool {
    let mut file = vec![0; checkpoint::size::<S>()];
    checkpoint::save(value, 1, &mut file).unwrap();
    let (file, _) = checkpoint::open(&file).unwrap();
    safetensors::SafeTensors::deserialize(file).is_ok()
}

/// The file is there for Python, which reads the same bits in it: `make_weights.py saved`.
#[test]
fn what_is_saved_is_what_python_was_shown() {
    let mut file = [0; TwoLayers::SIZE];
    save(&FROM_KERAS, &mut file).unwrap();
    assert!(file[..] == include_bytes!("../data/saved.safetensors")[..]);
}

/// Exactly: one byte less is refused, and the last byte of the file is a weight's.
#[test]
fn the_size_is_a_constant_and_exact() {
    const SIZE: usize = <TwoLayers as StateDict>::SIZE;
    let net = random_net::<TwoLayers>();
    let mut buffer = [0xaa; SIZE + 8];
    assert_eq!(save(&net, &mut buffer), Ok(SIZE));
    assert_eq!(buffer[SIZE..], [0xaa; 8]);
    assert_eq!(buffer[SIZE - 4..SIZE], net.0.2.bias[1].to_le_bytes());
    let error = save(&net, &mut buffer[..SIZE - 1]).unwrap_err();
    assert_eq!(error.reason, Reason::BufferTooSmall { needed: SIZE });
    assert_eq!(error.to_string(), format!("the buffer must have {SIZE} bytes"));
}

#[test]
fn non_finite_weights_are_refused_unless_asked_for() {
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let mut net = random_net::<TwoLayers>();
        net.0.1.recurrent_kernel.0[2][1] = bad;
        let error =
            Error { tensor: TensorName::new("1.recurrent_kernel"), reason: Reason::NonFinite };
        let mut file = [0; TwoLayers::SIZE];
        assert_eq!(save(&net, &mut file), Err(error));
        save_any(&net, &mut file).unwrap();

        let before = random_net::<TwoLayers>();
        let mut again = before.clone();
        assert_eq!(load(&mut again, &file), Err(error));
        assert_eq!(again, before);
        load_any(&mut again, &file).unwrap();
        assert_eq!(again.0.1.recurrent_kernel.0[2][1].to_bits(), bad.to_bits());
    }
    // Finite in the file, infinite as f32.
    let mut file = [0; Dense::<1, 1, f64>::SIZE];
    save(&Dense { kernel: Matrix([[1e300_f64]]), bias: [0.0] }, &mut file).unwrap();
    let mut net = Dense::<1, 1>::ZERO;
    let error = load(&mut net, &file).unwrap_err();
    assert_eq!(error, Error { tensor: TensorName::new("kernel"), reason: Reason::NonFinite });
}

/// The first and the last number of each tensor.
#[test]
fn what_is_not_saved_is_named() {
    const NAMES: [&str; 4] = ["0.kernel", "0.recurrent_kernel", "0.bias", "1.kernel"];
    for (n, name) in NAMES.iter().enumerate() {
        for last in [false, true] {
            let mut net = Stack::<(Elman<2, 3>, Dense<3, 1>)>::ZERO;
            let tensor = net.tensor_mut(n);
            let at = if last { tensor.len() - 1 } else { 0 };
            tensor[at] = f32::NAN;
            let error = checkpoint::save(&net, 1, &mut [0; 1000]).unwrap_err();
            assert_eq!((error.tensor.as_str(), error.reason), (*name, Reason::NonFinite));
        }
    }
}

/// Whatever is wrong, and wherever: the net keeps every bit.
#[test]
fn a_refused_file_leaves_the_net_untouched() {
    let mut file = [0; TwoLayers::SIZE];
    save(&random_net::<TwoLayers>(), &mut file).unwrap();
    let mut net = TwoLayers::ZERO;
    for len in 0..file.len() {
        load(&mut net, &file[..len]).unwrap_err();
    }
    let name = file.windows(6).position(|w| w == b"2.bias").unwrap();
    file[name] = b'3';
    assert_eq!(load(&mut net, &file).unwrap_err().to_string(), "tensor `2.bias`: missing");
    assert_eq!(net, TwoLayers::ZERO);
}

/// The lines in the docs are those by which the files in `tests/data` were written.
#[test]
fn the_documented_lines_are_those_of_the_script() {
    let script = include_str!("../data/make_weights.py");
    let docs = include_str!("../data/three_lines.md");
    let blocks: Vec<_> = docs.split("```python\n").skip(1).collect();
    assert_eq!(blocks.len(), 3);
    for (block, marked) in blocks.iter().zip(script.split("# three lines: ").skip(1)) {
        let lines = block.split("```").next().unwrap().lines();
        let run = marked.split("# end").next().unwrap().lines().skip(1).map(str::trim);
        assert!(lines.eq(run.filter(|line| !line.is_empty())));
    }
}
