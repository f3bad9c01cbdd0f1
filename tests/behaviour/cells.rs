//! What every cell must keep: a run cut by a checkpoint goes on bit for bit, a frozen cell passes its
//! gradient on, initial weights are the frameworks', and sizes are the sums by hand.

use elman::checkpoint::{self, load, save};
use elman::safetensors::StateDict;
use elman::{
    Adam, Backward, ConstZero, Dense, Frozen, FrozenBase, Gru, Initialize, LayerTypes, LeakyElman,
    MinGru, Optimizer, Parameters, Pcg32, Rtrl, Sgd, Stack, StaticLayer, Tape, Trainer,
    squared_error,
};

type Mixed = Stack<(Gru<1, 4>, LeakyElman<4, 4>, MinGru<4, 3>, Gru<3, 3, f32, false>, Dense<3, 1>)>;

#[test]
fn a_trainer_cut_at_any_sample_continues_bit_for_bit() {
    type Run = Trainer<Mixed, Adam, 3, 7>;
    const SIZE: usize = checkpoint::size::<Run>();
    fn file(run: &Run) -> Vec<u8> {
        let mut file = vec![0; SIZE];
        save(run, 1, &mut file).unwrap();
        file
    }
    fn sample(run: &mut Run, t: usize) {
        let x = [(t % 5) as f32 / 5.0];
        run.observe(&x, &[x[0] * 0.5]).unwrap();
    }
    let mut uncut = Run::new(Adam::new(0.01));
    uncut.learner.net.init_keras(&mut Pcg32::new(1, 0));
    let files: Vec<_> = (0..20)
        .map(|t| {
            let before = file(&uncut);
            sample(&mut uncut, t);
            before
        })
        .collect();
    for (cut, before) in files.iter().enumerate() {
        let mut resumed = Run::new(Adam::new(0.01));
        (0..9).for_each(|t| sample(&mut resumed, t));
        load(&mut resumed, before).unwrap();
        (cut..20).for_each(|t| sample(&mut resumed, t));
        assert!(file(&resumed) == file(&uncut), "cut before sample {cut}");
    }
}

#[test]
fn rtrl_cut_by_a_checkpoint_continues_bit_for_bit() {
    type Run = Rtrl<1, 4, Dense<4, 1>>;
    let mut net = Stack::<(MinGru<1, 4>, Dense<4, 1>)>::ZERO;
    net.init_pytorch(&mut Pcg32::new(1, 0));
    let mut run = Run::new();
    (0..9).for_each(|t| _ = run.step(&net, &[t as f32]));
    let mut file = vec![0; Run::SIZE];
    elman::safetensors::save(&run, &mut file).unwrap();
    let mut resumed = Run::new();
    elman::safetensors::load(&mut resumed, &file).unwrap();
    let gradient_of = |run: &mut Run| {
        let mut gradient = Stack::ZERO;
        let y = *run.step(&net, &[0.25]);
        run.backward(&net, &y, &mut gradient);
        gradient
    };
    assert_eq!(gradient_of(&mut resumed), gradient_of(&mut run));
}

//////////// frozen ////////////

type Body = Gru<2, 5>;
type Head = Dense<5, 2>;

static BODY: Body = {
    let mut body = Body::ZERO;
    let mut i = 0;
    while i < 5 {
        body.kernel[2].0[i % 2][i] = 0.5 - 0.1 * i as f32;
        body.kernel[1].0[i % 2][i] = 0.3 - 0.2 * i as f32;
        body.recurrent_kernel[0].0[i][(i + 2) % 5] = 0.7;
        body.recurrent_kernel[2].0[i][(i + 3) % 5] = -0.6;
        body.recurrent_bias[i] = 0.1;
        i += 1;
    }
    body
};

struct TheBody;
impl StaticLayer for TheBody {
    type Layer = Body;
    fn layer() -> &'static Body {
        &BODY
    }
}

/// Trains by truncated BPTT(4, 8); `update` gets the net and its gradient.
fn train<N>(net: &mut N, update: impl Fn(&mut N, &N))
where
    N: Backward + LayerTypes<In = [f32; 2], Out = [f32; 2]> + Parameters<Scalar = f32>,
{
    let (mut tape, mut gradient) = (Tape::<N, 8>::new(), N::ZERO);
    let mut rng = Pcg32::new(5, 0);
    for _ in 0..100 {
        let x = [rng.uniform_symmetric(), rng.uniform_symmetric()];
        let (_, d_y) = squared_error(tape.step(net, &x), &[x[1], x[0]]);
        tape.set_output_gradient(&d_y);
        if tape.due::<4>() {
            tape.backward(net, &mut gradient);
            update(net, &gradient);
            gradient.set_zero();
        }
    }
}

