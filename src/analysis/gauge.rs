//! A lane's verdict on its gradient: the share of the signal at T that is left at step 1; in a backward direction,
//! which reads from T to 1, the share of the signal at 1 that is left at T.

use super::breakage::Break;
use super::number::{full, short};
use super::signal::Norms;
use crate::experiment::{Cell, Direction, Experiment, Steps};
use crate::trace::Signal;

/// Decades under which an f32 sum no longer feels a term: log10 of 2⁻²³, 1.2×10⁻⁷.
pub const VANISHED: f64 = -6.923_689_900_271_567;
/// Decades over which a gradient is said to explode: a hundredfold.
pub const EXPLODED: f64 = 2.0;

/// Number and words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gauge {
    /// Three digits.
    pub shown: String,
    /// All digits.
    pub full: String,
    /// At most two short lines.
    pub verdict: String,
    /// The state that it is defined on.
    pub state: &'static str,
}

/// Reads the gauge of a lane in a direction; `broken` is where its numbers broke, `clipped` at how many steps its
/// gradient was clipped. Where the norms are those of `several` losses that enter one by one, nothing of one signal can
/// be said: the words are those of a sum. Nor where the signal enters `twice`, at T and at 1.
#[must_use]
pub fn gauge(
    experiment: &Experiment,
    direction: Direction,
    norms: &Norms,
    broken: Option<&Break>,
    clipped: usize,
    several: bool,
    twice: bool,
) -> Gauge {
    let state = match experiment.spec.cell {
        Cell::Rnn | Cell::Gru => "∂L/∂h",
        Cell::Lstm => "∂L/∂(h, C)",
        Cell::Ann => "∂L/∂s",
    };
    let (shown, full, mut verdict) = words(experiment, direction, norms, broken);
    let signal = broken.is_none() && shown != "0";
    if clipped > 0 && signal {
        // Relative to what the loss sent this says nothing of what the weights feel.
        let axis = experiment.steps();
        let at = axis.way(direction).next_back().and_then(|t| norms.norm.get(t - 1));
        let (left, end) = (short(at.copied().unwrap_or(f64::NAN)), axis.end(direction));
        verdict = format!("clipped {clipped}×: ‖∂‖ = {left} at {end}");
    } else if several && signal {
        verdict = "sum over all losses".into();
    } else if twice && signal {
        verdict = "enters at both ends".into();
    }
    Gauge { shown, full, verdict, state }
}

fn words(
    experiment: &Experiment,
    direction: Direction,
    norms: &Norms,
    broken: Option<&Break>,
) -> (String, String, String) {
    if let Some(Break { t, words, .. }) = broken {
        let at = experiment.steps().name(*t);
        return ("not finite".into(), "not finite".into(), format!("{words} at {at}"));
    }
    let axis = experiment.steps();
    // The steps in the order in which the gradient comes to them: against that of the states.
    let way = || axis.way(direction);
    let end = if direction == Direction::Forward { "1" } else { "T" };
    if way().next().is_none_or(|t| norms.norm[t - 1] == 0.0) {
        let begin = axis.begin(direction);
        return ("0".into(), "0".into(), format!("no signal: exactly 0 at {begin}"));
    }
    let ratio = way().next_back().map_or(f64::NAN, |t| norms.ratio[t - 1]);
    if ratio == 0.0 {
        let from = way().find(|&t| norms.norm[t - 1] == 0.0).unwrap_or(1);
        let next = way().take_while(|&t| t != from).last().unwrap_or(from);
        // How many steps of its own sequence were processed before the next one.
        let done = if axis.decodes(next) { next - axis.encoder } else { axis.seen(direction, next) } - 1;
        if experiment.spec.cut(done) {
            return ("0".into(), "0".into(), format!("cut: its window begins at {}", axis.name(next)));
        }
        let on = if direction == Direction::Forward || axis.decodes(from) { "back" } else { "on" };
        return ("0".into(), "0".into(), format!("exactly zero from {} {on}", axis.name(from)));
    }
    (short(ratio), full(ratio), verdict(ratio, end))
}

/// On the way back of a direction, the first step (from 1) at which a signal is exactly zero.
#[must_use]
pub fn first_zero(signal: &Signal, steps: Steps, direction: Direction) -> Option<usize> {
    let norms = Norms::new(signal, steps, direction);
    steps.way(direction).find(|&t| norms.norm[t - 1] == 0.0)
}

/// The words for a share of the signal at the end of its way, t = `end`.
#[must_use]
pub fn verdict(ratio: f64, end: &str) -> String {
    let decades = ratio.log10();
    if decades >= EXPLODED {
        "explodes on the way back".into()
    } else if ratio >= 1.25 {
        "grows on the way back".into()
    } else if ratio > 0.8 {
        format!("about all is left at t = {end}")
    } else if ratio > 0.5 {
        format!("over half is left at t = {end}")
    } else if ratio > 0.01 {
        format!("1 part in {:.0} is left at t = {end}", 1.0 / ratio)
    } else if decades > VANISHED {
        format!("fades before t = {end}")
    } else {
        format!("vanished on the way to t = {end}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vanished_is_the_rounding_of_f32() {
        assert!((VANISHED - f64::from(f32::EPSILON).log10()).abs() < 1e-12);
    }

    #[test]
    fn words_follow_the_number() {
        let check = |ratio: f64, expected: &str| assert!(verdict(ratio, "1").contains(expected), "{ratio}");
        check(1e3, "explodes");
        check(5.0, "grows");
        check(1.0, "about all");
        check(0.6, "over half");
        check(0.0915, "1 part in 11");
        check(1e-5, "fades");
        check(1.1e-7, "vanished");
    }
}
