//! A cell's equations for one unit at one step, with the numbers that went in.
//!
//! The tree that is drawn is the tree that is evaluated: `tests/equations.rs` holds each value against the trace.
//! What every cell shares stands here; each cell's equations, forward and backward, and the wires of its drawing
//! stand in its own file.

pub(super) mod ann;
pub(super) mod gru;
pub(super) mod lstm;
mod names;
mod normal;
mod output;
mod passed;
pub(super) mod rnn;
mod shares;
mod skip;
mod through;

use super::circuit::summed;
use super::dot::{Dot, Reads, Source, Term, When, bracket, inputs};
use super::math::{
    Expression, Index, Link, Math, at, gradient, gradient_by, mn, mo, parenthesised, pre, symbol, tag, token,
    with,
};
use crate::experiment::{Cell, Direction, Experiment, LayerWeights, Shape, Steps};
use crate::model::Parameters;
use crate::model::cell::symbols;
use crate::trace::{LayerTrace, Trace};
use ndarray::ArrayView2;

pub use names::{
    gradient_name, of_gate, pre_activation, sum_gradient_name, sum_symbol, wire_equations, wire_symbol,
    wire_words,
};
use names::{matrix, words};
pub use normal::Normal;
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
        let numbers = self.right.numbers();
        // One number is its own result.
        if super::notation::plain(&numbers) == super::number::short(self.right.value()) {
            return tag("mrow", vec![mo("="), with(&[("class", "result")], tag("mrow", vec![numbers]))]);
        }
        let result = with(&[("class", "result")], mn(self.right.value()));
        let mut row = vec![mo("="), numbers, mo("=")];
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
    /// Its trace.
    pub trace: &'a Trace,
    /// The parameters of the layer and direction.
    pub parameters: &'a Parameters<f64>,
    /// The trace of the layer and direction, with the gradients that count.
    pub layer: &'a LayerTrace,
    /// Those of all layers and directions, with the gradients that count.
    pub layers: &'a [LayerTrace],
    /// Where each direction has a loss of its own that counts: those of all, with that of the other direction's.
    pub others: &'a [LayerTrace],
    /// Which input, from 0, stands for all; `None` is the largest.
    pub input: Option<usize>,
    /// Which output, from 0, stands for all; `None` is the one that weighs most for the unit.
    pub output: Option<usize>,
    /// Whether these are the gradients of one loss alone: the last output's, for a backward direction the first's.
    pub only_last: bool,
    /// Unit, from 0.
    pub unit: usize,
    /// Step, from 0; of a decoder from its own first.
    pub t: usize,
    /// All steps of the network.
    pub axis: Steps,
    /// Whether this is the decoder: then experiment and trace are those of [`Speaking`](crate::trace::Speaking).
    pub decodes: bool,
}

impl<'a> Place<'a> {
    /// A step, from 0, as it stands on the axis, from 1.
    #[must_use]
    pub fn shown(&self, t: usize) -> usize {
        t + 1 + if self.decodes { self.axis.encoder } else { 0 }
    }

    /// The step that is read before this one, as it stands on the axis: before a decoder's first the encoder's last.
    #[must_use]
    pub fn earlier_shown(&self) -> Option<usize> {
        let border = self.decodes.then_some(self.axis.encoder);
        self.earlier().map(|t| self.shown(t)).or(border)
    }

    /// Whether a decoder goes on from here.
    #[must_use]
    pub fn is_encoder(&self) -> bool {
        !self.decodes && self.axis.border().is_some()
    }

    fn cell(&self) -> Cell {
        self.experiment.spec.cell
    }

    fn hidden(&self) -> usize {
        self.experiment.spec.hidden
    }

