//! Long short-term memory: its equations and wires.

use super::{Equation, Place};
use crate::analysis::circuit::{
    Circuit, NodeKind, Step, WireKind, entering, highway, node, operation, scalar,
};
use crate::analysis::dot::Source;
use crate::analysis::math::{Expression, Function, at, token};
use crate::experiment::Choice as _;

const GATES: [&str; 4] = ["f", "i", "C_tilde", "o"];

impl Place<'_> {
    /// `function(W_g·[h_{t−1}, x_t] + b_g)`, normalised where that is on.
    pub(super) fn gate(&self, gate: &'static str, source: Source) -> Expression {
        self.open(gate, self.pre(gate, Expression::Dot(self.joint(gate, source))))
    }

    /// The same from the pre-activation on: a wire's last step.
    pub(super) fn opened(&self, gate: &'static str, wire: &'static str) -> Expression {
        self.open(gate, self.wire(wire))
    }

    /// The gate with this pre-activation.
    pub(super) fn open(&self, gate: &str, a: Expression) -> Expression {
        let function = if gate.ends_with("tilde") { Function::Tanh } else { Function::Sigmoid };
        self.held(gate).unwrap_or_else(|| a.through(function))
    }

    /// A gate that is 1 whatever its weights say.
    pub(super) fn held(&self, gate: &str) -> Option<Expression> {
        let one = || Expression::leaf(token("mn", "1"), "1, held", 1.0);
        (self.experiment.spec.held.word() == gate).then(one)
    }

    fn squashed(&self) -> Expression {
        self.now("C").through(Function::Tanh)
    }

    pub(super) fn lstm_forward(&self) -> Vec<Equation> {
        let gate = |name| Self::equation(name, self.gate(name, Source::State));
        let cell = Expression::Sum(vec![
            Expression::Product(vec![self.now("f"), self.before("C")]),
            Expression::Product(vec![self.now("i"), self.now("C_tilde")]),
        ]);
        let h = Expression::Product(vec![self.now("o"), self.squashed()]);
        vec![
            gate("f"),
            gate("i"),
            gate("C_tilde"),
            Self::equation("C", cell),
            gate("o"),
            Self::equation("h", h),
        ]
    }

    pub(super) fn lstm_pre_gradient(&self, gate: &'static str) -> Expression {
        let g = || self.now(gate);
        let sigmoid = |mut factors: Vec<Expression>| {
            factors.extend([g(), g().complement()]);
            Expression::Product(factors)
        };
        match gate {
            "f" => sigmoid(vec![self.d("C"), self.before("C")]),
            "i" => sigmoid(vec![self.d("C"), self.now("C_tilde")]),
            "C_tilde" => Expression::Product(vec![self.d("C"), self.now("i"), g().slope()]),
            _ => sigmoid(vec![self.d("h"), self.squashed()]),
        }
    }

    fn dc(&self) -> Expression {
        let through_h = Expression::Product(vec![self.d("h"), self.now("o"), self.squashed().slope()]);
        Expression::Sum(vec![self.future("C"), through_h])
    }

    fn dc_prev(&self) -> Expression {
        Expression::Product(vec![self.d("C"), self.now("f")])
    }

    pub(super) fn lstm_backward(&self) -> Vec<Equation> {
        let mut equations = vec![Self::back("dC", "C", &at("C", 0), "C t", self.dc())];
        for gate in ["o", "C_tilde", "i", "f"] {
            equations.push(self.back_pre(gate));
            equations.extend(self.back_norm(gate));
        }
        equations.push(Equation::new(
            "dC_prev",
            "C_prev",
            self.share_before("C", if self.bounds() { "sent" } else { "future" }),
            &format!("what the cell hands on to {}", self.spoken_before("C")),
            self.dc_prev(),
        ));
        let on = self.handed_on(&GATES);
        equations.push(Self::back("dh_prev", "h_prev", &at("h", self.shift()), &self.spoken_before("h"), on));
        equations
    }

    pub(super) fn lstm_made(&self, wire: &str) -> Option<Expression> {
        let sum = |gate: &'static str| self.pre(gate, self.sum_of(gate));
        Some(match wire {
            "C_prev" => self.before("C"),
            "a_f" => sum("f"),
            "a_i" => sum("i"),
            "a_C" => sum("C_tilde"),
            "a_o" => sum("o"),
            "f" => self.opened("f", "a_f"),
            "i" => self.opened("i", "a_i"),
            "C_tilde" => self.opened("C_tilde", "a_C"),
            "o" => self.opened("o", "a_o"),
            "kept" => Expression::Product(vec![self.now("f"), self.before("C")]),
            "written" => Expression::Product(vec![self.now("i"), self.now("C_tilde")]),
            "C" => Expression::Sum(vec![self.wire("kept"), self.wire("written")]),
            "squashed" => self.squashed(),
            "h" => Expression::Product(vec![self.now("o"), self.wire("squashed")]),
            _ => return None,
        })
    }

    pub(super) fn lstm_gradient(&self, wire: &str) -> Option<Expression> {
        let product = |a, b| Expression::Product(vec![a, b]);
        Some(match wire {
            "squashed" => product(self.d("h"), self.now("o")),
            "o" => product(self.d("h"), self.wire("squashed")),
            "C" => self.dc(),
            "kept" | "written" => self.d("C"),
            "f" => product(self.d("C"), self.before("C")),
            "C_prev" => self.dc_prev(),
            "i" => product(self.d("C"), self.now("C_tilde")),
            "C_tilde" => product(self.d("C"), self.now("i")),
            "a_f" => self.lstm_pre_gradient("f"),
            "a_i" => self.lstm_pre_gradient("i"),
            "a_C" => self.lstm_pre_gradient("C_tilde"),
            "a_o" => self.lstm_pre_gradient("o"),
            "h_prev" => self.handed_on(&GATES),
            _ => return None,
        })
    }
}

