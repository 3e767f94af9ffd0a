//! A lane's verdict on its gradient: the share of the signal at T that is left at step 1.

use super::number::{full, short};
use super::signal::{Norms, first_not_finite};
use crate::experiment::{Cell, Precision};
use crate::trace::{LayerTrace, Signal};

/// f32 rounding, 2⁻²³: a sum in f32 no longer feels a part this small.
pub const VANISHED: f64 = 1.192_092_895_507_812_5e-7;
/// Above a hundredfold, a signal has exploded.
pub const EXPLODED: f64 = 100.0;

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

/// Reads the gauge of a lane.
#[must_use]
pub fn gauge(cell: Cell, precision: Precision, layer: &LayerTrace, signal: &Signal, norms: &Norms) -> Gauge {
    let state = if cell == Cell::Lstm { "∂L/∂(h, C)" } else { "∂L/∂h" };
    let (shown, full, verdict) = words(precision, layer, signal, norms);
    Gauge { shown, full, verdict, state }
}

fn words(
    precision: Precision,
    layer: &LayerTrace,
    signal: &Signal,
    norms: &Norms,
) -> (String, String, String) {
    use crate::experiment::Choice as _;
    let not_finite = |what: &str, t: usize| {
        let verdict = format!("{what} leaves {} at t = {t}", precision.word());
        ("not finite".to_owned(), "not finite".to_owned(), verdict)
    };
    if let Some(t) = first_not_finite(&layer.h) {
        return not_finite("h", t);
    }
    if let Some(t) = first_not_finite(&layer.c) {
        return not_finite("C", t);
    }
    // The gradient travels backward: its first step is the last in time.
    let broken = |rows| (1..=layer.h.nrows()).rev().find(|&t| rows_not_finite(rows, t));
    if let Some(t) = broken(&signal.dh).or_else(|| broken(&signal.dc)) {
        return not_finite("the gradient", t);
    }
    if norms.norm.last().is_none_or(|&last| last == 0.0) {
        return ("0".into(), "0".into(), "no signal: the loss at T sends back exactly 0".into());
    }
    let ratio = norms.ratio.first().copied().unwrap_or(f64::NAN);
    if ratio == 0.0 {
        let from = norms.norm.iter().rposition(|&norm| norm == 0.0).map_or(1, |t| t + 1);
        return ("0".into(), "0".into(), format!("exactly zero from t = {from} back"));
    }
    (short(ratio), full(ratio), verdict(ratio))
}

fn rows_not_finite(rows: &ndarray::Array2<f64>, t: usize) -> bool {
    rows.row(t - 1).iter().any(|value| !value.is_finite())
}

/// The words for a share of the signal.
#[must_use]
pub fn verdict(ratio: f64) -> String {
    if ratio >= EXPLODED {
        "explodes on its way to t = 1".into()
    } else if ratio >= 2.0 {
        "grows on its way to t = 1".into()
    } else if ratio > 0.8 {
        "arrives whole at t = 1".into()
    } else if ratio > 0.5 {
        "most of it reaches t = 1".into()
    } else if ratio > 0.01 {
        format!("1 part in {:.0} reaches t = 1", 1.0 / ratio)
    } else if ratio > VANISHED {
        "fades before t = 1".into()
    } else {
        "vanished: t = 1 learns nothing".into()
    }
}
