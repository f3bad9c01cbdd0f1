//! Classes that differ only in the order of events: series of 7 to 30 steps on 12 channels, 9 classes.
//!
//! Every series has the same four events, each a bump on three of the channels, at random moments in
//! noise; its class is their order. So no class has another sum, mean, largest or last value than the
//! others, and what tells them apart must be remembered.

use elman::{
    Adam, Dense, Elman, Initialize, Layer, Pcg32, Schedule, SoftmaxCrossEntropy, Stack, Trainer,
};

use crate::support::orders::{CHANNELS, CLASSES, LONGEST, Series, series};

type Net = Stack<(Elman<CHANNELS, 32>, Dense<32, CLASSES>)>;

#[test]
#[cfg_attr(debug_assertions, ignore = "half a minute unless it is optimised: cargo test --release")]
fn order_is_learned() {
    const UPDATES: u32 = 1500;
    const BATCH: u32 = 16;
    const UNSEEN: u32 = 1000;

    let mut trainer =
        Trainer::<Net, Adam, LONGEST, LONGEST, SoftmaxCrossEntropy>::new(Adam::new(0.004));
    trainer.learner.net.init_keras(&mut Pcg32::new(1, 0));
    trainer.learner.batch = core::num::NonZeroU32::new(BATCH);
    trainer.learner.schedule = Schedule::cosine(UPDATES, 0.02).after_warm_up(20);

    let mut rng = Pcg32::new(2, 0);
    for n in 0..UPDATES * BATCH {
        let (series, class) = series(&mut rng);
        for x in &series {
            let _ = trainer.predict(x).unwrap();
        }
        let report = trainer.finish(&class).unwrap();
        if n % 2000 == 0 {
            println!("{n:6} loss {:.3}", report.loss);
        }
    }
    assert_eq!(trainer.learner.updates(), UPDATES);

    let mut unseen = Pcg32::new(3, 0);
    let right = (0..UNSEEN)
        .filter(|_| {
            let (series, class) = series(&mut unseen);
            classify(&trainer.learner.net, &series) == class
        })
        .count();
    println!("{right} of {UNSEEN} unseen series are classified right");
    assert!(right as u32 * 100 >= UNSEEN * 95);
}

fn classify(net: &Net, series: &Series) -> usize {
    let mut state = Net::INITIAL_STATE;
    for x in series {
        net.step(x, &mut state);
    }
    largest(Net::output(&state))
}

fn largest(scores: &[f32; CLASSES]) -> usize {
    (0..CLASSES).max_by(|&a, &b| scores[a].total_cmp(&scores[b])).unwrap()
}

/// What can be told without the order is nothing: the nearest mean of the sums is right as often as chance.
#[test]
fn without_the_order_a_class_is_guessed_by_chance() {
    let mut rng = Pcg32::new(4, 0);
    let mut means = [[0.0_f32; CHANNELS]; CLASSES];
    let mut counts = [0.0_f32; CLASSES];
    for _ in 0..2000 {
        let (series, class) = series(&mut rng);
        counts[class] += 1.0;
        for (mean, sum) in means[class].iter_mut().zip(sums(&series)) {
            *mean += sum;
        }
    }
    for (mean, count) in means.iter_mut().zip(counts) {
        *mean = mean.map(|sum| sum / count);
    }
    let right = (0..2000)
        .filter(|_| {
            let (series, class) = series(&mut rng);
            let nearness = means.map(|mean| -distance(&mean, &sums(&series)));
            largest(&nearness) == class
        })
        .count();
    println!("{right} of 2000 by their sums; by chance 222");
    assert!(right < 300);
}

fn sums(series: &Series) -> [f32; CHANNELS] {
    core::array::from_fn(|channel| series.iter().map(|x| x[channel]).sum())
}

fn distance(a: &[f32; CHANNELS], b: &[f32; CHANNELS]) -> f32 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}
