//! Table: the networks beside the baselines, and which of them is best.

use core::fmt::{Error, Write};

use crate::baselines::BaselineRun;
use crate::experiment::{Outcome, Plan};
use crate::log::Log;
use crate::score::Scored;

/// Settings that are shown, the best ones.
const SHOWN: usize = 10;

/// Everything, as Markdown.
pub fn print(
    scored: &Scored<'_>,
    plan: Plan,
    outcomes: &[Outcome],
    baselines: &[BaselineRun],
    out: &mut impl Write,
) -> Result<(), Error> {
    intro(scored, plan, outcomes.len(), out)?;
    writeln!(out, "| | middle third | last third | RAM | operations |")?;
    writeln!(out, "|---|---:|---:|---:|---:|")?;
    for baseline in baselines {
        let BaselineRun { name, last, ram, operations, .. } = baseline;
        let middle = baseline.middle.map_or("fitted to it".into(), |middle| format!("{middle:.4}"));
        writeln!(out, "| {name} | {middle} | {last:.4} | {ram} | {operations} |")?;
    }
    for outcome in outcomes.iter().take(SHOWN) {
        let Outcome { settings, middle, last, ram } = outcome;
        let (middle, last) = (summary(outcome.middle(), middle), summary(outcome.last(), last));
        let operations = settings.operations(inputs(scored.log));
        writeln!(out, "| {} | {middle} | {last} | {ram} | {operations} |", settings.name())?;
    }
    writeln!(out, "\n{}", verdict(outcomes, baselines))
}

/// The inputs of a network: the columns, and the change of the target.
pub const fn inputs(log: &Log) -> usize {
    log.names.len() + 1
}

fn intro(
    scored: &Scored<'_>,
    plan: Plan,
    settings: usize,
    out: &mut impl Write,
) -> Result<(), Error> {
    log(scored, plan, out)?;
    let unit = scored.mse(&scored.target, scored.last()).sqrt();
    let (shown, seeds) = (settings.min(SHOWN), plan.seeds);
    writeln!(
        out,
        "Squared error of forecasts made before the row was seen, relative to persistence, whose root mean \
         squared error is {unit:.4} in the last third. Networks: {shown} of {settings} settings, the best \
         in the middle third; medians of {seeds} seeds and their range. RAM in bytes while learning; \
         operations are multiplications a row.\n"
    )
}

/// What was read.
fn log(scored: &Scored<'_>, plan: Plan, out: &mut impl Write) -> Result<(), Error> {
    let Scored { log, horizon, target } = scored;
    let (name, rows, held) = (&log.names[0], target.len(), log.held);
    let gaps = (0..rows).filter(|&row| !log.is_whole(row)).count();
    writeln!(
        out,
        "Column `{name}`, {horizon} ahead: {rows} rows, {gaps} of them gaps, {held} held."
    )?;
    if log.names.len() > 1 {
        let others = log.names[1..].join("`, `");
        writeln!(out, "Networks read `{others}` too; baselines see `{name}` alone.")?;
    }
    if plan.passes > 1 {
        let before = plan.passes - 1;
        writeln!(out, "Networks went {before} times through the first two thirds before.")?;
    }
    Ok(())
}

/// A median and the range.
fn summary(median: f64, seeds: &[f64]) -> String {
    let least = seeds.iter().copied().fold(f64::INFINITY, f64::min);
    let most = seeds.iter().copied().fold(0.0, f64::max);
    if seeds.len() == 1 {
        format!("{median:.4}")
    } else {
        format!("{median:.4} ({least:.4}–{most:.4})")
    }
}

/// Whether the network is worth it.
pub fn verdict(outcomes: &[Outcome], baselines: &[BaselineRun]) -> String {
    let best =
        baselines.iter().min_by(|a, b| a.last.total_cmp(&b.last)).expect("there is persistence");
    let (net, times) = (&outcomes[0], outcomes[0].last() / best.last);
    let verdict = if times < 1.0 {
        let less = 100.0 * (1.0 - times);
        format!("The network is best: {less:.1} % less squared error than {}.", best.name)
    } else {
        format!(
            "A baseline is best: {}. The network has {times:.2} times its squared error: on this log use \
             the baseline, if its RAM fits.",
            best.name
        )
    };
    format!("{verdict} The baseline takes {} bytes of RAM, the network {}.", best.ram, net.ram)
}
