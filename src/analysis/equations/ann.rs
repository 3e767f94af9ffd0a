//! The feed-forward network: its equations and wires.
//!
//! The window's sum is written as what was read before and the term of this step: only that is computed at t.

use super::{Equation, Place, Share};
use crate::analysis::circuit::{
    Circuit, NodeKind, Step, WireKind, entering, highway, node, operation, scalar,
};
use crate::analysis::dot::{Dot, Source, Term, inputs};
use crate::analysis::math::{
    Expression, Link, Math, at, gradient_by, letters, mo, parenthesised, tag, token,
};

/// `∑_{k<t} V_k x_k`, with V written as files call it.
pub(super) fn read_before() -> Math {
    let below = tag("mrow", vec![token("mi", "k"), mo("<"), token("mi", "t")]);
    let matrix = tag("msubsup", vec![token("mi", "W"), letters("xh"), parenthesised(&token("mi", "k"))]);
    let x = tag("msub", vec![token("mi", "x"), token("mi", "k")]);
    tag("mrow", vec![tag("msub", vec![token("mo", "∑"), below]), matrix, x])
}

/// `W_xh^{(t)}`
pub(super) fn own_matrix() -> Math {
    tag("msubsup", vec![token("mi", "W"), letters("xh"), parenthesised(&token("mi", "t"))])
}

