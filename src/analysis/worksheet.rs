//! A small run, worked through on paper: every equation of every step with its numbers.
//!
//! Results are rounded from full precision. Whoever reckons with the printed numbers is off by no more than
//! [`SLACK`] in the worked example, which a test holds.

use serde_json::{Value, json};

use super::equations::{Equation, Place};
use super::math::{Expression, Math, at, mo, parenthesised, symbol};
use super::number::{digits, full};
use crate::experiment::{Cell, Experiment, Target};
use crate::model::Parameters;
use crate::trace::Trace;

/// How far a result that is reckoned from printed numbers may be from the printed one.
pub const SLACK: f64 = 0.0003;

/// A number on paper: four decimals, or all that it has where those are fewer; four digits where decimals say little.
#[must_use]
pub fn written(value: f64) -> String {
    let exact = full(value);
    let short = if (5e-4..1e4).contains(&value.abs()) {
        format!("{value:.4}").replace('-', "−")
    } else {
        digits(value, 4)
    };
    if exact.chars().count() < short.chars().count() { exact } else { short }
}

fn number(value: f64) -> Math {
    if value < 0.0 {
        json!(["mrow", ["mo", { "form": "prefix" }, "−"], ["mn", written(-value)]])
    } else {
        json!(["mn", written(value)])
    }
}

/// A number that follows a sign or another factor.
fn factor(value: f64) -> Math {
    if value < 0.0 { parenthesised(&number(value)) } else { number(value) }
}

/// An expression with its numbers, nothing folded.
#[must_use]
pub fn numbers(expression: &Expression) -> Math {
    match expression {
        Expression::Leaf { value, .. } => number(*value),
        Expression::Sum(parts) => {
            let mut row = vec![json!("mrow")];
            for part in parts {
                summands(part, &mut row);
            }
            Value::Array(row)
        }
        Expression::Dot(_) => {
            let mut row = vec![json!("mrow")];
            summands(expression, &mut row);
            Value::Array(row)
        }
        Expression::Product(parts) => {
            let mut row = vec![json!("mrow")];
            for part in parts {
                if row.len() > 1 {
                    row.push(mo("·"));
                }
                row.push(match part {
                    Expression::Leaf { value, .. } => factor(*value),
                    Expression::Square(_) | Expression::Apply(..) => numbers(part),
                    _ => parenthesised(&numbers(part)),
                });
            }
            Value::Array(row)
        }
        Expression::Difference(a, b) => json!(["mrow", numbers(a), mo("−"), inner(b)]),
        Expression::Complement(of) => json!(["mrow", ["mn", "1"], mo("−"), inner(of)]),
        Expression::Square(of) => json!(["msup", inner(of), ["mn", "2"]]),
        Expression::Apply(function, of) => {
            json!(["mrow", ["mi", function.name()], parenthesised(&numbers(of))])
        }
        Expression::Positive(of) => json!(["mrow", numbers(of), mo(">"), ["mn", "0"]]),
    }
}

/// What a sign or an exponent belongs to as a whole.
fn inner(expression: &Expression) -> Math {
    match expression {
        Expression::Leaf { value, .. } => factor(*value),
        Expression::Apply(..) | Expression::Square(_) => numbers(expression),
        _ => parenthesised(&numbers(expression)),
    }
}

/// A part of a sum, with the sign before it.
fn summands(part: &Expression, row: &mut Vec<Math>) {
    let mut put = |negative: bool, math: Math| {
        if row.len() > 1 {
            row.push(mo(if negative { "−" } else { "+" }));
            row.push(math);
        } else if negative {
            row.push(json!(["mrow", ["mo", { "form": "prefix" }, "−"], math]));
        } else {
            row.push(math);
        }
    };
    match part {
        Expression::Dot(dot) => {
            for term in &dot.terms {
                let product = json!(["mrow", number(term.weight.abs()), mo("·"), factor(term.value)]);
                put(term.weight < 0.0, product);
            }
        }
        Expression::Leaf { value, .. } => put(*value < 0.0, number(value.abs())),
        _ => put(false, numbers(part)),
    }
}

/// One result and what makes it.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What the column is: a unit or an output, from 0.
    pub index: usize,
    /// What the result is made of.
    pub right: Expression,
}

impl Answer {
    /// `= numbers`, with the sum that a function is applied to in between.
    #[must_use]
    pub fn way(&self) -> Math {
        let mut row = vec![json!("mrow"), mo("="), numbers(&self.right)];
        if let Expression::Apply(function, of) = &self.right
            && !matches!(**of, Expression::Leaf { .. })
        {
            row.push(mo("="));
            row.push(json!(["mrow", ["mi", function.name()], parenthesised(&number(of.value()))]));
        }
        Value::Array(row)
    }
}

