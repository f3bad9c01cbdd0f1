//! A life with accidents: learning, bad samples, outliers, divergence and roll-back, saves that are cut
//! at any byte, programs with another window, and another optimiser now and then.
//!
//! What must hold: weights are finite; after a cut the run is the one that was last saved whole, or
//! the one that was being saved, bit for bit, and goes on like it; what another program can take over
//! is the same there; and in the end the net forecasts.

use core::fmt::Debug;

use elman::safetensors::{StateDict, load_matching, load_prefix};
use elman::{
    Adam, AdamW, ConstZero, Dense, EarlyStopping, Elman, Initialize, Momentum, Optimizer,
    Parameters, Pcg32, RmsProp, Sgd, Stack, Trainer, checkpoint, global_norm,
};

type Net = Stack<(Elman<1, 4>, Dense<4, 1>)>;
type Run<O> = (Trainer<Net, O, 4, 8>, EarlyStopping<Net>);

/// Samples, saves and roll-backs of all lives together.
const EVENTS: usize = if cfg!(debug_assertions) { 60_000 } else { 1_200_000 };
const EVENTS_OF_A_LIFE: usize = EVENTS / 12;
/// The mean loss of a forecast in the end; that of the mean of the signal is 0.08.
const LEARNED: f32 = 0.05;

#[test]
fn a_life_with_accidents() {
    let mut rng = Pcg32::new(9, 0);
    let mut net = Net::ZERO;
    net.init_pytorch(&mut rng);
    let mut slot = vec![0; checkpoint::size::<Run<Sgd>>()];
    let mut first: Run<Sgd> = (Trainer::new(Sgd::new(0.05)), EarlyStopping::new());
    first.0.learner.net.copy_from(&net);
    checkpoint::save(&first, 0, &mut slot).unwrap();
    let mut events = 0;
    while events < EVENTS {
        slot = match rng.below(5) {
            0 => live("SGD", Sgd::new(0.05), &slot, &mut rng),
            1 => live("momentum", Momentum::new(0.01), &slot, &mut rng),
            2 => live("RMSprop", RmsProp::new(0.003), &slot, &mut rng),
            3 => live("Adam", Adam::new(0.005), &slot, &mut rng),
            _ => live("AdamW", AdamW::new(0.005), &slot, &mut rng),
        };
        events += EVENTS_OF_A_LIFE;
    }
}

/// A network's life under one optimiser, from the checkpoint of another one to the next.
fn live<O>(name: &str, optimizer: O, before: &[u8], rng: &mut Pcg32) -> Vec<u8>
where
    O: Optimizer<Net, State: StateDict + Clone + Debug + PartialEq>,
{
    let mut run: Run<O> = (Trainer::new(optimizer), EarlyStopping::new());
    let (file, _) = checkpoint::open(before).unwrap();
    load_prefix(&mut run.0.learner.net, file, "0.learner.net.").unwrap();
    let mut slots = Slots::new(&run);
    let mut counts = [0; 5];
    for _ in 0..EVENTS_OF_A_LIFE {
        let event = rng.below(1000);
        match event {
            0 => run = slots.save_with_a_cut(run, optimizer, rng),
            1 => slots.save(&run),
            2 => counts[2] += usize::from(run.0.roll_back(&mut run.1)),
            3 if global_norm(&run.0.learner.net) < 1e6 => run.0.learner.net.scale(1e9), // it diverges
            4 => run.0.reset(),
            5 => counts[4] += migrate(&mut run.0, optimizer),
            6..10 => {
                let error = validation_error(&run.0.learner.net);
                if error < 1.0 {
                    run.1.update(&run.0.learner.net, error);
                } else {
                    counts[2] += usize::from(run.0.roll_back(&mut run.1));
                }
            }
            10..20 => counts[3] += usize::from(strike(&mut run.0, rng)),
            _ => counts[1] += usize::from(learn(&mut run.0).is_err()),
        }
        counts[0] += usize::from(event < 2);
        assert!(global_norm(&run.0.learner.net).is_finite());
    }
    let error = recover(&mut run);
    println!(
        "{name}: {} saves, {} ordinary samples refused, {} roll-backs, {} bad samples refused, \
         {} migrations; loss {error:.1e} in the end",
        counts[0], counts[1], counts[2], counts[3], counts[4]
    );
    assert!(error < LEARNED);
    slots.save(&run);
    slots.newest().to_vec()
}

