//! PyTorch's default hyper-parameters, for each type of number.

/// The defaults that the optimisers' `new` sets.
///
/// A trait, since a `const fn` cannot convert a literal to a generic number.
pub trait HyperParameters {
    /// Momentum, and Adam's `beta_1`: 0.9
    const MOMENTUM: Self;
    /// Adam's `beta_2`: 0.999
    const BETA_2: Self;
    /// RMSprop's `alpha`: 0.99
    const ALPHA: Self;
    /// `eps`, added to a root before a division: 1e-8
    const EPS: Self;
    /// AdamW's `weight_decay`: 0.01
    const WEIGHT_DECAY: Self;
}

macro_rules! hyper_parameters {
    ($float:ident) => {
        impl HyperParameters for $float {
            const MOMENTUM: Self = 0.9;
            const BETA_2: Self = 0.999;
            const ALPHA: Self = 0.99;
            const EPS: Self = 1e-8;
            const WEIGHT_DECAY: Self = 0.01;
        }
    };
}

hyper_parameters!(f32);
hyper_parameters!(f64);
