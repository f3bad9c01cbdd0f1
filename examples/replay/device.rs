//! Device: what learns on a board, behind one interface for all compiled sizes.

use elman::safetensors::{self, StateDict};
use elman::{
    Backward, Forecaster, Initialize, Loss, Parameters, Pcg32, SquaredError, StandardScaler,
    TrainErrorKind, state_dict,
};

use crate::ahead::{Ahead, Output, Target};
use crate::rule::{Chosen, Rule};

/// A network that learns from a log row by row.
pub trait Device {
    /// Learns from a row, the target's number first, and forecasts the target.
    fn observe(&mut self, row: &[f32]) -> Result<f32, TrainErrorKind>;
    /// Begins the log once more.
    fn reset(&mut self);
    /// Bytes of RAM.
    fn ram(&self) -> usize;
    /// What was learned, as a `safetensors` file.
    fn file(&self) -> Vec<u8>;
}

/// What a file holds of a [`Forecaster`]: enough to forecast as it does.
pub struct Learned<N: Parameters, X> {
    pub net: N,
    pub scaler: StandardScaler<X>,
}

state_dict!([N: Parameters + StateDict, X: StateDict] Learned<N, X> {
    net: N,
    scaler: StandardScaler<X>,
});

/// What a file holds of an [`Ahead`].
pub struct LearnedAhead<N: Parameters, X, Y> {
    pub net: N,
    pub scaler: StandardScaler<X>,
    pub target_scaler: StandardScaler<Y>,
}

state_dict!([N: Parameters + StateDict, X: StateDict, Y: StateDict] LearnedAhead<N, X, Y> {
    net: N,
    scaler: StandardScaler<X>,
    target_scaler: StandardScaler<Y>,
});

/// A device of floats, with initial weights.
pub fn device<N, const S: usize, const I: usize, const K1: usize, const K2: usize>(
    rule: Rule,
    target: Target,
    seed: u64,
) -> Box<dyn Device>
where
    N: Backward<In = [f32; I], Out = [f32; 1]>
        + Parameters<Scalar = f32, Tensor = [f32]>
        + Initialize
        + StateDict
        + Clone
        + 'static,
{
    if target != Target::NEXT_CHANGE {
        return ahead::<N, Rule, S, I, K1, K2>(rule, target, seed);
    }
    let mut forecaster = Box::new(Forecaster::<N, Rule, K1, K2>::new(rule));
    forecaster.trainer.learner.net.init_pytorch(&mut Pcg32::new(seed, 0));
    Box::new(OneStep::<_, S>(forecaster))
}

/// A device of floats or integers, for any target, with initial weights.
pub fn ahead<N, O, const S: usize, const I: usize, const K1: usize, const K2: usize>(
    rule: O,
    target: Target,
    seed: u64,
) -> Box<dyn Device>
where
    N: Backward<In: From<[f32; I]>, Out: Output>
        + Parameters<Scalar = f32>
        + Initialize
        + StateDict
        + Clone
        + 'static,
    O: Chosen<N> + 'static,
    SquaredError: Loss<N::Out, Scalar = f32, Target = [f32; 1]>,
{
    let mut ahead = Box::new(Ahead::<N, O, I, K1, K2>::new(rule, target));
    ahead.trainer.learner.net.init_pytorch(&mut Pcg32::new(seed, 0));
    Box::new(Steps::<_, S>(ahead))
}

/// A row as long as the type says: rows are read so.
fn sized<const S: usize>(row: &[f32]) -> Result<&[f32; S], TrainErrorKind> {
    row.try_into().map_err(|_| TrainErrorKind::Input)
}

/// The crate's forecaster of `S` numbers.
struct OneStep<F, const S: usize>(Box<F>);

impl<N, const S: usize, const I: usize, const K1: usize, const K2: usize> Device
    for OneStep<Forecaster<N, Rule, K1, K2>, S>
where
    N: Backward<In = [f32; I], Out = [f32; 1]>
        + Parameters<Scalar = f32, Tensor = [f32]>
        + StateDict
        + Clone,
{
    fn observe(&mut self, row: &[f32]) -> Result<f32, TrainErrorKind> {
        let report = self.0.observe(sized::<S>(row)?).map_err(|error| error.kind)?;
        let [forecast] = report.forecast;
        Ok(forecast)
    }

    fn reset(&mut self) {
        self.0.reset();
    }

    fn ram(&self) -> usize {
        size_of::<Forecaster<N, Rule, K1, K2>>() - unused::<N, _>(&self.0.trainer.learner.optimizer)
    }

    fn file(&self) -> Vec<u8> {
        let net = self.0.trainer.learner.net.clone();
        saved(&Learned { net, scaler: self.0.scaler.clone() })
    }
}

/// An [`Ahead`] of `S` numbers.
struct Steps<F, const S: usize>(Box<F>);

impl<N, O, const S: usize, const I: usize, const K1: usize, const K2: usize> Device
    for Steps<Ahead<N, O, I, K1, K2>, S>
where
    N: Backward<In: From<[f32; I]>, Out: Output> + Parameters<Scalar = f32> + StateDict + Clone,
    O: Chosen<N>,
    SquaredError: Loss<N::Out, Scalar = f32, Target = [f32; 1]>,
{
    fn observe(&mut self, row: &[f32]) -> Result<f32, TrainErrorKind> {
        self.0.observe(sized::<S>(row)?)
    }

    fn reset(&mut self) {
        self.0.reset();
    }

    fn ram(&self) -> usize {
        self.0.ram() - unused::<N, _>(&self.0.trainer.learner.optimizer)
    }

    fn file(&self) -> Vec<u8> {
        let Ahead { trainer, scaler, target_scaler, .. } = &*self.0;
        let net = trainer.learner.net.clone();
        let (scaler, target_scaler) = (scaler.clone(), target_scaler.clone());
        saved(&LearnedAhead { net, scaler, target_scaler })
    }
}

/// Bytes of the states of the optimisers that were not chosen.
fn unused<N: Parameters, O: Chosen<N>>(rule: &O) -> usize {
    O::RAM - rule.ram()
}

fn saved<S: StateDict>(value: &S) -> Vec<u8> {
    let mut file = vec![0; S::SIZE];
    safetensors::save(value, &mut file).expect("the buffer has the size of the file");
    file
}
