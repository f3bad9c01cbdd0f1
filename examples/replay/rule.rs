//! Rule: the optimiser, chosen at run time, with the bits of the one that is chosen.

use clap::ValueEnum;
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
pub enum Rule {
    Adam(Adam),
    Momentum(Momentum),
    RmsProp(RmsProp),
    Sgd(Sgd),
}

impl RuleName {
    pub const fn rule(self, lr: f32) -> Rule {
        match self {
            Self::Adam => Rule::Adam(Adam::new(lr)),
            Self::Momentum => Rule::Momentum(Momentum::new(lr)),
            Self::RmsProp => Rule::RmsProp(RmsProp::new(lr)),
            Self::Sgd => Rule::Sgd(Sgd::new(lr)),
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

type StateOf<O, P> = <O as Optimizer<P>>::State;

/// The state of each optimiser, of which one is used.
pub struct RuleState<P: Parameters<Scalar = f32, Tensor = [f32]>> {
    adam: StateOf<Adam, P>,
    momentum: StateOf<Momentum, P>,
    rms_prop: StateOf<RmsProp, P>,
}

impl<P: Parameters<Scalar = f32, Tensor = [f32]>> ConstZero for RuleState<P> {
    const ZERO: Self =
        Self { adam: ConstZero::ZERO, momentum: ConstZero::ZERO, rms_prop: ConstZero::ZERO };
}

impl Rule {
    /// Bytes of the state that is used.
    pub const fn ram<P: Parameters<Scalar = f32, Tensor = [f32]>>(&self) -> usize {
        match self {
            Self::Adam(_) => <Adam as Optimizer<P>>::RAM,
            Self::Momentum(_) => <Momentum as Optimizer<P>>::RAM,
            Self::RmsProp(_) => <RmsProp as Optimizer<P>>::RAM,
            Self::Sgd(_) => <Sgd as Optimizer<P>>::RAM,
        }
    }
}

impl<P: Parameters<Scalar = f32, Tensor = [f32]>> Optimizer<P> for Rule {
    type State = RuleState<P>;

    #[inline(never)] // one body for all windows
    fn update(&self, net: &mut P, gradient: &P, state: &mut RuleState<P>) {
        match self {
            Self::Adam(rule) => rule.update(net, gradient, &mut state.adam),
            Self::Momentum(rule) => rule.update(net, gradient, &mut state.momentum),
            Self::RmsProp(rule) => rule.update(net, gradient, &mut state.rms_prop),
            Self::Sgd(rule) => rule.update(net, gradient, &mut ()),
        }
    }

    #[inline(never)]
    fn is_safe(&self, net: &P, gradient: &P, state: &RuleState<P>) -> bool {
        match self {
            Self::Adam(rule) => rule.is_safe(net, gradient, &state.adam),
            Self::Momentum(rule) => rule.is_safe(net, gradient, &state.momentum),
            Self::RmsProp(rule) => rule.is_safe(net, gradient, &state.rms_prop),
            Self::Sgd(rule) => rule.is_safe(net, gradient, &()),
        }
    }

    fn with_rate_scaled(self, factor: f32) -> Self {
        match self {
            Self::Adam(rule) => Self::Adam(scaled::<_, P>(rule, factor)),
            Self::Momentum(rule) => Self::Momentum(scaled::<_, P>(rule, factor)),
            Self::RmsProp(rule) => Self::RmsProp(scaled::<_, P>(rule, factor)),
            Self::Sgd(rule) => Self::Sgd(scaled::<_, P>(rule, factor)),
        }
    }

    fn reset(state: &mut RuleState<P>) {
        <Adam as Optimizer<P>>::reset(&mut state.adam);
        <Momentum as Optimizer<P>>::reset(&mut state.momentum);
        <RmsProp as Optimizer<P>>::reset(&mut state.rms_prop);
    }
}

fn scaled<O: Optimizer<P>, P: Parameters<Scalar = f32>>(rule: O, factor: f32) -> O {
    rule.with_rate_scaled(factor)
}
