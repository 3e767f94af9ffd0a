//! The worksheet's answers are the run's numbers, and a student who reckons with what is printed finds them.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use common::{Draw, Size, cells, model};
use serde_json::{Value, json};
use unrolled::analysis::math::{Expression, Function};
use unrolled::analysis::worksheet::{SLACK, Stage, numbers, stages, written};
use unrolled::experiment::{Experiment, file};
use unrolled::model::Parameters;
use unrolled::session::Session;
use unrolled::trace::{Trace, run};

/// What stands on the paper, read back.
fn printed(value: f64) -> f64 {
    printed_text(&written(value))
}

fn printed_text(text: &str) -> f64 {
    let text = text.replace('−', "-");
    let superscript = |c: char| match c {
        '⁻' => '-',
        '¹' => '1',
        '²' => '2',
        '³' => '3',
        c => char::from_digit(u32::from(c) - 0x2070, 10).unwrap(),
    };
    let plain = text.split_once("×10").map_or(text.clone(), |(mantissa, exponent)| {
        format!("{mantissa}e{}", exponent.chars().map(superscript).collect::<String>())
    });
    plain.parse().unwrap_or_else(|_| panic!("{text}"))
}

/// The value of an expression with every number as it is printed.
fn on_paper(expression: &Expression) -> f64 {
    match expression {
        Expression::Leaf { value, .. } => printed(*value),
        Expression::Sum(parts) => parts.iter().map(on_paper).sum(),
        Expression::Product(parts) => parts.iter().map(on_paper).product(),
        Expression::Difference(a, b) => on_paper(a) - on_paper(b),
        Expression::Complement(of) => 1.0 - on_paper(of),
        Expression::Square(of) => on_paper(of).powi(2),
        Expression::Apply(Function::Sigmoid, of) => 1.0 / (1.0 + (-on_paper(of)).exp()),
        Expression::Apply(Function::Tanh, of) => on_paper(of).tanh(),
        Expression::Apply(Function::Relu, of) => on_paper(of).max(0.0),
        Expression::Positive(of) => f64::from(u8::from(on_paper(of) > 0.0)),
        Expression::Dot(dot) => dot.terms.iter().map(|term| printed(term.weight) * printed(term.value)).sum(),
    }
}

/// What a formula says as plain text.
fn text(formula: &Value) -> String {
    let Value::Array(node) = formula else { return formula.as_str().unwrap_or_default().into() };
    let parts: Vec<String> = node[1..].iter().filter(|part| !part.is_object()).map(text).collect();
    if node[0] == "msup" { format!("{}^{}", parts[0], parts[1]) } else { parts.concat() }
}

/// Reckons as a student reads: what is in parentheses, then powers, products, sums.
struct Reader {
    rest: Vec<char>,
}

impl Reader {
    fn of(formula: &Value) -> f64 {
        let mut reader = Self { rest: text(formula).chars().filter(|c| !c.is_whitespace()).rev().collect() };
        let value = reader.comparison();
        assert!(reader.rest.is_empty(), "{}", text(formula));
        value
    }

    fn takes(&mut self, sign: char) -> bool {
        let found = self.rest.last() == Some(&sign);
        if found {
            self.rest.pop();
        }
        found
    }

    fn comparison(&mut self) -> f64 {
        let sum = self.sum();
        if self.takes('>') { f64::from(u8::from(sum > self.sum())) } else { sum }
    }

    fn sum(&mut self) -> f64 {
        let mut sum = if self.takes('−') { -self.product() } else { self.product() };
        loop {
            if self.takes('+') {
                sum += self.product();
            } else if self.takes('−') {
                sum -= self.product();
            } else {
                return sum;
            }
        }
    }

    fn product(&mut self) -> f64 {
        let mut product = self.power();
        while self.takes('·') {
            product *= self.power();
        }
        product
    }

    fn power(&mut self) -> f64 {
        let base = self.factor();
        if self.takes('^') { base.powf(self.factor()) } else { base }
    }

    fn factor(&mut self) -> f64 {
        if self.takes('(') {
            let inside = self.comparison();
            assert!(self.takes(')'));
            return inside;
        }
        let word = self.word(char::is_alphabetic);
        if word.is_empty() {
            return printed_text(&self.word(|c| c.is_ascii_digit() || ".×⁻⁰¹²³⁴⁵⁶⁷⁸⁹".contains(c)));
        }
        assert!(self.takes('('), "{word}");
        let inside = self.comparison();
        assert!(self.takes(')'));
        match word.as_str() {
            "σ" => 1.0 / (1.0 + (-inside).exp()),
            "tanh" => inside.tanh(),
            "ReLU" => inside.max(0.0),
            _ => panic!("no function {word}"),
        }
    }

    fn word(&mut self, belongs: impl Fn(char) -> bool) -> String {
        let mut word = String::new();
        while let Some(c) = self.rest.last().copied().filter(|&c| belongs(c)) {
            word.push(c);
            self.rest.pop();
        }
        word
    }
}

fn opened(link: &str) -> (Session, Experiment, Trace) {
    let mut session = Session::new().unwrap();
    session.open(link, None).unwrap();
    let experiment = file::parse(&session.experiment_file(0).unwrap()).unwrap();
    let trace = run(&experiment).trace;
    (session, experiment, trace)
}

