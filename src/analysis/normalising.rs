//! The operations of layer normalisation, forward and backward, in words and numbers.

use super::circuit::Step;
use super::equations::{Place, Share};
use super::number::short;
use super::operation::{bracketed, worked};

/// Title and text of an operation of a gate's normalisation; `node` is the gate in words.
pub(super) fn forward(place: &Place, step: Step, gate: &'static str, node: &str) -> (String, String) {
    let Some(normal) = place.normal_of(gate) else { return Default::default() };
    match step {
        Step::Mean => {
            let (units, mean) = (place.experiment.spec.hidden, short(normal.mean));
            (format!("mean, {node}"), format!("The sums of all {units} units have the mean {mean}."))
        }
        Step::Deviation => {
            let told = worked(&normal.normal);
            let deviation = short(normal.deviation);
            (format!("deviation, {node}"), format!("They deviate from it by {deviation}: n = {told}."))
        }
        _ => (format!("gain and bias, {node}"), format!("Gain times n plus bias: {}.", worked(&normal.pre))),
    }
}

/// The same on the way back.
pub(super) fn back(place: &Place, step: Step, gate: &'static str, node: &str) -> (String, String) {
    let Some(normal) = place.normal_of(gate) else { return Default::default() };
    match step {
        Step::Scale => {
            let shares = place.shares(gate, false);
            let told = |share: Option<&Share>| {
                share.map_or_else(String::new, |share| {
                    let now = short(share.now.value());
                    format!("{now}; so far {}, in all {}", short(share.so_far), short(share.in_all))
                })
            };
            let [bias, gain] =
                ["b_", "g_"].map(|letter| told(shares.iter().find(|share| share.matrix.starts_with(letter))));
            let n = worked(&normal.to_normal);
            (
                format!("gain and bias, {node}"),
                format!("n gets the gain times this: {n}. The gain gets {gain}. The bias gets {bias}."),
            )
        }
        Step::Deviation => (
            format!("deviation, {node}"),
            format!(
                "Each sum moves the deviation of all. Through it n loses its part along the {} units’ n: {}.",
                place.experiment.spec.hidden,
                worked(&normal.slope)
            ),
        ),
        _ => {
            let (n, level) = (normal.to_normal.value(), normal.level);
            let slope = normal.slope.value();
            let sum = (n - level - slope) / normal.deviation;
            let text = format!(
                "Each sum moves the mean of all, which takes away what the units have in common, {}. Divided by the deviation, the sum gets ({} − {} − {}) / {} = {}.",
                short(level),
                short(n),
                bracketed(level),
                bracketed(slope),
                short(normal.deviation),
                short(sum)
            );
            (format!("mean, {node}"), text)
        }
    }
}
