//! What a step hands to the state before it and to its input: products with transposed matrices.

use super::{Equation, Place, matrix};
use crate::analysis::dot::{Dot, Source, Term};
use crate::analysis::math::{
    Expression, Index, Link, Math, at, gradient_by, mo, parenthesised, symbol, tag, token,
};
use crate::experiment::Cell;
use crate::trace::LayerTrace;

impl Place<'_> {
    /// `Σ_g U_gᵀ·∂L/∂a_{g,t}`: what the units at step t hand to this unit at t − 1 through these gates.
    pub(super) fn handed_on(&self, gates: &[&'static str]) -> Expression {
        let name = |gate| if self.cell() == Cell::Rnn { "W_hh" } else { matrix(gate).0 };
        let terms = gates.iter().flat_map(|&gate| {
            let rows = self.index(gate) * self.hidden();
            let unit = self.unit;
            (0..self.hidden()).map(move |k| Term {
                weight: self.parameters.recurrent[[rows + k, unit]],
                matrix: name(gate),
                row: k,
                column: unit,
                source: self.source(gate),
                index: k,
                value: self.da(self.index(gate), k),
            })
        });
        let symbol = self.transposed("U", "W_hh");
        Expression::Dot(Dot {
            symbol,
            spoken: "the recurrent weights out of this unit times the gradients of the pre-activations"
                .into(),
            when: self.when(),
            terms: terms.collect(),
        })
    }

    /// `∂L/∂x_t`, of the input that is largest, above the first layer of that unit below: from all directions.
    pub(super) fn back_input(&self) -> Equation {
        let k = self.loudest_input();
        let dot = if self.cell().recurs() {
            Dot {
                symbol: self.transposed("V", "W_xh"),
                spoken: "the input weights times the gradients of the pre-activations".into(),
                when: self.when(),
                terms: self.sent_down(self.layer.layer, k),
            }
        } else {
            self.window_back(k)
        };
        Self::back("dx", "x", &self.input_symbol(k), &format!("input {} at t", k + 1), Expression::Dot(dot))
    }

    /// Below another layer: what all units of all its directions send into this unit.
    pub(super) fn above_equation(&self) -> Option<Equation> {
        if self.is_top() {
            return None;
        }
        let left = tag("msub", vec![parenthesised(&gradient_by(&at("h", 0))), token("mtext", "above")]);
        let dot = Dot {
            symbol: self.transposed("V", "W_xh"),
            spoken: "the input weights of the layer above times the gradients of its pre-activations".into(),
            when: self.when(),
            terms: self.sent_down(self.layer.layer + 1, self.side() + self.unit),
        };
        let words = "the part of the gradient of h t from the layer above";
        Some(Equation::new("dh_above", "h", left, words, Expression::Dot(dot)))
    }

    /// `Σ_g V_gᵀ·∂L/∂a_{g,t}` over all directions of a layer, for what it reads at `k`.
    pub(super) fn sent_down(&self, layer: usize, k: usize) -> Vec<Term> {
        let first = if self.cell() == Cell::Rnn { 0 } else { self.hidden() };
        let name = |gate| if self.cell() == Cell::Rnn { "W_xh" } else { matrix(gate).0 };
        let mut terms = Vec::new();
        for (index, weights) in self.experiment.weights.layers.iter().enumerate() {
            let other = self.others.get(index).filter(|_| weights.direction != self.layer.direction);
            let Some(above) = other.or(self.layers.get(index)).filter(|above| above.layer == layer) else {
                continue;
            };
            let own = (above.layer, above.direction) == (self.layer.layer, self.layer.direction);
            for &gate in self.gates() {
                let source = if own { self.source(gate) } else { Source::There(gate, self.index_of(above)) };
                let Some(block) = weights.get(name(gate)) else { continue };
                terms.extend((0..self.hidden()).map(|unit| Term {
                    weight: block[[unit, first + k]],
                    matrix: name(gate),
                    row: unit,
                    column: first + k,
                    source,
                    index: unit,
                    value: above.da[[self.t, self.index(gate) * self.hidden() + unit]],
                }));
            }
        }
        terms
    }

    /// What distinguishes a layer and direction, as far as there are others.
    pub(in crate::analysis) fn index_of(&self, layer: &LayerTrace) -> Index {
        let spec = &self.experiment.spec;
        Index {
            layer: (spec.layers > 1).then_some(layer.layer),
            direction: spec.bidirectional.then_some(layer.direction),
        }
    }

    /// `Σ_g U_gᵀ·∂L/∂a_{g,t}`, for the RNN `W_hhᵀ·∂L/∂a_t`.
    fn transposed(&self, joint: &str, rnn: &str) -> Math {
        let letter = if self.parameters.gain.is_empty() { "a" } else { "s" };
        let transpose = token("mo", "⊤");
        if self.cell() == Cell::Rnn {
            let by = gradient_by(&at(letter, 0));
            let by = Link { wire: "a".into(), go: String::new() }.around(by);
            return tag("mrow", vec![tag("msup", vec![symbol(rnn), transpose]), by]);
        }
        let by = tag(
            "msub",
            vec![token("mi", letter), tag("mrow", vec![token("mi", "g"), mo(","), token("mi", "t")])],
        );
        let matrix = tag("msubsup", vec![token("mi", joint), token("mi", "g"), transpose]);
        tag("mrow", vec![tag("msub", vec![token("mo", "∑"), token("mi", "g")]), matrix, gradient_by(&by)])
    }

    fn source(&self, gate: &'static str) -> Source {
        if self.parameters.gain.is_empty() { Source::Gate(gate) } else { Source::Sum(gate) }
    }
}
