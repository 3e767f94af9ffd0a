//! A cell's equations for one unit at one step, with the numbers that went in.
//!
//! The tree that is drawn is the tree that is evaluated: `tests/equations.rs` holds each value against the trace.

use ndarray::ArrayView2;
use serde_json::{Value, json};

use super::math::{Expression, Function, Index, Math, at, gradient, mn, mo, parenthesised, symbol};
use crate::experiment::{Activation, Cell, Direction, Experiment, LayerWeights, Reset, Spec};
use crate::model::{Parameters, norm};
use crate::trace::{LayerTrace, Trace};

/// One equation: `left = right`.
#[derive(Clone, Debug)]
pub struct Equation {
    /// The symbol of the result, as in trace files where it is one: `f`, `C_tilde`, `h`, `dh`, `dC_prev`, …
    pub name: &'static str,
    /// The left side.
    pub left: Math,
    /// The left side in words.
    pub spoken: String,
    /// The right side.
    pub right: Expression,
}

impl Equation {
    /// `left = right` in symbols.
    #[must_use]
    pub fn symbolic(&self) -> Math {
        json!(["mrow", self.left, mo("="), self.right.symbols()])
    }

    /// `= numbers = result`; once where the right side is one number.
    #[must_use]
    pub fn numeric(&self) -> Math {
        let mut result = mn(self.right.value());
        if let Value::Array(node) = &mut result {
            node.insert(1, json!({ "class": "result" }));
        }
        if matches!(self.right, Expression::Leaf { .. }) {
            return json!(["mrow", mo("="), result]);
        }
        json!(["mrow", mo("="), self.right.numbers(), mo("="), result])
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
pub struct Place<'a> {
    /// The experiment that was run.
    pub experiment: &'a Experiment,
    /// Its trace.
    pub trace: &'a Trace,
    /// The weights of the layer and direction.
    pub weights: &'a LayerWeights,
    /// Its trace.
    pub layer: &'a LayerTrace,
    /// Unit, from 0.
    pub unit: usize,
    /// Step, from 0.
    pub t: usize,
}

impl Place<'_> {
    fn value(&self, of: &ArrayView2<f64>) -> f64 {
        of[[self.t, self.unit]]
    }

    fn gate(&self, index: usize) -> f64 {
        self.value(&self.layer.gate(&self.layer.gates, index))
    }

    /// Where the step before stands: at t − 1, for a direction that reads from T to 1 at t + 1.
    fn shift(&self) -> i32 {
        if self.layer.direction == Direction::Forward { -1 } else { 1 }
    }

    fn spoken_before(&self, name: &str) -> String {
        format!("{name} t {} 1", if self.shift() < 0 { "minus" } else { "plus" })
    }

    /// A quantity at the step before.
    fn past(&self, name: &str, value: f64) -> Expression {
        Expression::leaf(at(name, self.shift()), self.spoken_before(name), value)
    }

    /// The step before, from 0, unless this one is the first.
    fn before(&self) -> Option<usize> {
        match self.layer.direction {
            Direction::Forward => self.t.checked_sub(1),
            Direction::Backward => Some(self.t + 1).filter(|&t| t < self.layer.h.nrows()),
        }
    }

    /// h of the step before, all units.
    fn h_prev(&self) -> Vec<f64> {
        self.before().map_or_else(|| self.weights.h_0.clone(), |t| self.layer.h.row(t).to_vec())
    }

    /// C of this unit at the step before.
    fn c_prev(&self) -> f64 {
        self.before().map_or(self.weights.c_0[self.unit], |t| self.layer.c[[t, self.unit]])
    }

    /// What the layer reads: the input, or the states of the layer below, both directions beside each other.
    fn x(&self) -> Vec<f64> {
        if self.layer.layer == 1 {
            return self.experiment.x.row(self.t).to_vec();
        }
        let below = self.trace.layers.iter().filter(|layer| layer.layer + 1 == self.layer.layer);
        below.flat_map(|layer| layer.h.row(self.t).to_vec()).collect()
    }

    /// The symbols of what the layer reads.
    fn x_symbols(&self) -> Vec<Math> {
        let Spec { bidirectional, .. } = self.experiment.spec;
        let below = self.layer.layer - 1;
        if below == 0 {
            return vec![at("x", 0)];
        }
        let index = |&direction: &Direction| {
            Index { layer: Some(below), direction: bidirectional.then_some(direction) }.at("h")
        };
        self.experiment.spec.directions().iter().map(index).collect()
    }