/// One equation, for every unit or output.
#[derive(Clone, Debug)]
pub struct Line {
    /// Whether there is a result for each unit, and not for each output.
    pub units: bool,
    /// The left side.
    pub left: Math,
    /// The left side in words.
    pub spoken: String,
    /// `left = right` in symbols.
    pub symbolic: Math,
    /// One per unit, input or output.
    pub answers: Vec<Answer>,
}

/// The lines of one step in one direction.
#[derive(Clone, Debug)]
pub struct Stage {
    /// From 0.
    pub t: usize,
    /// Whether it goes back.
    pub backward: bool,
    /// In the order in which they are computed.
    pub lines: Vec<Line>,
}

/// Every step of a run of one layer and direction, forward and back.
#[must_use]
pub fn stages(experiment: &Experiment, parameters: &Parameters<f64>, trace: &Trace) -> Vec<Stage> {
    let (steps, axis) = (experiment.x.nrows(), experiment.steps());
    let hidden = experiment.spec.hidden;
    let place = |t, unit| Place {
        experiment,
        parameters,
        trace,
        layer: &trace.layers[0],
        layers: &trace.layers,
        others: &[],
        input: None,
        output: None,
        only_last: false,
        unit,
        t,
        axis,
        decodes: false,
    };
    let forward = (0..steps).map(|t| {
        let units: Vec<_> = (0..hidden)
            .map(|unit| {
                let mut equations = place(t, unit).forward();
                equations.retain(|equation| equation.name != "y");
                equations
            })
            .collect();
        let mut lines = beside(units);
        lines.extend(outputs(experiment, trace, t));
        Stage { t, backward: false, lines }
    });
    let backward = (0..steps).rev().map(|t| {
        let units: Vec<_> = (0..hidden)
            .map(|unit| {
                let mut equations = place(t, unit).backward();
                // The outputs' come once, the inputs' are no unit's; the parts stand before their sum.
                equations.retain(|equation| !matches!(equation.name, "dy" | "dx"));
                equations.sort_by_key(|equation| equation.name != "dh_loss");
                equations
            })
            .collect();
        let mut lines: Vec<_> = output_gradients(experiment, trace, t).into_iter().collect();
        lines.extend(beside(units));
        Stage { t, backward: true, lines }
    });
    forward.chain(backward).collect()
}

/// The same equation of every unit, as one line.
fn beside(units: Vec<Vec<Equation>>) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for (index, equations) in units.into_iter().enumerate() {
        for (row, equation) in equations.into_iter().enumerate() {
            if row == lines.len() {
                let (left, symbolic) = (equation.left.clone(), unlinked(&equation.symbolic()));
                lines.push(Line {
                    units: true,
                    left,
                    spoken: equation.spoken.clone(),
                    symbolic,
                    answers: Vec::new(),
                });
            }
            lines[row].answers.push(Answer { index, right: equation.right });
        }
    }
    lines
}

/// A formula without what it lights and where it leads.
fn unlinked(formula: &Math) -> Math {
    match formula {
        Value::Array(parts) => parts.iter().map(unlinked).collect(),
        Value::Object(attributes) => {
            let kept = attributes.iter().filter(|(name, _)| !name.starts_with("data-"));
            Value::Object(kept.map(|(name, value)| (name.clone(), value.clone())).collect())
        }
        other => other.clone(),
    }
}

/// The output step of step `t`, if it has one.
fn output_step(trace: &Trace, steps: usize, t: usize) -> Option<usize> {
    (t + trace.y.nrows()).checked_sub(steps)
}

fn plain(value: f64) -> Expression {
    Expression::leaf(json!(["mrow"]), "", value)
}

/// `y_t = W_hy·h_t + b_y` and the loss of the step.
fn outputs(experiment: &Experiment, trace: &Trace, t: usize) -> Vec<Line> {
    let Some(step) = output_step(trace, experiment.x.nrows(), t) else { return Vec::new() };
    let head = &experiment.weights.head;
    let h = trace.layers[0].h.row(t);
    let answers = (0..trace.y.ncols()).map(|k| {
        let mut parts: Vec<_> = h
            .iter()
            .enumerate()
            .map(|(j, &h)| Expression::Product(vec![plain(head.w_hy[[k, j]]), plain(h)]))
            .collect();
        parts.push(plain(head.b_y[k]));
        Answer { index: k, right: Expression::Sum(parts) }
    });
    let y = at("y", 0);
    let line = Line {
        units: false,
        symbolic: json!([
            "mrow",
            y,
            mo("="),
            ["mrow", ["mrow", symbol("W_hy"), mo("·"), at("h", 0)], mo("+"), symbol("b_y")]
        ]),
        left: y,
        spoken: "y t".into(),
        answers: answers.collect(),
    };
    vec![line, loss(experiment, trace, step)]
}

