//! Wild inputs, errors, rates, limits and files: nothing wraps, nothing panics.
//!
//! With overflow checks, as in a debug build: a sum that wraps is a panic. 10⁶ updates with optimisation
//! and checks: `cargo test --release --test behaviour --config
//! profile.release.package.elman.overflow-checks=true -- fixed::corners`

use elman::fixed::{self, InFloat, Row};
use elman::safetensors::{StateDict, load, save};
use elman::{
    Adam, ConstZero, InRange, Initialize, Optimizer, Parameters, Pcg32, Stack, Tape, Tensor,
    clip_grad_norm, clip_grad_value, global_norm,
};

type Net = Stack<(fixed::Elman<2, 5>, fixed::Elman<5, 4>, fixed::Dense<4, 2>)>;
type State = <Net as elman::LayerTypes>::State;

const UPDATES: u32 = if cfg!(debug_assertions) { 10_000 } else { 1_000_000 };
/// Windows of one network at most, and those after which it is not finite.
const LIFE: u32 = 200;
const BROKEN: u32 = 3;

#[test]
fn nothing_wraps() {
    println!("overflow checks: {}", overflow_is_checked());
    assert!(overflow_is_checked() || !cfg!(debug_assertions));
    let mut run = Run::new();
    let (mut done, mut finite) = (0, 0);
    while done < UPDATES {
        run.begin();
        let mut broken = 0;
        while broken < BROKEN {
            let is_finite = run.window();
            broken += u32::from(!is_finite);
            finite += u32::from(is_finite);
            done += 1;
            if is_finite && done % LIFE == 0 {
                break;
            }
        }
    }
    println!("{done} windows, after {finite} of which the network is finite");
    assert!(finite > done / 2, "most of this is training, not being broken");
}

fn overflow_is_checked() -> bool {
    std::panic::catch_unwind(|| core::hint::black_box(i32::MAX) + core::hint::black_box(1)).is_err()
}

struct Run {
    rng: Pcg32,
    net: Net,
    gradient: Net,
    velocity: Net,
    adam: <InFloat<Adam> as Optimizer<Net>>::State,
    tape: Tape<Net, 7>,
    /// How wild this network's life is, as powers of two: inputs, errors, rate.
    scales: [i32; 3],
}

impl Run {
    fn new() -> Self {
        Self {
            rng: Pcg32::new(99, 0),
            net: Net::ZERO,
            gradient: Net::ZERO,
            velocity: Net::ZERO,
            adam: ConstZero::ZERO,
            tape: Tape::new(),
            scales: [0; 3],
        }
    }

    fn begin(&mut self) {
        self.net.init_pytorch(&mut self.rng);
        self.gradient.set_zero();
        self.velocity.set_zero();
        InFloat::<Adam>::reset_of(&mut self.adam);
        self.tape.reset(Net::INITIAL_STATE);
        self.scales = core::array::from_fn(|_| match self.below(4) {
            0 => self.between(-126, 127),
            1 => self.between(-20, 20),
            _ => self.between(-6, 2),
        });
        if self.below(4) == 0 {
            self.load_anything();
        }
    }

    /// Some steps, and an update of some kind; whether the network is finite then.
    fn window(&mut self) -> bool {
        for _ in 0..1 + self.below(9) {
            let x = core::array::from_fn(|_| self.wild(0));
            self.tape.step(&self.net, &Row::from(x));
            if self.below(3) > 0 {
                let d_y: [f32; 2] = core::array::from_fn(|_| self.wild(1));
                self.tape.set_output_gradient(&Row::from(d_y));
            }
        }
        if self.below(20) == 0 {
            let state: State = (
                Row::from(core::array::from_fn(|_| self.wild(0))),
                Row::from(core::array::from_fn(|_| self.wild(1))),
                Row::ZERO,
            );
            self.tape.reset(state);
        }
        let mut d_x = [Row::ZERO; 7];
        self.tape.backward_to_inputs(&self.net, &mut self.gradient, &mut d_x);
        if self.below(4) > 0 {
            self.change_gradient();
            self.update();
            self.gradient.set_zero();
        }
        self.is_finite()
    }

    fn change_gradient(&mut self) {
        let limit = self.wild(2);
        match self.below(8) {
            5 => self.gradient.lerp(&self.velocity, limit),
            6 => self.net.lerp(&self.gradient, limit.abs().min(1.0)),
            7 => self.net.lerp(&self.velocity, limit),
            0 => _ = clip_grad_norm(&mut self.gradient, limit),
            1 => clip_grad_value(&mut self.gradient, limit),
            2 => self.gradient.scale(limit),
            3 => self.velocity.copy_from(&self.gradient),
            _ => _ = global_norm(&self.gradient),
        }
    }

