//! The instructions of one kind of core: costs fitted to its counts.

use core::error::Error;
use std::collections::BTreeMap;

use crate::counts::Count;
use crate::features::{Features, accumulate, backward, parts, plus, sample, step, weights};
use crate::fit::Costs;
use crate::network::Network;
use crate::optimizer::Optimizer;
use crate::ram::Training;
use crate::slices::Phase;

/// The costs on one kind of core.
#[derive(Default)]
pub struct Model {
    step: Costs,
    sample: Costs,
    sliced_sample: Costs,
    learn: Costs,
    update: BTreeMap<Optimizer, Costs>,
    clip: Costs,
    check: Costs,
    rule: BTreeMap<Optimizer, Costs>,
    commit: Costs,
    stack: [Costs; 3],
}

/// A count and how it is trained.
type Counted<'a> = (&'a Count, Training);

impl Model {
    /// The model of the board's counts that are to be fitted to.
    pub fn fit(counts: &[Count], board: &str) -> Result<Self, Box<dyn Error>> {
        let is_ours = |count: &&Count| count.board == board && count.is_fitted();
        let counted = counts.iter().filter(is_ours).map(|count| Ok((count, count.training()?)));
        let counted = counted.collect::<Result<Vec<Counted<'_>>, Box<dyn Error>>>()?;
        let updates = by_rule(&counted, |count| count.update, update);
        let learn = fit_learning(&counted, &updates);
        Ok(Self {
            step: fit(&counted, |count| count.step, |t| step(&t.network)),
            sample: fit(
                &counted,
                |count| Some(count.observe? - count.step?),
                |t| sample(&t.network),
            ),
            sliced_sample: fit(
                &counted,
                |count| Some(count.sliced_observe? - count.step?),
                |t| sample(&t.network),
            ),
            learn,
            update: updates,
            clip: fit(&counted, |count| count.clip, |t| weights(&t.network)),
            check: fit(&counted, |count| count.check, checks),
            rule: by_rule(&counted, |count| count.rule, rule),
            commit: fit(&counted, |count| count.commit, |t| weights(&t.network)),
            stack: [
                fit(&counted, |count| count.run_stack, stack),
                fit(&counted, |count| count.train_stack, stack),
                fit(&counted, |count| count.sliced_stack, stack),
            ],
        })
    }

    /// A step of inference.
    pub fn step(&self, network: &Network) -> f64 {
        self.step.of(&step(network))
    }

    /// A sample that a `Trainer` takes without learning.
    pub fn sample(&self, network: &Network) -> f64 {
        self.step(network) + self.sample.of(&sample(network))
    }

    /// A sample that a `SlicedTrainer` takes.
    pub fn sliced_sample(&self, network: &Network) -> f64 {
        self.step(network) + self.sliced_sample.of(&sample(network))
    }

    /// The longest sample of a `Trainer`: it learns.
    pub fn pause(&self, training: &Training) -> f64 {
        self.pause_with(training, stretches(training))
    }

    /// The mean of all samples of a `Trainer`: a window lies in one stretch of the ring if it begins there.
    pub fn mean(&self, training: &Training) -> f64 {
        let Training { network, k1, k2, .. } = training;
        let whole = gcd(*k1, *k2) as f64 / *k2 as f64;
        let window =
            whole * self.pause_with(training, 1) + (1.0 - whole) * self.pause_with(training, 2);
        (window + (k1 - 1) as f64 * self.sample(network)) / *k1 as f64
    }

    fn pause_with(&self, training: &Training, stretches: usize) -> f64 {
        let Training { network, optimizer, k2, .. } = training;
        let learn = plus(backward(network, stretches, *k2), &accumulate(network, stretches, *k2));
        self.sample(network)
            + self.learn.of(&learn)
            + cost(&self.update, *optimizer, &update(training))
    }

    /// Stack below the caller's: of a step, of a `Trainer`, of a `SlicedTrainer`.
    pub fn stack(&self, training: &Training) -> [f64; 3] {
        self.stack.each_ref().map(|costs| costs.of(&stack(training)))
    }

