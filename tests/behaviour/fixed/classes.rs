//! Classes that differ only in the order of events (`classify.rs`), in integers and in floats.

use elman::fixed::{self, InFloat};
use elman::{
    Adam, Dense, Elman, Loss, Optimizer, Pcg32, Reduction, Schedule, SoftmaxCrossEntropy, Stack,
    Trainer,
};

use super::tasks::{Floats, Net};
use crate::support::orders::{CHANNELS, CLASSES, LONGEST, series};

type Float = Stack<(Elman<CHANNELS, 32>, Dense<32, CLASSES>)>;
type Fixed = Stack<(fixed::Elman<CHANNELS, 32>, fixed::Dense<32, CLASSES>)>;

const SEEDS: u64 = 10;
/// 0.3 points.
const DIFFERENCE: f64 = 0.003;

#[test]
#[ignore = "takes a minute with optimisation: cargo test --release -- --ignored"]
fn classes_are_told_as_well_as_in_f32() {
    let float = mean_accuracy::<Float, _>(Adam::new(0.004));
    let fixed = mean_accuracy::<Fixed, _>(InFloat(Adam::new(0.004)));
    assert!(float > 0.95 && (fixed - float).abs() <= DIFFERENCE);
}

fn mean_accuracy<N, O>(optimizer: O) -> f64
where
    N: Net<CHANNELS, CLASSES>,
    O: Optimizer<N> + Send + Sync,
    SoftmaxCrossEntropy: Loss<N::Out, Scalar = f32, Target = usize>,
{
    let accuracies: Vec<f64> = std::thread::scope(|scope| {
        let halves = [0, 1].map(|first| {
            scope.spawn(move || {
                (first..SEEDS)
                    .step_by(2)
                    .map(|seed| accuracy::<N, O>(optimizer, seed))
                    .collect::<Vec<_>>()
            })
        });
        halves.into_iter().flat_map(|half| half.join().unwrap()).collect()
    });
    let mean = accuracies.iter().sum::<f64>() / SEEDS as f64;
    println!("mean accuracy {mean:.4}: {accuracies:.3?}");
    mean
}

fn accuracy<N, O>(optimizer: O, seed: u64) -> f64
where
    N: Net<CHANNELS, CLASSES>,
    O: Optimizer<N>,
    SoftmaxCrossEntropy: Loss<N::Out, Scalar = f32, Target = usize>,
{
    const UPDATES: u32 = 1500;
    const BATCH: u32 = 16;
    const UNSEEN: usize = 2000;
    let mut trainer =
        Box::new(Trainer::<N, O, LONGEST, LONGEST, SoftmaxCrossEntropy>::new(optimizer));
    trainer.learner.net.init_keras(&mut Pcg32::new(seed, 0));
    trainer.learner.batch = core::num::NonZeroU32::new(BATCH);
    trainer.learner.reduction = Reduction::Mean;
    trainer.learner.max_norm = elman::Limit::At(1.0);
    trainer.learner.schedule = Schedule::cosine(UPDATES, 0.02).after_warm_up(20);
    let mut rng = Pcg32::new(seed, 2);
    for _ in 0..UPDATES * BATCH {
        let (series, class) = series(&mut rng);
        for &x in &series {
            let _ = trainer.predict(&x.into()).unwrap();
        }
        let _ = trainer.finish(&class).unwrap();
    }
    let mut unseen = Pcg32::new(3, 0);
    let right = (0..UNSEEN).filter(|_| {
        let (series, class) = series(&mut unseen);
        let mut state = N::INITIAL_STATE;
        let mut scores = [0.0; CLASSES];
        for &x in &series {
            scores = trainer.learner.net.step(&x.into(), &mut state).floats();
        }
        (0..CLASSES).max_by(|&a, &b| scores[a].total_cmp(&scores[b])) == Some(class)
    });
    right.count() as f64 / UNSEEN as f64
}