impl Place<'_> {
    /// The columns of `W_xh` that belong to step t begin here.
    fn first_column(&self, t: usize) -> usize {
        t * self.parameters.input.ncols()
    }

    /// The entry of `W_xh` that step t has for input k of a unit.
    fn window_term(&self, unit: usize, k: usize, (source, index, value): (Source, usize, f64)) -> Term {
        Term {
            weight: self.parameters.input[[self.t * self.hidden() + unit, k]],
            matrix: "W_xh",
            row: unit,
            column: self.first_column(self.t) + k,
            source,
            index,
            value,
        }
    }

    /// `W_xh^{(t)}·x_t`
    fn window_product(&self) -> Expression {
        let terms = self.x().into_iter().enumerate();
        let terms = terms.map(|(k, value)| self.window_term(self.unit, k, (Source::Input, k, value)));
        let go = format!("w.W_xh.{}.{}", self.unit + 1, self.first_column(self.t) + 1);
        let matrix = Link { wire: "W_xh".into(), go }.around(own_matrix());
        Expression::Dot(Dot {
            symbol: tag("mrow", vec![matrix, inputs(None)]),
            spoken: "W x h of step t times x t".into(),
            when: self.when(),
            terms: terms.collect(),
        })
    }

    /// What the window's sum was before this step.
    pub(super) fn sum_before(&self) -> Expression {
        let before = self.t.checked_sub(1);
        let value = before.map_or(0.0, |t| self.layer.c[[t, self.unit]]);
        let go = before.map_or_else(String::new, |t| self.spot("s", t));
        Expression::leaf(read_before(), "the sum of what was read before", value).linked("s_prev", go)
    }

    fn window_sum(&self) -> Expression {
        let before = (self.t > 0).then(|| self.sum_before());
        Expression::Sum(before.into_iter().chain([self.window_product()]).collect())
    }

    fn biased(&self) -> Expression {
        Expression::Sum(vec![self.now("s"), self.bias("h")])
    }

    pub(super) fn ann_forward(&self) -> Vec<Equation> {
        vec![
            Self::equation("s", self.window_sum()),
            Self::equation("a", self.biased()),
            Self::equation("h", self.a().through(self.activation())),
        ]
    }

    /// `∂L/∂s_t`: from this step's loss, and from those of later steps, which read x_t as well.
    fn window_gradient(&self) -> Expression {
        Expression::Sum(vec![self.d_pre("h"), self.future("s")])
    }

    pub(super) fn ann_backward(&self) -> Vec<Equation> {
        vec![
            self.back_pre("h"),
            Self::back("ds", "s", &at("s", 0), "s t, the sum over the window", self.window_gradient()),
        ]
    }

    pub(super) fn ann_made(&self, wire: &str) -> Option<Expression> {
        Some(match wire {
            "W_xh" => self.window_product(),
            "s_prev" => self.sum_before(),
            "s" => self.window_sum(),
            "b_h" => self.bias("h"),
            "a" => self.biased(),
            "h" => self.a().through(self.activation()),
            _ => return None,
        })
    }

    pub(super) fn ann_gradient(&self, wire: &str) -> Option<Expression> {
        Some(match wire {
            "a" => self.rnn_pre_gradient(),
            "b_h" => self.d_pre("h"),
            "s" => self.window_gradient(),
            // A sum hands it on whole.
            "s_prev" | "W_xh" => self.d("s"),
            _ => return None,
        })
    }

    /// `W_xh^{(t)⊤}·∂L/∂s_t`, for the input at `k`.
    pub(super) fn window_back(&self, k: usize) -> Dot {
        let by = Link { wire: "s".into(), go: String::new() }.around(gradient_by(&at("s", 0)));
        let step = tag("mrow", vec![parenthesised(&token("mi", "t")), token("mo", "⊤")]);
        let matrix = tag("msubsup", vec![token("mi", "W"), letters("xh"), step]);
        let terms = (0..self.hidden()).map(|unit| {
            let value = self.layer.dc[[self.t, unit]];
            self.window_term(unit, k, (Source::Window, unit, value))
        });
        Dot {
            symbol: tag("mrow", vec![matrix, by]),
            spoken: "the weights of step t times the gradients of the window’s sums".into(),
            when: self.when(),
            terms: terms.collect(),
        }
    }

    /// What this step adds to the gradient of each of its weights, which no other step has: all of it.
    pub(super) fn window_shares(&self, every: bool) -> Vec<Share> {
        let x = self.x();
        let largest = (0..x.len()).fold(0, |best, k| if x[k].abs() > x[best].abs() { k } else { best });
        let chosen = if every { 0..x.len() } else { largest..largest + 1 };
        let shares = chosen.map(|k| {
            let term = self.window_term(self.unit, k, (Source::Input, k, x[k]));
            let link = term.link(self.when());
            let source = Expression::leaf(term.source_symbol(), "what the weight multiplies", x[k])
                .linked(link.wire, link.go);
            let delta = Expression::leaf(
                gradient_by(&at("s", 0)),
                "the gradient of the window’s sum",
                self.layer.dc[[self.t, self.unit]],
            )
            .linked("s", "=ds");
            let now = Expression::Product(vec![delta, source]);
            let all = now.value();
            Share {
                matrix: "W_xh",
                row: self.unit,
                column: term.column,
                symbol: term.weight_symbol(),
                now,
                so_far: all,
                in_all: all,
            }
        });
        shares.chain(self.bias_shares("h")).collect()
    }
}

/// The circuit of the feed-forward network, with either φ.
pub(in crate::analysis) fn circuit(key: &'static str) -> Circuit {
    let [s, a, h] = [["s", "ds"], ["a", "da"], ["h", "da"]];
    Circuit {
        key,
        nodes: vec![
            node("s_prev", NodeKind::State),
            node("x", NodeKind::State),
            node("W_xh", NodeKind::Matrix),
            node("b_h", NodeKind::Bias),
            node("window", NodeKind::Plus),
            node("add", NodeKind::Plus),
            node("phi", NodeKind::Curve),
            node("h", NodeKind::State),
        ],
        wires: vec![
            entering("x", WireKind::Bus),
            scalar("W_xh"),
            entering("s_prev", WireKind::Scalar),
            highway("s"),
            entering("b_h", WireKind::Scalar),
            highway("a"),
            highway("h"),
        ],
        operations: vec![
            operation(Step::Products, "W_xh", &["x"], "", s),
            operation(Step::Sum, "W_xh", &[], "W_xh", s),
            operation(Step::Plus, "window", &["s_prev", "W_xh"], "s", s),
            operation(Step::Plus, "add", &["s", "b_h"], "a", a),
            operation(Step::Function, "phi", &["a"], "h", h),
        ],
    }
}
