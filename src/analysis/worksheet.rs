//! A small run, worked through on paper: every equation of every step with its numbers.
//!
//! Results are rounded from full precision. How far whoever reckons with the printed numbers may be off is said of
//! each worksheet ([`slack`]).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::dot::bracket;
use super::equations::{Equation, Place, Share, of_gate, sum_gradient_name, sum_symbol};
use super::math::{Expression, Math, at, mo, parenthesised, symbol};
use super::number::digits;
use crate::experiment::{Cell, Direction, Experiment, Reset, Spec, Target};
use crate::model::Parameters;
use crate::trace::Trace;

/// A number on paper: four decimals, or all that it has where those are fewer; four digits where decimals say little.
#[must_use]
pub fn written(value: f64) -> String {
    let exact = exact(value);
    let short = if (5e-4..1e4).contains(&value.abs()) {
        format!("{value:.4}").replace('-', "−")
    } else {
        digits(value, 4)
    };
    if exact.chars().count() < short.chars().count() { exact } else { short }
}

/// What stands on the paper, as a number.
fn rounded(value: f64) -> f64 {
    if written(value) == exact(value) {
        return value;
    }
    let short =
        if (5e-4..1e4).contains(&value.abs()) { format!("{value:.4}") } else { format!("{value:.3e}") };
    short.parse().unwrap_or(value)
}

/// The value of an expression, reckoned with every number as it is printed.
fn on_paper(expression: &Expression) -> f64 {
    match expression {
        Expression::Leaf { value, .. } => rounded(*value),
        Expression::Sum(parts) => parts.iter().map(on_paper).sum(),
        Expression::Product(parts) => parts.iter().map(on_paper).product(),
        Expression::Difference(a, b) => on_paper(a) - on_paper(b),
        Expression::Complement(of) => 1.0 - on_paper(of),
        Expression::Square(of) => on_paper(of) * on_paper(of),
        Expression::Quotient(a, b) => on_paper(a) / on_paper(b),
        Expression::Apply(function, of) => function.of(on_paper(of)),
        Expression::Positive(of) => f64::from(u8::from(on_paper(of) > 0.0)),
        Expression::Dot(dot) => dot.terms.iter().map(|term| rounded(term.weight) * rounded(term.value)).sum(),
    }
}

/// How far a result that is reckoned from printed numbers is at most from the printed one, and the gradient of a weight
/// that is summed up from printed ones.
#[must_use]
pub fn slack(experiment: &Experiment, parameters: &[&Parameters<f64>], trace: &Trace) -> f64 {
    let sheet = Sheet { experiment, parameters, trace };
    let stages = stages(experiment, parameters, trace);
    let answers = stages.iter().flat_map(|stage| &stage.lines).flat_map(|line| &line.answers);
    let steps = answers.map(|answer| (rounded(answer.right.value()) - on_paper(&answer.right)).abs());
    let mut sums: BTreeMap<_, (f64, f64)> = BTreeMap::new();
    for (sweep, unit, t) in sheet.places() {
        let place = sheet.place(sweep, t, unit);
        let gates = place.gates().iter().flat_map(|&gate| place.shares(gate, true));
        for Share { matrix, row, column, now, in_all, .. } in gates.chain(place.output_shares(true)) {
            let sum = sums.entry((sweep, unit, matrix, row, column)).or_insert((0.0, in_all));
            sum.0 += on_paper(&now);
        }
    }
    let sums = sums.values().map(|&(sum, in_all)| (rounded(in_all) - sum).abs());
    steps.chain(sums).filter(|apart| apart.is_finite()).fold(0.0, f64::max)
}

