//! What does fit compiles. With a case that must, the others are built as far as it takes to see
//! what is only known when a size is.
use elman::{Dense, Elman, Layer, Matrix, Stack, Tape, ConstZero};

type Net = Stack<(Elman<1, 2>, [Elman<2, 2>; 1], Dense<2, 1>)>;

fn main() {
    let _ = Elman::<1, 2>::from_concatenated(&Matrix([[0.0; 2]; 3]), [0.0; 2]);
    let _ = Layer::step(&Net::ZERO, &[0.0], &mut Net::INITIAL_STATE.clone());
    let tape = Tape::<Net, 1>::new();
    let _ = tape.due::<1>();
    let _ = Tape::<Net, 20>::new().due::<20>();
}