    /// The same as one operand.
    fn x_symbol(&self) -> Math {
        match &self.x_symbols()[..] {
            [x, y] => json!(["mrow", mo("["), x, mo(","), y, mo("]")]),
            x => x[0].clone(),
        }
    }

    /// Equations of the forward step, in the order in which a cell computes them.
    #[must_use]
    pub fn forward(&self) -> Vec<Equation> {
        let terms = Terms {
            place: self,
            parameters: Parameters::from_weights(&self.experiment.spec, self.weights),
            x: self.x(),
            h_prev: self.h_prev(),
        };
        match self.experiment.spec.cell {
            Cell::Rnn => terms.rnn(),
            Cell::Lstm => terms.lstm(),
            Cell::Gru => terms.gru(),
        }
    }

    /// Equations of the backward step: what arrives, and what this unit hands on directly.
    #[must_use]
    pub fn backward(&self) -> Vec<Equation> {
        let layer = self.layer;
        let now =
            |name: &str, value| Expression::leaf(at(name, 0), format!("{} t", name.replace('_', " ")), value);
        let d = |name: &str, value| {
            Expression::leaf(gradient(name, 0), format!("the gradient of {name} t"), value)
        };
        let part = |name: &str, word: &str, value| {
            let symbol = json!(["msub", parenthesised(&gradient(name, 0)), ["mtext", word]]);
            Expression::leaf(symbol, format!("its part from the {word}"), value)
        };
        let dh = self.value(&layer.dh.view());
        let mut equations = vec![Equation {
            name: "dh",
            left: gradient("h", 0),
            spoken: "the gradient of h t".into(),
            right: Expression::Sum(vec![
                part("h", "loss", self.value(&layer.dh_from_loss.view())),
                part("h", "future", self.value(&layer.dh_from_future.view())),
            ]),
        }];
        match self.experiment.spec.cell {
            Cell::Rnn => {
                let h = now("h", self.value(&layer.h.view()));
                let slope = match self.experiment.spec.activation {
                    Activation::Tanh => Expression::Complement(Box::new(Expression::Square(Box::new(h)))),
                    Activation::Relu => Expression::Positive(Box::new(h)),
                };
                equations.push(Equation {
                    name: "da",
                    left: gradient("a", 0),
                    spoken: "the gradient of a t".into(),
                    right: Expression::Product(vec![d("h", dh), slope]),
                });
            }
            Cell::Lstm => {
                let c = now("C", self.value(&layer.c.view()));
                let tanh = Expression::Apply(Function::Tanh, Box::new(c));
                let slope = Expression::Complement(Box::new(Expression::Square(Box::new(tanh))));
                equations.push(Equation {
                    name: "dC",
                    left: gradient("C", 0),
                    spoken: "the gradient of C t".into(),
                    right: Expression::Sum(vec![
                        part("C", "future", self.value(&layer.dc_from_future.view())),
                        Expression::Product(vec![d("h", dh), now("o", self.gate(3)), slope]),
                    ]),
                });
                equations.push(Equation {
                    name: "dC_prev",
                    left: json!(["msub", parenthesised(&gradient("C", self.shift())), ["mtext", "future"]]),
                    spoken: format!("what the cell hands on to {}", self.spoken_before("C")),
                    right: Expression::Product(vec![
                        d("C", self.value(&layer.dc.view())),
                        now("f", self.gate(0)),
                    ]),
                });
            }
            Cell::Gru => {
                let z = now("z", self.gate(0));
                equations.push(Equation {
                    name: "dh_direct",
                    left: json!(["msub", parenthesised(&gradient("h", self.shift())), ["mtext", "direct"]]),
                    spoken: format!("what goes straight on to {}", self.spoken_before("h")),
                    right: Expression::Product(vec![d("h", dh), Expression::Complement(Box::new(z))]),
                });
                let candidate = now("h_tilde", self.gate(2));
                let slope = Expression::Complement(Box::new(Expression::Square(Box::new(candidate))));
                equations.push(Equation {
                    name: "da_h",
                    left: gradient("a", 0),
                    spoken: "the gradient of the candidate's pre-activation".into(),
                    right: Expression::Product(vec![d("h", dh), now("z", self.gate(0)), slope]),
                });
            }
        }
        equations
    }
}