/// All that a number has.
fn exact(value: f64) -> String {
    value.to_string().replace('-', "−")
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
        Expression::Sum(parts) => sum(parts),
        Expression::Dot(_) => sum(std::slice::from_ref(expression)),
        Expression::Product(parts) => {
            let mut row = vec![json!("mrow")];
            for part in parts {
                if row.len() > 1 {
                    row.push(mo("·"));
                }
                row.push(match part {
                    Expression::Leaf { value, .. } => factor(*value),
                    Expression::Product(_) | Expression::Square(_) | Expression::Apply(..) => numbers(part),
                    _ => parenthesised(&numbers(part)),
                });
            }
            Value::Array(row)
        }
        Expression::Difference(a, b) => json!(["mrow", numbers(a), mo("−"), inner(b)]),
        Expression::Complement(of) => json!(["mrow", ["mn", "1"], mo("−"), inner(of)]),
        Expression::Square(of) => json!(["msup", inner(of), ["mn", "2"]]),
        Expression::Quotient(a, b) => json!(["mrow", parenthesised(&numbers(a)), mo("/"), inner(b)]),
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

/// Parts with the signs between them; a sum over nothing is 0.
fn sum(parts: &[Expression]) -> Math {
    let mut row = vec![json!("mrow")];
    for part in parts {
        summands(part, &mut row);
    }
    if row.len() == 1 {
        row.push(number(0.0));
    }
    Value::Array(row)
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

/// What the results of a line belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Each {
    /// A unit each.
    Unit,
    /// An output or input each, or the whole layer.
    Other,
}

/// One equation, for every unit, output or input.
#[derive(Clone, Debug)]
pub struct Line {
    /// The equation.
    name: &'static str,
    /// What the results belong to.
    pub each: Each,
    /// The left side.
    pub left: Math,
    /// The left side in words.
    pub spoken: String,
    /// `left = right` in symbols.
    pub symbolic: Math,
    /// One per unit, input or output.
    pub answers: Vec<Answer>,
}

impl Line {
    /// A mean over the units is one number for all of them.
    fn shared(mut self) -> Self {
        if matches!(self.name, "mean" | "deviation" | "m" | "q") {
            self.each = Each::Other;
            self.answers.truncate(1);
        }
        self
    }
}

/// Where the lines of a stage belong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// A layer and direction, by its number in the order of files; where it is the only one, with outputs and inputs.
    Layer(usize),
    /// The outputs, or what comes back from them.
    Outputs,
    /// What comes out at the inputs.
    Inputs,
}

/// The lines of one step in one direction.
#[derive(Clone, Debug)]
pub struct Stage {
    /// From 0.
    pub t: usize,
    /// Where.
    pub part: Part,
    /// Whether it goes back.
    pub backward: bool,
    /// In the order in which they are computed.
    pub lines: Vec<Line>,
}

/// A run on its way to paper.
struct Sheet<'a> {
    experiment: &'a Experiment,
    parameters: &'a [&'a Parameters<f64>],
    trace: &'a Trace,
}

/// Every step of a run, forward and back: layer by layer, each direction in the order in which it reads. `parameters`
/// are those of every layer and direction.
#[must_use]
pub fn stages(experiment: &Experiment, parameters: &[&Parameters<f64>], trace: &Trace) -> Vec<Stage> {
    let sheet = Sheet { experiment, parameters, trace };
    let (steps, sweeps) = (experiment.x.nrows(), parameters.len());
    let alone = sweeps == 1;
    let order = |sweep: usize, back: bool| -> Vec<usize> {
        let forward = trace.layers[sweep].direction == Direction::Forward;
        if forward == back { (0..steps).rev().collect() } else { (0..steps).collect() }
    };
    let stage = |t, part, backward, lines| Stage { t, part, backward, lines };
    let mut stages = Vec::new();
    for sweep in 0..sweeps {
        stages.extend(order(sweep, false).into_iter().map(|t| {
            let mut lines = sheet.cell(sweep, t, false);
            lines.extend(if alone { outputs(&sheet, t) } else { Vec::new() });
            stage(t, Part::Layer(sweep), false, lines)
        }));
    }
    if !alone {
        stages.extend((0..steps).map(|t| stage(t, Part::Outputs, false, outputs(&sheet, t))));
        let back = |t| output_gradients(experiment, trace, t).into_iter().collect();
        stages.extend((0..steps).rev().map(|t| stage(t, Part::Outputs, true, back(t))));
    }
    for sweep in (0..sweeps).rev() {
        stages.extend(order(sweep, true).into_iter().map(|t| {
            let sent = if alone { output_gradients(experiment, trace, t) } else { None };
            let mut lines: Vec<_> = sent.into_iter().collect();
            lines.extend(sheet.cell(sweep, t, true));
            lines.extend(if alone { Some(sheet.inputs(t)) } else { None });
            stage(t, Part::Layer(sweep), true, lines)
        }));
    }
    if !alone {
        stages.extend((0..steps).rev().map(|t| stage(t, Part::Inputs, true, vec![sheet.inputs(t)])));
    }
    stages.retain(|stage| !stage.lines.is_empty());
    stages
}

