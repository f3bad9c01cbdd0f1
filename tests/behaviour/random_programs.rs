//! Random programs of calls with random numbers, against what the documentation promises.
//!
//! Of two trainers one gets every call, the other only those that were not rejected. They are compared
//! bit for bit after each call and, so that what cannot be seen is compared too, in the samples that
//! follow.

use core::fmt::Debug;
use core::num::NonZeroU32;

use elman::safetensors::StateDict;
use elman::{
    Adam, AdamW, BinaryCrossEntropyWithLogits, Dense, EarlyStopping, Elman, Huber, Initialize,
    Limit, Loss, MeanSquaredError, Momentum, Optimizer, Parameters, Pcg32, Reduction, RmsProp, Sgd,
    SoftmaxCrossEntropy, SquaredError, Stack, TrainError, TrainErrorKind, Trainer, checkpoint,
    global_norm,
};

type Net = Stack<(Elman<1, 3>, Elman<3, 2>, Dense<2, 1>)>;

/// The calls of all programs together.
const CALLS: usize = if cfg!(debug_assertions) { 10_000 } else { 1_000_000 };

const SPECIAL: [f32; 16] = [
    f32::NAN,
    f32::INFINITY,
    f32::NEG_INFINITY,
    f32::MAX,
    f32::MIN_POSITIVE,
    1e-45,
    1.844_674_3e19, // the largest number whose square is finite
    1.844_674_4e19,
    -1.844_674_3e19,
    -0.0,
    9e18,
    -1e12,
    4e15,
    1e-30,
    7.0,
    9.1,
];

#[test]
fn what_is_rejected_leaves_no_trace() {
    let mut dice = Dice { rng: Pcg32::new(7, 0), wild: 0 };
    let mut counts = Counts::default();
    let row = |y: f32| [y];
    let class = |y: f32| usize::from(y < 0.0);
    let adam = |m: &elman::AdamState<Net>| is_finite(&m.mean) && is_finite(&m.mean_square);
    while counts.calls < CALLS {
        let (dice, counts) = (&mut dice, &mut counts);
        dice.wild = [0, 3, 20, 60, 100][dice.below(5)];
        match dice.below(8) {
            0 => Program::<_, SquaredError, 2, 5>::run(Sgd::new(0.1), |()| true, row, dice, counts),
            1 => Program::<_, Huber, 1, 1>::run(Sgd::new(0.1), |()| true, row, dice, counts),
            2 => Program::<_, SquaredError, 3, 3>::run(
                Momentum::new(0.1),
                |state| is_finite(&state.velocity),
                row,
                dice,
                counts,
            ),
            3 => Program::<_, MeanSquaredError, 1, 4>::run(
                Momentum { nesterov: true, ..Momentum::new(0.1) },
                |state| is_finite(&state.velocity),
                row,
                dice,
                counts,
            ),
            4 => Program::<_, SquaredError, 2, 4>::run(
                RmsProp::new(0.1),
                |state| is_finite(&state.mean_square),
                row,
                dice,
                counts,
            ),
            5 => Program::<_, SquaredError, 2, 4>::run(Adam::new(0.1), adam, row, dice, counts),
            6 => Program::<_, BinaryCrossEntropyWithLogits, 2, 4>::run(
                AdamW::new(0.1),
                adam,
                row,
                dice,
                counts,
            ),
            _ => Program::<_, SoftmaxCrossEntropy, 2, 4>::run(
                Adam::new(0.1),
                adam,
                class,
                dice,
                counts,
            ),
        }
    }
    println!("{counts:?}");
    assert!(counts.rejected > CALLS / 100 && counts.skipped > 0 && counts.loads > 0);
    assert!(counts.roll_backs > 0);
}

#[derive(Debug, Default)]
struct Counts {
    calls: usize,
    rejected: usize,
    skipped: usize,
    loads: usize,
    roll_backs: usize,
}

struct Dice {
    rng: Pcg32,
    /// Of a hundred numbers so many are out of the ordinary.
    wild: usize,
}

impl Dice {
    fn below(&mut self, n: u32) -> usize {
        self.rng.below(n) as usize
    }

    fn number(&mut self) -> f32 {
        match self.below(100) < self.wild {
            false => self.rng.uniform_symmetric(),
            true if self.below(2) == 0 => SPECIAL[self.below(16)],
            true => f32::from_bits(self.rng.next_u32()),
        }
    }
}

struct Program<O: Optimizer<Net>, L, const K1: usize, const K2: usize> {
    /// Gets every call.
    all: Trainer<Net, O, K1, K2, L>,
    /// Gets those that are not rejected.
    accepted: Trainer<Net, O, K1, K2, L>,
    best: [EarlyStopping<Net>; 2],
}

