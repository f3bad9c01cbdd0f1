//! The sliced trainer: the same bits however its work is cut.

use core::fmt::Debug;
use core::num::NonZeroU32;

use elman::safetensors::StateDict;
use elman::{
    Adam, AdamW, ConstZero, Dense, EarlyStopping, Elman, Frozen, FrozenBase, Gru, Initialize,
    LeakyElman, Limit, MinGru, Momentum, Parameters, Pcg32, Reduction, RmsProp, Sgd,
    SlicedOptimizer, SlicedTrainer, Stack, StaticLayer, Trainer, Update, checkpoint,
};

/// The nets of these tests, all from three numbers to one.
trait Net:
    elman::Backward<In = [f32; 3], Out = [f32; 1], State: StateDict>
    + Parameters<Scalar = f32, Tensor = [f32]>
    + Initialize
    + StateDict
{
}
impl<N> Net for N where
    N: elman::Backward<In = [f32; 3], Out = [f32; 1], State: StateDict>
        + Parameters<Scalar = f32, Tensor = [f32]>
        + Initialize
        + StateDict
{
}

static BODY: Elman<3, 4> = Elman { bias: [0.1, -0.2, 0.3, -0.4], ..Elman::ZERO };
struct Body;
impl StaticLayer for Body {
    type Layer = Elman<3, 4>;
    fn layer() -> &'static Elman<3, 4> {
        &BODY
    }
}

struct Readout;
impl StaticLayer for Readout {
    type Layer = Dense<3, 1>;
    fn layer() -> &'static Dense<3, 1> {
        static READOUT: Dense<3, 1> = Dense::ZERO;
        &READOUT
    }
}

static MIDDLE: Dense<5, 4> = Dense { bias: [0.5; 4], ..Dense::ZERO };
struct Middle;
impl StaticLayer for Middle {
    type Layer = Dense<5, 4>;
    fn layer() -> &'static Dense<5, 4> {
        &MIDDLE
    }
}

/// Bytes of a checkpoint: everything that decides how a trainer goes on.
fn bytes(value: &impl StateDict) -> Vec<u8> {
    let mut buffer = vec![0; 1 << 17];
    let length = checkpoint::save(value, 0, &mut buffer).unwrap();
    buffer.truncate(length);
    buffer
}

/// One sample in ten is out of the ordinary.
fn sample(rng: &mut Pcg32) -> ([f32; 3], [f32; 1]) {
    let mut number = || match rng.below(30) {
        0 => f32::NAN,
        1 => 1e12,
        _ => rng.uniform_symmetric(),
    };
    ([number(), number(), number()], [number()])
}

/// As a trainer that learns at once, if nothing comes in between.
fn as_at_once<N, O, const K1: usize, const K2: usize>(optimizer: O, rng: &mut Pcg32)
where
    N: Net,
    O: SlicedOptimizer<N> + Debug,
    Trainer<N, O, K1, K2>: StateDict,
{
    let mut at_once = Trainer::<N, O, K1, K2>::new(optimizer);
    let mut sliced = SlicedTrainer::<N, O, K1, K2>::new(optimizer);
    let batch = NonZeroU32::new(rng.below(3));
    let reduction = if rng.below(2) == 0 { Reduction::Sum } else { Reduction::Mean };
    let seed = rng.below(1000).into();
    for learner in [&mut at_once.learner, &mut sliced.complete().learner] {
        learner.net.init_pytorch(&mut Pcg32::new(seed, 0));
        (learner.batch, learner.reduction) = (batch, reduction);
    }

    let mut updates = 0;
    for _ in 0..6 * K1 + 2 {
        let (x, y) = sample(rng);
        let has_target = rng.below(4) > 0;
        let mut update = Update::NotDue;
        if has_target {
            let expected = at_once.observe(&x, &y);
            let found = sliced.observe(&x, &y);
            assert_eq!(
                found.map(|r| (r.prediction, r.loss)),
                expected.map(|r| (r.prediction, r.loss))
            );
            update = expected.map_or(update, |report| report.update);
        } else if at_once.predict(&x) == sliced.predict(&x) {
            update = *at_once.learner.last_update();
        }
        let mut found = Update::NotDue;
        let macs = 1 << rng.below(14);
        let mut slices = 0;
        while sliced.is_pending() {
            found = sliced.learn(macs);
            slices += 1;
        }
        assert!(slices <= SlicedTrainer::<N, O, K1, K2>::slices(macs));
        assert_eq!(found, update);
        updates += usize::from(update.is_done());
        assert!(bytes(&at_once) == bytes(sliced.complete()), "{optimizer:?}");
    }
    assert!(updates > 0);
}

