//! The same shape for the user: everything that takes networks of floats takes those of integers.

use core::num::NonZeroU32;

use elman::fixed::{self, InFloat, Quantize, Row};
use elman::{
    Adam, ConstZero, Dense, EarlyStopping, Elman, Frozen, FrozenBase, Initialize, Layer, Learner,
    Limit, MomentumState, Parameters, Pcg32, Reduction, Stack, StaticLayer, StreamState, Tape,
    Tensor, TrainErrorKind, Trainer, Update, checkpoint, clip_grad_norm, clip_grad_value,
    global_norm, state_dict,
};

type Float = Stack<(Elman<2, 6>, Elman<6, 5>, Dense<5, 2>)>;
type Net = Stack<(fixed::Elman<2, 6>, fixed::Elman<6, 5>, fixed::Dense<5, 2>)>;

fn nets() -> (Float, Net) {
    let (mut float, mut net) = (Float::ZERO, Net::ZERO);
    float.init_keras(&mut Pcg32::new(3, 0));
    net.init_keras(&mut Pcg32::new(3, 0));
    (float, net)
}

#[test]
fn weights_are_drawn_as_those_of_floats() {
    let (float, net) = nets();
    let mut quantized = Net::ZERO;
    quantized.quantize(&float);
    assert_eq!(net, quantized);
    let mut again = Float::ZERO;
    net.dequantize(&mut again);
    for n in 0..Float::TENSORS {
        for (w, again) in float.tensor(n).iter().zip(again.tensor(n)) {
            assert!((w - again).abs() < 1e-8);
        }
    }
}

/// Gradients of windows of floats and of integers, at inputs and errors of the usual size, relative
/// to the largest number of each tensor.
const GRADIENT_ERROR: f32 = 4e-3;

#[test]
fn gradients_are_those_of_floats() {
    let (float, net) = nets();
    let mut rng = Pcg32::new(4, 0);
    let mut worst = 0.0_f32;
    for _ in 0..50 {
        let (mut float_tape, mut tape) = (Tape::<Float, 20>::new(), Tape::<Net, 20>::new());
        for _ in 0..27 {
            let x = [(); 2].map(|()| rng.uniform_symmetric::<f32>());
            let d_y = [(); 2].map(|()| rng.uniform_symmetric::<f32>());
            float_tape.step(&float, &x);
            float_tape.set_output_gradient(&d_y);
            tape.step(&net, &Row::from(x));
            tape.set_output_gradient(&Row::from(d_y));
        }
        let (mut float_gradient, mut gradient) = (Float::ZERO, Net::ZERO);
        let mut d_x = ([[0.0; 2]; 20], [Row::ZERO; 20]);
        float_tape.backward_to_inputs(&float, &mut float_gradient, &mut d_x.0);
        tape.backward_to_inputs(&net, &mut gradient, &mut d_x.1);
        let mut as_float = Float::ZERO;
        gradient.dequantize(&mut as_float);
        for n in 0..Float::TENSORS {
            worst = worst.max(difference(float_gradient.tensor(n), as_float.tensor(n)));
        }
        let rows = d_x.1.map(|row| row.to_f32());
        worst = worst.max(difference(d_x.0.as_flattened(), rows.as_flattened()));
        assert!((global_norm(&gradient) / global_norm(&float_gradient) - 1.0).abs() < 1e-3);
    }
    println!("gradients differ by {worst:.1e} of the largest number");
    assert!(worst < GRADIENT_ERROR);
}

fn difference(a: &[f32], b: &[f32]) -> f32 {
    let largest = a.iter().fold(0.0_f32, |largest, a| largest.max(a.abs()));
    a.iter().zip(b).fold(0.0_f32, |worst, (a, b)| worst.max((a - b).abs())) / largest
}