impl<O, L, const K1: usize, const K2: usize> Program<O, L, K1, K2>
where
    O: Optimizer<Net, State: StateDict + PartialEq + Debug>,
    L: Loss<[f32; 1], Scalar = f32>,
{
    fn run(
        optimizer: O,
        is_sound: fn(&O::State) -> bool,
        target: fn(f32) -> L::Target,
        dice: &mut Dice,
        counts: &mut Counts,
    ) {
        let new = || Trainer::new(optimizer);
        let best = [EarlyStopping::new(), EarlyStopping::new()];
        let mut program = Self { all: new(), accepted: new(), best };
        let seed = dice.rng.next_u32().into();
        program.both(|trainer| trainer.learner.net.init_pytorch(&mut Pcg32::new(seed, 0)));
        for _ in 0..5 + dice.below(80) {
            counts.calls += 1;
            program.call(optimizer, target, dice, counts);
            program.compare(is_sound);
        }
        dice.wild = 0;
        for _ in 0..3 * K2 {
            program.sample(target, dice, counts);
            program.compare(is_sound);
        }
    }

    fn call(
        &mut self,
        optimizer: O,
        target: fn(f32) -> L::Target,
        dice: &mut Dice,
        counts: &mut Counts,
    ) {
        match dice.below(16) {
            0..=6 => self.sample(target, dice, counts),
            7 | 8 => {
                let x = [dice.number()];
                self.try_both(counts, |trainer| trainer.predict(&x), |_| ());
            }
            9 => {
                let y = target(dice.number());
                self.try_both(counts, |trainer| trainer.finish(&y), Trainer::reset);
                assert!(self.all.stream.is_empty());
            }
            10 => {
                let y = target(dice.number());
                self.try_both(counts, |trainer| trainer.finish_with_mean(&y), Trainer::reset);
            }
            11 => {
                let end = [Trainer::flush, Trainer::end_sequence][dice.below(2)];
                let [a, b] = self.both(|trainer| end(trainer).map_err(|error| error.kind));
                assert_eq!(a, b);
            }
            12 => {
                let state = ([dice.rng.uniform_symmetric(); 3], [0.5; 2], [0.0]);
                self.both(|trainer| trainer.reset_to(&state));
            }
            13 => self.roll_back(dice, counts),
            14 => self.set(dice),
            _ if dice.below(4) == 0 => self.power_cut(optimizer, counts),
            _ => (),
        }
    }

    fn sample(&mut self, target: fn(f32) -> L::Target, dice: &mut Dice, counts: &mut Counts) {
        let (x, y) = ([dice.number()], target(dice.number()));
        self.try_both(counts, |trainer| trainer.observe(&x, &y), |_| ());
        counts.skipped +=
            usize::from(matches!(self.all.learner.last_update(), elman::Update::Skipped(_)));
    }

    /// A call for both, or `instead` for the one that gets no call that is rejected.
    fn try_both<A: PartialEq + Debug>(
        &mut self,
        counts: &mut Counts,
        mut call: impl FnMut(&mut Trainer<Net, O, K1, K2, L>) -> Result<A, TrainError>,
        instead: impl Fn(&mut Trainer<Net, O, K1, K2, L>),
    ) {
        let step = self.all.stream.steps();
        match call(&mut self.all) {
            Ok(result) => assert_eq!(Ok(result), call(&mut self.accepted)),
            Err(error) => {
                assert_eq!(error.step, step);
                assert!(!matches!(error.kind, TrainErrorKind::Gradient | TrainErrorKind::Update));
                counts.rejected += 1;
                instead(&mut self.accepted);
            }
        }
        assert_eq!(self.all.stream.steps(), step + 1);
    }

    fn roll_back(&mut self, dice: &mut Dice, counts: &mut Counts) {
        let (error, rolls_back) = (dice.number(), dice.below(2) == 0);
        let trainers = [&mut self.all, &mut self.accepted];
        for (trainer, best) in trainers.into_iter().zip(&mut self.best) {
            best.update(&trainer.learner.net, error);
            counts.roll_backs += usize::from(rolls_back && trainer.roll_back(best));
        }
    }

    fn set(&mut self, dice: &mut Dice) {
        let limit = [Limit::Default, Limit::Off, Limit::At(dice.number())][dice.below(3)];
        let (which, n) = (dice.below(5), dice.below(4));
        let number = dice.number();
        self.both(|Trainer { learner, .. }| match which {
            0 => learner.max_norm = limit,
            1 => learner.max_output_gradient = limit,
            2 => learner.max_value = [None, Some(number)][n % 2],
            3 => learner.batch = NonZeroU32::new(n as u32),
            _ => learner.reduction = [Reduction::Mean, Reduction::Sum][n % 2],
        });
    }

    /// Only the first is saved and loaded.
    fn power_cut(&mut self, optimizer: O, counts: &mut Counts) {
        let mut file = vec![0; checkpoint::size::<Trainer<Net, O, K1, K2, L>>()];
        checkpoint::save(&self.all, 3, &mut file).expect("a run can be saved at any time");
        let mut loaded = Trainer::<Net, O, K1, K2, L>::new(optimizer);
        checkpoint::load(&mut loaded, &file).unwrap();
        loaded.learner.max_norm = self.all.learner.max_norm;
        loaded.learner.max_output_gradient = self.all.learner.max_output_gradient;
        loaded.learner.max_value = self.all.learner.max_value;
        loaded.learner.batch = self.all.learner.batch;
        loaded.learner.reduction = self.all.learner.reduction;
        self.all = loaded;
        counts.loads += 1;
    }

    fn both<A>(&mut self, call: impl Fn(&mut Trainer<Net, O, K1, K2, L>) -> A) -> [A; 2] {
        [call(&mut self.all), call(&mut self.accepted)]
    }

    fn compare(&self, is_sound: fn(&O::State) -> bool) {
        let (all, accepted) = (&self.all.learner, &self.accepted.learner);
        assert_eq!(all.net, accepted.net);
        assert_eq!(all.optimizer_state(), accepted.optimizer_state());
        assert_eq!(all.updates(), accepted.updates());
        assert_eq!(self.all.stream.state(), self.accepted.stream.state());
        assert!(is_finite(&all.net) && is_sound(all.optimizer_state()));
    }
}

fn is_finite(net: &Net) -> bool {
    global_norm(net).is_finite() || Net::TENSORS == 0
}