macro_rules! every_optimizer {
    ($check:ident::<$Net:ty, $K1:literal, $K2:literal>($rng:expr)) => {
        $check::<$Net, _, $K1, $K2>(Sgd::new(0.1), $rng);
        $check::<$Net, _, $K1, $K2>(Momentum::new(0.1), $rng);
        $check::<$Net, _, $K1, $K2>(RmsProp::new(0.01), $rng);
        $check::<$Net, _, $K1, $K2>(Adam::new(0.01), $rng);
        $check::<$Net, _, $K1, $K2>(AdamW::new(0.01), $rng);
    };
}

macro_rules! every_net {
    ($check:ident::<$K1:literal, $K2:literal>($rng:expr)) => {
        every_optimizer!($check::<Stack<(Elman<3, 5>, Dense<5, 1>)>, $K1, $K2>($rng));
        every_optimizer!($check::<Stack<(Elman<3, 4>, [Elman<4, 4>; 2], Dense<4, 1>)>, $K1, $K2>(
            $rng
        ));
        every_optimizer!($check::<Stack<(LeakyElman<3, 4>, Dense<4, 1>)>, $K1, $K2>($rng));
        every_optimizer!($check::<Stack<(Gru<3, 3>, MinGru<3, 4>, Dense<4, 1>)>, $K1, $K2>($rng));
        every_optimizer!($check::<Stack<(FrozenBase<Body>, Elman<4, 2>, Dense<2, 1>)>, $K1, $K2>(
            $rng
        ));
        every_optimizer!($check::<Stack<(Elman<3, 5>, Frozen<Middle>, Dense<4, 1>)>, $K1, $K2>(
            $rng
        ));
    };
}

#[test]
fn if_nothing_comes_in_between_the_bits_are_those_of_a_trainer() {
    let mut rng = Pcg32::new(11, 0);
    every_net!(as_at_once::<4, 4>(&mut rng));
    every_net!(as_at_once::<2, 7>(&mut rng));
    every_net!(as_at_once::<1, 1>(&mut rng));
    // Matrices of several parts.
    as_at_once::<Stack<(Elman<3, 40>, Dense<40, 4>, Dense<4, 1>)>, _, 4, 7>(
        Adam::new(0.01),
        &mut rng,
    );
}

/// With samples in between, however the work is cut before the sample at which it is completed.
fn however_it_is_cut<N, O, const K1: usize, const K2: usize>(optimizer: O, rng: &mut Pcg32)
where
    N: Net,
    O: SlicedOptimizer<N> + Debug,
    Trainer<N, O, K1, K2>: StateDict,
{
    let mut uncut = SlicedTrainer::<N, O, K1, K2>::new(optimizer);
    let mut cut = SlicedTrainer::<N, O, K1, K2>::new(optimizer);
    for trainer in [&mut uncut, &mut cut] {
        trainer.complete().learner.net.init_pytorch(&mut Pcg32::new(3, 0));
    }

    let mut arrived = 0;
    for _ in 0..8 * K1 {
        let (x, y) = sample(rng);
        if rng.below(4) > 0 {
            let (one, other) = (uncut.observe(&x, &y), cut.observe(&x, &y));
            assert_eq!(one.map(|r| (r.prediction, r.loss)), other.map(|r| (r.prediction, r.loss)));
        } else {
            assert_eq!(uncut.predict(&x), cut.predict(&x));
        }
        assert_eq!(uncut.is_pending(), cut.is_pending());
        arrived += usize::from(cut.is_pending());
        if rng.below(3) == 0 {
            assert!(bytes(uncut.complete()) == bytes(cut.complete()), "{optimizer:?}");
        }
        // It may come to an end. Then the other one is completed before the same sample.
        if cut.is_pending() && rng.below(2) == 0 {
            cut.learn(1 << rng.below(12));
            if !cut.is_pending() {
                assert!(bytes(uncut.complete()) == bytes(cut.complete()), "{optimizer:?}");
            }
        }
    }
    assert!(arrived > 0);
}

#[test]
fn the_bits_do_not_depend_on_how_the_work_is_cut() {
    let mut rng = Pcg32::new(12, 0);
    every_net!(however_it_is_cut::<4, 9>(&mut rng));
    every_net!(however_it_is_cut::<5, 5>(&mut rng));
}

