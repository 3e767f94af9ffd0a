//! What comes of the gradient that a step hands on, where a window begins or its size is bounded.

use super::{Equation, Place};
use crate::analysis::math::{Expression, Math, gradient, mo, parenthesised, tag, token};
use crate::analysis::number::short;
use crate::analysis::signal::norm;
use crate::experiment::{Cell, Clip};

impl Place<'_> {
    /// Whether what this step hands on does not arrive as it is.
    pub(super) fn bounds(&self) -> bool {
        self.experiment.spec.limit.is_some() || self.cuts()
    }

    /// Whether a window begins at this step: then it hands nothing on to the step before.
    #[must_use]
    pub fn cuts(&self) -> bool {
        let order = if self.is_forward() { self.t } else { self.steps() - 1 - self.t };
        self.experiment.spec.cut(order)
    }

    /// `(∂L/∂h_{t−1})_word`
    pub(super) fn share_before(&self, name: &str, word: &str) -> Math {
        tag("msub", vec![parenthesised(&gradient(name, self.shift())), token("mtext", word)])
    }

    fn sent(&self, name: &str) -> f64 {
        let wire = if name == "C" { "C_prev" } else { "h_prev" };
        self.gradient(wire).map_or(f64::NAN, |sent| sent.value())
    }

    /// `(∂L/∂h_{t−1})_future = min(1, c/‖…‖)·(∂L/∂h_{t−1})_sent`, clamped, or 0; none where all arrives as it is sent.
    pub(super) fn passed_on(&self) -> Vec<Equation> {
        if !self.bounds() {
            return Vec::new();
        }
        let both = [("dh_on", "h_prev", "h"), ("dC_on", "C_prev", "C")];
        let states = if self.cell() == Cell::Lstm { 2 } else { 1 };
        both.into_iter()
            .take(states)
            .map(|(equation, wire, name)| {
                let words = format!("what arrives at {}", self.spoken_before(name));
                Equation::new(equation, wire, self.share_before(name, "future"), &words, self.bounded(name))
            })
            .collect()
    }

    fn bounded(&self, name: &str) -> Expression {
        let Some(limit) = self.experiment.spec.limit.filter(|_| !self.cuts()) else {
            return Expression::leaf(token("mn", "0"), "0, for a window begins here", 0.0);
        };
        let (sent, c) = (self.sent(name), token("mn", &short(limit.at)));
        let symbol = self.share_before(name, "sent");
        if limit.clip == Clip::Value {
            let range = tag("mrow", vec![mo("±"), c]);
            let inside = parenthesised(&tag("mrow", vec![symbol, mo(","), range]));
            let clamped = tag("mrow", vec![token("mi", "clamp"), inside]);
            let value = if sent.is_nan() { sent } else { sent.clamp(-limit.at, limit.at) };
            return Expression::leaf(clamped, "what is sent, clamped", value);
        }
        let states: &[&str] = if self.cell() == Cell::Lstm { &["h", "C"] } else { &["h"] };
        let units = (0..self.hidden()).flat_map(|unit| {
            let place = Place { unit, ..*self };
            states.iter().map(move |name| place.sent(name))
        });
        let length = norm(&units.collect::<Vec<_>>());
        let factor = if length > limit.at { limit.at / length } else { 1.0 };
        let ratio = tag("mfrac", vec![c, tag("mrow", vec![mo("‖"), mo("·"), mo("‖")])]);
        let least = parenthesised(&tag("mrow", vec![token("mn", "1"), mo(","), ratio]));
        let shortened = tag("mrow", vec![token("mi", "min"), least]);
        Expression::Product(vec![
            Expression::leaf(shortened, "the factor that shortens what is sent to the limit", factor),
            Expression::leaf(symbol, "what is sent", sent),
        ])
    }
}
