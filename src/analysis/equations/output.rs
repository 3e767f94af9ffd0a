//! What the loss at a step sends into the hidden state.

use super::{Equation, Place, Share};
use crate::analysis::dot::{Dot, Source, Term, bracket, entry, weight_link};
use crate::analysis::math::{Expression, Link, Math, at, gradient_by, mo, parenthesised, symbol, tag, token};
use crate::experiment::{Direction, Experiment, Target};
use crate::model::readout::{loss, softmax};
use ndarray::Array2;

impl Place<'_> {
    /// The output step, from 0, that reads this step. A single output reads what each direction computes last.
    fn read_by(&self) -> Option<usize> {
        let outputs = self.trace.y.nrows();
        let read = self.is_top() && !self.is_encoder() && (self.later().is_none() || outputs > 1);
        read.then_some(if outputs > 1 { self.t } else { 0 })
    }

    /// The output step, from 0, that sends a gradient here: its loss counts, or it is read again.
    pub(super) fn output_step(&self) -> Option<usize> {
        self.read_by().filter(|&step| self.counts() || self.read_again(step).is_some())
    }

    /// Whether this step's own loss counts.
    fn counts(&self) -> bool {
        self.later().is_none() || !self.only_last
    }

    /// The chosen output, from 0, or the one that weighs most for this unit.
    fn loudest_output(&self, dy: &[f64]) -> usize {
        if let Some(chosen) = self.output.filter(|&k| k < dy.len()) {
            return chosen;
        }
        let head = &self.experiment.weights.head.w_hy;
        let size = |k: &usize| (head[[*k, self.side() + self.unit]] * dy[*k]).abs();
        (0..dy.len()).max_by(|a, b| size(a).total_cmp(&size(b))).unwrap_or(0)
    }

    /// `y_k = W_hy·h_t + b_y`, of the output that weighs most for this unit.
    pub(super) fn output_equation(&self) -> Option<Equation> {
        let step = self.read_by()?;
        let (head, single) = (&self.experiment.weights.head, self.trace.y.nrows() == 1);
        let k = self.loudest_output(&self.dy(step));
        let top = self.layers.iter().filter(|layer| layer.layer == self.layer.layer);
        let mut operands = Vec::new();
        let mut terms = Vec::new();
        for (side, layer) in top.enumerate() {
            let last = if layer.direction == Direction::Forward { self.steps() - 1 } else { 0 };
            let (t, index) = (if single { last } else { self.t }, self.index_of(layer));
            let own = Link { wire: "h".into(), go: String::new() };
            operands.push(own.around(if single && self.experiment.spec.bidirectional {
                index.at_step("h", &self.shown(t).to_string())
            } else {
                index.at("h")
            }));
            terms.extend((0..self.hidden()).map(|unit| Term {
                weight: head.w_hy[[k, side * self.hidden() + unit]],
                matrix: "W_hy",
                row: k,
                column: side * self.hidden() + unit,
                source: Source::Top(index, self.shown(t) - 1),
                index: unit,
                value: layer.h[[t, unit]],
            }));
        }
        let vector = if operands.len() == 1 { operands.remove(0) } else { bracket(operands) };
        let matrix = Link { wire: "W_hy".into(), go: format!("w.W_hy.{}.1", k + 1) };
        let product = Expression::Dot(Dot {
            symbol: tag("mrow", vec![matrix.around(symbol("W_hy")), vector]),
            spoken: "W h y times h".into(),
            when: self.when(),
            terms,
        });
        let link = weight_link(format!("b_y.{}", k + 1));
        let bias = Expression::leaf(symbol("b_y"), "b y", head.b_y[k]).linked(link.wire, link.go);
        let words = format!("output {} at t", k + 1);
        Some(Equation::new("y", "y", output_symbol(k), &words, Expression::Sum(vec![product, bias])))
    }

    /// `∂L/∂y_t` at an output step.
    fn dy(&self, step: usize) -> Vec<f64> {
        let y = Array2::from_shape_fn((1, self.trace.y.ncols()), |(_, k)| self.trace.y[[step, k]]);
        let target = match &self.experiment.target {
            Target::Values(values) => {
                Target::Values(Array2::from_shape_fn((1, values.ncols()), |(_, k)| values[[step, k]]))
            }
            Target::Classes(classes) => Target::Classes(vec![classes[step]]),
        };
        let mut dy = loss(&y, &target).1.row(0).to_vec();
        if !self.counts() {
            dy.fill(0.0);
        }
        if let Some(next) = self.read_again(step) {
            for (k, dy) in dy.iter_mut().enumerate() {
                *dy += self.read_gradient(next, k);
            }
        }
        dy
    }

    /// What a step, from 0, sends back for number `k` of what it read.
    fn read_gradient(&self, step: usize, k: usize) -> f64 {
        Self { t: step, ..*self }.sent_down(1, k).iter().map(|term| term.weight * term.value).sum()
    }

    /// The step, from 0, that reads this output and hands a gradient back for it: running free under a squared error,
    /// but for a window that begins there.
    fn read_again(&self, step: usize) -> Option<usize> {
        let Experiment { spec, teaching, target, .. } = self.experiment;
        let passes = spec.reads_outputs() && !teaching && matches!(target, Target::Values(_));
        (passes && step + 1 < self.trace.y.nrows() && !spec.cut(step + 1)).then_some(step + 1)
    }

    /// `∂L_t/∂y_k` of the output that weighs most for this unit, and what that makes of `h_t`.
    pub(super) fn loss_equations(&self) -> Vec<Equation> {
        let Some(step) = self.output_step() else { return Vec::new() };
        let head = &self.experiment.weights.head.w_hy;
        let dy = self.dy(step);
        let terms: Vec<Term> = dy
            .iter()
            .enumerate()
            .map(|(k, &value)| Term {
                weight: head[[k, self.side() + self.unit]],
                matrix: "W_hy",
                row: k,
                column: self.side() + self.unit,
                source: Source::Output,
                index: k,
                value,
            })
            .collect();
        let by = Link { wire: "dy".into(), go: "=dy".into() }.around(gradient_by(&at("y", 0)));
        let dot = Dot {
            symbol: tag("mrow", vec![tag("msup", vec![symbol("W_hy"), token("mo", "⊤")]), by]),
            spoken: "the output weights times the gradient of y t".into(),
            when: self.when(),
            terms,
        };
        let k = self.loudest_output(&dy);
        let left = tag("msub", vec![parenthesised(&gradient_by(&at("h", 0))), token("mtext", "loss")]);
        let words = "the part of the gradient of h t from the loss";
        vec![
            Self::back(
                "dy",
                "dy",
                &output_symbol(k),
                &format!("output {} at t", k + 1),
                self.output_gradient(step, k),
            ),
            Equation::new("dh_loss", "h", left, words, Expression::Dot(dot)),
        ]
    }

    /// What this step adds to the gradients of the readout's weights out of this unit: of the output that weighs
    /// most, or with `every` of all; then of its bias. Empty where no loss counts.
    #[must_use]
    pub fn output_shares(&self, every: bool) -> Vec<Share> {
        if self.output_step().is_none() {
            return Vec::new();
        }
        let of_step = |t: usize| {
            let there = Self { t, ..*self };
            there.output_step().map(|step| there.dy(step))
        };
        let dy: Vec<Option<Vec<f64>>> = (0..self.steps()).map(of_step).collect();
        let column = self.side() + self.unit;
        let here = dy[self.t].as_deref().unwrap_or_default();
        let loudest = self.loudest_output(here);
        let mut shares = Vec::new();
        for k in if every { 0..here.len() } else { loudest..loudest + 1 } {
            let at_step = |t: usize| dy[t].as_ref().map_or(0.0, |dy| dy[k]);
            let delta = || {
                Expression::leaf(gradient_by(&output_symbol(k)), "the gradient of the output", here[k])
                    .linked("dy", format!("=dy.{}", k + 1))
            };
            let product = |t: usize| at_step(t) * self.layer.h[[t, self.unit]];
            let entry_symbol = |name, place: &[usize]| {
                let places: Vec<_> = place.iter().map(|place| format!(".{}", place + 1)).collect();
                weight_link(format!("{name}{}", places.concat())).around(entry(name, place))
            };
            shares.push(Share {
                matrix: "W_hy",
                row: k,
                column,
                symbol: entry_symbol("W_hy", &[k, column]),
                now: Expression::Product(vec![delta(), self.now("h")]),
                so_far: self.back_to_here(product),
                in_all: self.back_to_start(product),
            });
            shares.push(Share {
                matrix: "b_y",
                row: k,
                column: 0,
                symbol: entry_symbol("b_y", &[k]),
                now: delta(),
                so_far: self.back_to_here(at_step),
                in_all: self.back_to_start(at_step),
            });
        }
        shares
    }

    /// `softmax(y_t)_k − 1` for the target's class and less 0 for the others, or `y_k − target_k`.
    fn output_gradient(&self, step: usize, k: usize) -> Expression {
        match &self.experiment.target {
            Target::Values(values) => {
                let y =
                    Expression::leaf(output_symbol(k), format!("output {}", k + 1), self.trace.y[[step, k]])
                        .linked("y", format!("=y.{}", k + 1));
                let target = tag("msub", vec![token("mtext", "target"), token("mn", &(k + 1).to_string())]);
                let own = y.minus(Expression::leaf(target, "its target", values[[step, k]]));
                match self.read_again(step) {
                    None => own,
                    Some(next) => {
                        let by = gradient_by(&tag(
                            "msub",
                            vec![
                                token("mi", "x"),
                                tag(
                                    "mrow",
                                    vec![
                                        token("mn", &(k + 1).to_string()),
                                        mo(","),
                                        token("mi", "t"),
                                        mo("+"),
                                        token("mn", "1"),
                                    ],
                                ),
                            ],
                        ));
                        let words =
                            format!("the gradient of input {} of the next step, which reads it", k + 1);
                        let go = format!("b.h.1.1.{}=dx.{}", self.shown(next), k + 1);
                        let again = Expression::leaf(by, words, self.read_gradient(next, k)).linked("", go);
                        Expression::Sum(if self.counts() { vec![own, again] } else { vec![again] })
                    }
                }
            }
            Target::Classes(classes) => {
                let mut chances = self.trace.y.row(step).to_vec();
                softmax(&mut chances);
                let softmax = tag(
                    "mrow",
                    vec![
                        token("mi", "softmax"),
                        tag("msub", vec![parenthesised(&at("y", 0)), token("mn", &(k + 1).to_string())]),
                    ],
                );
                let chance =
                    Expression::leaf(softmax, format!("the probability of class {}", k + 1), chances[k])
                        .linked("y", format!("=y.{}", k + 1));
                let hit = tag(
                    "mrow",
                    vec![
                        token("mo", "["),
                        token("mtext", "target is"),
                        mo(" "),
                        token("mn", &(k + 1).to_string()),
                        token("mo", "]"),
                    ],
                );
                let one = f64::from(u8::from(classes[step] == k));
                chance.minus(Expression::leaf(hit, "1 where this is the target, else 0", one))
            }
        }
    }
}

/// `y_{k,t}`
fn output_symbol(k: usize) -> Math {
    tag(
        "msub",
        vec![
            token("mi", "y"),
            tag("mrow", vec![token("mn", &(k + 1).to_string()), mo(","), token("mi", "t")]),
        ],
    )
}