#[test]
fn tensors_do_what_those_of_floats_do() {
    let (float, net) = nets();
    let (mut scaled, mut expected) = (net.clone(), float.clone());
    for limit in [0.9, 0.1, 1e-6] {
        clip_grad_value(&mut scaled, limit);
        clip_grad_value(&mut expected, limit);
        assert_close(&scaled, &expected);
        let norms = (clip_grad_norm(&mut scaled, limit), clip_grad_norm(&mut expected, limit));
        assert!((norms.0 / norms.1 - 1.0).abs() < 1e-4, "{norms:?}");
        assert_close(&scaled, &expected);
        scaled.scale(1.7e5);
        expected.scale(1.7e5);
        assert_close(&scaled, &expected);
        assert!((scaled.tensor(1).max_abs() / expected.tensor(1).max_abs() - 1.0).abs() < 1e-4);
    }
    for factor in [1e25, 1e-30] {
        scaled.scale(factor);
        expected.scale(factor);
        assert!((global_norm(&scaled) / global_norm(&expected) - 1.0).abs() < 1e-4);
    }
    scaled.copy_from(&net);
    assert_eq!(scaled, net);
    scaled.set_zero();
    assert_eq!((&scaled, global_norm(&scaled)), (&Net::ZERO, 0.0));
    scaled.scale(f32::NAN);
    assert!(!global_norm(&scaled).is_finite());
}

fn assert_close(net: &Net, float: &Float) {
    assert_within(1e-4, net, float);
}

fn assert_within(tolerance: f32, net: &Net, float: &Float) {
    let mut as_float = Float::ZERO;
    net.dequantize(&mut as_float);
    for n in 0..Float::TENSORS {
        if float.tensor(n).iter().any(|w| *w != 0.0) {
            assert!(difference(float.tensor(n), as_float.tensor(n)) < tolerance);
        }
    }
}

/// Momentum and decay in integers, step by step beside those in floats.
#[test]
fn momentum_is_that_of_floats() {
    for (nesterov, weight_decay) in [(false, 0.0), (true, 0.0), (false, 0.01), (true, 0.02)] {
        let (mut float, mut net) = nets();
        let (mut float_velocity, mut velocity) = (MomentumState::ZERO, Net::ZERO);
        let mut rng = Pcg32::new(5, 0);
        for _ in 0..300 {
            let mut float_gradient = Float::ZERO;
            elman::uniform(&mut float_gradient, 0.5, &mut rng);
            let mut gradient = Net::ZERO;
            gradient.quantize(&float_gradient);
            use elman::Optimizer;
            let rule = elman::Momentum { nesterov, weight_decay, ..elman::Momentum::new(0.01) };
            rule.update(&mut float, &float_gradient, &mut float_velocity);
            let rule = fixed::Momentum { nesterov, weight_decay, ..fixed::Momentum::new(0.01) };
            assert!(rule.is_safe(&net, &gradient, &velocity));
            rule.update(&mut net, &gradient, &mut velocity);
        }
        // A momentum of 0.9 has 15 bits here, and 1 / (1 − 0.9) makes its error ten times larger.
        assert_within(5e-4, &net, &float);
        assert_within(5e-4, &velocity, &float_velocity.velocity);
    }
}

