//! Rule: the optimiser, chosen at run time, with the bits of the one that is chosen.

use clap::ValueEnum;
use elman::fixed::{self, InFloat};
use elman::{Adam, ConstZero, Momentum, Optimizer, Parameters, RmsProp, Sgd};

/// The name of an optimiser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RuleName {
    Adam,
    Momentum,
    RmsProp,
    Sgd,
}

/// An optimiser.
#[derive(Clone, Copy)]
pub enum Rule<A = Adam, M = Momentum, R = RmsProp, S = Sgd> {
    Adam(A),
    Momentum(M),
    RmsProp(R),
    Sgd(S),
}

/// An optimiser of integers.
pub type FixedRule = Rule<InFloat<Adam>, fixed::Momentum, InFloat<RmsProp>, fixed::Sgd>;

impl RuleName {
    pub const fn rule(self, lr: f32) -> Rule {
        match self {
            Self::Adam => Rule::Adam(Adam::new(lr)),
            Self::Momentum => Rule::Momentum(Momentum::new(lr)),
            Self::RmsProp => Rule::RmsProp(RmsProp::new(lr)),
            Self::Sgd => Rule::Sgd(Sgd::new(lr)),
        }
    }

    pub const fn fixed_rule(self, lr: f32) -> FixedRule {
        match self {
            Self::Adam => Rule::Adam(InFloat(Adam::new(lr))),
            Self::Momentum => Rule::Momentum(fixed::Momentum::new(lr)),
            Self::RmsProp => Rule::RmsProp(InFloat(RmsProp::new(lr))),
            Self::Sgd => Rule::Sgd(fixed::Sgd::new(lr)),
        }
    }

    /// Its type.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Adam => "Adam",
            Self::Momentum => "Momentum",
            Self::RmsProp => "RmsProp",
            Self::Sgd => "Sgd",
        }
    }
}

/// The state of each optimiser, of which one is used.
pub struct RuleState<A, M, R, S> {
    adam: A,
    momentum: M,
    rms_prop: R,
    sgd: S,
}

impl<A, M, R, S> ConstZero for RuleState<A, M, R, S>
where
    A: ConstZero,
    M: ConstZero,
    R: ConstZero,
    S: ConstZero,
{
    const ZERO: Self = Self { adam: A::ZERO, momentum: M::ZERO, rms_prop: R::ZERO, sgd: S::ZERO };
}

/// Optimisers of which one is used.
pub trait Chosen<P: Parameters>: Optimizer<P> {
    /// Bytes of the state that is used.
    fn ram(&self) -> usize;
}

impl<P, A, M, R, S> Chosen<P> for Rule<A, M, R, S>
where
    P: Parameters,
    A: Optimizer<P>,
    M: Optimizer<P>,
    R: Optimizer<P>,
    S: Optimizer<P>,
{
    fn ram(&self) -> usize {
        match self {
            Self::Adam(_) => A::RAM,
            Self::Momentum(_) => M::RAM,
            Self::RmsProp(_) => R::RAM,
            Self::Sgd(_) => S::RAM,
        }
    }
}

impl<P, A, M, R, S> Optimizer<P> for Rule<A, M, R, S>
where
    P: Parameters,
    A: Optimizer<P>,
    M: Optimizer<P>,
    R: Optimizer<P>,
    S: Optimizer<P>,
{
    type State = RuleState<A::State, M::State, R::State, S::State>;

    #[inline(never)] // one body for all windows
    fn update(&self, net: &mut P, gradient: &P, state: &mut Self::State) {
        match self {
            Self::Adam(rule) => rule.update(net, gradient, &mut state.adam),
            Self::Momentum(rule) => rule.update(net, gradient, &mut state.momentum),
            Self::RmsProp(rule) => rule.update(net, gradient, &mut state.rms_prop),
            Self::Sgd(rule) => rule.update(net, gradient, &mut state.sgd),
        }
    }

    #[inline(never)]
    fn is_safe(&self, net: &P, gradient: &P, state: &Self::State) -> bool {
        match self {
            Self::Adam(rule) => rule.is_safe(net, gradient, &state.adam),
            Self::Momentum(rule) => rule.is_safe(net, gradient, &state.momentum),
            Self::RmsProp(rule) => rule.is_safe(net, gradient, &state.rms_prop),
            Self::Sgd(rule) => rule.is_safe(net, gradient, &state.sgd),
        }
    }

    fn with_rate_scaled(self, factor: P::Scalar) -> Self {
        match self {
            Self::Adam(rule) => Self::Adam(rule.with_rate_scaled(factor)),
            Self::Momentum(rule) => Self::Momentum(rule.with_rate_scaled(factor)),
            Self::RmsProp(rule) => Self::RmsProp(rule.with_rate_scaled(factor)),
            Self::Sgd(rule) => Self::Sgd(rule.with_rate_scaled(factor)),
        }
    }

    fn reset(state: &mut Self::State) {
        A::reset(&mut state.adam);
        M::reset(&mut state.momentum);
        R::reset(&mut state.rms_prop);
        S::reset(&mut state.sgd);
    }
}
