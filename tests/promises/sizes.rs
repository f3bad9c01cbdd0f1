//! Memory is known before flashing: every size is a constant, and equal to the sum by hand.

use elman::{Adam, AdamState, ConstZero, Dense, Elman, LayerTypes, Sgd, Stack, Tape};

type Net = Stack<(Elman<3, 16>, Elman<16, 8>, Dense<8, 2>)>;
const K: usize = 20;

const NET: usize = size_of::<Net>();
const STATE: usize = size_of::<<Net as LayerTypes>::State>();
const TAPE: usize = size_of::<Tape<Net, K>>();
const SGD: usize = size_of::<Sgd>();

const ADAM: usize = size_of::<Adam>();
const ADAM_MOMENTS: usize = size_of::<AdamState<Net>>();

const NUMBER: usize = size_of::<f32>();
/// The length of a list, or a position in it.
const WORD: usize = size_of::<usize>();

#[test]
fn a_net_is_its_weights() {
    let lower = 3 * 16 + 16 * 16 + 16;
    let upper = 16 * 8 + 8 * 8 + 8;
    let readout = 8 * 2 + 2;
    assert_eq!(NET, (lower + upper + readout) * NUMBER);
}

/// A gradient is a net.
#[test]
fn a_gradient_is_as_large_as_its_net() {
    const GRADIENT: Net = Net::ZERO;
    assert_eq!(size_of_val(&GRADIENT), NET);
}

#[test]
fn a_state_is_the_last_output_of_each_layer() {
    assert_eq!(STATE, (16 + 8 + 2) * NUMBER);
}

#[test]
fn a_tape_is_two_states_the_inputs_and_two_rows_a_step() {
    let before_and_now = 2 * STATE;
    let inputs = WORD + K * 3 * NUMBER;
    let lower = 2 * (WORD + K * 16 * NUMBER);
    let upper = 2 * (WORD + K * 8 * NUMBER);
    let readout = 2 * (WORD + K * 2 * NUMBER);
    let next_and_fresh = 2 * WORD;
    let sum = before_and_now + inputs + lower + upper + readout + next_and_fresh;
    assert_eq!(TAPE, sum);
}

#[test]
fn sgd_is_its_learning_rate_and_weight_decay() {
    assert_eq!(SGD, 2 * NUMBER);
}

#[test]
fn adam_is_five_numbers_and_remembers_two_nets() {
    assert_eq!(ADAM, 5 * NUMBER);
    let corrections = 2 * NUMBER;
    assert_eq!(ADAM_MOMENTS, NET + NET + corrections);
}

/// No stack, no heap, no start-up code: all of it can be a `static`.
#[test]
fn everything_is_a_constant() {
    static NET: Net = Net::ZERO;
    static STATE: <Net as LayerTypes>::State = Net::INITIAL_STATE;
    static SGD: Sgd = Sgd::new(0.01);
    static TAPE: Tape<Net, K> = Tape::new();
    assert!(
        TAPE.is_empty()
            && NET == Net::ZERO
            && STATE == Net::INITIAL_STATE
            && SGD.learning_rate > 0.0
    );
}