/// What the forward equations of one unit are made of.
struct Terms<'a> {
    place: &'a Place<'a>,
    parameters: Parameters<f64>,
    x: Vec<f64>,
    h_prev: Vec<f64>,
}

impl Terms<'_> {
    fn row(&self, gate: usize) -> usize {
        gate * self.place.experiment.spec.hidden + self.place.unit
    }

    /// U_g·v
    fn recurrent(&self, gate: usize, v: &[f64]) -> f64 {
        dot(self.parameters.recurrent.row(self.row(gate)), v)
    }

    /// V_g·x_t
    fn input(&self, gate: usize) -> f64 {
        dot(self.parameters.input.row(self.row(gate)), &self.x)
    }

    fn bias(&self, gate: usize, name: &'static str) -> Expression {
        Expression::leaf(symbol(name), name.replace('_', " "), self.parameters.bias[self.row(gate)])
    }

    /// `function(W_g·[v, x_t] + b_g)`, with v = h_{t−1} where `operand` is none.
    fn gate(
        &self,
        name: &'static str,
        function: Function,
        gate: usize,
        operand: Option<(Math, &[f64])>,
    ) -> Vec<Equation> {
        let (weight, bias) = match name {
            "f" => ("W_f", "b_f"),
            "i" => ("W_i", "b_i"),
            "C_tilde" => ("W_C", "b_C"),
            "o" => ("W_o", "b_o"),
            "z" => ("W_z", "b_z"),
            "r" => ("W_r", "b_r"),
            _ => ("W_h", "b_h"),
        };
        let (operand, v) = operand.unwrap_or_else(|| (at("h", self.place.shift()), &self.h_prev));
        let mut pair = vec![json!("mrow"), mo("["), operand];
        pair.extend(self.place.x_symbols().into_iter().flat_map(|x| [mo(","), x]));
        pair.push(mo("]"));
        let product = Expression::leaf(
            json!(["mrow", symbol(weight), mo("·"), pair]),
            format!("{} times h and x", weight.replace('_', " ")),
            self.recurrent(gate, v) + self.input(gate),
        );
        let apply = |sum| Expression::Apply(function, Box::new(sum));
        self.summed(name, apply, gate, product, (bias, v))
    }

    /// `function(sum + b)`; with layer normalisation the sum is an equation of its own, before
    /// `function(g ⊙ (a − μ)/σ + b)` with mean and deviation over the units of the gate.
    fn summed(
        &self,
        name: &'static str,
        function: impl FnOnce(Expression) -> Expression,
        gate: usize,
        sum: Expression,
        (bias, v): (&'static str, &[f64]),
    ) -> Vec<Equation> {
        let bias = self.bias(gate, bias);
        if self.parameters.gain.is_empty() {
            let mut parts = if let Expression::Sum(parts) = sum { parts } else { vec![sum] };
            parts.push(bias);
            return vec![equation(name, function(Expression::Sum(parts)))];
        }
        let hidden = self.place.experiment.spec.hidden;
        let rows = gate * hidden..(gate + 1) * hidden;
        let mut all: Vec<f64> = rows
            .map(|row| {
                dot(self.parameters.recurrent.row(row), v) + dot(self.parameters.input.row(row), &self.x)
            })
            .collect();
        let mean = all.iter().sum::<f64>() / f64::from(u16::try_from(hidden).unwrap_or(u16::MAX));
        let mut normal = vec![0.0; hidden];
        let inverse = norm::forward(&mut all, &mut normal, &vec![1.0; hidden]);
        let whole = match name {
            "f" => "a_f",
            "i" => "a_i",
            "C_tilde" => "a_C",
            "o" => "a_o",
            "z" => "a_z",
            "r" => "a_r",
            _ => "a_h",
        };
        let spoken = whole.replace('_', " ");
        let own = Expression::leaf(symbol(whole), spoken.clone(), sum.value());
        let gain = Expression::leaf(symbol("g"), "g", self.parameters.gain[self.row(gate)]);
        let normal = Expression::Normalised(Box::new(own), mean, inverse.recip());
        let right = Expression::Sum(vec![Expression::Product(vec![gain, normal]), bias]);
        vec![
            Equation { name: whole, left: symbol(whole), spoken, right: sum },
            equation(name, function(right)),
        ]
    }

    fn rnn(&self) -> Vec<Equation> {
        let product = |matrix: &str, vector: Math, spoken: &str, value| {
            Expression::leaf(json!(["mrow", symbol(matrix), vector]), spoken, value)
        };
        let before = self.place.spoken_before("h");
        let h = at("h", self.place.shift());
        let sum = Expression::Sum(vec![
            product("W_xh", self.place.x_symbol(), "W x h times x t", self.input(0)),
            product("W_hh", h, &format!("W h h times {before}"), self.recurrent(0, &self.h_prev)),
        ]);
        let function = match self.place.experiment.spec.activation {
            Activation::Tanh => Function::Tanh,
            Activation::Relu => Function::Relu,
        };
        let a = now("a", self.place.value(&self.place.layer.a.view()));
        let mut equations = self.summed("a", |sum| sum, 0, sum, ("b_h", &self.h_prev));
        equations.push(equation("h", Expression::Apply(function, Box::new(a))));
        equations
    }

    fn lstm(&self) -> Vec<Equation> {
        let [f, i, candidate, o] = [0, 1, 2, 3].map(|gate| self.place.gate(gate));
        let c = self.place.value(&self.place.layer.c.view());
        let cell = Expression::Sum(vec![
            Expression::Product(vec![now("f", f), self.place.past("C", self.place.c_prev())]),
            Expression::Product(vec![now("i", i), now("C_tilde", candidate)]),
        ]);
        let tanh = Expression::Apply(Function::Tanh, Box::new(now("C", c)));
        [
            self.gate("f", Function::Sigmoid, 0, None),
            self.gate("i", Function::Sigmoid, 1, None),
            self.gate("C_tilde", Function::Tanh, 2, None),
            vec![equation("C", cell)],
            self.gate("o", Function::Sigmoid, 3, None),
            vec![equation("h", Expression::Product(vec![now("o", o), tanh]))],
        ]
        .concat()
    }

    fn gru(&self) -> Vec<Equation> {
        let [z, r, candidate] = [0, 1, 2].map(|gate| self.place.gate(gate));
        let tilde = match self.place.experiment.spec.reset {
            Reset::Before => {
                let layer = self.place.layer;
                let resets = layer.gate(&layer.gates, 1);
                let reset: Vec<f64> =
                    resets.row(self.place.t).iter().zip(&self.h_prev).map(|(r, h)| r * h).collect();
                let operand = json!(["mrow", at("r", 0), mo("⊙"), at("h", self.place.shift())]);
                self.gate("h_tilde", Function::Tanh, 2, Some((operand, &reset)))
            }
            Reset::After => {
                let inner = self.recurrent(2, &self.h_prev) + self.parameters.recurrent_bias[self.place.unit];
                let product =
                    json!(["mrow", ["mi", "U"], at("h", self.place.shift()), mo("+"), symbol("b_hh")]);
                let inner = Expression::Sum(vec![Expression::leaf(product, "U times h plus b h h", inner)]);
                let product = json!(["mrow", ["mi", "V"], self.place.x_symbol()]);
                let input = Expression::leaf(product, "V times x t", self.input(2));
                let reset = Expression::Product(vec![now("r", r), inner]);
                let sum = Expression::Sum(vec![reset, input, self.bias(2, "b_h")]);
                vec![equation("h_tilde", Expression::Apply(Function::Tanh, Box::new(sum)))]
            }
        };
        let kept = Expression::Complement(Box::new(now("z", z)));
        let state = Expression::Sum(vec![
            Expression::Product(vec![kept, self.place.past("h", self.h_prev[self.place.unit])]),
            Expression::Product(vec![now("z", z), now("h_tilde", candidate)]),
        ]);
        [
            self.gate("z", Function::Sigmoid, 0, None),
            self.gate("r", Function::Sigmoid, 1, None),
            tilde,
            vec![equation("h", state)],
        ]
        .concat()
    }
}

fn dot<'a>(a: impl IntoIterator<Item = &'a f64>, b: &[f64]) -> f64 {
    a.into_iter().zip(b).map(|(a, b)| a * b).sum()
}

/// `name_t = right`.
fn equation(name: &'static str, right: Expression) -> Equation {
    Equation { name, left: at(name, 0), spoken: format!("{} t", name.replace('_', " ")), right }
}

/// A quantity at this step.
fn now(name: &str, value: f64) -> Expression {
    Expression::leaf(at(name, 0), format!("{} t", name.replace('_', " ")), value)
}
