//! Checks of a sample before anything is recorded, and what is to blame when one fails.

use super::{Loss, OutputRow, TrainErrorKind};
use crate::nn::{Layer, Parameters};
use crate::num::{ConstZero, InRange, Scalar};

/// The state that `x` leads to.
pub(super) fn try_step<N: Layer>(
    net: &N,
    state: &N::State,
    x: &N::In,
) -> Result<N::State, TrainErrorKind> {
    check(x, TrainErrorKind::Input)?;
    let next = step(net, state, x);
    if next.is_in_range() {
        return Ok(next);
    }
    let without_sample = step(net, state, &ConstZero::ZERO);
    check(&without_sample, TrainErrorKind::Diverged)?;
    Err(TrainErrorKind::State)
}

/// The loss of a prediction and its gradient, each number of it within ±`limit`.
pub(super) fn try_loss<N, L>(
    prediction: &N::Out,
    target: &L::Target,
    limit: Option<N::Scalar>,
) -> Result<(N::Scalar, N::Out), TrainErrorKind>
where
    N: Layer<Out: OutputRow<N::Scalar>> + Parameters,
    L: Loss<N::Out, Scalar = N::Scalar>,
{
    check(target, TrainErrorKind::Target)?;
    if !L::is_class(target) {
        return Err(TrainErrorKind::Class);
    }
    let (loss, mut d_y) = L::loss(prediction, target);
    finite(loss, TrainErrorKind::Loss)?;
    if let Some(limit) = limit {
        d_y.clamp(limit);
    }
    check(&d_y, TrainErrorKind::Loss)?;
    Ok((loss, d_y))
}

/// `Diverged` in place of `Loss` if the network is to blame: a sample of zeros makes it predict
/// something that, a thousand times larger, would have no finite loss, and the target alone has one.
pub(super) fn blame<N, L>(
    kind: TrainErrorKind,
    net: &N,
    state: &N::State,
    target: &L::Target,
    limit: Option<N::Scalar>,
) -> TrainErrorKind
where
    N: Layer<Out: OutputRow<N::Scalar>> + Parameters,
    L: Loss<N::Out, Scalar = N::Scalar>,
{
    let has_loss = |y: &N::Out| try_loss::<N, L>(y, target, limit).is_ok();
    let mut without_sample = *N::output(&step(net, state, &ConstZero::ZERO));
    without_sample.scale(N::Scalar::from_u32(1000));
    let is_loss = kind == TrainErrorKind::Loss;
    if is_loss && has_loss(&ConstZero::ZERO) && !has_loss(&without_sample) {
        TrainErrorKind::Diverged
    } else {
        kind
    }
}

pub(super) fn finite(number: impl Scalar, kind: TrainErrorKind) -> Result<(), TrainErrorKind> {
    if number.is_finite() { Ok(()) } else { Err(kind) }
}

fn check(numbers: &impl InRange, kind: TrainErrorKind) -> Result<(), TrainErrorKind> {
    if numbers.is_in_range() { Ok(()) } else { Err(kind) }
}

fn step<N: Layer>(net: &N, state: &N::State, x: &N::In) -> N::State {
    let mut next = *state;
    net.step(x, &mut next);
    next
}