fn all(experiment: &Experiment, trace: &Trace) -> Vec<Stage> {
    stages(experiment, &Parameters::from_weights(&experiment.spec, &experiment.weights.layers[0]), trace)
}

#[test]
fn the_worked_example_can_be_reckoned_from_what_is_printed() {
    let mut compared = 0;
    for lane in ["rnn", "rnn&act=relu", "lstm", "gru", "gru&reset=after"] {
        for shape in ["many-to-one", "many-to-many"] {
            let (_, experiment, trace) = opened(&format!("data=hand&lanes={lane}&shape={shape}"));
            assert_eq!((experiment.spec.hidden, experiment.x.dim()), (2, (3, 1)), "{lane}");
            let round = |value: f64| (value * 2.0).fract() == 0.0;
            let weights = experiment.weights.layers[0].values.iter().flat_map(|(_, block)| block);
            assert!(weights.chain(&experiment.x).copied().all(round), "{lane}: the numbers are round");
            for stage in all(&experiment, &trace) {
                for answer in stage.lines.iter().flat_map(|line| &line.answers) {
                    let (value, paper) = (answer.right.value(), on_paper(&answer.right));
                    compared += 1;
                    assert!(
                        (printed(value) - paper).abs() <= SLACK,
                        "{lane}, {shape}, t = {}: {paper} for {value}, {:?}",
                        stage.t,
                        answer.right
                    );
                    let read = Reader::of(&numbers(&answer.right));
                    assert!(
                        (read - paper).abs() < 1e-12,
                        "{lane}: {} is {read}, not {paper}",
                        text(&numbers(&answer.right))
                    );
                    // No powers of ten on paper.
                    assert!(value == 0.0 || value.abs() > 5e-4, "{lane}, {shape}: {value}");
                }
            }
        }
    }
    assert!(compared > 500, "only {compared}");
}

/// Outputs and losses are the worksheet's own equations; the cells' are held by `tests/equations.rs`.
#[test]
fn outputs_losses_and_their_gradients_are_the_traces() {
    let size = Size { inputs: 2, hidden: 3, outputs: 2, steps: 4 };
    // Paper has no room for a skip connection.
    for (cell, _) in cells().into_iter().filter(|(_, model)| model["skip"].is_null()) {
        for shape in ["many-to-one", "many-to-many"] {
            for loss in ["squared-error", "cross-entropy"] {
                let value = common::experiment(&model(cell, &json!({})), shape, loss, size, &mut Draw(7));
                let experiment = file::from_value(&value).unwrap();
                let trace = run(&experiment).trace;
                let outputs = trace.y.nrows();
                let stages = all(&experiment, &trace);
                assert_eq!(stages.iter().filter(|stage| stage.backward).count(), size.steps);
                let mut first_layer = vec![0.0; size.outputs];
                for stage in &stages {
                    let Some(step) = (stage.t + outputs).checked_sub(size.steps) else { continue };
                    let found = |line: usize| -> Vec<f64> {
                        stage.lines[line].answers.iter().map(|answer| answer.right.value()).collect()
                    };
                    let same = |a: &[f64], b: &[f64]| {
                        assert!(
                            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-12),
                            "{cell}: {a:?}, {b:?}"
                        );
                    };
                    if stage.backward {
                        found(0).iter().zip(&mut first_layer).for_each(|(dy, sum)| *sum += dy);
                    } else {
                        let last = stage.lines.len();
                        same(&found(last - 2), trace.y.row(step).as_slice().unwrap());
                        same(&found(last - 1), &[trace.loss_t[step]]);
                    }
                }
                // ∂L/∂b_y is the sum of ∂L/∂y_t.
                for (sum, bias) in first_layer.iter().zip(&trace.gradients.head.b_y) {
                    assert!((sum - bias).abs() < 1e-12, "{cell}, {shape}, {loss}");
                }
            }
        }
    }
}

#[test]
fn a_worksheet_has_everything_or_says_what_it_has_room_for() {
    let (session, experiment, _) = opened("data=hand&lanes=lstm&on=1.h.1");
    let sheet = serde_json::to_value(session.worksheet().unwrap()).unwrap();
    let count = |part: &Value| part.as_array().unwrap().len();
    assert_eq!((count(&sheet["given"]), count(&sheet["stages"])), (14, 6), "{sheet}");
    assert_eq!(count(&sheet["gradients"]), experiment.weights.layers[0].values.len() + 2);
    for gradient in sheet["gradients"].as_array().unwrap() {
        assert!(gradient["rule"].is_array(), "{gradient}");
    }
    assert!(sheet["rounding"].as_str().unwrap().contains("up to 0.0003"));
    let (session, ..) = opened("on=1.h.1");
    let error = session.worksheet().unwrap_err().to_string();
    assert!(
        error.contains("at most 3 units, 6 steps") && error.contains("found 16 units, 40 steps"),
        "{error}"
    );
    // A change by hand is on the worksheet.
    let (session, ..) = opened("data=hand&lanes=lstm~U_f.1.1:0.75&on=1.h.1&x=2.1:0.25");
    let sheet = serde_json::to_value(session.worksheet().unwrap()).unwrap();
    assert_eq!(sheet["given"][0]["rows"][0][0], "0.75");
    assert!(sheet["setting"][0].as_str().unwrap().contains("1 weight changed"));
    assert_eq!(sheet["stages"][1]["title"], "Forward, t = 2, input 0.25");
}