    fn weights(&self) -> &'a LayerWeights {
        let directions = self.experiment.spec.directions().len();
        &self.experiment.weights.layers[(self.layer.layer - 1) * directions + usize::from(!self.is_forward())]
    }

    fn is_forward(&self) -> bool {
        self.layer.direction == Direction::Forward
    }

    /// The step that is read before this one, from 0: t − 1, for a direction that reads from T to 1 t + 1.
    #[must_use]
    pub fn earlier(&self) -> Option<usize> {
        if self.is_forward() {
            self.t.checked_sub(1)
        } else {
            self.t.checked_add(1).filter(|&t| t < self.steps())
        }
    }

    /// The step that is read after this one.
    fn later(&self) -> Option<usize> {
        if self.is_forward() { Some(self.t + 1).filter(|&t| t < self.steps()) } else { self.t.checked_sub(1) }
    }

    fn steps(&self) -> usize {
        self.layer.h.nrows()
    }

    /// Where [`Self::earlier`] stands beside t.
    #[must_use]
    pub fn shift(&self) -> i32 {
        if self.is_forward() { -1 } else { 1 }
    }

    /// `h t minus 1`.
    fn spoken_before(&self, name: &str) -> String {
        format!("{} t {} 1", words(name), if self.is_forward() { "minus" } else { "plus" })
    }

    fn when(&self) -> When {
        let [earlier, skipped] = [self.earlier_shown(), self.skipped_shown()].map(|t| t.map(|t| t - 1));
        When { t: self.shown(self.t) - 1, earlier, skipped }
    }

    /// Whether the outputs read this layer.
    #[must_use]
    pub fn is_top(&self) -> bool {
        self.layer.layer == self.experiment.spec.layers
    }

    /// The columns of the layer among those of all its directions begin here.
    fn side(&self) -> usize {
        if self.is_forward() { 0 } else { self.hidden() }
    }

    /// What the layer reads at a step, from 0: the input, or the states of the layer below, both directions side by
    /// side.
    fn read(&self, t: usize) -> Vec<f64> {
        if self.layer.layer == 1 {
            return self.experiment.x.row(t).to_vec();
        }
        let below = self.trace.layers.iter().filter(|layer| layer.layer + 1 == self.layer.layer);
        below.flat_map(|layer| layer.h.row(t).to_vec()).collect()
    }

    /// What the layer reads at this step.
    #[must_use]
    pub fn x(&self) -> Vec<f64> {
        self.read(self.t)
    }

    /// Which of what the layer reads stands at `k`, and which unit of it.
    fn source_of(&self, k: usize) -> (Source, usize) {
        if self.layer.layer == 1 {
            return (self.reads().map_or(Source::Input, Source::Read), k);
        }
        (Source::Below(self.below(k / self.hidden())), k % self.hidden())
    }

    /// What the first layer reads at this step where that is no input.
    fn reads(&self) -> Option<Reads> {
        let Experiment { spec, teaching, .. } = self.experiment;
        if spec.shape != Shape::OneToMany || (self.t == 0 && !self.decodes) {
            return None;
        }
        Some(match self.t.checked_sub(1).filter(|_| spec.reads_outputs()) {
            None => Reads::Zeros,
            Some(_) if *teaching => Reads::Target,
            Some(before) => {
                let layer = (spec.layers > 1).then_some(spec.layers);
                Reads::Output(Index { layer, direction: None }, self.shown(before) - 1)
            }
        })
    }

    /// The layer below in one of its directions.
    fn below(&self, side: usize) -> Index {
        let spec = &self.experiment.spec;
        let direction = spec.directions().get(side).copied().filter(|_| spec.bidirectional);
        Index { layer: Some(self.layer.layer - 1), direction }
    }

    /// What the layer reads, as it is written.
    fn inputs(&self) -> Vec<Math> {
        if self.layer.layer == 1 {
            return vec![inputs(self.reads())];
        }
        let link = Link { wire: "x".into(), go: String::new() };
        let sides = self.experiment.spec.directions().len();
        (0..sides).map(|side| link.around(self.below(side).at("h"))).collect()
    }

    /// The same as one operand of a matrix.
    fn input_vector(&self) -> Math {
        let mut all = self.inputs();
        if all.len() == 1 { all.remove(0) } else { bracket(all) }
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
        if self.cell().gated() { symbols(self.cell()) } else { &["h"] }
    }

    /// The name of a gate's row of weights: `W_f`; of the RNN, which has two, `W_h`.
    #[must_use]
    pub fn row_name(&self, gate: &str) -> &'static str {
        matrix(gate).0
    }

    /// `h_{t−1}` of all units; none where nothing recurs.
    #[must_use]
    pub fn state_before(&self) -> Vec<f64> {
        let units = if self.cell().recurs() { self.hidden() } else { 0 };
        (0..units).map(|unit| self.h_prev(unit)).collect()
    }

    /// A heat map's value here.
    fn traced(&self, name: &str) -> f64 {
        match name {
            "h" => self.value(&self.layer.h.view()),
            "C" | "s" => self.value(&self.layer.c.view()),
            gate => self.value(&self.layer.gate(&self.layer.gates, self.index(gate))),
        }
    }

    /// `h_{t−1}` of a unit.
    fn h_prev(&self, unit: usize) -> f64 {
        self.earlier().map_or_else(|| self.weights().h_0[unit], |t| self.layer.h[[t, unit]])
    }

    /// What the trace has as the gradient of a gate's pre-activation (with layer normalisation: of the sum before
    /// it), of a unit.
    fn da(&self, gate: usize, unit: usize) -> f64 {
        self.layer.da[[self.t, gate * self.hidden() + unit]]
    }

    /// `name.unit.t`, for [`Link::go`].
    fn spot(&self, name: &str, t: usize) -> String {
        format!("{name}.{}.{}", self.unit + 1, self.shown(t))
    }

    /// A heat map's quantity at this step.
    fn now(&self, name: &'static str) -> Expression {
        Expression::leaf(at(name, 0), format!("{} t", words(name)), self.traced(name))
            .linked(name, self.spot(name, self.t))
    }

    /// `h_{t−1}` or `C_{t−1}` of this unit.
    fn before(&self, name: &'static str) -> Expression {
        let (wire, value) = match name {
            "C" => {
                let start = || self.weights().c_0[self.unit];
                ("C_prev", self.earlier().map_or_else(start, |t| self.layer.c[[t, self.unit]]))
            }
            _ => ("h_prev", self.h_prev(self.unit)),
        };
        let start = || format!("w.{name}_0.{}", self.unit + 1);
        let go = self.earlier_shown().map_or_else(start, |t| format!("{name}.{}.{t}", self.unit + 1));
        Expression::leaf(at(name, self.shift()), self.spoken_before(name), value).linked(wire, go)
    }

    /// `∂L/∂h_t` or `∂L/∂C_t`.
    fn d(&self, name: &'static str) -> Expression {
        let value = if name == "h" { &self.layer.dh } else { &self.layer.dc };
        Expression::leaf(gradient(name, 0), format!("the gradient of {name} t"), self.value(&value.view()))
            .linked(name, format!("b.{}", self.spot(name, self.t)))
    }

    /// A wire's value as a quantity of its own.
    fn wire(&self, id: &'static str) -> Expression {
        let value = self.made(id).map_or(f64::NAN, |made| made.value());
        Expression::leaf(wire_symbol(id, self.shift()), wire_words(id), value).linked(id, "")
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
        if self.cell().gated() { pre(gate, &token("mi", "t")) } else { at("a", 0) }
    }

    /// A part of a total gradient, from the loss at this step or from steps after.
    fn part(name: &'static str, word: &str, value: f64, go: String) -> Expression {
        let symbol = tag("msub", vec![parenthesised(&gradient(name, 0)), token("mtext", word)]);
        Expression::leaf(symbol, format!("its part from the {word}"), value).linked(name, go)
    }

    /// The part of `∂L/∂h_t` or `∂L/∂C_t` that comes from the step that is read after, where a reader goes on.
    fn future(&self, name: &'static str) -> Expression {
        let of = if name == "h" { &self.layer.dh_from_future } else { &self.layer.dc_from_future };
        Self::part(name, "future", self.value(&of.view()), self.comes_from(name))
    }

    /// Where a gradient comes from that the next step hands on; from an encoder's last step on, that is the decoder.
    fn comes_from(&self, name: &str) -> String {
        match self.later() {
            Some(t) => format!("b.{}", self.spot(name, t)),
            // The decoder's units go on from both directions, side by side.
            None if self.is_encoder() => {
                format!("b.{name}.{}.{}", self.side() + self.unit + 1, self.axis.encoder + 1)
            }
            None => String::new(),
        }
    }

    /// `(∂L/∂h_t)_loss + (∂L/∂h_t)_future`, below another layer `(∂L/∂h_t)_above` in place of the first; where steps
    /// skip, `(∂L/∂h_t)_next + (∂L/∂h_t)_skip` in place of the second.
    fn dh(&self) -> Expression {
        let go = if self.output_step().is_some() { "=dh_loss".into() } else { String::new() };
        let (word, go) = if self.is_top() { ("loss", go) } else { ("above", "=dh_above".into()) };
        let mut parts = Vec::new();
        if !(self.is_top() && self.is_encoder()) {
            parts.push(Self::part("h", word, self.value(&self.layer.dh_from_loss.view()), go));
        }
        if !self.cell().recurs() {
            return Expression::Sum(parts);
        }
        if self.skips() {
            parts.extend(self.futures());
        } else {
            parts.push(self.future("h"));
        }
        Expression::Sum(parts)
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
        // The RNN's bias has a wire of its own.
        let entry = format!("{name}.{}", self.unit + 1);
        let wire = if self.cell() == Cell::Rnn { name.to_owned() } else { entry.clone() };
        Expression::leaf(symbol(name), words(name), value).linked(wire, format!("w.{entry}"))
    }

    /// A matrix as it is written, which leads to this unit's row of it.
    fn matrix_symbol(&self, name: &'static str) -> Math {
        Link { wire: name.into(), go: format!("w.{name}.{}.1", self.unit + 1) }.around(symbol(name))
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

    /// Rows of V_g times what the layer reads; `first` is the column of a joint matrix where V begins.
    fn input_terms(
        &self,
        gate: &'static str,
        name: &'static str,
        first: usize,
    ) -> impl Iterator<Item = Term> + use<'_, 'a> {
        let row = self.parameters.input.row(self.index(gate) * self.hidden() + self.unit);
        let unit = self.unit;
        self.x().into_iter().enumerate().map(move |(k, value)| {
            let (source, index) = self.source_of(k);
            Term { weight: row[k], matrix: name, row: unit, column: first + k, source, index, value }
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
        let mut operands = vec![operand];
        operands.extend(self.inputs());
        let terms =
            self.recurrent_terms(gate, name, source).chain(self.input_terms(gate, name, self.hidden()));
        Dot {
            symbol: tag("mrow", vec![self.matrix_symbol(name), mo("·"), bracket(operands)]),
            spoken: format!("{} times h and x", words(name)),
            when: self.when(),
            terms: terms.collect(),
        }
    }

    /// What a gate adds up before normalisation and bias.
    fn sum_of(&self, gate: &'static str) -> Expression {
        match self.cell() {
            Cell::Rnn => self.rnn_sum(),
            Cell::Ann => self.now("s"),
            _ if gate == "h_tilde" => Expression::Dot(self.joint(gate, Source::Reset)),
            _ => Expression::Dot(self.joint(gate, Source::State)),
        }
    }

    /// `∂L/∂a_{g,t}`, factor by factor.
    fn pre_gradient(&self, gate: &'static str) -> Expression {
        match self.cell() {
            Cell::Rnn | Cell::Ann => self.rnn_pre_gradient(),
            Cell::Lstm => self.lstm_pre_gradient(gate),
            Cell::Gru => self.gru_pre_gradient(gate),
        }
    }

    /// The index of the chosen input, or of the largest, which for letters is the one that is 1.
    fn loudest_input(&self) -> usize {
        let x = self.x();
        if let Some(chosen) = self.input.filter(|&k| k < x.len()) {
            return chosen;
        }
        (0..x.len()).fold(0, |best, k| if x[k].abs() > x[best].abs() { k } else { best })
    }

    /// `x_{k,t}`
    fn input_symbol(&self, k: usize) -> Math {
        if let (Source::Below(below), unit) = self.source_of(k) {
            return below.unit_at("h", unit);
        }
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
        let value = self.x()[k];
        Expression::leaf(self.input_symbol(k), format!("input {} at t", k + 1), value).linked("x", "")
    }

    /// Equations of the forward step, in the order in which a cell computes them; where there is one, the output last.
    #[must_use]
    pub fn forward(&self) -> Vec<Equation> {
        let mut equations = match self.cell() {
            Cell::Rnn => self.rnn_forward(),
            Cell::Lstm => self.lstm_forward(),
            Cell::Gru => self.gru_forward(),
            Cell::Ann => self.ann_forward(),
        };
        equations.extend(self.output_equation());
        equations
    }

    /// Equations of the backward step, in the order in which it is computed: what arrives, what each factor makes of
    /// it, and what this unit's column hands on.
    #[must_use]
    pub fn backward(&self) -> Vec<Equation> {
        let words = "h t";
        let mut equations = vec![Self::back("dh", "h", &at("h", 0), words, self.dh())];
        equations.extend(self.loss_equations());
        equations.extend(self.above_equation());
        equations.extend(match self.cell() {
            Cell::Rnn => self.rnn_backward(),
            Cell::Lstm => self.lstm_backward(),
            Cell::Gru => self.gru_backward(),
            Cell::Ann => self.ann_backward(),
        });
        equations.extend(self.passed_on());
        equations.push(self.back_input());
        equations
    }

    /// What a wire carries, from the wires before it; `None` where the cell has no such wire.
    #[must_use]
    pub fn made(&self, wire: &str) -> Option<Expression> {
        match wire {
            "x" => Some(self.input()),
            "h_prev" if self.cell().recurs() => Some(self.before("h")),
            _ if summed(wire).is_some() => Some(self.sum_of(summed(wire)?)),
            _ => match self.cell() {
                Cell::Rnn => self.rnn_made(wire),
                Cell::Lstm => self.lstm_made(wire),
                Cell::Gru => self.gru_made(wire),
                Cell::Ann => self.ann_made(wire),
            },
        }
    }

    /// `∂L/∂` of what a wire carries, from the wires after it.
    #[must_use]
    pub fn gradient(&self, wire: &str) -> Option<Expression> {
        match wire {
            "x" => Some(self.back_input().right),
            "h" => Some(self.dh()),
            _ if summed(wire).is_some() => Some(self.back_norm(summed(wire)?)?.right),
            _ => match self.cell() {
                Cell::Rnn => self.rnn_gradient(wire),
                Cell::Lstm => self.lstm_gradient(wire),
                Cell::Gru => self.gru_gradient(wire),
                Cell::Ann => self.ann_gradient(wire),
            },
        }
    }
}
