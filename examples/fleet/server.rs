//! The server's part of a round: one network of many.

use elman::{ConstZero, FedAvg, Limit, Parameters, check_weights};

use super::board::{FORECASTS, Net};

/// A network, and the samples that its board says it learned from.
pub type Update = (Net, u32);

/// How the networks of a round become one.
#[derive(Clone, Copy, PartialEq)]
pub enum Strategy {
    /// The mean, weighted by samples, of all that are finite.
    Mean,
    /// The same of those within ±1.5, each for at most the samples of two days.
    LimitedMean,
    /// The median of each weight (Yin et al. 2018).
    Median,
    /// The mean of each weight without the largest and the smallest fifth.
    TrimmedMean,
}

impl Strategy {
    pub const ALL: [Self; 4] = [Self::Mean, Self::LimitedMean, Self::Median, Self::TrimmedMean];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Mean => "mean",
            Self::LimitedMean => "mean with limits",
            Self::Median => "median",
            Self::TrimmedMean => "trimmed mean",
        }
    }

    /// The network of a round; `None` if no update was accepted.
    pub fn aggregate(self, updates: &[Update]) -> Option<Net> {
        match self {
            Self::Mean => mean(updates, Limit::Off, None),
            Self::LimitedMean => mean(updates, Limit::At(1.5), Some(2 * FORECASTS as u32)),
            Self::Median => by_weight(updates, median),
            Self::TrimmedMean => by_weight(updates, trimmed_mean),
        }
    }
}

fn mean(updates: &[Update], max_abs: Limit, max_examples: Option<u32>) -> Option<Net> {
    let mut mean = FedAvg::new();
    (mean.max_abs, mean.max_examples) = (max_abs, max_examples);
    for (net, num_examples) in updates {
        let _refused = mean.add(net, *num_examples);
    }
    mean.net().cloned()
}

/// Each weight from that weight of all finite networks, sorted.
fn by_weight(updates: &[Update], of: fn(&[f32]) -> f32) -> Option<Net> {
    let nets = updates.iter().map(|(net, _)| net);
    let nets: Vec<&Net> = nets.filter(|net| check_weights(*net, None).is_ok()).collect();
    let mut whole = Net::ZERO;
    for n in 0..Net::TENSORS {
        for (i, weight) in whole.tensor_mut(n).iter_mut().enumerate() {
            let mut values: Vec<f32> = nets.iter().map(|net| net.tensor(n)[i]).collect();
            values.sort_by(f32::total_cmp);
            *weight = of(&values);
        }
    }
    (!nets.is_empty()).then_some(whole)
}

fn median(sorted: &[f32]) -> f32 {
    match sorted.len() {
        0 => 0.0,
        count => f32::midpoint(sorted[(count - 1) / 2], sorted[count / 2]),
    }
}

fn trimmed_mean(sorted: &[f32]) -> f32 {
    let cut = sorted.len() / 5;
    let kept = &sorted[cut..sorted.len() - cut];
    kept.iter().sum::<f32>() / kept.len() as f32
}
