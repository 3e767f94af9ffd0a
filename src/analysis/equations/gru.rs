//! The gated recurrent unit, with the reset before or after the product: its equations and wires.

use super::{Equation, Place, gradient, parenthesised, wire_symbol};
use crate::analysis::circuit::{
    Circuit, NodeKind, Operation, Step, Wire, WireKind, entering, highway, node, operation, scalar,
};
use crate::analysis::dot::{Dot, Source, Term};
use crate::analysis::math::{Expression, Function, Link, at, gradient_by, mo, symbol, tag, token};
use crate::experiment::Reset;

impl Place<'_> {
    fn after(&self) -> bool {
        self.experiment.spec.reset == Reset::After
    }

    /// Reset after: `U·h_{t−1} + b_hh`.
    fn inner(&self) -> Expression {
        let product = Expression::Dot(Dot {
            symbol: tag("mrow", vec![symbol("U_h"), self.before("h").symbols()]),
            spoken: format!("U h times {}", self.spoken_before("h")),
            when: self.when(),
            terms: self.recurrent_terms("h_tilde", "W_h", Source::State).collect(),
        });
        let bias = self.parameters.recurrent_bias.get(self.unit).copied().unwrap_or(0.0);
        let bias = Expression::leaf(symbol("b_hh"), "b h h", bias)
            .linked(format!("b_hh.{}", self.unit + 1), format!("w.b_hh.{}", self.unit + 1));
        Expression::Sum(vec![product, bias])
    }

    fn u(&self) -> Expression {
        Expression::leaf(at("u", 0), "u t", self.inner().value()).linked("inner", "=u")
    }

    /// Reset after: `r_t ⊙ u_t + V·x_t + b_h`, with the first product as `damped` says.
    fn after_sum(&self, damped: Expression) -> Expression {
        let input = Expression::Dot(Dot {
            symbol: tag("mrow", vec![symbol("V_h"), self.input_vector()]),
            spoken: "V h times x t".into(),
            when: self.when(),
            terms: self.input_terms("h_tilde", "W_h", self.hidden()).collect(),
        });
        Expression::Sum(vec![damped, input, self.bias("h_tilde")])
    }

    fn damped(&self) -> Expression {
        Expression::Product(vec![self.now("r"), self.u()])
    }

    pub(super) fn gru_forward(&self) -> Vec<Equation> {
        let gate = |name| Self::equation(name, self.gate(name, Source::State));
        let mut equations = vec![gate("z"), gate("r")];
        if self.after() {
            equations.push(Equation::new("u", "inner", at("u", 0), "u t", self.inner()));
            let sum = self.after_sum(self.damped());
            equations.push(Self::equation("h_tilde", sum.through(Function::Tanh)));
        } else {
            equations.push(Self::equation("h_tilde", self.gate("h_tilde", Source::Reset)));
        }
        let stays = Expression::Product(vec![self.now("z").complement(), self.before("h")]);
        let taken = Expression::Product(vec![self.now("z"), self.now("h_tilde")]);
        equations.push(Self::equation("h", Expression::Sum(vec![stays, taken])));
        equations
    }

    pub(super) fn gru_pre_gradient(&self, gate: &'static str) -> Expression {
        let g = || self.now(gate);
        match gate {
            "z" => {
                let change = self.now("h_tilde").minus(self.before("h"));
                Expression::Product(vec![self.d("h"), change, g(), g().complement()])
            }
            "r" => {
                let (d, of) = if self.after() {
                    (self.d_pre("h_tilde"), self.u())
                } else {
                    (self.d_reset(), self.before("h"))
                };
                Expression::Product(vec![d, of, g(), g().complement()])
            }
            _ => Expression::Product(vec![self.d("h"), self.now("z"), g().slope()]),
        }
    }

    /// Reset before: `r_t ⊙ h_{t−1}`, which the candidate's equation has inside.
    #[must_use]
    pub fn reset_product(&self) -> Option<Equation> {
        let right = self.made("reset")?;
        let words = format!("r t times {}", self.spoken_before("h"));
        let before = !self.after();
        let symbol = wire_symbol("reset", self.shift());
        before.then(|| Equation::new("reset", "reset", symbol, &words, right))
    }

    /// Reset before: `∂L/∂(r_t ⊙ h_{t−1})`, from the candidates of all units.
    fn reset_gradient(&self) -> Expression {
        let mut on = self.handed_on(&["h_tilde"]);
        if let Expression::Dot(dot) = &mut on {
            let by = gradient_by(&self.pre_symbol("h_tilde"));
            let by = Link { wire: "a_h".into(), go: String::new() }.around(by);
            dot.symbol = tag(
                "mrow",
                vec![tag("msubsup", vec![token("mi", "U"), token("mi", "h"), token("mo", "⊤")]), by],
            );
        }
        on
    }

    fn d_reset(&self) -> Expression {
        let symbol = gradient_by(&parenthesised(&wire_symbol("reset", self.shift())));
        Expression::leaf(
            symbol,
            format!("the gradient of r t times {}", self.spoken_before("h")),
            self.reset_gradient().value(),
        )
        .linked("reset", "=dreset")
    }

    /// Reset after: `∂L/∂u_t`.
    fn du(&self) -> Expression {
        Expression::Product(vec![self.d_pre("h_tilde"), self.now("r")])
    }

    /// What goes straight on, past all gates.
    fn direct(&self) -> Expression {
        Expression::Product(vec![self.d("h"), self.now("z").complement()])
    }

    /// What comes to `h_{t−1}` through the gates.
    fn through_gates(&self) -> Vec<Expression> {
        let mut on = self.handed_on(&["z", "r"]);
        let mut parts = Vec::new();
        if self.after() {
            if let Expression::Dot(dot) = &mut on {
                let column = self.unit;
                let r = self.layer.gate(&self.layer.gates, 1);
                let rows = self.index("h_tilde") * self.hidden();
                dot.terms.extend((0..self.hidden()).map(|k| Term {
                    weight: self.parameters.recurrent[[rows + k, column]],
                    matrix: "W_h",
                    row: k,
                    column,
                    source: Source::Inner,
                    index: k,
                    value: self.da(2, k) * r[[self.t, k]],
                }));
                let u = gradient_by(&at("u", 0));
                let u = tag(
                    "mrow",
                    vec![tag("msubsup", vec![token("mi", "U"), token("mi", "h"), token("mo", "⊤")]), u],
                );
                dot.symbol = tag("mrow", vec![dot.symbol.take(), mo("+"), u]);
            }
        } else {
            parts.push(Expression::Product(vec![self.d_reset(), self.now("r")]));
        }
        parts.push(on);
        parts
    }

    fn dh_prev(&self) -> Expression {
        let direct = tag("msub", vec![parenthesised(&gradient("h", self.shift())), token("mtext", "direct")]);
        let words = "what goes straight on";
        let direct = Expression::leaf(direct, words, self.direct().value()).linked("carried", "=dh_direct");
        let mut parts = vec![direct];
        parts.extend(self.through_gates());
        Expression::Sum(parts)
    }

    pub(super) fn gru_backward(&self) -> Vec<Equation> {
        let mut equations = vec![Equation::new(
            "dh_direct",
            "carried",
            tag("msub", vec![parenthesised(&gradient("h", self.shift())), token("mtext", "direct")]),
            &format!("what goes straight on to {}", self.spoken_before("h")),
            self.direct(),
        )];
        for gate in ["z", "h_tilde"] {
            equations.push(self.back_pre(gate));
            equations.extend(self.back_norm(gate));
        }
        equations.push(if self.after() {
            Self::back("du", "inner", &at("u", 0), "u t", self.du())
        } else {
            let words = format!("r t times {}", self.spoken_before("h"));
            Self::back(
                "dreset",
                "reset",
                &parenthesised(&wire_symbol("reset", self.shift())),
                &words,
                self.reset_gradient(),
            )
        });
        equations.push(self.back_pre("r"));
        equations.extend(self.back_norm("r"));
        equations.push(Self::back(
            "dh_prev",
            "h_prev",
            &at("h", self.shift()),
            &self.spoken_before("h"),
            self.dh_prev(),
        ));
        equations
    }

    pub(super) fn gru_made(&self, wire: &str) -> Option<Expression> {
        let sum = |gate: &'static str| self.pre(gate, self.sum_of(gate));
        let product = |a, b| Expression::Product(vec![a, b]);
        Some(match wire {
            "carried" | "h_bus" => self.before("h"),
            "a_z" => sum("z"),
            "a_r" => sum("r"),
            "a_h" if self.after() => self.after_sum(self.wire("damped")),
            "a_h" => sum("h_tilde"),
            "z" => self.opened("z", "a_z"),
            "r" => self.opened("r", "a_r"),
            "h_tilde" => self.opened("h_tilde", "a_h"),
            "reset" => product(self.now("r"), self.before("h")),
            "inner" => self.inner(),
            "damped" => product(self.now("r"), self.wire("inner")),
            "keep" => self.now("z").complement(),
            "stays" => product(self.wire("keep"), self.before("h")),
            "taken" => product(self.now("z"), self.now("h_tilde")),
            "h" => Expression::Sum(vec![self.wire("stays"), self.wire("taken")]),
            _ => return None,
        })
    }

    pub(super) fn gru_gradient(&self, wire: &str) -> Option<Expression> {
        let product = |a, b| Expression::Product(vec![a, b]);
        Some(match wire {
            "stays" | "taken" => self.d("h"),
            "keep" => product(self.d("h"), self.before("h")),
            "carried" => self.direct(),
            "z" => product(self.d("h"), self.now("h_tilde").minus(self.before("h"))),
            "h_tilde" => product(self.d("h"), self.now("z")),
            "a_z" => self.gru_pre_gradient("z"),
            "a_h" => self.gru_pre_gradient("h_tilde"),
            "a_r" => self.gru_pre_gradient("r"),
            "damped" => self.d_pre("h_tilde"),
            "inner" => self.du(),
            "reset" => self.reset_gradient(),
            "r" if self.after() => product(self.d_pre("h_tilde"), self.u()),
            "r" => product(self.d_reset(), self.before("h")),
            "h_bus" => Expression::Sum(self.through_gates()),
            "h_prev" => self.dh_prev(),
            _ => return None,
        })
    }
}

