//@ error: E0080
//@ message: a forecaster's network has S + C inputs
//! A forecaster's network reads the sample and the change of what is forecast.
use elman::{Adam, Dense, Elman, Forecaster, Stack};

type Net = Stack<(Elman<1, 4>, Dense<4, 1>)>;

fn main() {
    let mut forecaster = Forecaster::<Net, Adam, 5, 20>::new(Adam::new(0.01));
    let _ = forecaster.observe(&[0.5]);
}
