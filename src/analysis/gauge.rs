//! A lane's verdict on its gradient: the share of the signal at T that is left at step 1.

use super::breakage::Break;
use super::number::{full, short};
use super::signal::Norms;
use crate::experiment::{Cell, Experiment};

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

/// Reads the gauge of a lane; `broken` is where its numbers broke.
#[must_use]
pub fn gauge(experiment: &Experiment, norms: &Norms, broken: Option<&Break>) -> Gauge {
    let state = if experiment.spec.cell == Cell::Lstm { "∂L/∂(h, C)" } else { "∂L/∂h" };
    let (shown, full, verdict) = words(experiment, norms, broken);
    Gauge { shown, full, verdict, state }
}

fn words(experiment: &Experiment, norms: &Norms, broken: Option<&Break>) -> (String, String, String) {
    if let Some(Break { t, words, .. }) = broken {
        return ("not finite".into(), "not finite".into(), format!("{words} at t = {t}"));
    }
    if norms.norm.last().is_none_or(|&last| last == 0.0) {
        return ("0".into(), "0".into(), "no signal: exactly 0 at t = T".into());
    }
    let ratio = norms.ratio.first().copied().unwrap_or(f64::NAN);
    if ratio == 0.0 {
        let from = norms.norm.iter().rposition(|&norm| norm == 0.0).map_or(1, |t| t + 1);
        if experiment.spec.cut(from) {
            return ("0".into(), "0".into(), format!("cut: its window begins at t = {}", from + 1));
        }
        return ("0".into(), "0".into(), format!("exactly zero from t = {from} back"));
    }
    (short(ratio), full(ratio), verdict(ratio))
}

/// The words for a share of the signal.
#[must_use]
pub fn verdict(ratio: f64) -> String {
    let decades = ratio.log10();
    if decades >= EXPLODED {
        "explodes on the way back".into()
    } else if ratio >= 1.25 {
        "grows on the way back".into()
    } else if ratio > 0.8 {
        "arrives whole at t = 1".into()
    } else if ratio > 0.5 {
        "most of it reaches t = 1".into()
    } else if ratio > 0.01 {
        format!("1 part in {:.0} reaches t = 1", 1.0 / ratio)
    } else if decades > VANISHED {
        "fades before t = 1".into()
    } else {
        "vanished: t = 1 learns nothing".into()
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
        let check = |ratio: f64, expected: &str| assert!(verdict(ratio).contains(expected), "{ratio}");
        check(1e3, "explodes");
        check(5.0, "grows");
        check(1.0, "arrives whole");
        check(0.6, "most of it");
        check(0.0915, "1 part in 11");
        check(1e-5, "fades");
        check(1.1e-7, "vanished");
    }
}