/// The network changes in one unit, the last one.
#[test]
fn the_weights_change_at_once() {
    type Net = Stack<(Elman<3, 8>, Dense<8, 1>)>;
    let mut trainer = SlicedTrainer::<Net, Adam, 6, 6>::new(Adam::new(0.01));
    trainer.complete().learner.net.init_pytorch(&mut Pcg32::new(1, 0));
    let before = trainer.net().clone();
    for n in 0..6 {
        trainer.observe(&[n as f32, 0.5, -0.5], &[0.25]).unwrap();
    }
    let mut slices = 0;
    while trainer.is_pending() {
        assert_eq!(*trainer.net(), before);
        assert_eq!(trainer.learn(1).is_done(), !trainer.is_pending());
        slices += 1;
    }
    assert_ne!(*trainer.net(), before);
    // 6 steps back; parts: kernel, recurrent kernel, bias, readout; limits; bounds; weights; commit
    assert_eq!(slices, 6 + (1 + 1 + 1 + 1) + 1 + 4 + (24 + 64 + 8 + 8 + 1) + 1);
    assert_eq!(slices, SlicedTrainer::<Net, Adam, 6, 6>::slices(1));
}

/// A slice has as many multiply-accumulates as it is given, or one piece.
#[test]
fn a_larger_budget_is_fewer_slices() {
    type Learning = SlicedTrainer<Stack<(Elman<3, 16>, Dense<16, 1>)>, Adam, 20, 20>;
    let mut trainer = Learning::new(Adam::new(0.01));
    let mut before = usize::MAX;
    for macs in [0, 100, 1000, 2000, 10_000, Learning::MACS, usize::MAX] {
        for _ in 0..20 {
            trainer.observe(&[0.5; 3], &[0.25]).unwrap();
        }
        let mut slices = 0;
        while trainer.is_pending() {
            trainer.learn(macs);
            slices += 1;
        }
        assert!(slices <= Learning::slices(macs) && slices <= before, "{macs}: {slices}");
        before = slices;
    }
    assert_eq!(before, 1);
}

/// A caller who never calls `learn` loses no sample, and each window is learned.
#[test]
fn a_window_that_cannot_wait_is_completed() {
    type Net = Stack<(Elman<3, 4>, Dense<4, 1>)>;
    let mut trainer = SlicedTrainer::<Net, Sgd, 4, 8>::new(Sgd::new(0.01));
    trainer.complete().learner.net.init_pytorch(&mut Pcg32::new(1, 0));
    for n in 0..41 {
        trainer.observe(&[0.1, 0.5, -0.5], &[0.25]).unwrap();
        assert_eq!(trainer.is_pending(), n >= 3);
    }
    let trainer = trainer.complete();
    assert_eq!((trainer.learner.updates(), trainer.stream.steps()), (10, 41));
}

/// A gradient that is not finite is dropped, and the network stays.
#[test]
fn a_skipped_update_changes_nothing() {
    type Net = Dense<3, 1>;
    let mut trainer = SlicedTrainer::<Net, Sgd, 2, 2>::new(Sgd::new(f32::MAX));
    trainer.complete().learner.max_norm = Limit::Off;
    for _ in 0..2 {
        trainer.observe(&[1.0; 3], &[1.0]).unwrap(); // ∂L/∂w = -2
    }
    let before = trainer.net().clone();
    let update = trainer.learn(usize::MAX);
    assert!(matches!(update, Update::Skipped(_)), "{update:?}");
    assert_eq!(*trainer.net(), before);
    assert!(!trainer.is_pending());
}

/// The pieces of a window of `steps` steps: what each needs of the budget, and what it takes of it.
fn pieces<N: Net>(steps: usize, states: usize, macs_per_weight: usize) -> Vec<(usize, usize)> {
    let numbers = (0..N::TENSORS).map(|n| N::ZERO.tensor(n).len()).sum();
    let weights = usize::max(numbers, 1);
    let part = (steps * weights).div_ceil(N::PARTS.max(1));
    let phase = |count: usize, macs: usize| match count {
        0 => vec![(macs, 0)], // noticed in a slice that could do one
        _ => vec![(macs, macs); count],
    };
    [
        phase(steps, weights),
        phase(N::PARTS, part),
        phase(1, 4 * weights),
        phase(2 + states, 2 * weights),
        phase(numbers, macs_per_weight),
        phase(1, 2 * weights),
    ]
    .concat()
}

/// How many slices they are, each filled with whole pieces as far as its budget goes.
fn filled(pieces: &[(usize, usize)], budget: usize) -> usize {
    let (mut slices, mut spent) = (1, 0);
    for &(need, macs) in pieces {
        if spent > 0 && spent + need > budget {
            (slices, spent) = (slices + 1, 0);
        }
        spent += macs;
    }
    slices
}

