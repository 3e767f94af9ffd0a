//! The state of k steps before, which an RNN reads by weights of its own: `W_skip·h_{t−k}`.

use super::{Equation, Place};
use crate::analysis::dot::{Dot, Source, Term};
use crate::analysis::math::{Expression, Link, Math, at, gradient_by, parenthesised, symbol, tag, token};
use crate::experiment::Direction;

/// Where that state comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum From {
    /// A step, from 0.
    Step(usize),
    /// What the sequence starts from.
    Start,
    /// Nowhere: zeros are read.
    Nowhere,
}

impl Place<'_> {
    /// Whether steps read the state of k steps before.
    pub(super) fn skips(&self) -> bool {
        self.experiment.spec.skip > 0
    }

    fn skipped(&self) -> From {
        let steps = self.steps();
        let order = if self.is_forward() { self.t } else { steps - 1 - self.t };
        match self.experiment.spec.skipped(order) {
            None => From::Nowhere,
            Some(0) => From::Start,
            Some(row) => From::Step(if self.is_forward() { row - 1 } else { steps - row }),
        }
    }

    /// The step of k before, as it stands on the axis; of a decoder's start the encoder's last.
    #[must_use]
    pub fn skipped_shown(&self) -> Option<usize> {
        match self.skipped() {
            From::Step(t) => Some(self.shown(t)),
            From::Start if self.decodes => Some(self.axis.encoder),
            _ => None,
        }
    }

    /// `h_{t−k}` of a unit; 0 where there is none.
    pub(super) fn h_skip(&self, unit: usize) -> f64 {
        match self.skipped() {
            From::Step(t) => self.layer.h[[t, unit]],
            From::Start => self.weights().h_0[unit],
            From::Nowhere => 0.0,
        }
    }

    /// `h_{t−k}` of all units.
    #[must_use]
    pub fn state_skipped(&self) -> Vec<f64> {
        (0..self.hidden()).map(|unit| self.h_skip(unit)).collect()
    }

    /// `name_{t−k}`, with the number.
    fn skipped_symbol(&self) -> Math {
        let k = i32::try_from(self.experiment.spec.skip).unwrap_or(i32::MAX);
        at("h", if self.is_forward() { -k } else { k })
    }

    fn spoken_skipped(&self) -> String {
        let side = if self.layer.direction == Direction::Forward { "minus" } else { "plus" };
        format!("h t {side} {}", self.experiment.spec.skip)
    }

    /// `h_{t−k}` of this unit.
    pub(super) fn skipped_state(&self) -> Expression {
        let unit = self.unit + 1;
        let go = match (self.skipped(), self.skipped_shown()) {
            (_, Some(t)) => format!("h.{unit}.{t}"),
            (From::Start, None) => format!("w.h_0.{unit}"),
            _ => String::new(),
        };
        Expression::leaf(self.skipped_symbol(), self.spoken_skipped(), self.h_skip(self.unit))
            .linked("h_skip", go)
    }

    /// A row of `W_skip` times `h_{t−k}`: no term where there is no such state.
    pub(super) fn skipped_terms(&self) -> Vec<Term> {
        if self.skipped() == From::Nowhere {
            return Vec::new();
        }
        let terms = (0..self.hidden()).map(|index| Term {
            weight: self.parameters.skip[[self.unit, index]],
            matrix: "W_skip",
            row: self.unit,
            column: index,
            source: Source::Skipped,
            index,
            value: self.h_skip(index),
        });
        terms.collect()
    }

    /// `W_skip·h_{t−k}`
    pub(super) fn skipped_sum(&self) -> Expression {
        let state = Link { wire: "h_skip".into(), go: String::new() }.around(self.skipped_symbol());
        Expression::Dot(Dot {
            symbol: tag("mrow", vec![self.matrix_symbol("W_skip"), state]),
            spoken: format!("W skip times {}", self.spoken_skipped()),
            when: self.when(),
            terms: self.skipped_terms(),
        })
    }

    /// The two parts of `∂L/∂h_t` from later steps: the next one, and that which skips to this one.
    pub(super) fn futures(&self) -> [Expression; 2] {
        let [future, skip] =
            [&self.layer.dh_from_future, &self.layer.dh_from_skip].map(|of| self.value(&of.view()));
        let k = self.experiment.spec.skip;
        let to = if self.is_forward() {
            Some(self.t + k).filter(|&t| t < self.steps())
        } else {
            self.t.checked_sub(k)
        };
        let far = to.map_or_else(String::new, |t| format!("b.{}", self.spot("h", t)));
        [Self::part("h", "next", future - skip, self.comes_from("h")), Self::part("h", "skip", skip, far)]
    }

    /// `W_skipᵀ·∂L/∂a_t`: what the units at step t hand to this unit at t − k.
    pub(super) fn handed_far(&self) -> Expression {
        let none = self.skipped() == From::Nowhere;
        let terms = (0..if none { 0 } else { self.hidden() }).map(|k| Term {
            weight: self.parameters.skip[[k, self.unit]],
            matrix: "W_skip",
            row: k,
            column: self.unit,
            source: self.source("h"),
            index: k,
            value: self.da(0, k),
        });
        let letter = if self.parameters.gain.is_empty() { "a" } else { "s" };
        let by = Link { wire: "a".into(), go: String::new() }.around(gradient_by(&at(letter, 0)));
        Expression::Dot(Dot {
            symbol: tag("mrow", vec![tag("msup", vec![symbol("W_skip"), token("mo", "⊤")]), by]),
            spoken: "the skipping weights out of this unit times the gradients of the pre-activations".into(),
            when: self.when(),
            terms: terms.collect(),
        })
    }

    /// `(∂L/∂h_{t−1})_next = …` and `(∂L/∂h_{t−k})_skip = …`: each is a part of what arrives there.
    pub(super) fn handed_twice(&self) -> [Equation; 2] {
        let part =
            |of: Math, word: &str| tag("msub", vec![parenthesised(&gradient_by(&of)), token("mtext", word)]);
        let near = format!("the part of the gradient of {} through this step", self.spoken_before("h"));
        let far = format!("the part of the gradient of {} through this step", self.spoken_skipped());
        let before = at("h", self.shift());
        [
            Equation::new("dh_prev", "h_prev", part(before, "next"), &near, self.handed_on(&["h"])),
            Equation::new("dh_skip", "h_skip", part(self.skipped_symbol(), "skip"), &far, self.handed_far()),
        ]
    }
}