/// The nodes and wires that both have.
fn common(key: &'static str) -> Circuit {
    Circuit {
        key,
        nodes: vec![
            node("h_prev", NodeKind::State),
            node("x", NodeKind::State),
            node("z", NodeKind::Gate),
            node("r", NodeKind::Gate),
            node("reset", NodeKind::Times),
            node("h_tilde", NodeKind::Candidate),
            node("invert", NodeKind::Function("1 − z")),
            node("stay", NodeKind::Times),
            node("take", NodeKind::Times),
            node("add", NodeKind::Plus),
            node("h", NodeKind::State),
        ],
        wires: vec![
            entering("h_prev", WireKind::Highway),
            entering("carried", WireKind::Highway),
            entering("h_bus", WireKind::Bus),
            entering("x", WireKind::Bus),
        ],
        operations: Vec::new(),
    }
}

const BOTH: &[&str] = &["h_bus", "x"];

/// From the gates' outputs to the new state.
fn mix() -> [Operation; 4] {
    [
        operation(Step::Complement, "invert", &["z"], "keep", ["h", "da_z"]),
        operation(Step::Times, "stay", &["keep", "carried"], "stays", ["h", "dh_direct"]),
        operation(Step::Times, "take", &["z", "h_tilde"], "taken", ["h", "da_h"]),
        operation(Step::Plus, "add", &["stays", "taken"], "h", ["h", "dh"]),
    ]
}

