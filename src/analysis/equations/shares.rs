//! What one step adds to the gradient of each weight of a unit, and how the sum grows on the way back.

use super::names::gain;
use super::{Place, matrix};
use crate::analysis::dot::{Source, Term, entry, weight_link};
use crate::analysis::math::{Expression, Math, at, gradient_by};
use crate::experiment::{Cell, Reset};

/// One entry of a weight gradient: `∂L/∂W = Σ_t δ_t · source_t`.
#[derive(Clone, Debug)]
pub struct Share {
    /// The matrix or bias, as in experiment files.
    pub matrix: &'static str,
    /// Its row, from 0.
    pub row: usize,
    /// Its column, from 0; 0 for a bias.
    pub column: usize,
    /// The entry, as it is written.
    pub symbol: Math,
    /// What this step adds: the gradient of the pre-activation times what the weight multiplies.
    pub now: Expression,
    /// The sum over the steps from where the way back begins to this one.
    pub so_far: f64,
    /// The sum over all steps: the entry of `∂L/∂W`.
    pub in_all: f64,
}

impl Place<'_> {
    /// The shares of one gate's weights in this unit: for each block the entry to which this step adds most, or with
    /// `every` all of them; then the bias.
    #[must_use]
    pub fn shares(&self, gate: &'static str, every: bool) -> Vec<Share> {
        if !self.cell().recurs() {
            return self.window_shares(every);
        }
        let mut shares = Vec::new();
        for terms in self.blocks(gate) {
            let size = |term: &Term| term.value.abs();
            let largest = terms.iter().copied().fold(None, |best: Option<Term>, term| match best {
                Some(best) if size(&best) >= size(&term) => Some(best),
                _ => Some(term),
            });
            let chosen = if every { terms } else { largest.into_iter().collect() };
            shares.extend(chosen.iter().map(|term| self.share(gate, term)));
        }
        shares.extend(self.bias_shares(gate));
        shares
    }

    /// What a gate's row multiplies: the recurrent part, the inputs, and what is skipped to.
    fn blocks(&self, gate: &'static str) -> [Vec<Term>; 3] {
        let (recurrent, input, first) = match self.cell() {
            Cell::Rnn => ("W_hh", "W_xh", 0),
            _ => (matrix(gate).0, matrix(gate).0, self.hidden()),
        };
        let source = if self.resets(gate) == Some(Reset::Before) { Source::Reset } else { Source::State };
        [
            self.recurrent_terms(gate, recurrent, source).collect(),
            self.input_terms(gate, input, first).collect(),
            if self.skips() { self.skipped_terms() } else { Vec::new() },
        ]
    }

    /// Where the reset acts on this gate's recurrent part.
    fn resets(&self, gate: &str) -> Option<Reset> {
        (gate == "h_tilde").then_some(self.experiment.spec.reset)
    }

    fn share(&self, gate: &'static str, term: &Term) -> Share {
        let index = self.index(gate);
        let first = if self.cell() == Cell::Rnn { 0 } else { self.hidden() };
        let inner = self.resets(gate) == Some(Reset::After) && !term.source.is_read();
        let at_step = |t: usize| {
            let there = Self { t, ..*self };
            let h = || there.h_prev(term.index);
            let source = match term.source {
                source if source.is_read() => self.read(t)[term.column - first],
                Source::Reset => self.layer.gate(&self.layer.gates, 1)[[t, term.index]] * h(),
                Source::Skipped => there.h_skip(term.index),
                _ => h(),
            };
            let damped = if inner { there.traced("r") } else { 1.0 };
            (there.da(index, self.unit) * damped, source)
        };
        let (delta, value) = at_step(self.t);
        let wire = super::pre_activation(gate);
        let by = match (inner, self.parameters.gain.is_empty()) {
            (true, _) => at("u", 0),
            (_, true) => self.pre_symbol(gate),
            _ => super::sum_symbol(gate),
        };
        let delta = Expression::leaf(gradient_by(&by), "the gradient of the pre-activation", delta).linked(
            if inner { "inner" } else { wire },
            format!("={}", if inner { "du" } else { super::gradient_name(gate) }),
        );
        let link = term.link(self.when());
        let source = Expression::leaf(term.source_symbol(), "what the weight multiplies", value)
            .linked(link.wire, link.go);
        let product = |t| {
            let (delta, source) = at_step(t);
            delta * source
        };
        Share {
            matrix: term.matrix,
            row: term.row,
            column: term.column,
            symbol: term.weight_symbol(),
            now: Expression::Product(vec![delta, source]),
            so_far: self.back_to_here(product),
            in_all: self.back_to_start(product),
        }
    }

    /// The bias, of the GRU with reset after the one inside the reset, too; with layer normalisation the gain, whose
    /// gradient is `Σ_t ∂L/∂a_t ⊙ n_t`.
    pub(super) fn bias_shares(&self, gate: &'static str) -> Vec<Share> {
        let unit = self.unit;
        let share = |name: &'static str, now: Expression, all: &[f64]| {
            let symbol = weight_link(format!("{name}.{}", unit + 1)).around(entry(name, &[unit]));
            let (so_far, in_all) = (self.back_to_here(|t| all[t]), self.back_to_start(|t| all[t]));
            Share { matrix: name, row: unit, column: 0, symbol, now, so_far, in_all }
        };
        let normalised = !self.parameters.gain.is_empty();
        let there = |t| Self { t, ..*self };
        let delta: Vec<f64> = (0..self.steps())
            .map(|t| {
                if normalised {
                    there(t).pre_gradient(gate).value()
                } else {
                    there(t).da(self.index(gate), unit)
                }
            })
            .collect();
        let times = |of: &dyn Fn(&Self) -> f64| -> Vec<f64> {
            delta.iter().enumerate().map(|(t, delta)| delta * of(&there(t))).collect()
        };
        let mut shares = vec![share(matrix(gate).1, self.d_pre(gate), &delta)];
        if self.resets(gate) == Some(Reset::After) {
            let damped = times(&|there| there.traced("r"));
            let du = Expression::leaf(gradient_by(&at("u", 0)), "the gradient of u t", damped[self.t])
                .linked("inner", "=du");
            shares.push(share("b_hh", du, &damped));
        }
        if normalised {
            let along = times(&|there| there.normalised(gate).value());
            let now = Expression::Product(vec![self.d_pre(gate), self.normalised(gate)]);
            shares.push(share(gain(gate), now, &along));
        }
        shares
    }

    pub(super) fn back_to_here(&self, at_step: impl Fn(usize) -> f64) -> f64 {
        let steps = if self.is_forward() { self.t..self.steps() } else { 0..self.t + 1 };
        steps.rev().map(at_step).sum()
    }

    pub(super) fn back_to_start(&self, at_step: impl Fn(usize) -> f64) -> f64 {
        (0..self.layer.h.nrows()).rev().map(at_step).sum()
    }
}
