//! The worksheet's answers are the run's numbers, and a student who reckons with what is printed finds them.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::common::{Draw, Size, cells, model};
use serde_json::{Value, json};
use unrolled::analysis::worksheet::{Stage, stages};
use unrolled::experiment::{Experiment, file};
use unrolled::model::Parameters;
use unrolled::model::norm::EPSILON;
use unrolled::session::Session;
use unrolled::trace::{Trace, run};

/// What stands on the paper, read back.
fn printed(text: &str) -> f64 {
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

/// What a formula says as plain text.
fn text(formula: &Value) -> String {
    let Value::Array(node) = formula else { return formula.as_str().unwrap_or_default().into() };
    let parts: Vec<String> = node[1..].iter().filter(|part| !part.is_object()).map(text).collect();
    match node[0].as_str().unwrap() {
        "msup" => format!("{}^{}", parts[0], parts[1]),
        _ => parts.concat(),
    }
}

/// Reckons as a student reads: what is in parentheses, then powers, products, sums.
struct Reader {
    rest: Vec<char>,
}

impl Reader {
    fn of(text: &str) -> f64 {
        let mut reader = Self { rest: text.chars().filter(|c| !c.is_whitespace()).rev().collect() };
        let value = reader.comparison();
        assert!(reader.rest.is_empty(), "{text}");
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
        loop {
            if self.takes('·') {
                product *= self.power();
            } else if self.takes('/') {
                product /= self.power();
            } else {
                return product;
            }
        }
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
        if self.takes('√') {
            return self.factor().sqrt();
        }
        let word = self.word(char::is_alphabetic);
        if word.is_empty() {
            return printed(&self.word(|c| c.is_ascii_digit() || ".×⁻⁰¹²³⁴⁵⁶⁷⁸⁹".contains(c)));
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
    let parameters: Vec<_> = experiment
        .weights
        .layers
        .iter()
        .map(|layer| Parameters::from_weights(&experiment.spec, layer))
        .collect();
    stages(experiment, &parameters.iter().collect::<Vec<_>>(), trace)
}

type Matrix = Vec<Vec<f64>>;

fn matrix(block: &Value) -> Matrix {
    let row =
        |row: &Value| row.as_array().unwrap().iter().map(|cell| printed(cell.as_str().unwrap())).collect();
    block["rows"].as_array().unwrap().iter().map(row).collect()
}

/// A worksheet as a student has it: what is given and what was found, by place, step and symbol.
struct Paper {
    sheet: Value,
    /// Layers and directions, as titles call them, from the first.
    places: Vec<String>,
    known: BTreeMap<(String, usize, String), Vec<f64>>,
    slack: f64,
    compared: usize,
}

impl Paper {
    fn of(session: &Session) -> Self {
        let sheet = serde_json::to_value(session.worksheet().unwrap()).unwrap();
        let said = sheet["rounding"].as_str().unwrap();
        let slack = printed(said.split("up to ").nth(1).unwrap().trim_end_matches('.'));
        let mut paper = Self { places: Vec::new(), known: BTreeMap::new(), slack, compared: 0, sheet };
        for block in paper.sheet["given"].as_array().unwrap() {
            let name = text(&block["symbol"]);
            if let Some(place) = name.strip_prefix("h0") {
                paper.places.push(place.trim_start_matches(", ").into());
            }
        }
        paper
    }

    /// Every result, from the numbers that stand before it; and every number among these was printed before.
    fn reckon(&mut self, name: &str) {
        let given = self.sheet["given"].as_array().unwrap().iter();
        let mut seen: Vec<f64> = given
            .flat_map(|block| {
                block["rows"].as_array().unwrap().iter().flat_map(|row| row.as_array().unwrap())
            })
            .map(|cell| printed(cell.as_str().unwrap()).abs())
            .collect();
        for stage in self.sheet["stages"].as_array().unwrap().clone() {
            let title = stage["title"].as_str().unwrap();
            let (before, after) = title.split_once("t = ").unwrap();
            let place = before.split_once(", ").unwrap().1.trim_end_matches(", ").to_owned();
            let t: usize = after.split(',').next().unwrap().parse().unwrap();
            for line in stage["lines"].as_array().unwrap() {
                let mut results = Vec::new();
                for answer in line["answers"].as_array().unwrap() {
                    let way = text(&answer["way"]);
                    let way = way.trim_start_matches('=').split('=').next().unwrap();
                    let result = printed(answer["result"].as_str().unwrap());
                    let found = Reader::of(way);
                    let apart = (found - result).abs();
                    assert!(apart <= self.slack, "{name}, {title}: {way} is {found}, not {result}");
                    self.compared += 1;
                    for number in way.split(|c: char| !(c.is_ascii_digit() || ".×⁻⁰¹²³⁴⁵⁶⁷⁸⁹".contains(c)))
                    {
                        if !number.is_empty() && number.contains('.') {
                            let number = printed(number);
                            let known = seen.contains(&number) || [0.5, EPSILON].contains(&number);
                            assert!(known, "{name}, {title}: where does {number} come from in {way}?");
                        }
                    }
                    results.push(result);
                }
                seen.extend(results.iter().map(|result| result.abs()));
                let left = text(&line["left"]);
                self.known.insert((place.clone(), t, left), results);
            }
        }
    }

    fn found(&self, place: &str, t: usize, symbol: &str) -> Vec<f64> {
        let key = (place.to_owned(), t, symbol.to_owned());
        self.known.get(&key).unwrap_or_else(|| panic!("no {key:?} in {:?}", self.known.keys())).clone()
    }

    fn given(&self, symbol: &str) -> Matrix {
        let all = self.sheet["given"].as_array().unwrap();
        matrix(
            all.iter()
                .find(|block| text(&block["symbol"]) == symbol)
                .unwrap_or_else(|| panic!("no {symbol}")),
        )
    }

    /// What a symbol of a rule says at a step; steps run from 1 to `steps`.
    fn vector(&self, symbol: &str, place: &str, t: usize, steps: usize) -> Vec<f64> {
        if let Some(inside) = symbol.strip_prefix('[') {
            let parts = inside.trim_end_matches(']').split(',');
            return parts.flat_map(|part| self.vector(part, place, t, steps)).collect();
        }
        if let Some((a, b)) = symbol.split_once('⊙') {
            let (a, b) = (self.vector(a, place, t, steps), self.vector(b, place, t, steps));
            return a.iter().zip(&b).map(|(a, b)| a * b).collect();
        }
        let single = self.places == [""];
        match symbol {
            "xt" => self.given("x, a row per t")[t - 1].clone(),
            // So many steps before, in the order of reading: the start before the first, and nothing before that.
            _ if symbol.starts_with("ht−") || symbol.starts_with("ht+") => {
                let far: usize = symbol.trim_start_matches(['h', 't', '−', '+']).parse().unwrap();
                let order = if symbol.contains('−') { t } else { steps + 1 - t };
                match order.cmp(&far) {
                    Ordering::Greater if symbol.contains('−') => self.found(place, t - far, "ht"),
                    Ordering::Greater => self.found(place, t + far, "ht"),
                    Ordering::Equal => {
                        let name = if single { "h0".into() } else { format!("h0, {place}") };
                        self.given(&name).concat()
                    }
                    Ordering::Less => vec![0.0; self.found(place, t, "ht").len()],
                }
            }
            // A layer and direction, as its symbol says them.
            _ if symbol.starts_with('h') && symbol != "ht" || symbol == "ht" && !single => {
                let said = |place: &str, step: &str| {
                    let arrow = if place.contains("right to left") { "←" } else { "→" };
                    let layer = place.strip_prefix("layer ").map(|rest| &rest[..1]);
                    let arrow = if place.contains("left") { arrow } else { "" };
                    symbol == format!("h{arrow}{step}{}", layer.unwrap_or(""))
                };
                let steps = [(t, "t"), (1, "1"), (steps, "3")];
                let all = self.places.iter().flat_map(|place| steps.map(|(t, step)| (place, t, step)));
                let found = all.into_iter().find(|(place, _, step)| said(place, step));
                let (place, t, _) = found.unwrap_or_else(|| panic!("no {symbol}"));
                self.found(place, t, "ht")
            }
            _ => {
                let known = [place, "outputs"]
                    .into_iter()
                    .find_map(|place| self.known.get(&(place.to_owned(), t, symbol.to_owned())));
                // No loss at this step.
                known.cloned().unwrap_or_else(|| {
                    assert_eq!(symbol, "∂L/∂yt");
                    vec![0.0; self.given("Why").len()]
                })
            }
        }
    }

    /// Every gradient of weights, by its rule, from the results of the steps.
    fn sum_up(&mut self, name: &str) {
        let steps = self.given("x, a row per t").len();
        for block in self.sheet["gradients"].as_array().unwrap().clone() {
            let said = text(&block["rule"]);
            let (said, place) =
                said.split_once(", ").map_or((said.clone(), String::new()), |(said, place)| {
                    if self.places.contains(&place.to_owned()) {
                        (said.into(), place.into())
                    } else {
                        (said.to_owned() + ", " + place, String::new())
                    }
                });
            let rule = said.replace(' ', "");
            let rule = rule.split("∑t").nth(1).unwrap();
            let wanted = matrix(&block);
            let mut sum = vec![vec![0.0; wanted[0].len()]; wanted.len()];
            for t in 1..=steps {
                let vector = |symbol: &str| self.vector(symbol, &place, t, steps);
                let product = |rule: &str| -> Matrix {
                    let Some((delta, read)) = rule.split_once('·') else {
                        return vector(rule).into_iter().map(|entry| vec![entry]).collect();
                    };
                    let read = vector(read.trim_end_matches("^⊤"));
                    vector(delta).iter().map(|d| read.iter().map(|x| d * x).collect()).collect()
                };
                // Two products side by side stand in brackets.
                let parts: Vec<Matrix> = match rule.strip_prefix('[') {
                    Some(both) => both.trim_end_matches(']').split("^⊤,").map(product).collect(),
                    None => vec![product(rule)],
                };
                let rows =
                    (0..wanted.len()).map(|row| parts.iter().flat_map(|part| part[row].clone()).collect());
                let step: Matrix = rows.collect();
                for (sum, step) in sum.iter_mut().flatten().zip(step.iter().flatten()) {
                    *sum += step;
                }
            }
            for (found, wanted) in sum.iter().flatten().zip(wanted.iter().flatten()) {
                assert!((found - wanted).abs() <= self.slack, "{name}: {said} is {found}, not {wanted}");
                self.compared += 1;
            }
        }
    }
}

#[test]
fn whatever_a_worksheet_prints_can_be_reckoned_from_what_it_prints() {
    let stacks = ["", "&layers=2", "&directions=both", "&layers=2&directions=both", "&norm=on"];
    for lane in ["rnn", "rnn&act=relu", "rnn&skip=2", "lstm", "gru", "gru&reset=after"] {
        for shape in ["many-to-one", "many-to-many"] {
            for stack in stacks {
                let name = format!("data=hand&lanes={lane}&shape={shape}{stack}");
                if stack == "&norm=on" && lane.contains("after") {
                    continue;
                }
                let (session, experiment, _) = opened(&name);
                assert_eq!(experiment.x.dim(), (3, 1), "{name}");
                assert_eq!(experiment.spec.hidden, if stack == "&norm=on" { 3 } else { 2 }, "{name}");
                let round = |value: f64| (value * 2.0).fract() == 0.0;
                let layers = experiment.weights.layers.iter();
                let weights = layers.flat_map(|layer| &layer.values).flat_map(|(_, block)| block);
                assert!(weights.chain(&experiment.x).copied().all(round), "{name}: the numbers are round");
                let mut paper = Paper::of(&session);
                let powers = paper.sheet["stages"].to_string().contains("×10");
                assert!(!stack.is_empty() || !powers, "{name}: no powers of ten on paper");
                assert!(paper.slack <= 0.0005, "{name}: {}", paper.slack);
                paper.reckon(&name);
                paper.sum_up(&name);
                assert!(paper.compared > 40, "{name}: only {}", paper.compared);
            }
        }
    }
}

/// Outputs and losses are the worksheet's own equations; the cells' are held by `tests/equations.rs`.
#[test]
fn outputs_losses_and_their_gradients_are_the_traces() {
    let size = Size { inputs: 2, hidden: 3, outputs: 2, steps: 4 };
    for (cell, _) in cells() {
        for shape in ["many-to-one", "many-to-many"] {
            for loss in ["squared-error", "cross-entropy"] {
                let value =
                    crate::common::experiment(&model(cell, &json!({})), shape, loss, size, &mut Draw(7));
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