/// A program with a longer window takes over what it can, and the old one takes that back.
fn migrate<O>(trainer: &mut Trainer<Net, O, 4, 8>, optimizer: O) -> usize
where
    O: Optimizer<Net, State: StateDict + Clone + Debug + PartialEq>,
{
    let mut longer = Trainer::<Net, O, 4, 12>::new(optimizer);
    hand_over(trainer, &mut longer);
    let mut back = Trainer::new(optimizer);
    hand_over(&longer, &mut back);
    assert_eq!(back.learner.net, trainer.learner.net);
    assert_eq!(back.learner.optimizer_state(), trainer.learner.optimizer_state());
    *trainer = back;
    1
}

/// From one program to another, which refuses the checkpoint as a whole.
fn hand_over<A: StateDict, B: StateDict>(from: &A, to: &mut B) {
    let mut slot = vec![0; checkpoint::size::<A>()];
    checkpoint::save(from, 1, &mut slot).expect("a run can be saved at any time");
    let error = checkpoint::load(to, &slot).unwrap_err();
    assert_eq!(error.to_string(), "`stream.k2` is not as in the program that wrote the checkpoint");
    load_matching(to, checkpoint::open(&slot).unwrap().0, "", |_| ()).unwrap();
}

/// What a device does with a net that is no longer good: back to the best one, and on.
fn recover<O: Optimizer<Net>>(run: &mut Run<O>) -> f32 {
    if validation_error(&run.0.learner.net) > 1.0 && !run.0.roll_back(&mut run.1) {
        run.0.learner.net.init_pytorch(&mut Pcg32::new(1, 0));
    }
    for t in 0..40_000 {
        learn(&mut run.0).unwrap();
        if t % 1000 == 0 {
            run.1.update(&run.0.learner.net, validation_error(&run.0.learner.net));
        }
    }
    run.0.roll_back(&mut run.1);
    validation_error(&run.0.learner.net)
}

fn learn<O: Optimizer<Net>>(trainer: &mut Trainer<Net, O, 4, 8>) -> Result<(), elman::TrainError> {
    let t = trainer.stream.steps();
    trainer.observe(&[signal(t)], &[signal(t + 1)]).map(|_| ())
}

/// A sample that no sensor should give; returns whether it was refused.
fn strike<O: Optimizer<Net>>(trainer: &mut Trainer<Net, O, 4, 8>, rng: &mut Pcg32) -> bool {
    let bad = [f32::NAN, f32::INFINITY, 1e38, 1e19, -1e15, 1e9, 1e3, 100.0];
    let mut number = || if rng.below(2) == 0 { 0.5 } else { bad[rng.below(8) as usize] };
    trainer.observe(&[number()], &[number()]).is_err()
}

fn validation_error(net: &Net) -> f32 {
    let mut state = Net::INITIAL_STATE;
    let error = |t| signal(t + 1) - net.step(&[signal(t)], &mut state)[0];
    (0..70).map(error).map(|error| error * error).sum::<f32>() / 70.0
}

fn signal(t: u64) -> f32 {
    (t % 7) as f32 / 7.0
}

/// Two slots in flash, of which the older is written over.
struct Slots {
    files: [Vec<u8>; 2],
    sequence: u32,
}

impl Slots {
    fn new<O: Optimizer<Net, State: StateDict>>(run: &Run<O>) -> Self {
        let mut slots =
            Self { files: [(); 2].map(|()| vec![0xff; checkpoint::size::<Run<O>>()]), sequence: 0 };
        slots.save(run);
        slots
    }

    fn newest(&self) -> &[u8] {
        &self.files[self.sequence as usize % 2]
    }

    fn save<O: Optimizer<Net, State: StateDict>>(&mut self, run: &Run<O>) {
        self.sequence += 1;
        let file = &mut self.files[self.sequence as usize % 2];
        checkpoint::save(run, self.sequence, file).expect("a run can be saved at any time");
    }

    /// The power goes while a byte of the save is written; returns the run that starts after it.
    fn save_with_a_cut<O: Optimizer<Net, State: StateDict>>(
        &mut self,
        run: Run<O>,
        optimizer: O,
        rng: &mut Pcg32,
    ) -> Run<O> {
        let newest = self.files[self.sequence as usize % 2].clone();
        self.save(&run);
        let whole = self.files[self.sequence as usize % 2].clone();
        let cut = rng.below(whole.len() as u32 + 1) as usize;
        self.files[self.sequence as usize % 2][cut..].fill(0xff);
        drop(run);

        let mut started: Run<O> = (Trainer::new(optimizer), EarlyStopping::new());
        let [a, b] = &self.files;
        let (slot, sequence) = checkpoint::load_newest(&mut started, [a, b]).unwrap();
        assert_eq!(self.files[slot], if sequence == self.sequence { whole } else { newest });
        self.sequence = sequence;

        let mut again = vec![0; self.files[slot].len()];
        checkpoint::save(&started, sequence, &mut again).unwrap();
        assert_eq!(again, self.files[slot]); // everything that was saved is back
        started
    }
}
