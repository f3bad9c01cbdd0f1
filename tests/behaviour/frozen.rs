//! Layers that do not learn cost nothing, and what learns above or below them learns the same.

use elman::{
    Adam, Backward, ConstZero, Dense, EarlyStopping, Elman, Frozen, FrozenBase, Initialize, Layer,
    Optimizer, Parameters, Pcg32, Sgd, Stack, StaticLayer, Tape, squared_error,
};

const K: usize = 8;

type Body = Elman<3, 16>;
type Head = Dense<16, 2>;
type Whole = Stack<(Body, Head)>;

/// Weights in flash.
static BODY: Body = body();
static HEAD: Head = Dense { kernel: elman::Matrix([[0.3, -0.2]; 16]), bias: [0.1, 0.0] };

struct TheBody;
impl StaticLayer for TheBody {
    type Layer = Body;
    fn layer() -> &'static Body {
        &BODY
    }
}

struct TheHead;
impl StaticLayer for TheHead {
    type Layer = Head;
    fn layer() -> &'static Head {
        &HEAD
    }
}

/// Some weights, of different sizes.
const fn body() -> Body {
    let mut body = Body::ZERO;
    let mut i = 0;
    while i < 16 {
        body.kernel.0[i % 3][i] = 0.5 - 0.05 * i as f32;
        body.recurrent_kernel.0[i][(i * 7 + 3) % 16] = 0.8 - 0.1 * i as f32;
        body.bias[i] = 0.02 * i as f32;
        i += 1;
    }
    body
}

fn sample(t: usize) -> ([f32; 3], [f32; 2]) {
    let at = |t: usize, period: usize| (t % period) as f32 / period as f32 - 0.5;
    ([at(t, 5), at(t, 7), at(t, 11)], [at(t + 1, 5), at(t + 2, 7)])
}

/// Trains `net` by truncated BPTT(4, 8) and calls `each` with the gradient of each update.
fn train<N>(net: &mut N, mut each: impl FnMut(&N, &mut N))
where
    N: Backward<In = [f32; 3], Out = [f32; 2]> + Parameters<Scalar = f32>,
{
    let (mut tape, mut gradient) = (Tape::<N, K>::new(), N::ZERO);
    for t in 0..400 {
        let (x, target) = sample(t);
        let (_, d_y) = squared_error(tape.step(net, &x), &target);
        tape.set_output_gradient(&d_y);
        if tape.due::<4>() {
            tape.backward(net, &mut gradient);
            each(&gradient, net);
            gradient.set_zero();
        }
    }
}

/// The head above a frozen base moves as in a whole network of which only the head is updated.
#[test]
fn only_the_head_learns() {
    let mut part = Stack((FrozenBase::<TheBody>::new(), Head::ZERO));
    train(&mut part, |gradient, net| Sgd::new(0.05).update(net, gradient, &mut ()));

    let mut whole: Whole = Stack((BODY.clone(), Head::ZERO));
    train(&mut whole, |gradient, net| Sgd::new(0.05).update(&mut net.0.1, &gradient.0.1, &mut ()));
    assert_eq!(part.0.1, whole.0.1);
    assert!(part.0.1 != Head::ZERO);
}

/// The body below a frozen head moves as in a whole network of which only the body is updated.
#[test]
fn only_the_body_learns() {
    let mut part = Stack((BODY.clone(), Frozen::<TheHead>::new()));
    train(&mut part, |gradient, net| Sgd::new(0.05).update(net, gradient, &mut ()));

    let mut whole: Whole = Stack((BODY.clone(), HEAD.clone()));
    train(&mut whole, |gradient, net| Sgd::new(0.05).update(&mut net.0.0, &gradient.0.0, &mut ()));
    assert_eq!(part.0.0, whole.0.0);
    assert!(part.0.0 != BODY);
}

/// A recurrent layer frozen between two that learn, with errors through it and through time.
#[test]
fn the_middle_is_frozen() {
    struct Middle;
    static MIDDLE: Elman<16, 16> = Elman {
        kernel: elman::Matrix([[0.05; 16]; 16]),
        recurrent_kernel: elman::Matrix([[0.03; 16]; 16]),
        bias: [0.1; 16],
    };
    impl StaticLayer for Middle {
        type Layer = Elman<16, 16>;
        fn layer() -> &'static Elman<16, 16> {
            &MIDDLE
        }
    }

    let mut part = Stack((BODY.clone(), Frozen::<Middle>::new(), HEAD.clone()));
    train(&mut part, |gradient, net| Sgd::new(0.05).update(net, gradient, &mut ()));

    let mut whole = Stack((BODY.clone(), MIDDLE.clone(), HEAD.clone()));
    train(&mut whole, |gradient, net| {
        Sgd::new(0.05).update(&mut net.0.0, &gradient.0.0, &mut ());
        Sgd::new(0.05).update(&mut net.0.2, &gradient.0.2, &mut ());
    });
    assert_eq!((&part.0.0, &part.0.2), (&whole.0.0, &whole.0.2));
}

