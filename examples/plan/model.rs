//! The instructions of one kind of core: costs fitted to its counts.

use core::error::Error;
use std::collections::BTreeMap;

use crate::counts::Count;
use crate::features::{COPIED, Features, accumulate, backward, parts, plus, sample, step, weights};
use crate::fit::Costs;
use crate::network::Network;
use crate::optimizer::Optimizer;
use crate::ram::Training;
use crate::slices::{Phase, Slices, Work, cut};

/// The costs on one kind of core.
#[derive(Default)]
pub struct Model {
    step: Costs,
    sample: Costs,
    sliced_sample: Costs,
    learn: Costs,
    slice: Costs,
    update: BTreeMap<Optimizer, Costs>,
    clip: Costs,
    check: Costs,
    rule: Costs,
    commit: Costs,
    stack: [Costs; 3],
}

/// How often the longest slice is chosen.
const ROUNDS: usize = 2;
/// What an error of the other way to learn weighs.
const HELP: f64 = 0.1;

/// A count and how it is trained.
type Counted<'a> = (&'a Count, Training);

impl Model {
    /// The model of the board's counts that are to be fitted to.
    pub fn fit(counts: &[Count], board: &str) -> Result<Self, Box<dyn Error>> {
        let is_ours = |count: &&Count| count.board == board && count.is_fitted();
        let counted = counts.iter().filter(is_ours).map(|count| Ok((count, count.training()?)));
        let counted = counted.collect::<Result<Vec<Counted<'_>>, Box<dyn Error>>>()?;
        let updates = by_rule(&counted, |count| count.update, update);
        let mut model = Self {
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
            learn: Costs::default(),
            slice: Costs::default(),
            update: updates,
            clip: fit(&counted, |count| count.clip, |t| weights(&t.network)),
            check: fit(&counted, |count| count.check, checks),
            rule: fit(&counted, |count| count.rule, rule),
            commit: fit(&counted, |count| count.commit, |t| weights(&t.network)),
            stack: [
                fit(&counted, |count| count.run_stack, stack),
                fit(&counted, |count| count.train_stack, stack),
                fit(&counted, |count| count.sliced_stack, stack),
            ],
        };
        model.fit_learning(&counted);
        Ok(model)
    }

