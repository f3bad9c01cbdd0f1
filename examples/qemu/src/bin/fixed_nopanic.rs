//! The shortest firmware that learns in integers: a window of 20 steps of a 3-16-1 net, again and again.
//!
//! What is linked here is what that needs: its code is a cost of the table, without an f32 product.
#![no_std]
#![no_main]

use core::fmt::Error;
use core::hint::black_box;

use elman::fixed::{self, Row, Sgd};
use elman::{ConstZero, Initialize, Loss, Optimizer, Parameters, Pcg32, SquaredError, Stack, Tape};
use static_cell::ConstStaticCell;

const K: usize = 20;

type Net = Stack<(fixed::Elman<3, 16>, fixed::Dense<16, 1>)>;

struct Values {
    net: Net,
    gradient: Net,
    tape: Tape<Net, K>,
}

static VALUES: ConstStaticCell<Values> =
    ConstStaticCell::new(Values { net: Net::ZERO, gradient: Net::ZERO, tape: Tape::new() });

#[board::entry]
fn main() -> ! {
    board::run(|_| {
        let Values { net, gradient, tape } = VALUES.try_take().ok_or(Error)?;
        net.init_pytorch(&mut Pcg32::new(1, 0));
        let mut last = 0.0;
        for _ in 0..50 {
            for _ in 0..K {
                let y = tape.step(net, &Row::from(black_box(&[0.5, -0.25, 0.125])));
                let (loss, d_y) = SquaredError::loss(y, &[0.25]);
                tape.set_output_gradient(&d_y);
                last = loss;
            }
            tape.backward(net, gradient);
            Sgd::new(0.01).update(net, gradient, &mut ());
            gradient.set_zero();
        }
        Ok(last < 1e-3)
    })
}