    fn update(&mut self) {
        let Self { net, gradient, velocity, .. } = self;
        let rate = ldexp(1.0, self.scales[2]) * self.rng.uniform_symmetric::<f32>();
        let nesterov = self.rng.next_u32().is_multiple_of(2);
        let weight_decay = if self.rng.next_u32().is_multiple_of(4) { 0.01 } else { 0.0 };
        let checked = self.rng.next_u32().is_multiple_of(2);
        match self.rng.next_u32() % 4 {
            0 => apply(
                &fixed::Sgd { learning_rate: rate, weight_decay },
                checked,
                net,
                gradient,
                &mut (),
            ),
            1 => {
                let rule = InFloat(Adam::new(rate));
                apply(&rule, checked, net, gradient, &mut self.adam);
            }
            _ => {
                let rule = fixed::Momentum { nesterov, weight_decay, ..fixed::Momentum::new(rate) };
                apply(&rule, checked, net, gradient, velocity);
            }
        }
    }

    /// A file of this form with any numbers in it.
    fn load_anything(&mut self) {
        let mut file = [0; Net::SIZE];
        save(&self.net, &mut file).unwrap();
        let header = u64::from_le_bytes(*file.first_chunk().unwrap()) as usize + 8;
        let wild = self.below(3);
        for word in file[header..].as_chunks_mut::<4>().0 {
            *word = match wild {
                0 => self.rng.next_u32(),
                1 => [i32::MAX, i32::MIN, 0, -1][self.below(4)] as u32,
                _ => self.rng.next_u32() >> self.below(32),
            }
            .to_le_bytes();
        }
        load(&mut self.net, &file).unwrap();
    }

    fn is_finite(&self) -> bool {
        (0..Net::TENSORS).all(|n| self.net.tensor(n).max_abs().is_finite())
            && self.tape.state().is_in_range()
    }

    /// A number of the scale of this life; now and then any number at all.
    fn wild(&mut self, scale: usize) -> f32 {
        match self.below(256) {
            0 => f32::from_bits(self.rng.next_u32()),
            1 => [f32::MAX, f32::MIN_POSITIVE, f32::INFINITY, 1e-45, f32::NAN][self.below(5)],
            2..8 => 1000.0 * ldexp(1.0, self.scales[scale]) * self.rng.uniform_symmetric::<f32>(),
            8..20 => 0.0,
            _ => ldexp(1.0, self.scales[scale]) * self.rng.uniform_symmetric::<f32>(),
        }
    }

    fn below(&mut self, limit: u32) -> usize {
        (self.rng.next_u32() % limit) as usize
    }

    fn between(&mut self, low: i32, high: i32) -> i32 {
        low + self.below((high - low + 1) as u32) as i32
    }
}

fn apply<O: Optimizer<Net>>(
    rule: &O,
    checked: bool,
    net: &mut Net,
    gradient: &Net,
    state: &mut O::State,
) {
    if !checked || rule.is_safe(net, gradient, state) {
        rule.update(net, gradient, state);
    }
}

trait ResetOf {
    fn reset_of(state: &mut <InFloat<Adam> as Optimizer<Net>>::State);
}

impl ResetOf for InFloat<Adam> {
    fn reset_of(state: &mut <InFloat<Adam> as Optimizer<Net>>::State) {
        <Self as Optimizer<Net>>::reset(state);
    }
}

fn ldexp(x: f32, exponent: i32) -> f32 {
    x * 2_f32.powi(exponent)
}

/// What `is_safe` lets through stays finite, whatever the gradient.
#[test]
fn a_checked_update_leaves_a_finite_network() {
    let mut run = Run::new();
    for _ in 0..if cfg!(debug_assertions) { 100 } else { 2000 } {
        run.begin();
        run.net.init_pytorch(&mut run.rng);
        for _ in 0..20 {
            run.tape.step(&run.net, &Row::from([0.5, -0.5]));
            let d_y = core::array::from_fn(|_| run.wild(1));
            run.tape.set_output_gradient(&Row::<2>::from(d_y));
            run.tape.backward(&run.net, &mut run.gradient);
            let rule = fixed::Sgd::new(ldexp(1.0, run.scales[2]));
            apply(&rule, true, &mut run.net, &run.gradient, &mut ());
            run.gradient.set_zero();
            assert!(run.is_finite());
        }
    }
}
