//! Large values are loaded where they are: in a thread whose stack is smaller than they are.

use std::boxed::Box;
use std::thread;

use elman::checkpoint::{self, load, save};
use elman::{ConstZero, Dense, Elman, Parameters, Stack};

type Large = Stack<(Elman<32, 128>, Dense<128, 1>)>;

/// A copy of the network alone would not fit.
const STACK: usize = 64 * 1024;

#[test]
fn an_option_of_a_network() {
    assert!(size_of::<Large>() > STACK + STACK / 4);
    let mut net: Box<Option<Large>> = boxed_zero();
    let mut file = vec![0; checkpoint::size::<Option<Large>>()];
    net.as_mut().as_mut().unwrap().tensor_mut(0).fill(0.5);
    save(&*net, 1, &mut file).unwrap();

    let load_in_a_small_stack = move || {
        load(&mut *net, &file).unwrap(); // over a network
        // Over nothing: in a debug build the zero network is moved over the stack.
        if !cfg!(debug_assertions) {
            remove(&mut net);
            load(&mut *net, &file).unwrap();
        }
        assert!(net.as_ref().as_ref().unwrap().tensor(0).iter().all(|w| *w == 0.5));
    };
    let small = thread::Builder::new().stack_size(STACK).spawn(load_in_a_small_stack).unwrap();
    small.join().unwrap();
}

fn boxed_zero() -> Box<Option<Large>> {
    Box::new(const { Some(Large::ZERO) })
}

#[inline(never)]
fn remove(net: &mut Option<Large>) {
    *net = None;
}
