//! A cell's equations for one unit at one step, with the numbers that went in.
//!
//! The tree that is drawn is the tree that is evaluated: `tests/equations.rs` holds each value against the trace.
//! What every cell shares stands here; each cell's equations, forward and backward, and the wires of its drawing
//! stand in its own file.

pub(super) mod gru;
pub(super) mod lstm;
mod names;
mod normal;
mod output;
pub(super) mod rnn;
mod shares;
mod through;

use super::dot::{Dot, Source, Term, joint};
use super::math::{
    Expression, Link, Math, at, gradient, gradient_by, mn, mo, parenthesised, pre, symbol, tag, token, with,
};
use crate::experiment::{Cell, Experiment, LayerWeights};
use crate::model::Parameters;
use crate::model::cell::symbols;
use crate::trace::LayerTrace;
use ndarray::{Array2, ArrayView2};

pub use names::{gradient_name, pre_activation, wire_equations, wire_symbol, wire_words};
use names::{matrix, sum_gradient_name, sum_symbol, words};
pub use shares::Share;

/// One equation: `left = right`.
#[derive(Clone, Debug)]
pub struct Equation {
    /// The symbol of the result, as in trace files where it is one: `f`, `C_tilde`, `h`, `dh`, `dC_prev`, …
    pub name: &'static str,
    /// The wire that carries the result, or its gradient.
    pub wire: &'static str,
    /// The left side.
    pub left: Math,
    /// The left side in words.
    pub spoken: String,
    /// The right side.
    pub right: Expression,
}

impl Equation {
    fn new(name: &'static str, wire: &'static str, left: Math, spoken: &str, right: Expression) -> Self {
        Self { name, wire, left, spoken: spoken.into(), right }
    }

    /// The left side, which lights its wire.
    fn lit_left(&self) -> Math {
        Link { wire: self.wire.into(), go: String::new() }.around(self.left.clone())
    }

    /// `left = right` in symbols.
    #[must_use]
    pub fn symbolic(&self) -> Math {
        tag("mrow", vec![self.lit_left(), mo("="), self.right.symbols()])
    }

    /// `= numbers = result`; a function of a sum has the sum in between.
    #[must_use]
    pub fn numeric(&self) -> Math {
        let result = with(&[("class", "result")], mn(self.right.value()));
        let mut row = vec![mo("="), self.right.numbers(), mo("=")];
        if let Expression::Apply(function, of) = &self.right
            && !matches!(**of, Expression::Leaf { .. })
        {
            row.push(tag("mrow", vec![token("mi", function.name()), parenthesised(&mn(of.value()))]));
            row.push(mo("="));
        }
        row.push(result);
        tag("mrow", row)
    }

    /// In words, with the result.
    #[must_use]
    pub fn spoken(&self) -> String {
        format!(
            "{} equals {}, which is {}",
            self.spoken,
            self.right.spoken(),
            super::number::short(self.right.value())
        )
    }
}

/// One unit at one step of one layer and direction.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// The experiment that was run.
    pub experiment: &'a Experiment,
    /// Its first layer's parameters.
    pub parameters: &'a Parameters<f64>,
    /// Its outputs before softmax, output steps × O.
    pub y: &'a Array2<f64>,
    /// Its trace, with the gradients that count.
    pub layer: &'a LayerTrace,
    /// Whether these are the gradients of the last output's loss alone.
    pub only_last: bool,
    /// Unit, from 0.
    pub unit: usize,
    /// Step, from 0.
    pub t: usize,
}

impl<'a> Place<'a> {
    fn cell(&self) -> Cell {
        self.experiment.spec.cell
    }

    fn hidden(&self) -> usize {
        self.experiment.spec.hidden
    }

