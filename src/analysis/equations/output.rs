//! What the loss at a step sends into the hidden state.

use super::{Equation, Place};
use crate::analysis::dot::{Dot, Source, Term};
use crate::analysis::math::{Expression, Link, Math, at, gradient_by, mo, parenthesised, symbol, tag, token};
use crate::experiment::{Experiment, Target};
use crate::model::readout::{loss, softmax};
use ndarray::Array2;

impl Place<'_> {
    /// The output step, from 0, whose loss counts at this step.
    pub(super) fn output_step(&self) -> Option<usize> {
        // A single output reads what each direction computes last.
        let (outputs, last) = (self.trace.y.nrows(), self.later().is_none());
        let counts = self.is_top() && !self.is_encoder() && (last || outputs > 1 && !self.only_last);
        counts.then_some(if outputs > 1 { self.t } else { 0 })
    }

    /// `∂L_t/∂y_t` at an output step.
    fn dy(&self, step: usize) -> Vec<f64> {
        let y = Array2::from_shape_fn((1, self.trace.y.ncols()), |(_, k)| self.trace.y[[step, k]]);
        let target = match &self.experiment.target {
            Target::Values(values) => {
                Target::Values(Array2::from_shape_fn((1, values.ncols()), |(_, k)| values[[step, k]]))
            }
            Target::Classes(classes) => Target::Classes(vec![classes[step]]),
        };
        let mut dy = loss(&y, &target).1.row(0).to_vec();
        if let Some(next) = self.read_again(step) {
            dy.iter_mut().zip(self.trace.dx.row(next)).for_each(|(dy, read)| *dy += read);
        }
        dy
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
        let k = dot.largest().map_or(0, |term| term.index);
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

    /// `softmax(y_t)_k − 1` for the target's class and less 0 for the others, or `y_k − target_k`.
    fn output_gradient(&self, step: usize, k: usize) -> Expression {
        match &self.experiment.target {
            Target::Values(values) => {
                let y =
                    Expression::leaf(output_symbol(k), format!("output {}", k + 1), self.trace.y[[step, k]]);
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
                        let again = Expression::leaf(by, words, self.trace.dx[[next, k]]);
                        Expression::Sum(vec![own, again])
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
                    Expression::leaf(softmax, format!("the probability of class {}", k + 1), chances[k]);
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