fn is_filled<N: Net, O: SlicedOptimizer<N>>(optimizer: O) {
    const STEPS: usize = 6;
    let mut trainer = SlicedTrainer::<N, O, STEPS, STEPS>::new(optimizer);
    let pieces = pieces::<N>(STEPS, O::STATES, O::MACS_PER_WEIGHT);
    for budget in (0..300).chain((300..6000).step_by(37)) {
        for _ in 0..STEPS {
            trainer.observe(&[0.5, -0.5, 0.25], &[0.125]).unwrap();
        }
        let mut slices = 0;
        while trainer.is_pending() {
            trainer.learn(budget);
            slices += 1;
        }
        assert_eq!(slices, filled(&pieces, budget), "a budget of {budget}");
        assert!(slices <= SlicedTrainer::<N, O, STEPS, STEPS>::slices(budget));
    }
    if N::TENSORS > 0 {
        assert_eq!(SlicedTrainer::<N, O, STEPS, STEPS>::slices(1), pieces.len());
    }
}

#[test]
fn a_slice_is_filled_with_whole_pieces() {
    is_filled::<Stack<(Elman<3, 5>, Dense<5, 1>)>, _>(Adam::new(0.01));
    is_filled::<Stack<(Elman<3, 4>, [Elman<4, 4>; 2], Dense<4, 1>)>, _>(Sgd::new(0.01));
    is_filled::<Stack<(FrozenBase<Body>, Dense<4, 1>)>, _>(Momentum::new(0.01));
    is_filled::<FrozenBase<Readout>, _>(Sgd::new(0.01)); // nothing learns
    type Learning = SlicedTrainer<Stack<(Elman<3, 5>, Dense<5, 1>)>, Adam, 6, 6>;
    assert_eq!(Learning::slices(usize::MAX), 6); // one for each phase
}

/// An update is reported once, also where the next window is already there.
#[test]
fn an_update_is_reported_by_its_last_slice() {
    type Net = Stack<(Elman<3, 4>, Dense<4, 1>)>;
    let mut trainer = SlicedTrainer::<Net, Sgd, 2, 2>::new(Sgd::new(0.01));
    for _ in 0..4 {
        trainer.observe(&[0.5; 3], &[0.25]).unwrap(); // two windows, the second one waits
    }
    let mut updates = Vec::new();
    while trainer.is_pending() {
        updates.push(trainer.learn(1).is_done());
    }
    assert_eq!(trainer.complete().learner.updates(), 2);
    let window = updates.len() / 2;
    assert!((1..).zip(&updates).all(|(n, &is_done)| is_done == (n % window == 0)), "{updates:?}");
}

/// What the state alone makes too large is refused, as by a trainer that learns at once.
#[test]
fn bounds_of_the_state_count() {
    bounds_count(Momentum { momentum: 1e30, ..Momentum::new(1e-30) });
    bounds_count(Adam { beta_1: 1e30, ..Adam::new(0.01) });
}

fn bounds_count<O: SlicedOptimizer<Dense<3, 1>> + Debug>(optimizer: O) {
    let mut at_once = Trainer::<Dense<3, 1>, O, 1, 1>::new(optimizer);
    let mut sliced = SlicedTrainer::<Dense<3, 1>, O, 1, 1>::new(optimizer);
    let mut skipped = 0;
    for _ in 0..6 {
        let sample = ([1.0, 0.5, -0.5], [0.25]);
        let update = at_once.observe(&sample.0, &sample.1).map(|report| report.update);
        let found = sliced.observe(&sample.0, &sample.1).map(|_| sliced.learn(usize::MAX));
        assert_eq!(found, update, "{optimizer:?}");
        skipped += usize::from(matches!(update, Ok(Update::Skipped(_))));
    }
    assert!(skipped > 0, "{optimizer:?}");
}

/// A roll-back while a window is open: its steps are those of a network that was given up.
#[test]
fn a_roll_back_is_noticed_by_the_next_sample() {
    type Net = Stack<(Elman<3, 4>, Dense<4, 1>)>;
    let mut trainer = SlicedTrainer::<Net, Sgd, 4, 4>::new(Sgd::new(0.01));
    let mut best = EarlyStopping::new();
    best.update(trainer.net(), 0.5);
    trainer.observe(&[0.5; 3], &[0.25]).unwrap();
    assert!(trainer.complete().learner.roll_back(&mut best));
    trainer.observe(&[0.5; 3], &[0.25]).unwrap();
    assert_eq!(trainer.complete().stream.len(), 1);
}