/// As the lowest layer it still tells the error of its own state.
#[test]
fn the_initial_state_of_a_frozen_layer_has_its_error() {
    fn initial_error<N>(net: &N) -> N::State
    where
        N: Backward<In = [f32; 3], Out = [f32; 2]> + Parameters<Scalar = f32>,
    {
        let (mut tape, mut gradient) = (Tape::<N, K>::new(), N::ZERO);
        for t in 0..K {
            tape.step(net, &sample(t).0);
        }
        tape.set_output_gradient(&[1.0, -1.0]);
        tape.backward(net, &mut gradient)
    }
    let frozen = initial_error(&Stack((Frozen::<TheBody>::new(), HEAD.clone())));
    let whole = initial_error(&Stack((BODY.clone(), HEAD.clone())));
    assert_eq!(frozen, whole);
    assert!(whole.0.iter().any(|&d| d != 0.0));
}

/// By value: the body is stepped by hand, the head is a network of its own.
#[test]
fn a_layer_frozen_by_value_learns_the_same() {
    let mut by_type = Stack((FrozenBase::<TheBody>::new(), Head::ZERO));
    train(&mut by_type, |gradient, net| Sgd::new(0.05).update(net, gradient, &mut ()));

    let (mut head, mut gradient, mut h) = (Head::ZERO, Head::ZERO, Body::INITIAL_STATE);
    let mut tape = Tape::<Head, 4>::new();
    for t in 0..400 {
        let (x, target) = sample(t);
        BODY.step(&x, &mut h);
        let (_, d_y) = squared_error(tape.step(&head, &h), &target);
        tape.set_output_gradient(&d_y);
        if tape.due::<4>() {
            tape.backward(&head, &mut gradient);
            Sgd::new(0.05).update(&mut head, &gradient, &mut ());
            gradient.set_zero();
        }
    }
    assert_eq!(by_type.0.1, head);
}

#[test]
fn a_frozen_layer_takes_no_ram() {
    type Net = Stack<(FrozenBase<TheBody>, Head)>;
    const WORD: usize = size_of::<usize>();
    const HEAD: usize = 4 * (16 * 2 + 2);
    assert_eq!(size_of::<Net>(), HEAD); // and so every gradient
    assert_eq!(<Adam as Optimizer<Net>>::RAM, 2 * HEAD + 8);
    assert_eq!(size_of::<EarlyStopping<Net>>(), HEAD + 8 + 4);

    let state = 4 * (16 + 2);
    let inputs = K * 4 * 3;
    let outputs = K * 4 * 16; // one row a step, and no errors
    let of_head = 2 * K * 4 * 2;
    let lengths = 4 * WORD; // of the four lists
    let places = 2 * WORD;
    assert_eq!(
        size_of::<Tape<Net, K>>(),
        2 * state + inputs + outputs + of_head + lengths + places
    );
}

/// A frozen layer draws nothing and says what it is.
#[test]
fn a_frozen_layer_draws_no_weights() {
    let mut net = Stack((FrozenBase::<TheBody>::new(), Head::ZERO));
    let mut rng = Pcg32::new(1, 0);
    net.init_pytorch(&mut rng);
    let mut head = Head::ZERO;
    head.init_pytorch(&mut Pcg32::new(1, 0));
    assert_eq!(net.0.1, head);
    assert_eq!(format!("{:?} {:?}", net.0.0, Frozen::<TheHead>::default()), "FrozenBase Frozen");
}

/// Nothing is computed for frozen layers: the way back takes a fraction of the time.
#[test]
#[cfg_attr(debug_assertions, ignore = "a measurement, of optimised code")]
fn a_frozen_layer_takes_no_time_on_the_way_back() {
    /// By its products it would be 9; 3.8 is measured, since there is more to do than products.
    const FASTER: f64 = 2.0;
    let time = |learn: &mut dyn FnMut()| {
        (0..50)
            .map(|_| {
                let start = std::time::Instant::now();
                learn();
                start.elapsed()
            })
            .min()
            .unwrap()
            .as_secs_f64()
    };
    let frozen = time(&mut || back::<Stack<(FrozenBase<TheBody>, Head)>>());
    let whole = time(&mut || back::<Whole>());
    println!("the way back is {:.1} times as fast", whole / frozen);
    assert!(whole / frozen > FASTER);
}

/// The way back alone, through a full tape, many times.
fn back<N: Backward<In = [f32; 3], Out = [f32; 2]> + Parameters<Scalar = f32>>() {
    let (net, mut gradient, mut tape) = (N::ZERO, N::ZERO, Tape::<N, K>::new());
    for t in 0..K {
        tape.step(&net, &sample(t).0);
    }
    for _ in 0..200 {
        tape.set_output_gradient(&[1.0, 1.0]);
        tape.backward(&net, &mut gradient);
    }
    core::hint::black_box(elman::global_norm(&gradient));
}
