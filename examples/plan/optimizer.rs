//! The crate's optimisers: their sizes, from their types.

use clap::ValueEnum;
use elman::{Adam, AdamW, Dense, Momentum, Optimizer as Rule, RmsProp, Sgd, SlicedOptimizer};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum Optimizer {
    Sgd,
    Momentum,
    RmsProp,
    Adam,
    AdamW,
}

/// Any network: what is asked does not depend on it.
type Net = Dense<1, 1>;

/// What the planner needs to know of an optimiser.
pub struct Facts {
    /// Its settings, in bytes.
    pub bytes: usize,
    /// Values of the network's size in its state.
    pub states: usize,
    /// The bytes of the state beside them.
    pub state_bytes: usize,
    pub macs_per_weight: usize,
}

impl Optimizer {
    pub fn facts(self) -> Facts {
        match self {
            Self::Sgd => facts::<Sgd>(),
            Self::Momentum => facts::<Momentum>(),
            Self::RmsProp => facts::<RmsProp>(),
            Self::Adam => facts::<Adam>(),
            Self::AdamW => facts::<AdamW>(),
        }
    }

    /// The name in the counts.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sgd => "Sgd",
            Self::Momentum => "Momentum",
            Self::RmsProp => "RmsProp",
            Self::Adam => "Adam",
            Self::AdamW => "AdamW",
        }
    }
}

fn facts<O: SlicedOptimizer<Net>>() -> Facts {
    let states = O::STATES;
    Facts {
        bytes: size_of::<O>(),
        states,
        state_bytes: <O as Rule<Net>>::RAM - states * size_of::<Net>(),
        macs_per_weight: O::MACS_PER_WEIGHT,
    }
}