/// The circuit of the LSTM, with layer normalisation or without.
pub(in crate::analysis) fn circuit(normed: bool) -> Circuit {
    let both: &[_] = &["h_prev", "x"];
    let mut circuit = Circuit {
        key: if normed { "lstm-norm" } else { "lstm" },
        nodes: vec![
            node("C_prev", NodeKind::State),
            node("h_prev", NodeKind::State),
            node("x", NodeKind::State),
            node("f", NodeKind::Gate),
            node("i", NodeKind::Gate),
            node("C_tilde", NodeKind::Candidate),
            node("o", NodeKind::Gate),
            node("forget", NodeKind::Times),
            node("write", NodeKind::Times),
            node("add", NodeKind::Plus),
            node("squash", NodeKind::Function("tanh")),
            node("out", NodeKind::Times),
            node("C", NodeKind::State),
            node("h", NodeKind::State),
        ],
        wires: vec![
            entering("C_prev", WireKind::Highway),
            entering("h_prev", WireKind::Bus),
            entering("x", WireKind::Bus),
        ],
        operations: Vec::new(),
    };
    for gate in ["f", "i", "C_tilde"] {
        circuit.gate(gate, both, normed);
    }
    circuit.wires.extend([highway("kept"), scalar("written"), highway("C")]);
    circuit.operations.extend([
        operation(Step::Times, "forget", &["f", "C_prev"], "kept", ["C", "dC_prev"]),
        operation(Step::Times, "write", &["i", "C_tilde"], "written", ["C", "dC"]),
        operation(Step::Plus, "add", &["kept", "written"], "C", ["C", "dC"]),
    ]);
    circuit.gate("o", both, normed);
    circuit.wires.extend([scalar("squashed"), scalar("h")]);
    circuit.operations.extend([
        operation(Step::Function, "squash", &["C"], "squashed", ["h", "dC"]),
        operation(Step::Times, "out", &["o", "squashed"], "h", ["h", "dC"]),
    ]);
    circuit
}