impl<'a> Sheet<'a> {
    /// Every layer and direction, unit and step.
    fn places(&self) -> impl Iterator<Item = (usize, usize, usize)> {
        let (steps, hidden) = (self.experiment.x.nrows(), self.experiment.spec.hidden);
        let units =
            (0..self.parameters.len()).flat_map(move |sweep| (0..hidden).map(move |unit| (sweep, unit)));
        units.flat_map(move |(sweep, unit)| (0..steps).map(move |t| (sweep, unit, t)))
    }

    fn place(&self, sweep: usize, t: usize, unit: usize) -> Place<'a> {
        let Self { experiment, parameters, trace } = *self;
        let layers = &trace.layers;
        let parameters = parameters[sweep];
        Place {
            experiment,
            parameters,
            trace,
            layer: &layers[sweep],
            layers,
            others: &[],
            input: None,
            output: None,
            only_last: false,
            unit,
            t,
            axis: experiment.steps(),
            decodes: false,
        }
    }

    /// The lines of a layer and direction at a step.
    fn cell(&self, sweep: usize, t: usize, back: bool) -> Vec<Line> {
        let of = |unit: usize| {
            let place = self.place(sweep, t, unit);
            let mut equations = if back { place.backward() } else { place.forward() };
            // The outputs' come once, the inputs' are no unit's; the parts stand before their sum.
            equations.retain(|equation| !matches!(equation.name, "y" | "dy" | "dx"));
            equations.sort_by_key(|equation| !matches!(equation.name, "dh_loss" | "dh_above"));
            equations
        };
        let hidden = self.experiment.spec.hidden;
        let mut lines = beside((0..hidden).map(of).collect());
        if let Some(at) = lines.iter().position(|line| line.name == "h_tilde") {
            let products = (0..hidden).map(|unit| self.place(sweep, t, unit).reset_product());
            lines.splice(at..at, beside(products.map(Vec::from_iter).collect()));
        }
        for &gate in self.place(sweep, t, 0).gates() {
            let before = match (back, gate) {
                (true, gate) => sum_gradient_name(gate),
                (false, "h") => "a",
                (false, gate) => gate,
            };
            let Some(at) = lines.iter().position(|line| line.name == before) else { continue };
            let statistics = (0..hidden).map(|unit| self.place(sweep, t, unit).normalisation(gate, back));
            let statistics = beside(statistics.collect());
            // Forward the last says what the gate becomes of them, in place of the equation that says it at once.
            let replaced = usize::from(!back && !statistics.is_empty());
            lines.splice(at..at + replaced, statistics.into_iter().map(Line::shared));
        }
        lines
    }

    /// `∂L/∂x_t`, of every input.
    fn inputs(&self, t: usize) -> Line {
        let left = super::math::gradient("x", 0);
        let equation = |k| {
            let place = Place { input: Some(k), ..self.place(0, t, 0) };
            place.backward().into_iter().find(|equation| equation.name == "dx")
        };
        let all: Vec<Equation> = (0..self.experiment.x.ncols()).filter_map(equation).collect();
        let sum = all.first().map_or_else(|| json!(["mrow"]), |equation| unlinked(&equation.right.symbols()));
        Line {
            name: "dx",
            each: Each::Other,
            symbolic: json!(["mrow", left, mo("="), sum]),
            left,
            spoken: "the gradient of x t".into(),
            answers: all
                .into_iter()
                .enumerate()
                .map(|(index, equation)| Answer { index, right: equation.right })
                .collect(),
        }
    }
}