/// Batches, steps without a target, clipping, the guard and early stopping, by a learner of each kind
/// of number: much the same losses, and the same decisions.
#[test]
fn a_learner_of_integers_does_what_one_of_floats_does() {
    let (float, net) = nets();
    let mut a = Learner::<Float, Adam>::new(Adam::new(0.01));
    let mut b = Learner::<Net, InFloat<Adam>>::new(InFloat(Adam::new(0.01)));
    (a.net, b.net) = (float, net);
    (a.batch, b.batch) = (NonZeroU32::new(2), NonZeroU32::new(2));
    (a.max_norm, b.max_norm) = (Limit::At(1.0), Limit::At(1.0));
    (a.max_value, b.max_value) = (Some(0.5), Some(0.5));
    (a.reduction, b.reduction) = (Reduction::Mean, Reduction::Mean);
    let mut streams = (StreamState::<Float, 5, 12>::new(), StreamState::<Net, 5, 12>::new());
    let mut best = (EarlyStopping::new(), EarlyStopping::new());
    for t in 0..400 {
        let x = [(t as f32 * 0.3).sin(), (t as f32 * 0.11).cos()];
        let target = [x[0] * 0.5, x[1] * x[0]];
        if t % 7 == 3 {
            let y = a.predict(&mut streams.0, &x).unwrap();
            let row = b.predict(&mut streams.1, &x.into()).unwrap();
            assert!(difference(&y, &row.to_f32()) < 0.02);
            continue;
        }
        let (r, s) =
            (a.observe(&mut streams.0, &x, &target), b.observe(&mut streams.1, &x.into(), &target));
        let (r, s) = (r.unwrap(), s.unwrap());
        assert_eq!(r.update.is_done(), s.update.is_done());
        assert!((r.loss - s.loss).abs() < 0.01, "step {t}: {} and {}", r.loss, s.loss);
        if t % 50 == 20 {
            assert_eq!(
                best.0.update(&a.net, 1.0 / t as f32),
                best.1.update(&b.net, 1.0 / t as f32)
            );
        }
    }
    assert!(a.updates() == b.updates() && a.updates() > 30);
    assert!(a.roll_back(&mut best.0) && b.roll_back(&mut best.1));
    assert!(a.net.tensor(1).iter().all(|w| w.is_finite()));
}

#[test]
fn the_guard_rejects_what_it_rejects_of_floats() {
    let mut trainer = Trainer::<Net, fixed::Sgd, 1, 4>::new(fixed::Sgd::new(0.1));
    trainer.learner.net = nets().1;
    let before = trainer.learner.net.clone();
    for (x, target, what) in [
        ([f32::NAN, 0.0], [0.0; 2], TrainErrorKind::Input),
        ([0.0, f32::INFINITY], [0.0; 2], TrainErrorKind::Input),
        ([1e20, 0.0], [0.0; 2], TrainErrorKind::Input),
        ([0.0; 2], [f32::NAN; 2], TrainErrorKind::Target),
    ] {
        assert_eq!(trainer.observe(&x.into(), &target).unwrap_err().kind, what);
    }
    assert_eq!(trainer.learner.net, before);
    trainer.learner.optimizer.learning_rate = f32::NAN;
    let report = trainer.observe(&[0.5, 0.5].into(), &[1.0, 1.0]).unwrap();
    assert_eq!(report.update, Update::Skipped(TrainErrorKind::Update));
    trainer.learner.optimizer.learning_rate = 1e30;
    let report = trainer.observe(&[0.5, 0.5].into(), &[1.0, 1.0]).unwrap();
    assert_eq!(report.update, Update::Skipped(TrainErrorKind::Update));
    assert_eq!(trainer.learner.net, before);
}

/// Without a guard, NaN goes where it goes in floats: into outputs, gradients and weights.
#[test]
fn what_is_not_finite_stays_so() {
    let (_, mut net) = nets();
    let (mut tape, mut gradient) = (Tape::<Net, 3>::new(), Net::ZERO);
    tape.step(&net, &Row::from([f32::NAN, 0.0]));
    assert!(tape.step(&net, &Row::from([0.0; 2])).to_f32()[0].is_nan());
    tape.set_output_gradient(&Row::from([1.0; 2]));
    tape.backward(&net, &mut gradient);
    assert!(global_norm(&gradient).is_nan());
    use elman::Optimizer;
    fixed::Sgd::new(0.1).update(&mut net, &gradient, &mut ());
    assert!(global_norm(&net).is_nan());
}

static BODY: fixed::Elman<2, 6> = fixed::Elman::new(&Elman { bias: [0.5; 6], ..Elman::ZERO });
static READOUT: fixed::Dense<6, 1> = fixed::Dense::new(&Dense {
    kernel: elman::Matrix([[1.0], [-1.0], [0.5], [0.25], [0.5], [2.0]]),
    bias: [0.0],
});

struct Body;
impl StaticLayer for Body {
    type Layer = fixed::Elman<2, 6>;
    fn layer() -> &'static Self::Layer {
        &BODY
    }
}

