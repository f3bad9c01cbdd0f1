//! Calls of the public API, and a run that answers them.

use arbitrary::Arbitrary;
use core::num::NonZeroU32;
use elman::safetensors::StateDict;
use elman::{
    Dense, EarlyStopping, Elman, Initialize, Limit, Loss, Optimizer, Pcg32, Predictor, Reduction,
    Report, Stack, TrainError, TrainErrorKind, Trainer, checkpoint,
};

use super::sound::{Sound, is_finite};

pub type Net = Stack<(Elman<1, 3>, [Elman<3, 3>; 2], Dense<3, 1>)>;

#[derive(Arbitrary, Clone, Copy, Debug)]
pub enum Call {
    Observe(Number, Number),
    Predict(Number),
    Infer(Number),
    Finish(Number),
    FinishWithMean(Number),
    Flush,
    EndSequence,
    Reset,
    ResetTo(i8),
    Best(Number),
    RollBack,
    MaxNorm(Limited),
    MaxOutputGradient(Limited),
    MaxValue(Option<Number>),
    Batch(u8),
    Sum(bool),
    /// Only in a program: save, forget and load.
    PowerCut,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
pub enum Limited {
    Default,
    Off,
    At(Number),
}

impl Limited {
    fn limit(self) -> Limit {
        match self {
            Self::Default => Limit::Default,
            Self::Off => Limit::Off,
            Self::At(number) => Limit::At(number.float()),
        }
    }
}

/// A number, most often an ordinary one.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub enum Number {
    Small(i8),
    Smaller(i8),
    Special(u8),
    Bits(u32),
}

impl Number {
    pub fn float(self) -> f32 {
        match self {
            Self::Small(n) => f32::from(n) / 16.0,
            Self::Smaller(n) => f32::from(n) / 128.0,
            Self::Special(n) => SPECIAL[usize::from(n) % SPECIAL.len()],
            Self::Bits(bits) => f32::from_bits(bits),
        }
    }
}

pub const SPECIAL: [f32; 15] = [
    f32::NAN,
    f32::INFINITY,
    f32::NEG_INFINITY,
    f32::MAX,
    f32::MIN_POSITIVE,
    1e-45,
    1.844_674_3e19, // the largest number whose square is finite
    1.844_674_4e19,
    -0.0,
    9e18,
    -1e12,
    4e15,
    1e-30,
    1e3,
    9.1,
];

/// What a call returns.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    Nothing,
    Yes(bool),
    Prediction([f32; 1]),
    Report(Report<[f32; 1], f32>),
}

/// What a program works with.
pub struct Run<O: Optimizer<Net>, L, const K1: usize, const K2: usize> {
    pub trainer: Trainer<Net, O, K1, K2, L>,
    pub best: EarlyStopping<Net>,
    pub rng: Pcg32,
    /// Not a part of a checkpoint.
    pub predictor: Predictor<Net>,
}

elman::state_dict!([O: Optimizer<Net, State: StateDict>, L, const K1: usize, const K2: usize]
Run<O, L, K1, K2> {
    trainer: Trainer<Net, O, K1, K2, L>,
    best: EarlyStopping<Net>,
    rng: Pcg32,
});

/// The kinds of target.
pub trait Target {
    fn of(number: f32) -> Self;
}

impl Target for [f32; 1] {
    fn of(number: f32) -> Self {
        [number]
    }
}

impl Target for usize {
    fn of(number: f32) -> Self {
        Self::from(number < 0.0)
    }
}

impl<O, L, const K1: usize, const K2: usize> Run<O, L, K1, K2>
where
    O: Optimizer<Net, State: StateDict + Sound>,
    L: Loss<[f32; 1], Scalar = f32, Target: Target>,
{
    pub fn new(optimizer: O, seed: u64) -> Self {
        let mut run = Self {
            trainer: Trainer::new(optimizer),
            best: EarlyStopping::new(),
            rng: Pcg32::new(seed, 0),
            predictor: Predictor::new(),
        };
        run.trainer.learner.net.init_pytorch(&mut run.rng);
        run
    }

    pub fn answer(&mut self, call: Call) -> Result<Answer, TrainError> {
        let Self { trainer, best, predictor, .. } = self;
        match call {
            Call::Observe(x, y) => {
                trainer.observe(&[x.float()], &L::Target::of(y.float())).map(Answer::Report)
            }
            Call::Predict(x) => trainer.predict(&[x.float()]).map(Answer::Prediction),
            Call::Infer(x) => {
                let kept = *predictor.state();
                let y = predictor.predict(&trainer.learner.net, &[x.float()]).copied();
                assert!(y.is_ok() || *predictor.state() == kept);
                Ok(y.map_or(Answer::Nothing, Answer::Prediction))
            }
            Call::Finish(y) => trainer.finish(&L::Target::of(y.float())).map(Answer::Report),
            Call::FinishWithMean(y) => {
                trainer.finish_with_mean(&L::Target::of(y.float())).map(Answer::Report)
            }
            Call::Flush => trainer.flush().map(Answer::Yes),
            Call::EndSequence => trainer.end_sequence().map(Answer::Yes),
            Call::Best(error) => Ok(Answer::Yes(best.update(&trainer.learner.net, error.float()))),
            Call::RollBack => Ok(Answer::Yes(trainer.roll_back(best))),
            _ => {
                self.set(call);
                Ok(Answer::Nothing)
            }
        }
    }

    /// The calls that return nothing.
    fn set(&mut self, call: Call) {
        let Trainer { learner, .. } = &mut self.trainer;
        match call {
            Call::MaxNorm(limit) => learner.max_norm = limit.limit(),
            Call::MaxOutputGradient(limit) => learner.max_output_gradient = limit.limit(),
            Call::MaxValue(limit) => learner.max_value = limit.map(Number::float),
            Call::Batch(n) => learner.batch = NonZeroU32::new((n % 4).into()),
            Call::Sum(true) => learner.reduction = Reduction::Sum,
            Call::Sum(false) => learner.reduction = Reduction::Mean,
            Call::Reset => self.trainer.reset(),
            Call::ResetTo(n) => {
                let mut state = Net::INITIAL_STATE;
                state.0 = [f32::from(n) / 128.0; 3];
                self.trainer.reset_to(&state);
            }
            _ => {}
        }
    }

    /// What must hold after every call.
    pub fn check(&self) {
        let learner = &self.trainer.learner;
        assert!(is_finite(&learner.net), "a weight is not finite");
        assert!(learner.optimizer_state().is_sound(), "the optimiser's state is not finite");
    }

    pub fn save(&self) -> Vec<u8> {
        let mut file = vec![0; checkpoint::size::<Self>()];
        checkpoint::save(self, 7, &mut file).expect("a run can be saved at any time");
        file
    }
}

/// Whether a call was refused because of its sample, and so must leave no trace.
pub fn is_rejected(call: Call, answer: &Result<Answer, TrainError>) -> bool {
    let Err(error) = answer else { return false };
    let skipped = matches!(error.kind, TrainErrorKind::Gradient | TrainErrorKind::Update);
    assert_eq!(skipped, matches!(call, Call::Flush | Call::EndSequence), "{error}");
    !skipped
}
