//! The simple recurrent network: its equations and wires.

use super::{Equation, Place};
use crate::analysis::circuit::{
    Circuit, NodeKind, Step, WireKind, entering, highway, node, operation, scalar,
};
use crate::analysis::dot::{Dot, Source};
use crate::analysis::math::{Expression, Function, Math, at, tag};
use crate::experiment::Activation;

impl Place<'_> {
    fn product(&self, name: &'static str) -> Expression {
        let (of, vector, terms): (Math, _, Vec<_>) = if name == "W_xh" {
            (self.input_vector(), "W x h times x t".to_owned(), self.input_terms("h", name, 0).collect())
        } else {
            (
                self.before("h").symbols(),
                format!("W h h times {}", self.spoken_before("h")),
                self.recurrent_terms("h", name, Source::State).collect(),
            )
        };
        let symbol = tag("mrow", vec![self.matrix_symbol(name), of]);
        Expression::Dot(Dot { symbol, spoken: vector, when: self.when(), terms })
    }

    /// `W_xh·x_t + W_hh·h_{t−1}`, and with a skip `+ W_skip·h_{t−k}`
    fn products(&self) -> Vec<Expression> {
        let skipped = self.skips().then(|| self.skipped_sum());
        [self.product("W_xh"), self.product("W_hh")].into_iter().chain(skipped).collect()
    }

    /// The same, added up.
    pub(super) fn rnn_sum(&self) -> Expression {
        Expression::Sum(self.products())
    }

    pub(super) fn activation(&self) -> Function {
        match self.experiment.spec.activation {
            Activation::Tanh => Function::Tanh,
            Activation::Relu => Function::Relu,
        }
    }

    /// The pre-activation, from the trace.
    pub(super) fn a(&self) -> Expression {
        Expression::leaf(at("a", 0), "a t", self.value(&self.layer.a.view())).linked("a", "=a")
    }

    /// The slope of φ where it is.
    fn rnn_slope(&self) -> Expression {
        match self.experiment.spec.activation {
            Activation::Tanh => self.now("h").slope(),
            Activation::Relu => Expression::Positive(Box::new(self.now("h"))),
        }
    }

    pub(super) fn rnn_forward(&self) -> Vec<Equation> {
        let a = if self.parameters.gain.is_empty() {
            Expression::Sum(self.products().into_iter().chain([self.bias("h")]).collect())
        } else {
            self.pre("h", self.rnn_sum())
        };
        vec![Self::equation("a", a), Self::equation("h", self.a().through(self.activation()))]
    }

    pub(super) fn rnn_pre_gradient(&self) -> Expression {
        Expression::Product(vec![self.d("h"), self.rnn_slope()])
    }

    pub(super) fn rnn_backward(&self) -> Vec<Equation> {
        let mut equations = vec![self.back_pre("h")];
        equations.extend(self.back_norm("h"));
        if self.skips() {
            equations.extend(self.handed_twice());
            return equations;
        }
        let (symbol, words) = (at("h", self.shift()), self.spoken_before("h"));
        equations.push(Self::back("dh_prev", "h_prev", &symbol, &words, self.handed_on(&["h"])));
        equations
    }

    pub(super) fn rnn_made(&self, wire: &str) -> Option<Expression> {
        Some(match wire {
            "W_xh" => self.product("W_xh"),
            "W_hh" => self.product("W_hh"),
            "W_skip" if self.skips() => self.skipped_sum(),
            "h_skip" if self.skips() => self.skipped_state(),
            "b_h" => self.bias("h"),
            "a" => self.rnn_forward().swap_remove(0).right,
            "h" => self.a().through(self.activation()),
            _ => return None,
        })
    }

    pub(super) fn rnn_gradient(&self, wire: &str) -> Option<Expression> {
        Some(match wire {
            "a" => self.rnn_pre_gradient(),
            // The bias comes after the normalisation, the sums before it.
            "b_h" => self.d_pre("h"),
            "W_xh" | "W_hh" | "W_skip" => {
                self.back_norm("h").map_or_else(|| self.d_pre("h"), |equation| equation.right)
            }
            "h_prev" => self.handed_on(&["h"]),
            "h_skip" if self.skips() => self.handed_far(),
            _ => return None,
        })
    }

    /// The pre-activation, and the slope of φ there: where the drawing of the curve has its point and tangent.
    #[must_use]
    pub fn bend(&self) -> (f64, f64) {
        (self.value(&self.layer.a.view()), self.rnn_slope().value())
    }
}

/// The circuit of the RNN, with either φ, with a skip or without.
pub(in crate::analysis) fn circuit(key: &'static str, skips: bool) -> Circuit {
    let [row, a] = [["a", "da"], ["h", "da"]];
    let mut circuit = Circuit {
        key,
        nodes: vec![
            node("h_prev", NodeKind::State),
            node("x", NodeKind::State),
            node("W_xh", NodeKind::Matrix),
            node("W_hh", NodeKind::Matrix),
            node("b_h", NodeKind::Bias),
            node("add", NodeKind::Plus),
            node("phi", NodeKind::Curve),
            node("h", NodeKind::State),
        ],
        wires: vec![
            entering("x", WireKind::Bus),
            scalar("W_xh"),
            entering("h_prev", WireKind::Highway),
            highway("W_hh"),
            entering("b_h", WireKind::Scalar),
            highway("a"),
            highway("h"),
        ],
        operations: vec![
            operation(Step::Products, "W_xh", &["x"], "", row),
            operation(Step::Sum, "W_xh", &[], "W_xh", row),
            operation(Step::Products, "W_hh", &["h_prev"], "", row),
            operation(Step::Sum, "W_hh", &[], "W_hh", row),
            operation(Step::Plus, "add", &["W_xh", "W_hh", "b_h"], "a", row),
            operation(Step::Function, "phi", &["a"], "h", a),
        ],
    };
    if skips {
        circuit.nodes.extend([node("h_skip", NodeKind::State), node("W_skip", NodeKind::Matrix)]);
        circuit.wires.splice(4..4, [entering("h_skip", WireKind::Scalar), scalar("W_skip")]);
        let sum = operation(Step::Plus, "add", &["W_xh", "W_hh", "W_skip", "b_h"], "a", row);
        let products = operation(Step::Products, "W_skip", &["h_skip"], "", row);
        let skipped = [products, operation(Step::Sum, "W_skip", &[], "W_skip", row), sum];
        circuit.operations.splice(4..5, skipped);
    }
    circuit
}

/// The same with layer normalisation between the sum and φ; the bias comes after it.
pub(in crate::analysis) fn normed(key: &'static str, skips: bool) -> Circuit {
    let row = ["a", "ds"];
    let mut circuit = circuit(key, skips);
    circuit.nodes.push(node("norm", NodeKind::Norm));
    for operation in &mut circuit.operations {
        if operation.step != Step::Function {
            operation.equations = row;
        }
    }
    let bias = circuit.wires.iter().position(|wire| wire.id == "b_h").unwrap_or(0);
    circuit.wires.insert(bias, highway("sum"));
    let (last, sums) =
        (circuit.operations.len() - 2, &["W_xh", "W_hh", "W_skip"][..if skips { 3 } else { 2 }]);
    let normalising = [
        operation(Step::Plus, "add", sums, "sum", row),
        operation(Step::Mean, "norm", &["sum"], "", row),
        operation(Step::Deviation, "norm", &[], "", row),
        operation(Step::Scale, "norm", &["sum", "b_h"], "a", row),
    ];
    circuit.operations.splice(last..=last, normalising);
    circuit
}