struct Readout;
impl StaticLayer for Readout {
    type Layer = fixed::Dense<6, 1>;
    fn layer() -> &'static Self::Layer {
        &READOUT
    }
}

/// A frozen base below, a frozen readout above what learns, all from `static`s made at compile time.
#[test]
fn frozen_layers_of_integers() {
    type Head = Stack<(FrozenBase<Body>, fixed::Dense<6, 1>)>;
    type Cell = Stack<(fixed::Elman<2, 6>, Frozen<Readout>)>;
    let mut head = Trainer::<Head, InFloat<Adam>, 2, 2>::new(InFloat(Adam::new(0.05)));
    let mut cell = Trainer::<Cell, fixed::Momentum, 2, 2>::new(fixed::Momentum::new(0.02));
    cell.learner.net.init_pytorch(&mut Pcg32::new(1, 0));
    let mut losses = (1.0, 1.0);
    for t in 0..600 {
        let x = [(t % 5) as f32 / 5.0, 0.5];
        losses.0 = head.observe(&x.into(), &[0.7]).unwrap().loss;
        losses.1 = cell.observe(&x.into(), &[0.3]).unwrap().loss;
    }
    println!("losses {losses:?}");
    assert!(losses.0 < 1e-3 && losses.1 < 1e-2);
}

/// A run cut anywhere and resumed from its checkpoint goes on to the bit.
#[test]
fn a_run_in_integers_is_resumed_to_the_bit() {
    type Run = Trainer<Net, fixed::Momentum, 3, 8>;
    struct Saved {
        run: Run,
    }
    state_dict!(Saved { run: Run });
    let start = || {
        let mut run = Run::new(fixed::Momentum::new(0.02));
        run.learner.net = nets().1;
        run.learner.batch = NonZeroU32::new(2);
        Saved { run }
    };
    let observe = |saved: &mut Saved, t: usize| {
        let x = [(t as f32 * 0.3).sin(), 0.5];
        saved.run.observe(&x.into(), &[x[0], 0.1]).unwrap().loss
    };
    for cut in [0, 1, 7, 20, 23] {
        let (mut whole, mut resumed) = (start(), start());
        let mut slot = vec![0; checkpoint::size::<Saved>()];
        for t in 0..60 {
            if t == cut {
                checkpoint::save(&whole, 1, &mut slot).unwrap();
            }
            observe(&mut whole, t);
        }
        resumed.run.learner.net.set_zero();
        checkpoint::load(&mut resumed, &slot).unwrap();
        for t in cut..60 {
            observe(&mut resumed, t);
        }
        assert_eq!(resumed.run.learner.net, whole.run.learner.net, "cut at {cut}");
    }
}

/// 16 and 8 bits from a file, as from the network that they were made of.
#[test]
fn narrow_weights_are_saved_and_read_back() {
    use elman::safetensors::{StateDict, load, save};
    let narrow = nets().1.0.0.to_i16();
    let mut file = [0; fixed::Elman::<2, 6, i16>::SIZE];
    save(&narrow, &mut file).unwrap();
    let mut again = fixed::Elman::<2, 6, i16>::ZERO;
    load(&mut again, &file).unwrap();
    assert_eq!(again, narrow);

    // Numbers whose sums could wrap are not taken for finite.
    let header = 8 + u64::from_le_bytes(*file.first_chunk().unwrap()) as usize;
    file[header + 4..header + 4 + 2 * 6 * 2].fill(0x7f); // the kernel, after its exponent
    load(&mut again, &file).unwrap();
    let mut h = Row::ZERO;
    assert!(again.step(&Row::from([0.5; 2]), &mut h).to_f32()[0].is_nan());

    let narrow = nets().1.0.2.to_i8();
    let mut file = [0; fixed::Dense::<5, 2, i8>::SIZE];
    save(&narrow, &mut file).unwrap();
    let mut again = fixed::Dense::<5, 2, i8>::ZERO;
    load(&mut again, &file).unwrap();
    assert_eq!(again, narrow);
}