    fn weights(&self) -> &'a LayerWeights {
        &self.experiment.weights.layers[0]
    }

    fn value(&self, of: &ArrayView2<f64>) -> f64 {
        of[[self.t, self.unit]]
    }

    /// Which gate has this heat map; the RNN's only one is `h`.
    fn index(&self, gate: &str) -> usize {
        symbols(self.cell()).iter().position(|known| *known == gate).unwrap_or(0)
    }

    /// The gates' heat maps, in the order of their rows.
    #[must_use]
    pub fn gates(&self) -> &'static [&'static str] {
        if self.cell() == Cell::Rnn { &["h"] } else { symbols(self.cell()) }
    }

    /// The name of a gate's row of weights: `W_f`; of the RNN, which has two, `W_h`.
    #[must_use]
    pub fn row_name(&self, gate: &str) -> &'static str {
        matrix(gate).0
    }

    /// `h_{t−1}` of all units.
    #[must_use]
    pub fn state_before(&self) -> Vec<f64> {
        (0..self.hidden()).map(|unit| self.h_prev(unit)).collect()
    }

    /// A heat map's value here.
    fn traced(&self, name: &str) -> f64 {
        match name {
            "h" => self.value(&self.layer.h.view()),
            "C" => self.value(&self.layer.c.view()),
            gate => self.value(&self.layer.gate(&self.layer.gates, self.index(gate))),
        }
    }

    /// `h_{t−1}` of a unit.
    fn h_prev(&self, unit: usize) -> f64 {
        if self.t == 0 { self.weights().h_0[unit] } else { self.layer.h[[self.t - 1, unit]] }
    }

    /// What the trace has as the gradient of a gate's pre-activation (with layer normalisation: of the sum before
    /// it), of a unit.
    fn da(&self, gate: usize, unit: usize) -> f64 {
        self.layer.da[[self.t, gate * self.hidden() + unit]]
    }

    /// `name.unit.t`, for [`Link::go`].
    fn spot(&self, name: &str, t: usize) -> String {
        format!("{name}.{}.{}", self.unit + 1, t + 1)
    }

    /// A heat map's quantity at this step.
    fn now(&self, name: &'static str) -> Expression {
        Expression::leaf(at(name, 0), format!("{} t", words(name)), self.traced(name))
            .linked(name, self.spot(name, self.t))
    }

    /// `h_{t−1}` or `C_{t−1}` of this unit.
    fn before(&self, name: &'static str) -> Expression {
        let (wire, value) = match name {
            "C" if self.t == 0 => ("C_prev", self.weights().c_0[self.unit]),
            "C" => ("C_prev", self.layer.c[[self.t - 1, self.unit]]),
            _ => ("h_prev", self.h_prev(self.unit)),
        };
        let go = self.t.checked_sub(1).map_or_else(String::new, |t| self.spot(name, t));
        Expression::leaf(at(name, -1), format!("{} t minus 1", words(name)), value).linked(wire, go)
    }

    /// `∂L/∂h_t` or `∂L/∂C_t`.
    fn d(&self, name: &'static str) -> Expression {
        let value = if name == "C" { &self.layer.dc } else { &self.layer.dh };
        Expression::leaf(gradient(name, 0), format!("the gradient of {name} t"), self.value(&value.view()))
            .linked(name, format!("b.{}", self.spot(name, self.t)))
    }

    /// A wire's value as a quantity of its own.
    fn wire(&self, id: &'static str) -> Expression {
        let value = self.made(id).map_or(f64::NAN, |made| made.value());
        Expression::leaf(wire_symbol(id), wire_words(id), value).linked(id, "")
    }

    /// `∂L/∂a_t` of a gate.
    fn d_pre(&self, gate: &'static str) -> Expression {
        let value = self.pre_gradient(gate).value();
        Expression::leaf(
            gradient_by(&self.pre_symbol(gate)),
            format!("the gradient of the pre-activation of {}", words(gate)),
            value,
        )
        .linked(pre_activation(gate), format!("={}", gradient_name(gate)))
    }

    fn pre_symbol(&self, gate: &str) -> Math {
        if self.cell() == Cell::Rnn { at("a", 0) } else { pre(gate, &token("mi", "t")) }
    }

    /// A part of a total gradient, from the loss at this step or from the step after.
    fn part(name: &'static str, word: &str, value: f64, go: String) -> Expression {
        let symbol = tag("msub", vec![parenthesised(&gradient(name, 0)), token("mtext", word)]);
        Expression::leaf(symbol, format!("its part from the {word}"), value).linked(name, go)
    }

    /// The part of `∂L/∂h_t` or `∂L/∂C_t` that comes from step t + 1, where a reader goes on.
    fn future(&self, name: &'static str) -> Expression {
        let of = if name == "C" { &self.layer.dc_from_future } else { &self.layer.dh_from_future };
        let last = self.t + 1 == self.layer.h.nrows();
        let go = if last { String::new() } else { format!("b.{}", self.spot(name, self.t + 1)) };
        Self::part(name, "future", self.value(&of.view()), go)
    }

    /// `(∂L/∂h_t)_loss + (∂L/∂h_t)_future`
    fn dh(&self) -> Expression {
        let go = if self.output_step().is_some() { "=dh_loss".into() } else { String::new() };
        let loss = Self::part("h", "loss", self.value(&self.layer.dh_from_loss.view()), go);
        Expression::Sum(vec![loss, self.future("h")])
    }

    /// `name_t = right`.
    fn equation(name: &'static str, right: Expression) -> Equation {
        Equation::new(name, name, at(name, 0), &format!("{} t", words(name)), right)
    }

    /// `∂L/∂name_t = right`, on the wire that carries it.
    fn back(name: &'static str, wire: &'static str, of: &Math, words: &str, right: Expression) -> Equation {
        Equation::new(name, wire, gradient_by(of), &format!("the gradient of {words}"), right)
    }

    /// `∂L/∂a_{g,t} = …`
    fn back_pre(&self, gate: &'static str) -> Equation {
        let words = format!("the pre-activation of {}", words(gate));
        Self::back(
            gradient_name(gate),
            pre_activation(gate),
            &self.pre_symbol(gate),
            &words,
            self.pre_gradient(gate),
        )
    }

    fn bias(&self, gate: &'static str) -> Expression {
        let name = matrix(gate).1;
        let value = self.parameters.bias[self.index(gate) * self.hidden() + self.unit];
        Expression::leaf(symbol(name), words(name), value).linked(format!("{name}.{}", self.unit + 1), "")
    }

    /// Rows of U_g times what they multiply.
    fn recurrent_terms(
        &self,
        gate: &'static str,
        name: &'static str,
        source: Source,
    ) -> impl Iterator<Item = Term> + use<'_, 'a> {
        let row = self.parameters.recurrent.row(self.index(gate) * self.hidden() + self.unit);
        let unit = self.unit;
        (0..self.hidden()).map(move |k| {
            let h = self.h_prev(k);
            let value = match source {
                Source::Reset => self.layer.gate(&self.layer.gates, 1)[[self.t, k]] * h,
                _ => h,
            };
            Term { weight: row[k], matrix: name, row: unit, column: k, source, index: k, value }
        })
    }

    /// Rows of V_g times `x_t`; `first` is the column of a joint matrix where V begins.
    fn input_terms(
        &self,
        gate: &'static str,
        name: &'static str,
        first: usize,
    ) -> impl Iterator<Item = Term> + use<'_, 'a> {
        let row = self.parameters.input.row(self.index(gate) * self.hidden() + self.unit);
        let (x, unit) = (self.experiment.x.row(self.t), self.unit);
        (0..x.len()).map(move |k| Term {
            weight: row[k],
            matrix: name,
            row: unit,
            column: first + k,
            source: Source::Input,
            index: k,
            value: x[k],
        })
    }

    /// `W_g·[h_{t−1}, x_t]`, with `r_t ⊙ h_{t−1}` in place of `h_{t−1}` where the source says so.
    fn joint(&self, gate: &'static str, source: Source) -> Dot {
        let name = matrix(gate).0;
        let state = self.before("h").symbols();
        let operand = match source {
            Source::Reset => tag("mrow", vec![self.now("r").symbols(), mo("⊙"), state]),
            _ => state,
        };
        let terms =
            self.recurrent_terms(gate, name, source).chain(self.input_terms(gate, name, self.hidden()));
        Dot {
            symbol: tag("mrow", vec![symbol(name), mo("·"), joint(&operand)]),
            spoken: format!("{} times h and x", words(name)),
            t: self.t,
            terms: terms.collect(),
        }
    }

    /// What a gate adds up before normalisation and bias.
    fn sum_of(&self, gate: &'static str) -> Expression {
        match self.cell() {
            Cell::Rnn => self.rnn_sum(),
            _ if gate == "h_tilde" => Expression::Dot(self.joint(gate, Source::Reset)),
            _ => Expression::Dot(self.joint(gate, Source::State)),
        }
    }

    /// `∂L/∂a_{g,t}`, factor by factor.
    fn pre_gradient(&self, gate: &'static str) -> Expression {
        match self.cell() {
            Cell::Rnn => self.rnn_pre_gradient(),
            Cell::Lstm => self.lstm_pre_gradient(gate),
            Cell::Gru => self.gru_pre_gradient(gate),
        }
    }

    /// The index of the largest input, which for letters is the one that is 1.
    fn loudest_input(&self) -> usize {
        let x = self.experiment.x.row(self.t);
        (0..x.len()).fold(0, |best, k| if x[k].abs() > x[best].abs() { k } else { best })
    }

    /// `x_{k,t}`
    fn input_symbol(k: usize) -> Math {
        tag(
            "msub",
            vec![
                token("mi", "x"),
                tag("mrow", vec![token("mn", &(k + 1).to_string()), mo(","), token("mi", "t")]),
            ],
        )
    }

    /// The largest input, for its wire.
    fn input(&self) -> Expression {
        let k = self.loudest_input();
        let value = self.experiment.x[[self.t, k]];
        Expression::leaf(Self::input_symbol(k), format!("input {} at t", k + 1), value).linked("x", "")
    }

    /// Equations of the forward step, in the order in which a cell computes them.
    #[must_use]
    pub fn forward(&self) -> Vec<Equation> {
        match self.cell() {
            Cell::Rnn => self.rnn_forward(),
            Cell::Lstm => self.lstm_forward(),
            Cell::Gru => self.gru_forward(),
        }
    }

    /// Equations of the backward step, in the order in which it is computed: what arrives, what each factor makes of
    /// it, and what this unit's column hands on.
    #[must_use]
    pub fn backward(&self) -> Vec<Equation> {
        let words = "h t";
        let mut equations = vec![Self::back("dh", "h", &at("h", 0), words, self.dh())];
        equations.extend(self.loss_equations());
        equations.extend(match self.cell() {
            Cell::Rnn => self.rnn_backward(),
            Cell::Lstm => self.lstm_backward(),
            Cell::Gru => self.gru_backward(),
        });
        equations.push(self.back_input());
        equations
    }

    /// What a wire carries, from the wires before it; `None` where the cell has no such wire.
    #[must_use]
    pub fn made(&self, wire: &str) -> Option<Expression> {
        match wire {
            "x" => Some(self.input()),
            "h_prev" => Some(self.before("h")),
            _ => match self.cell() {
                Cell::Rnn => self.rnn_made(wire),
                Cell::Lstm => self.lstm_made(wire),
                Cell::Gru => self.gru_made(wire),
            },
        }
    }

    /// `∂L/∂` of what a wire carries, from the wires after it.
    #[must_use]
    pub fn gradient(&self, wire: &str) -> Option<Expression> {
        match wire {
            "x" => Some(self.back_input().right),
            "h" => Some(self.dh()),
            _ => match self.cell() {
                Cell::Rnn => self.rnn_gradient(wire),
                Cell::Lstm => self.lstm_gradient(wire),
                Cell::Gru => self.gru_gradient(wire),
            },
        }
    }
}
