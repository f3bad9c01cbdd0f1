//! One recipe for all: batches of eight sequences, Adam, the norm clipped, the rate on half a cosine.

use elman::{
    Adam, AdamState, Backward, ConstZero, Dense, Elman, Gru, Initialize, Layer, LayerTypes,
    LeakyElman, MinGru, Optimizer, Parameters, Pcg32, Rtrl, Schedule, Stack, Tape, clip_grad_norm,
    softmax_cross_entropy, squared_error, time_constants,
};

use crate::tasks::{Right, Sequence, Target, Task};

pub const BATCH: usize = 8;
pub const RATE: f32 = 0.01;
pub const LAST_RATE: f32 = 0.02;

/// What a network of `I` inputs and `O` outputs needs to be in the table.
pub trait Net<const I: usize, const O: usize>:
    Backward<In = [f32; I], Out = [f32; O]>
    + Parameters<Scalar = f32, Tensor = [f32]>
    + Initialize
    + Start
{
}
impl<N, const I: usize, const O: usize> Net<I, O> for N where
    N: Backward<In = [f32; I], Out = [f32; O]>
        + Parameters<Scalar = f32, Tensor = [f32]>
        + Initialize
        + Start
{
}

/// A cell that is told over how many steps to remember starts with time constants up to these.
pub trait Start {
    fn spread(&mut self, _span: f32) {}
}

impl<const I: usize, const H: usize> Start for Elman<I, H> {}
impl<const I: usize, const O: usize> Start for Dense<I, O> {}
impl<const I: usize, const H: usize> Start for LeakyElman<I, H> {
    fn spread(&mut self, span: f32) {
        time_constants(&mut self.decay_logit, 2.0, span);
    }
}
impl<const I: usize, const H: usize> Start for Gru<I, H> {
    fn spread(&mut self, span: f32) {
        time_constants(&mut self.bias[0], 2.0, span);
    }
}
impl<const I: usize, const H: usize> Start for MinGru<I, H> {
    fn spread(&mut self, span: f32) {
        let logits = &mut self.linear_z.bias;
        time_constants(logits, 2.0, span);
        *logits = logits.map(|logit| -logit);
    }
}
impl<C: Start, L> Start for Stack<(C, L)> {
    fn spread(&mut self, span: f32) {
        self.0.0.spread(span);
    }
}

/// How the gradient of one sequence is added up, and the bytes that it needs.
pub trait Method<N, const I: usize, const O: usize> {
    const RAM: usize;
    fn new() -> Self;
    fn add(&mut self, net: &N, sequence: &Sequence<I>, gradient: &mut N);
}

/// By a tape that is as long as the longest sequence.
impl<N: Net<I, O>, const I: usize, const O: usize, const K: usize> Method<N, I, O> for Tape<N, K> {
    const RAM: usize = size_of::<Self>();

    fn new() -> Self {
        Self::new()
    }

    fn add(&mut self, net: &N, sequence: &Sequence<I>, gradient: &mut N) {
        self.reset(N::INITIAL_STATE);
        for (x, target) in sequence.inputs.iter().zip(&sequence.targets) {
            let y = *self.step(net, x);
            if let Some(target) = target {
                self.set_output_gradient(&slope(&y, *target));
            }
        }
        self.backward(net, gradient);
    }
}

type One<const I: usize, const H: usize, const O: usize> = Stack<(MinGru<I, H>, Dense<H, O>)>;

/// By traces.
impl<const I: usize, const H: usize, const O: usize> Method<One<I, H, O>, I, O>
    for Rtrl<I, H, Dense<H, O>>
{
    const RAM: usize = size_of::<Self>();

    fn new() -> Self {
        Self::new()
    }

    fn add(&mut self, net: &One<I, H, O>, sequence: &Sequence<I>, gradient: &mut One<I, H, O>) {
        self.reset([0.0; H]);
        for (x, target) in sequence.inputs.iter().zip(&sequence.targets) {
            let y = *self.step(net, x);
            if let Some(target) = target {
                self.backward(net, &slope(&y, *target), gradient);
            }
        }
    }
}

/// ∂L/∂y.
fn slope<const O: usize>(y: &[f32; O], target: Target) -> [f32; O] {
    match target {
        Target::Class(class) => softmax_cross_entropy(y, class).1,
        Target::Value(value) => squared_error(y, &[value; O]).1,
    }
}

/// Trains on `sequences` draws; returns the share of unseen sequences that are right.
pub fn learn<N, M, const I: usize, const O: usize>(
    task: &impl Task<I>,
    sequences: usize,
    seed: u64,
) -> f64
where
    N: Net<I, O>,
    M: Method<N, I, O>,
{
    let mut rng = Pcg32::new(seed, 1);
    let (mut net, mut gradient, mut method) = (N::ZERO, N::ZERO, M::new());
    net.init_keras(&mut rng);
    net.spread(task.span());
    let mut state = AdamState::<N>::ZERO;
    let updates = sequences / BATCH;
    let schedule = Schedule::cosine(updates as u32, LAST_RATE);
    for update in 0..updates {
        gradient.set_zero();
        for _ in 0..BATCH {
            method.add(&net, &task.draw(&mut rng), &mut gradient);
        }
        gradient.scale(1.0 / BATCH as f32);
        if clip_grad_norm(&mut gradient, 1.0).is_finite() {
            let rate = RATE * schedule.factor(update as u32);
            Adam::new(rate).update(&mut net, &gradient, &mut state);
        }
    }
    share_right(&net, &task.unseen())
}

fn share_right<N: Net<I, O>, const I: usize, const O: usize>(
    net: &N,
    unseen: &[Sequence<I>],
) -> f64 {
    let right = unseen.iter().filter(|sequence| is_right::<N, I, O>(net, sequence)).count();
    right as f64 / unseen.len() as f64
}

fn is_right<N, const I: usize, const O: usize>(net: &N, sequence: &Sequence<I>) -> bool
where
    N: Layer + LayerTypes<In = [f32; I], Out = [f32; O]>,
{
    let mut state = N::INITIAL_STATE;
    let outputs: Vec<[f32; O]> = sequence.inputs.iter().map(|x| *net.step(x, &mut state)).collect();
    let last = &outputs[outputs.len() - 1];
    match &sequence.right {
        Right::Last(Target::Class(class)) => {
            (0..O).all(|other| other == *class || last[*class] > last[other])
        }
        Right::Last(Target::Value(value)) => (last[0] - value).abs() < 0.1,
        Right::Legal(legal) => outputs.iter().zip(legal).all(|(y, legal)| {
            (0..O).filter(|s| !legal.contains(s)).all(|s| legal.iter().all(|&l| y[l] > y[s]))
        }),
    }
}