/// The same equation of every unit, as one line.
fn beside(units: Vec<Vec<Equation>>) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for (index, equations) in units.into_iter().enumerate() {
        for (row, equation) in equations.into_iter().enumerate() {
            if row == lines.len() {
                let (left, symbolic) = (equation.left.clone(), unlinked(&equation.symbolic()));
                lines.push(Line {
                    name: equation.name,
                    each: Each::Unit,
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
fn outputs(sheet: &Sheet, t: usize) -> Vec<Line> {
    let Sheet { experiment, trace, .. } = *sheet;
    let (steps, spec) = (experiment.x.nrows(), &experiment.spec);
    let Some(step) = output_step(trace, steps, t) else { return Vec::new() };
    let head = &experiment.weights.head;
    let (mut read, mut symbols) = (Vec::new(), Vec::new());
    for (sweep, layer) in trace.layers.iter().enumerate().filter(|(_, layer)| layer.layer == spec.layers) {
        let last = if layer.direction == Direction::Forward { steps - 1 } else { 0 };
        let single = trace.y.nrows() == 1;
        read.extend(layer.h.row(if single { last } else { t }).to_vec());
        let index = sheet.place(sweep, t, 0).index_of(layer);
        symbols.push(if single && spec.bidirectional {
            index.at_step("h", &(last + 1).to_string())
        } else {
            index.at("h")
        });
    }
    let answers = (0..trace.y.ncols()).map(|k| {
        let product = |(j, &h)| Expression::Product(vec![plain(head.w_hy[[k, j]]), plain(h)]);
        let mut parts: Vec<_> = read.iter().enumerate().map(product).collect();
        parts.push(plain(head.b_y[k]));
        Answer { index: k, right: Expression::Sum(parts) }
    });
    let y = at("y", 0);
    let vector = if symbols.len() == 1 { symbols.remove(0) } else { bracket(symbols) };
    let line = Line {
        name: "y",
        each: Each::Other,
        symbolic: json!([
            "mrow",
            y,
            mo("="),
            ["mrow", ["mrow", symbol("W_hy"), mo("·"), vector], mo("+"), symbol("b_y")]
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
        name: "L",
        each: Each::Other,
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
    Some(Line {
        name: "dy",
        each: Each::Other,
        left,
        spoken: "the gradient of y t".into(),
        symbolic,
        answers,
    })
}

/// How the gradient of a block of weights of a layer and direction is summed up, in symbols; `read` is what it reads.
#[must_use]
pub fn rule(spec: &Spec, block: &str, read: &Math, shift: i32) -> Option<Math> {
    use super::math::{gradient_by, pre};
    let (letter, gate) = block.split_once('_')?;
    let heat_map = match (spec.cell, gate) {
        (Cell::Lstm, "C") => "C_tilde",
        (Cell::Gru, "h") => "h_tilde",
        (_, gate) => gate,
    };
    let rnn = spec.cell == Cell::Rnn;
    let after = gradient_by(&if rnn { at("a", 0) } else { pre(heat_map, &json!(["mi", "t"])) });
    // The weights come before the normalisation, gain and bias after it.
    let delta = match (spec.layer_norm, rnn) {
        (true, true) => gradient_by(&at("s", 0)),
        (true, false) => gradient_by(&sum_symbol(heat_map)),
        _ => after.clone(),
    };
    let transposed = |of: Math| json!(["msup", of, ["mo", "⊤"]]);
    let before = at("h", shift);
    let pair = |state: Math| json!(["mrow", mo("["), state, mo(","), read, mo("]")]);
    let u = gradient_by(&at("u", 0));
    let by = match (spec.cell, block) {
        (_, "W_hy") => json!(["mrow", super::math::gradient("y", 0), mo("·"), transposed(read.clone())]),
        (_, "b_y") => super::math::gradient("y", 0),
        (_, "W_xh") => json!(["mrow", delta, mo("·"), transposed(read.clone())]),
        (_, "W_hh") => json!(["mrow", delta, mo("·"), transposed(before)]),
        (_, "W_skip") => {
            let far = shift * i32::try_from(spec.skip).unwrap_or(i32::MAX);
            json!(["mrow", delta, mo("·"), transposed(at("h", far))])
        }
        (Cell::Gru, "W_h") if spec.reset == Reset::After => {
            let state = json!(["mrow", u, mo("·"), transposed(before)]);
            let input = json!(["mrow", delta, mo("·"), transposed(read.clone())]);
            json!(["mrow", mo("["), state, mo(","), input, mo("]")])
        }
        (Cell::Gru, "W_h") => {
            let reset = json!(["mrow", at("r", 0), mo("⊙"), before]);
            json!(["mrow", delta, mo("·"), transposed(pair(reset))])
        }
        (_, "b_hh") => u,
        _ if letter == "W" => json!(["mrow", delta, mo("·"), transposed(pair(before))]),
        _ if letter == "g" => json!(["mrow", after, mo("⊙"), of_gate("n", heat_map, &json!(["mi", "t"]))]),
        _ if letter == "b" => after,
        _ => return None,
    };
    let sum = json!(["munder", ["mo", "∑"], ["mi", "t"]]);
    Some(json!(["mrow", gradient_by(&symbol(block)), mo("="), ["mrow", sum, by]]))
}