    /// The compiler makes code of its own of learning at once and of slices: each is fitted with what was
    /// counted of the other as a help. Which slice is the longest depends on the costs, and they on it.
    fn fit_learning(&mut self, counted: &[Counted<'_>]) {
        let whole = whole(counted, &self.update, &self.clip);
        let mut sliced = sliced(counted);
        self.learn = weighted(&whole, &sliced);
        let cuts = self.cuts(counted);
        for (slices, _, total) in &cuts {
            let all = slices.iter().fold(Work::default(), Work::plus);
            sliced.push((all.learn, total - all.rest));
        }
        self.slice = weighted(&sliced, &whole);
        for _ in 0..ROUNDS {
            let longest = cuts.iter().filter_map(|(slices, longest, _)| {
                let cost = |slice: &&Work| slice.cost(&self.slice);
                let slice = slices.iter().max_by(|a, b| cost(a).total_cmp(&cost(b)))?;
                Some((slice.learn.clone(), longest - slice.rest))
            });
            let counts = sliced.iter().cloned().chain(longest).collect::<Vec<_>>();
            self.slice = weighted(&counts, &whole);
        }
    }

    /// The slices of each network, and what the longest and all were counted to take.
    fn cuts(&self, counted: &[Counted<'_>]) -> Vec<(Vec<Work>, f64, f64)> {
        let cut = |(count, training): &Counted<'_>| {
            let slices = cut(&self.phases(training), count.macs?);
            Some((slices, count.longest?, count.total? - limited(count, training, &self.clip)))
        };
        counted.iter().filter_map(cut).collect()
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
        self.sample(&training.network)
            + self.learn.of(&learning(training, stretches))
            + cost(&self.update, training.optimizer, &update(training))
    }

    /// Stack below the caller's: of a step, of a `Trainer`, of a `SlicedTrainer`.
    pub fn stack(&self, training: &Training) -> [f64; 3] {
        self.stack.each_ref().map(|costs| costs.of(&stack(training)))
    }

    /// How a window is cut into slices with a budget of multiply-accumulates.
    pub fn slices(&self, training: &Training, macs: usize) -> Slices {
        Slices::new(&cut(&self.phases(training), macs), &self.slice)
    }

    /// The work of a window in the order of `SlicedTrainer`, in the smallest pieces.
    pub fn phases(&self, training: &Training) -> Vec<Phase> {
        let Training { network, optimizer, .. } = training;
        let (w, facts) = (network.weights(), optimizer.facts());
        let (all, bounds) = (weights(network), 2 + facts.states);
        vec![
            steps(training),
            sums(training),
            Phase::even(4 * w, 1, self.clip.of(&all)),
            Phase::even(2 * w, bounds, self.check.of(&checks(training))),
            Phase::even(facts.macs_per_weight, w, self.rule.of(&rule(training))),
            Phase::even(2 * w, 1, self.commit.of(&all)),
        ]
    }
}

/// (1.3a) and (1.3d), step by step.
fn steps(training: &Training) -> Phase {
    let Training { network, k2, .. } = training;
    let call = backward(network, 1, 0).with("slice", 1);
    Phase::of(network.weights(), call, vec![backward(network, 0, 1); *k2])
}

/// (1.3b–c) in parts.
fn sums(training: &Training) -> Phase {
    let Training { network, k2, .. } = training;
    let parts = parts(network, stretches(training), *k2);
    let macs = (k2 * network.weights()).div_ceil(parts.len());
    Phase::of(macs, calls(training, 1), parts)
}

/// What one count is of, and the count.
type Row = (Features, f64);

/// The errors of `rows` count, and those of the others a little.
fn weighted(rows: &[Row], others: &[Row]) -> Costs {
    let rows = rows.iter().map(|(features, count)| (features, *count, 1.0));
    let others = others.iter().map(|(features, count)| (features, *count, HELP));
    Costs::fit_weighted(&rows.chain(others).collect::<Vec<_>>())
}

/// Steps and their gradients at once.
fn whole(counted: &[Counted<'_>], updates: &BTreeMap<Optimizer, Costs>, clip: &Costs) -> Vec<Row> {
    let row = |(count, training): &Counted<'_>| {
        let update = cost(updates, training.optimizer, &update(training));
        let rest = count.observe? + update + limited(count, training, clip);
        Some((learning(training, stretches(training)), count.pause? - rest))
    };
    counted.iter().filter_map(row).collect()
}

/// Step by step, and part by part what is added up of them.
fn sliced(counted: &[Counted<'_>]) -> Vec<Row> {
    let rows = |(count, training): &Counted<'_>| {
        let Training { network, k2, .. } = training;
        let sums = accumulate(network, stretches(training), *k2);
        Some([
            (backward(network, *k2, *k2).with("slice", *k2), count.back?),
            (plus(sums, &calls(training, network.parts())), count.accumulate?),
        ])
    };
    counted.iter().filter_map(rows).flatten().collect()
}

/// All that learning at once does before the update.
fn learning(training: &Training, stretches: usize) -> Features {
    let Training { network, k2, .. } = training;
    let learn = plus(backward(network, stretches, *k2), &accumulate(network, stretches, *k2));
    learn.with("update", network.weights())
}

/// Whether a gradient is limited depends on the data: how far the limit was from what the model has for it.
fn limited(count: &Count, training: &Training, clip: &Costs) -> f64 {
    count.clip.map_or(0.0, |count| count - clip.of(&weights(&training.network)))
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
    let features = features
        .with("part state", calls * training.network.state())
        .with("part step", calls * training.k2);
    let state = training.network.state();
    let features = if state > COPIED {
        features.with("part copy", calls).with("part copied", calls * state)
    } else {
        features
    };
    features.with("part layer", calls * stretches * training.network.0.len())
}

/// Mean, limits, check and rule.
fn update(training: &Training) -> Features {
    Features::default().with("call", 1).with("weight", training.network.weights())
}

/// The rule alone: that of `AdamW` is that of `Adam` here.
fn rule(training: &Training) -> Features {
    let optimizer = match training.optimizer {
        Optimizer::AdamW => Optimizer::Adam,
        other => other,
    };
    let mut features = Features::default().with("call", 1);
    features.add(("weight", optimizer as usize), training.network.weights());
    features
}

/// The stretches of the ring that the longest window lies in.
fn stretches(training: &Training) -> usize {
    if training.k1 == training.k2 { 1 } else { 2 }
}

/// The largest absolute values that a check needs: of weights and gradients, and of what the optimiser has.
fn checks(training: &Training) -> Features {
    let (network, states) = (&training.network, training.optimizer.facts().states);
    let features = Features::default().with("call", 2 + states);
    let features = features.with("tensor", (2 + states) * network.tensors());
    let features = features.with("weight", network.weights());
    features.with("state weight", states * network.weights())
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
