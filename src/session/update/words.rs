//! The update in sentences.

use crate::analysis::histogram::Block;
use crate::analysis::number::{count, percent, short};
use crate::analysis::update::{Update, Way};
use crate::experiment::Precision;
use crate::experiment::settings::{Key, Value};

use super::super::LaneRun;

/// About the vectors, the step and the histogram.
pub(super) fn sentences(run: &LaneRun) -> Option<[String; 3]> {
    let step = run.step.as_ref()?;
    let place = run.place(step.site);
    let place = if place.is_empty() { place } else { format!("In {place}: ") };
    Some([ways(run)?, stepped(run, &step.update), place + &entries(&step.blocks)])
}

/// What clipping makes of the gradient.
pub(super) fn ways(run: &LaneRun) -> Option<String> {
    let Update { norm, ways, descent, entries, .. } = &run.step.as_ref()?.update;
    let Some([_, by_norm, by_value]) = ways else {
        return Some("The gradient is not finite; no clipping mends that.".into());
    };
    if *norm == 0.0 {
        return Some("The gradient is exactly 0: there is nothing to clip.".into());
    }
    let c = short(descent.threshold);
    let first = if by_norm.changed > 0 {
        format!(
            "Clipping by norm shortens it from {} to {} and keeps its direction.",
            short(*norm),
            short(by_norm.norm)
        )
    } else {
        format!("It is not longer than {c}: clipping by norm changes nothing.")
    };
    let second = if by_value.changed > 0 {
        let share = percent(real(by_value.changed) / real(*entries)).replace(' ', "\u{a0}");
        format!(
            "Clipping by value clamps {share} of its entries, which turns it by {}°.",
            short(by_value.angle())
        )
    } else {
        format!("No entry is beyond ±{c}: clipping by value changes nothing.")
    };
    Some(format!("{first} {second}"))
}

/// What the step does to the loss.
fn stepped(run: &LaneRun, update: &Update) -> String {
    let now = short(update.loss);
    let Some([off, by_norm, by_value]) = &update.ways else {
        return "The gradient is not finite: there is no step.".into();
    };
    if update.norm == 0.0 {
        return format!("The gradient is exactly 0: no step, the loss stays {now}.");
    }
    let c = short(update.descent.threshold);
    let range = if run.experiment.precision == Precision::F32 { "f32" } else { "f64" };
    let moves = |way: &Way, words: [&str; 3]| {
        let after = short(way.loss);
        if !way.loss.is_finite() {
            format!("{} out of the range of {range}", words[0].trim_end_matches(" to"))
        } else if after == now {
            format!("{} {after}", words[2])
        } else {
            format!("{} {after}", words[usize::from(way.loss < update.loss)])
        }
    };
    let rate = Key::Rate.setting().shown(&Value::Real(update.descent.rate));
    let step = format!("The step η·g = {rate}·g, {} long,", short(update.descent.rate * update.norm));
    let first = if !off.loss.is_finite() {
        format!("{step} takes the loss from {now} out of the range of {range}")
    } else if short(off.loss) == now {
        format!("{step} leaves the loss at {now}")
    } else {
        let verb = if off.loss > update.loss { "raises" } else { "lowers" };
        format!("{step} {verb} the loss from {now} to {}", short(off.loss))
    };
    let it = |way: &Way| moves(way, ["rises to", "falls to", "stays"]);
    match (by_norm.changed > 0, by_value.changed > 0) {
        (false, false) => format!("{first}; clipping at {c} changes nothing."),
        (true, false) => format!("{first}; clipped to norm {c} it {}.", it(by_norm)),
        (false, true) => format!("{first}; clipped by value at {c} it {}.", it(by_value)),
        (true, true) => {
            let (one, other) = (it(by_norm), it(by_value));
            // Where both do the same, the verb is said once.
            let other = match (one.split_once(" to "), other.split_once(" to ")) {
                (Some((same, _)), Some((verb, to))) if same == verb => format!("to {to}"),
                _ => format!("it {other}"),
            };
            format!("{first}; clipped to norm {c} it {one}, by value at {c} {other}.")
        }
    }
}

/// How large the entries are.
fn entries(blocks: &[Block]) -> String {
    let sum = |of: fn(&Block) -> usize| blocks.iter().map(of).sum::<usize>();
    let (all, zeros, broken) =
        (sum(|block| block.entries), sum(|block| block.zeros), sum(|block| block.broken));
    let all = count(all);
    if broken > 0 {
        return format!("{} of {all} entries are not finite.", count(broken));
    }
    let whole = |block: &&Block| block.zeros == block.entries;
    let dead: Vec<String> = blocks.iter().filter(whole).map(called).collect();
    let Some(largest) = blocks
        .iter()
        .filter(|block| block.largest != 0.0)
        .max_by(|a, b| a.largest.abs().total_cmp(&b.largest.abs()))
    else {
        return format!("All {all} entries are exactly 0.");
    };
    let most = blocks.iter().filter(|block| block.zeros > 0).max_by_key(|block| block.zeros);
    let zero = match (zeros, most) {
        (0, _) | (_, None) => format!("None of {all} entries is exactly 0"),
        (_, Some(_)) if !dead.is_empty() => {
            format!("{} of {all} entries are exactly 0, all of {} among them", count(zeros), dead.join(", "))
        }
        (_, Some(most)) if most.zeros == zeros => {
            format!("{} of {all} entries are exactly 0, all of them in {}", count(zeros), called(most))
        }
        (_, Some(most)) => {
            format!(
                "{} of {all} entries are exactly 0, {} of them in {}",
                count(zeros),
                count(most.zeros),
                called(most)
            )
        }
    };
    format!("{zero}. The largest, {}, is in {}.", short(largest.largest), called(largest))
}

/// Entries are far below 2⁵².
#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn real(value: usize) -> f64 {
    value as f64
}

/// A block by its name, the decoder's too.
pub(super) fn called(block: &Block) -> String {
    format!("{}{}", block.name, if block.decodes { " of the decoder" } else { "" })
}
