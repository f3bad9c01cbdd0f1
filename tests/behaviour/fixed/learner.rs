//! The same shape for the user: everything that takes networks of floats takes those of integers.

use core::num::NonZeroU32;

use elman::fixed::{self, InFloat, Row};
use elman::{
    Adam, ConstZero, Dense, EarlyStopping, Elman, Frozen, FrozenBase, Initialize, Learner, Limit,
    OutputRow, Parameters, Pcg32, Reduction, Stack, StaticLayer, StreamState, Tape, TrainErrorKind,
    Trainer, Update, global_norm,
};

type Float = Stack<(Elman<2, 6>, Elman<6, 5>, Dense<5, 2>)>;
type Net = Stack<(fixed::Elman<2, 6>, fixed::Elman<6, 5>, fixed::Dense<5, 2>)>;

fn nets() -> (Float, Net) {
    let (mut float, mut net) = (Float::ZERO, Net::ZERO);
    float.init_keras(&mut Pcg32::new(3, 0));
    net.init_keras(&mut Pcg32::new(3, 0));
    (float, net)
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

static BODY: fixed::Elman<2, 6> = BODY_CELL;
/// The same in 16 bits, from which it only runs.
static NARROW: fixed::Elman<2, 6, i16> = BODY_CELL.to_i16();
const BODY_CELL: fixed::Elman<2, 6> = fixed::Elman::new(&Elman { bias: [0.5; 6], ..Elman::ZERO });

struct NarrowBody;
impl StaticLayer for NarrowBody {
    type Layer = fixed::Elman<2, 6, i16>;
    fn layer() -> &'static Self::Layer {
        &NARROW
    }
}

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

fn difference(a: &[f32], b: &[f32]) -> f32 {
    let largest = a.iter().fold(0.0_f32, |largest, a| largest.max(a.abs()));
    a.iter().zip(b).fold(0.0_f32, |worst, (a, b)| worst.max((a - b).abs())) / largest
}

/// A base of 16-bit weights in flash, a readout that learns.
#[test]
fn a_frozen_base_of_16_bits() {
    type Head = Stack<(FrozenBase<NarrowBody>, fixed::Dense<6, 1>)>;
    let mut head = Trainer::<Head, fixed::Sgd, 2, 2>::new(fixed::Sgd::new(0.1));
    let mut loss = 1.0;
    for t in 0..600 {
        let x = [(t % 5) as f32 / 5.0, 0.5];
        loss = head.observe(&x.into(), &[0.7]).unwrap().loss;
    }
    assert!(loss < 1e-5, "{loss}");
    assert_eq!(size_of::<Head>(), size_of::<fixed::Dense<6, 1>>());
}

/// To 14 bits of the largest.
#[test]
fn gradients_of_outputs_are_limited_and_scaled_as_those_of_floats() {
    for numbers in [[3.0, -40.0], [0.5, -0.25], [10.0, -10.0], [1e-20, 1e20]] {
        let (mut floats, mut row) = (numbers, Row::from(numbers));
        let near = |row: &Row<2>, floats: [f32; 2]| {
            let unit = floats.iter().fold(0.0_f32, |most, y| most.max(y.abs())) / (1 << 14) as f32;
            let off = row.to_f32().into_iter().zip(floats).map(|(y, float)| (y - float).abs());
            assert!(off.fold(0.0, f32::max) <= unit, "{row:?}, not {floats:?}");
        };
        OutputRow::clamp(&mut floats, 10.0);
        OutputRow::clamp(&mut row, 10.0);
        near(&row, floats);
        OutputRow::scale(&mut floats, 0.3);
        OutputRow::scale(&mut row, 0.3);
        near(&row, floats);
    }
}