fn mixed() -> [Wire; 4] {
    [scalar("keep"), highway("stays"), scalar("taken"), highway("h")]
}

/// The circuit of the GRU with the reset before the product, with layer normalisation or without.
pub(in crate::analysis) fn before(normed: bool) -> Circuit {
    let mut circuit = common(if normed { "gru-before-norm" } else { "gru-before" });
    circuit.gate("z", BOTH, normed);
    circuit.gate("r", BOTH, normed);
    circuit.wires.push(Wire { kind: WireKind::Bus, ..scalar("reset") });
    circuit.operations.push(operation(Step::Times, "reset", &["r", "h_bus"], "reset", ["h_tilde", "dreset"]));
    circuit.gate("h_tilde", &["reset", "x"], normed);
    circuit.wires.extend(mixed());
    circuit.operations.extend(mix());
    circuit
}

/// The circuit of the GRU with the reset after the product.
pub(in crate::analysis) fn after() -> Circuit {
    let mut circuit = common("gru-after");
    circuit.nodes.push(node("U", NodeKind::Matrix));
    circuit.gate("z", BOTH, false);
    circuit.gate("r", BOTH, false);
    circuit.wires.extend([scalar("inner"), scalar("damped")]);
    let u = ["u", "du"];
    circuit.operations.extend([
        operation(Step::Products, "U", &["h_bus"], "", u),
        operation(Step::Sum, "U", &[], "", u),
        operation(Step::Bias, "U", &[], "inner", u),
        operation(Step::Times, "reset", &["r", "inner"], "damped", ["h_tilde", "du"]),
    ]);
    circuit.gate("h_tilde", &["damped", "x"], false);
    circuit.wires.extend(mixed());
    circuit.operations.extend(mix());
    circuit
}