fn loss(experiment: &Experiment, trace: &Trace, step: usize) -> Line {
    let left = at("L", 0);
    let (right, of) = match &experiment.target {
        Target::Values(values) => {
            let error = |k: usize| {
                let error = plain(trace.y[[step, k]]).minus(plain(values[[step, k]]));
                Expression::Product(vec![plain(0.5), Expression::Square(Box::new(error))])
            };
            let wanted = json!(["msub", ["mtext", "target"], ["mi", "t"]]);
            let apart = parenthesised(&json!(["mrow", at("y", 0), mo("−"), wanted]));
            let symbols = json!(["mrow", ["mn", "½"], ["msup", apart, ["mn", "2"]]]);
            (Expression::Sum((0..values.ncols()).map(error).collect()), symbols)
        }
        Target::Classes(_) => {
            let chance =
                json!(["msub", ["mrow", ["mi", "softmax"], parenthesised(&at("y", 0))], ["mtext", "target"]]);
            (plain(trace.loss_t[step]), json!(["mrow", mo("−"), ["mi", "ln"], chance]))
        }
    };
    let symbolic = json!(["mrow", left, mo("="), of]);
    Line {
        units: false,
        left,
        spoken: "the loss at t".into(),
        symbolic,
        answers: vec![Answer { index: 0, right }],
    }
}

/// `∂L/∂y_t = y_t − target_t`, or `softmax(y_t) − onehot(target_t)`.
fn output_gradients(experiment: &Experiment, trace: &Trace, t: usize) -> Option<Line> {
    let step = output_step(trace, experiment.x.nrows(), t)?;
    let left = super::math::gradient("y", 0);
    let wanted = json!(["msub", ["mtext", "target"], ["mi", "t"]]);
    let count = trace.y.ncols();
    let (of, answers): (Math, Vec<Expression>) = match &experiment.target {
        Target::Values(values) => (
            json!(["mrow", at("y", 0), mo("−"), wanted]),
            (0..count).map(|k| plain(trace.y[[step, k]]).minus(plain(values[[step, k]]))).collect(),
        ),
        Target::Classes(classes) => {
            let mut chances = trace.y.row(step).to_vec();
            crate::model::readout::softmax(&mut chances);
            let hit = |k: usize| f64::from(u8::from(classes[step] == k));
            let softmax = json!(["mrow", ["mi", "softmax"], parenthesised(&at("y", 0))]);
            (
                json!(["mrow", softmax, mo("−"), ["mrow", ["mtext", "onehot"], parenthesised(&wanted)]]),
                (0..count).map(|k| plain(chances[k]).minus(plain(hit(k)))).collect(),
            )
        }
    };
    let symbolic = json!(["mrow", left, mo("="), of]);
    let answers = answers.into_iter().enumerate().map(|(index, right)| Answer { index, right }).collect();
    Some(Line { units: false, left, spoken: "the gradient of y t".into(), symbolic, answers })
}

/// How the gradient of a block of weights is summed up, in symbols.
#[must_use]
pub fn rule(cell: Cell, block: &str) -> Option<Math> {
    use super::math::{gradient_by, pre, symbol};
    let sum = json!(["munder", ["mo", "∑"], ["mi", "t"]]);
    let gate = match (cell, block.split_once('_')?.1) {
        (Cell::Lstm, "C") => "C_tilde",
        (Cell::Gru, "h") => "h_tilde",
        (_, gate) => gate,
    };
    let t = json!(["mi", "t"]);
    let delta = if cell == Cell::Rnn { gradient_by(&at("a", 0)) } else { gradient_by(&pre(gate, &t)) };
    let transposed = |of: Math| json!(["msup", of, ["mo", "⊤"]]);
    let by = match (cell, block) {
        (_, "W_hy") => json!(["mrow", super::math::gradient("y", 0), mo("·"), transposed(at("h", 0))]),
        (_, "b_y") => super::math::gradient("y", 0),
        (_, "W_xh") => json!(["mrow", delta, mo("·"), transposed(at("x", 0))]),
        (_, "W_hh") => json!(["mrow", delta, mo("·"), transposed(at("h", -1))]),
        (Cell::Gru, "W_h") => {
            let reset = json!(["mrow", at("r", 0), mo("⊙"), at("h", -1)]);
            let pair = json!(["mrow", mo("["), reset, mo(","), at("x", 0), mo("]")]);
            json!(["mrow", delta, mo("·"), transposed(pair)])
        }
        (_, name) if name.starts_with('W') => {
            let pair = json!(["mrow", mo("["), at("h", -1), mo(","), at("x", 0), mo("]")]);
            json!(["mrow", delta, mo("·"), transposed(pair)])
        }
        (_, name) if name.starts_with("b_") && name != "b_hh" => delta,
        _ => return None,
    };
    Some(json!(["mrow", gradient_by(&symbol(block)), mo("="), ["mrow", sum, by]]))
}
