//! A trained net in flash, and two streams that share it: each owns its state and nothing else.

use core::fmt::{Error, Write};

use elman::safetensors::SafeTensors;
use elman::{Dense, Elman, Layer, LayerTypes, Stack, checked};

use super::decimal::Decimal;
use super::series::SUNSPOTS;
use super::sunspots::{Net, Scale, forecast};

const FILE: SafeTensors<'_> = checked!(SafeTensors::parse(include_bytes!("trained.safetensors")));

/// What PyTorch learned (`trained.py`). The compiler reads the file: in flash are only the weights.
pub static NET: Net = Stack::new((
    checked!(Elman::from_pytorch(&FILE, "rnn.", 0)),
    checked!(Dense::from_pytorch(&FILE, "head.")),
));

type State = <Net as LayerTypes>::State;

const STEPS: usize = 100;

/// Two streams take turns; then each goes alone. Returns whether that made no difference.
pub fn run(net: &Net, out: &mut impl Write) -> Result<bool, Error> {
    let scale = Scale::training();
    let stream = |start| SUNSPOTS.iter().skip(start).take(STEPS).map(|&x| [scale.score(x)]);
    let (mut first, mut second) = (Net::INITIAL_STATE, Net::INITIAL_STATE);
    for (x, other) in stream(0).zip(stream(STEPS)) {
        net.step(&x, &mut first);
        net.step(&other, &mut second);
    }
    let independent = first == alone(net, stream(0)) && second == alone(net, stream(STEPS));
    writeln!(out, "two streams, {} bytes of state each", size_of::<State>())?;
    report(out, "1800", &first, &scale)?;
    report(out, "1900", &second, &scale)?;
    writeln!(out, "independent: {independent}")?;
    writeln!(out, "forecast 1921-1955  ARV {}", Decimal(forecast(net, &scale)))?;
    Ok(independent)
}

fn alone(net: &Net, stream: impl Iterator<Item = [f32; 1]>) -> State {
    stream.fold(Net::INITIAL_STATE, |mut state, x| {
        net.step(&x, &mut state);
        state
    })
}

fn report(out: &mut impl Write, year: &str, state: &State, scale: &Scale) -> Result<(), Error> {
    let [y] = *Net::output(state);
    writeln!(out, "sunspots in {year}: {}", Decimal(scale.activity(y)))
}
