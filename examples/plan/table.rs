//! The plan as tables.

use crate::arguments::Question;
use crate::cores::Core;
use crate::errors::Errors;
use crate::estimate::{Time, Way};
use crate::fits::{Answer, Plan};

pub fn of(question: &Question, plan: &Plan) -> String {
    let mut lines = vec![
        head(question, plan),
        String::new(),
        memory(plan),
        String::new(),
        time(plan),
        String::new(),
    ];
    lines.extend(plan.cores.iter().map(fits));
    lines.push(String::new());
    lines.push(errors(plan));
    if !plan.fits {
        lines.push("Nothing of this fits what was asked for.".to_string());
    }
    lines.join("\n")
}

fn head(question: &Question, plan: &Plan) -> String {
    let Plan { network, weights, optimizer, k1, k2, .. } = plan;
    let mhz = question.mhz;
    format!(
        "{network}: {weights} weights, {optimizer}, truncated BPTT({k1}, {k2}), f32, opt-level 3, {mhz} MHz"
    )
}

fn memory(plan: &Plan) -> String {
    let title = format!(
        "{:<26}{:>8}{:>14}{:>14}{:>10}{:>18}",
        "bytes", "to run", "Trainer", "SlicedTrainer", "flash run", "flash train"
    );
    let rows = plan.cores.iter().map(|Answer { estimate, .. }| {
        let with_stack = |ram: usize, stack: f64| format!("{ram}+{stack:.0}");
        let way = |way: &Way| with_stack(way.ram, way.stack);
        let flash = format!("{}-{}", estimate.flash[0], estimate.flash[1]);
        format!(
            "{:<26}{:>8}{:>14}{:>14}{:>10}{:>18}",
            estimate.core.title,
            with_stack(estimate.ram_to_run, estimate.stack_to_run),
            way(&estimate.at_once),
            way(&estimate.sliced),
            estimate.flash_to_run,
            flash
        )
    });
    [vec![title], rows.collect(), vec!["(RAM + stack)".to_string()]].concat().join("\n")
}

fn time(plan: &Plan) -> String {
    let title = format!(
        "{:<26}{:>11}{:>11}{:>11}{:>11}{:>9}{:>11}{:>11}{:>9}",
        "instructions", "step", "sample", "mean", "longest", "Hz", "mean sl.", "slice", "Hz sl."
    );
    let rows = plan.cores.iter().map(|Answer { estimate, .. }| {
        let (a, s) = (&estimate.at_once, &estimate.sliced);
        let counts = [estimate.step, a.sample, a.mean, a.longest].map(count).concat();
        let sliced = [s.mean, s.longest].map(count).concat();
        let (cpi, mark) =
            (estimate.cycles_per_instruction, if estimate.cycles_are_tabled { "" } else { "*" });
        format!(
            "{:<26}{counts}{:>9.0}{sliced}{:>9.0}  {cpi:.2} cycles each{mark}",
            estimate.core.title, a.highest_rate, s.highest_rate
        )
    });
    let note = "* the Cortex-M4F's, for want of tables of this core".to_string();
    [vec![title], rows.collect(), vec![note]].concat().join("\n")
}

fn count(time: Time) -> String {
    format!("{:>11.0}", time.instructions)
}

fn fits(answer: &Answer) -> String {
    let way = match (answer.at_once_fits, answer.sliced_fits) {
        (true, true) => "fits",
        (true, false) => "fits, at once only",
        (false, true) => "fits, in slices only",
        (false, false) => "does not fit",
    };
    let chips = if answer.chips.is_empty() {
        "none of the chips".to_string()
    } else {
        answer.chips.join(", ")
    };
    format!("{:<26}{way}; {chips}", answer.estimate.core.title)
}

fn errors(plan: &Plan) -> String {
    let of =
        plan.cores.iter().map(|Answer { estimate, .. }| of_core(estimate.core, &estimate.errors));
    let title = "Instructions were off by at most, on networks that the model was not fitted to:"
        .to_string();
    let range = "This network is not of the kind that was counted: trust it less.".to_string();
    let range = if plan.checked { vec![] } else { vec![range] };
    [vec![title], of.collect(), range].concat().join("\n")
}

/// Percent.
const GOAL: f64 = 5.0;

/// The worst errors on a core, and which of them are larger than they should be.
pub fn of_core(core: Core, errors: &Errors) -> String {
    let parts = [
        ("step", errors.step),
        ("sample", errors.sample),
        ("mean", errors.mean),
        ("longest", errors.pause),
        ("slice", errors.longest_slice),
        ("stack", errors.stack_to_train),
    ];
    let all = parts.map(|(name, error)| format!("{name} {error:.1}")).join(", ");
    let over = parts.into_iter().filter(|(_, error)| *error > GOAL).map(|(name, _)| name);
    let over = over.collect::<Vec<_>>().join(", ");
    format!("{:<26}{all}; above {GOAL} %: {over}", core.title)
}