    /// The work of a window in the order of `SlicedTrainer`, with what each smallest piece takes.
    pub fn phases(&self, training: &Training) -> Vec<Phase> {
        let Training { network, optimizer, k2, .. } = training;
        let (w, facts) = (network.weights(), optimizer.facts());
        let back = self.learn.of(&backward(network, 0, *k2));
        let call = self.learn.of(&backward(network, 1, 0).with("slice", 1));
        let once = |macs, costs| Phase::even(macs * w, 0.0, 1, costs);
        let bounds = 2 + facts.states;
        vec![
            Phase::even(w, call, *k2, back),
            self.sums(training),
            once(4, self.clip.of(&weights(network))),
            Phase::even(2 * w, 0.0, bounds, self.check.of(&checks(training))),
            Phase::even(
                facts.macs_per_weight,
                0.0,
                w,
                cost(&self.rule, *optimizer, &rule(training)),
            ),
            once(2, self.commit.of(&weights(network))),
        ]
    }

    /// (1.3b–c) in parts.
    fn sums(&self, training: &Training) -> Phase {
        let Training { network, k2, .. } = training;
        let call = self.learn.of(&calls(training, 1));
        let parts = parts(network, stretches(training), *k2);
        let macs = (k2 * network.weights()).div_ceil(parts.len());
        Phase { macs, call, pieces: parts.iter().map(|part| self.learn.of(part)).collect() }
    }
}

/// Steps and their gradients: at once, step by step, and what is added up of them.
fn fit_learning(counted: &[Counted<'_>], updates: &BTreeMap<Optimizer, Costs>) -> Costs {
    let mut counts = Vec::new();
    for (count, training) in counted {
        let Training { network, optimizer, k2, .. } = training;
        let stretches = stretches(training);
        if let (Some(observe), Some(pause), Some(back), Some(sums)) =
            (count.observe, count.pause, count.back, count.accumulate)
        {
            let learn = pause - observe - cost(updates, *optimizer, &update(training));
            counts.push((
                plus(backward(network, stretches, *k2), &accumulate(network, stretches, *k2)),
                learn,
            ));
            counts.push((backward(network, *k2, *k2).with("slice", *k2), back));
            counts.push((
                plus(accumulate(network, stretches, *k2), &calls(training, network.parts())),
                sums,
            ));
        }
    }
    Costs::fit(&counts)
}

fn fit(
    counted: &[Counted<'_>],
    count: impl Fn(&Count) -> Option<f64>,
    features: impl Fn(&Training) -> Features,
) -> Costs {
    let counts =
        counted.iter().filter_map(|(line, training)| Some((features(training), count(line)?)));
    Costs::fit(&counts.collect::<Vec<_>>())
}

/// Of each optimiser what goes through all weights. `AdamW` is counted as an update alone; in slices its
/// rule is that of `Adam`.
fn by_rule(
    counted: &[Counted<'_>],
    count: impl Fn(&Count) -> Option<f64>,
    features: impl Fn(&Training) -> Features,
) -> BTreeMap<Optimizer, Costs> {
    let mut of = BTreeMap::<_, Vec<_>>::new();
    for (line, training) in counted {
        if let Some(count) = count(line) {
            of.entry(training.optimizer).or_default().push((features(training), count));
        }
    }
    of.into_iter().map(|(rule, counts)| (rule, Costs::fit(&counts))).collect()
}

fn cost(of: &BTreeMap<Optimizer, Costs>, optimizer: Optimizer, features: &Features) -> f64 {
    let costs = of.get(&optimizer).or_else(|| of.get(&Optimizer::Adam));
    costs.map_or(0.0, |costs| costs.of(features))
}

/// What calls for parts of (1.3b–c) cost of their own.
fn calls(training: &Training, calls: usize) -> Features {
    let stretches = stretches(training);
    let features = Features::default().with("part", calls).with("part stretch", calls * stretches);
    features.with("part layer", calls * stretches * training.network.0.len())
}

/// Mean, limits, check and rule.
fn update(training: &Training) -> Features {
    Features::default().with("call", 1).with("weight", training.network.weights())
}

/// The rule alone: of some optimisers one network is counted.
fn rule(training: &Training) -> Features {
    Features::default().with("weight", training.network.weights())
}

/// The stretches of the ring that the longest window lies in.
fn stretches(training: &Training) -> usize {
    if training.k1 == training.k2 { 1 } else { 2 }
}

/// The largest absolute values that a check needs.
fn checks(training: &Training) -> Features {
    let mut features = weights(&training.network);
    let bounds = 2 + training.optimizer.facts().states;
    features.0.values_mut().for_each(|count| *count *= bounds as f64);
    features
}

fn stack(training: &Training) -> Features {
    let network = &training.network;
    let mut features = sample(network);
    for layer in &network.0 {
        features.add(("layer", layer.cell as usize), 1);
        features.add(("rows", layer.cell as usize), layer.units);
    }
    features
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}