#[test]
fn what_learns_above_a_frozen_gru_learns_the_same() {
    let mut part = Stack((FrozenBase::<TheBody>::new(), Head::ZERO));
    train(&mut part, |net, gradient| Sgd::new(0.05).update(net, gradient, &mut ()));
    let mut whole = Stack((BODY.clone(), Head::ZERO));
    train(&mut whole, |net, gradient| Sgd::new(0.05).update(&mut net.0.1, &gradient.0.1, &mut ()));
    assert_eq!(part.0.1, whole.0.1);
    assert_ne!(part.0.1, Head::ZERO);
}

#[test]
fn what_learns_below_a_frozen_gru_learns_the_same() {
    fn below() -> MinGru<2, 2> {
        let mut cell = MinGru::ZERO;
        cell.init_pytorch(&mut Pcg32::new(2, 0));
        cell
    }
    let head = Head { kernel: elman::Matrix([[0.3, -0.4]; 5]), bias: [0.0; 2] };
    let mut part = Stack((below(), Frozen::<TheBody>::new(), head.clone()));
    train(&mut part, |net, gradient| Sgd::new(0.05).update(net, gradient, &mut ()));
    let mut whole = Stack((below(), BODY.clone(), head));
    train(&mut whole, |net, gradient| {
        Sgd::new(0.05).update(&mut net.0.0, &gradient.0.0, &mut ());
        Sgd::new(0.05).update(&mut net.0.2, &gradient.0.2, &mut ());
    });
    assert_eq!((&part.0.0, &part.0.2), (&whole.0.0, &whole.0.2));
    assert_ne!(part.0.0, below());
}

//////////// initial weights ////////////

/// Keras draws the recurrent kernel of all gates as one matrix, `H × 3·H`, with orthonormal rows, and
/// the kernel as one of `I × 3·H`.
#[test]
fn initial_weights_of_a_gru_are_drawn_as_one_matrix() {
    let mut gru = Gru::<4, 8, f64>::ZERO;
    gru.init_keras(&mut Pcg32::new(1, 0));
    let row = |r: usize| gru.recurrent_kernel.iter().flat_map(|u| u.0[r]).collect::<Vec<f64>>();
    for r in 0..8 {
        for other in 0..8 {
            let product: f64 = row(r).iter().zip(row(other)).map(|(a, b)| a * b).sum();
            assert!((product - f64::from(u8::from(r == other))).abs() < 1e-14);
        }
    }
    let limit = (6.0_f64 / (4.0 + 24.0)).sqrt();
    let largest = |tensor: &[f64]| tensor.iter().fold(0.0_f64, |m, w| m.max(w.abs()));
    let kernel = gru.kernel.each_ref().map(|w| largest(w.as_slice()));
    assert!(kernel.iter().all(|&w| 0.8 * limit < w && w <= limit), "{kernel:?} {limit}");
    assert_eq!((gru.bias, gru.recurrent_bias), ([[0.0; 8]; 3], [0.0; 8]));

    gru.init_pytorch(&mut Pcg32::new(1, 0));
    let limit = 1.0 / 8.0_f64.sqrt();
    for n in 0..Gru::<4, 8, f64>::TENSORS {
        let w = largest(gru.tensor(n));
        assert!(0.5 * limit < w && w <= limit, "tensor {n}: {w}");
    }
}

//////////// memory ////////////

/// Parameters in numbers, and the tape of every cell as that of the tanh cell: `h` alone.
#[test]
fn sizes_are_the_sums_by_hand() {
    const NUMBER: usize = size_of::<f32>();
    const WORD: usize = size_of::<usize>();
    const I: usize = 3;
    const H: usize = 16;
    const K: usize = 20;
    let tape = (2 * H + K * I + 2 * K * H) * NUMBER + 5 * WORD;
    fn numbers<P: Parameters<Scalar = f32, Tensor = [f32]>>() -> usize {
        (0..P::TENSORS).map(|n| P::ZERO.tensor(n).len()).sum()
    }
    assert_eq!(numbers::<LeakyElman<I, H>>(), I * H + H * H + 2 * H);
    assert_eq!(numbers::<Gru<I, H>>(), 3 * (I * H + H * H + H) + H);
    assert_eq!(numbers::<Gru<I, H, f32, false>>(), 3 * (I * H + H * H + H));
    assert_eq!(numbers::<MinGru<I, H>>(), 2 * (I * H + H));
    assert_eq!(size_of::<Gru<I, H>>(), numbers::<Gru<I, H>>() * NUMBER);
    assert_eq!(size_of::<Tape<LeakyElman<I, H>, K>>(), tape);
    assert_eq!(size_of::<Tape<Gru<I, H>, K>>(), tape);
    assert_eq!(size_of::<Tape<MinGru<I, H>, K>>(), tape);
}
