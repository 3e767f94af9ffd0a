//! The selected lane as a worksheet.

use ndarray::Array2;
use serde::Serialize;
use serde_json::json;

use super::site::words_of;
use super::words::token;
use super::{LaneRun, Session, Site};
use crate::Error;
use crate::analysis::dot::bracket;
use crate::analysis::math::{self, Index, Math};
use crate::analysis::worksheet::{self, Each, Line, Part, Stage, written};
use crate::experiment::{Cell, Choice as _, Direction, Loss, Spec, Target};

/// What a worksheet has room for.
mod room {
    pub const UNITS: usize = 3;
    pub const STEPS: usize = 6;
    /// Of all layers and directions together.
    pub const STAGES: usize = 12;
    pub const WIDTH: usize = 4;
}

/// A run on paper.
#[derive(Clone, Debug, Serialize)]
pub struct Worksheet {
    title: String,
    setting: Vec<String>,
    rounding: String,
    given: Vec<Block>,
    /// What the equations call the two parts of a matrix, where a matrix has two.
    parts: Option<Parts>,
    /// Every equation once, in symbols.
    equations: Vec<Group>,
    stages: Vec<StageFacts>,
    gradients: Vec<Block>,
}

/// `W_g = [U_g | V_g]`, and what each part multiplies.
#[derive(Clone, Debug, Serialize)]
struct Parts {
    formula: Math,
    words: &'static str,
}

/// A matrix with its name.
#[derive(Clone, Debug, Serialize)]
struct Block {
    symbol: Math,
    rows: Vec<Vec<String>>,
    rule: Option<Math>,
}

#[derive(Clone, Debug, Serialize)]
struct Group {
    title: String,
    equations: Vec<Math>,
}

#[derive(Clone, Debug, Serialize)]
struct StageFacts {
    title: String,
    backward: bool,
    lines: Vec<LineFacts>,
}

#[derive(Clone, Debug, Serialize)]
struct LineFacts {
    /// Whether there is a result for each unit.
    units: bool,
    left: Math,
    spoken: String,
    answers: Vec<AnswerFacts>,
}

#[derive(Clone, Debug, Serialize)]
struct AnswerFacts {
    index: usize,
    way: Math,
    result: String,
}

impl Session {
    /// The selected lane as a worksheet.
    ///
    /// # Errors
    /// When it is larger than paper.
    pub fn worksheet(&self) -> Result<Worksheet, Error> {
        let run = &self.lanes[self.cursor.lane];
        room_for(run)?;
        let sites = run.files();
        let parameters: Vec<_> = sites.iter().map(|&site| run.parameters(site)).collect();
        let stages = worksheet::stages(&run.experiment, &parameters, &run.run.trace);
        // Up to the next of four decimals, and one for what stands in a product of three.
        let slack = worksheet::slack(&run.experiment, &parameters, &run.run.trace);
        let slack = written(((slack * 1e4).ceil() + 1.0) / 1e4);
        Ok(Worksheet {
            title: format!("{}: {}", self.task.title, run.name),
            setting: setting(run),
            rounding: format!(
                "Every result is computed in full precision and printed with four decimals. Reckoned from the printed numbers, yours may differ by up to {slack}."
            ),
            given: self.given(run, &sites),
            parts: parts(run.experiment.spec.cell),
            equations: equations(run, &sites, &stages),
            stages: stages.iter().map(|stage| self.stage(run, &sites, stage)).collect(),
            gradients: gradients(run, &sites),
        })
    }

    fn given(&self, run: &LaneRun, sites: &[Site]) -> Vec<Block> {
        let head = &run.experiment.weights.head;
        let block = |symbol: Math, values: &Array2<f64>| Block { symbol, rows: rows(values), rule: None };
        let mut given = Vec::new();
        for (layer, &site) in run.experiment.weights.layers.iter().zip(sites) {
            let mut put =
                |name, values: &Array2<f64>| given.push(block(placed(run, site, math::symbol(name)), values));
            layer.values.iter().for_each(|(name, values)| put(name, values));
            put("h_0", &column(&layer.h_0));
            if run.experiment.spec.cell == Cell::Lstm {
                put("C_0", &column(&layer.c_0));
            }
        }
        given.push(block(math::symbol("W_hy"), &head.w_hy));
        given.push(block(math::symbol("b_y"), &column(&head.b_y)));
        given.push(block(json!(["mrow", ["mi", "x"], ["mtext", ", a row per t"]]), &run.experiment.x));
        let target = match &run.experiment.target {
            Target::Values(values) => rows(values),
            Target::Classes(_) => self.task.targets.iter().map(|target| vec![token(target)]).collect(),
        };
        let words = if target.len() == 1 { "target, at t = T" } else { "target, a row per t" };
        given.push(Block { symbol: json!(["mtext", words]), rows: target, rule: None });
        given
    }

    fn stage(&self, run: &LaneRun, sites: &[Site], stage: &Stage) -> StageFacts {
        let Stage { t, part, backward, lines } = stage;
        let line = |Line { each, left, spoken, answers, .. }: &Line| LineFacts {
            units: *each == Each::Unit,
            left: left.clone(),
            spoken: spoken.clone(),
            answers: answers
                .iter()
                .map(|answer| AnswerFacts {
                    index: answer.index + 1,
                    way: answer.way(),
                    result: written(answer.right.value()),
                })
                .collect(),
        };
        let phase = if *backward { "Backward" } else { "Forward" };
        let place = match *part {
            Part::Layer(sweep) => run.place(sites[sweep]),
            Part::Outputs => "outputs".into(),
            Part::Inputs => "inputs".into(),
        };
        let place = if place.is_empty() { place } else { format!("{place}, ") };
        StageFacts {
            title: format!("{phase}, {place}t = {}, input {}", t + 1, token(&self.task.inputs[*t])),
            backward: *backward,
            lines: lines.iter().map(line).collect(),
        }
    }
}

/// Whether paper has room for a lane.
fn room_for(run: &LaneRun) -> Result<(), Error> {
    if !run.experiment.spec.cell.recurs() {
        let wanted = "a cell that recurs: the feed-forward network has no step that leads to the next";
        return Err(Error::at("worksheet", wanted, run.experiment.spec.cell.word()));
    }
    let Spec { hidden, outputs, layers, shape, .. } = run.experiment.spec;
    let directions = run.experiment.spec.directions().len();
    let (steps, inputs) = run.experiment.x.dim();
    if shape.writes_on() {
        let wanted =
            "one-to-one, many-to-one or many-to-many: outputs that come after the inputs have no sheet";
        return Err(Error::at("worksheet", wanted, shape.word()));
    }
    if run.experiment.spec.window > 0 || run.experiment.spec.limit.is_some() {
        let wanted = "the whole gradient: neither truncated nor clipped on its way back";
        return Err(Error::at("worksheet", wanted, run.spec()));
    }
    if hidden > room::UNITS || steps > room::STEPS || inputs > room::WIDTH || outputs > room::WIDTH {
        let (units, most, width) = (room::UNITS, room::STEPS, room::WIDTH);
        return Err(Error::at(
            "worksheet",
            format!("at most {units} units, {most} steps, {width} inputs and {width} outputs"),
            format!("{hidden} units, {steps} steps, {inputs} inputs and {outputs} outputs"),
        ));
    }
    if steps * layers * directions > room::STAGES {
        let wanted = format!("at most {} steps of all layers and directions together", room::STAGES);
        let found = format!("{steps} steps, {layers} times {directions} of them");
        return Err(Error::at("worksheet", wanted, found));
    }
    Ok(())
}

fn parts(cell: Cell) -> Option<Parts> {
    if cell == Cell::Rnn {
        return None;
    }
    let gate = |letter: &str| json!(["msub", ["mi", letter], ["mi", "g"]]);
    let of = json!(["mrow", ["mo", "["], gate("U"), ["mo", "|"], gate("V"), ["mo", "]"]]);
    Some(Parts {
        formula: json!(["mrow", gate("W"), math::mo("="), of]),
        words: "for every gate g: the columns of U multiply what comes from the step before, those of V what is read at t",
    })
}

/// A symbol with its layer and direction behind it, where there are several.
fn placed(run: &LaneRun, site: Site, symbol: Math) -> Math {
    let place = run.place(site);
    if place.is_empty() { symbol } else { json!(["mrow", symbol, ["mtext", format!(", {place}")]]) }
}

fn column(values: &[f64]) -> Array2<f64> {
    Array2::from_shape_fn((values.len(), 1), |(row, _)| values[row])
}

fn rows(values: &Array2<f64>) -> Vec<Vec<String>> {
    values.rows().into_iter().map(|row| row.iter().map(|&value| written(value)).collect()).collect()
}

fn setting(run: &LaneRun) -> Vec<String> {
    let loss = match run.experiment.loss() {
        Loss::SquaredError => "loss: half the squared error, summed over the outputs",
        Loss::CrossEntropy => "loss: cross-entropy, summed over the outputs",
    };
    vec![format!("{}: {}", run.name, run.spec()), run.facts(), loss.into()]
}

/// Each equation where it comes first; of each direction apart, which read from other ends.
fn equations(run: &LaneRun, sites: &[Site], stages: &[Stage]) -> Vec<Group> {
    let direction = |stage: &Stage| match stage.part {
        Part::Layer(sweep) => sites[sweep].direction,
        Part::Outputs | Part::Inputs => Direction::Forward,
    };
    let directions = run.experiment.spec.directions();
    let group = |title: &str, backward, side: Direction| {
        let mut equations: Vec<Math> = Vec::new();
        let here = stages.iter().filter(|stage| stage.backward == backward && direction(stage) == side);
        for line in here.flat_map(|stage| &stage.lines) {
            if !equations.contains(&line.symbolic) {
                equations.push(line.symbolic.clone());
            }
        }
        let side = words_of(Index { layer: None, direction: (directions.len() > 1).then_some(side) });
        let title = if side.is_empty() { title.into() } else { format!("{title}, {side}") };
        Group { title, equations }
    };
    [("Forward", false), ("Backward", true)]
        .into_iter()
        .flat_map(|(title, backward)| directions.iter().map(move |&side| (title, backward, side)))
        .map(|(title, backward, side)| group(title, backward, side))
        .collect()
}

/// The gradient of every weight, and how it is summed up.
fn gradients(run: &LaneRun, sites: &[Site]) -> Vec<Block> {
    let gradients = &run.run.trace.gradients;
    let spec = &run.experiment.spec;
    let mut blocks = Vec::new();
    for (layer, &site) in gradients.layers.iter().zip(sites) {
        let shift = if site.direction == Direction::Forward { -1 } else { 1 };
        for (name, values) in &layer.values {
            let rule = worksheet::rule(spec, name, &read(run, site.layer), shift);
            blocks.push(Block {
                symbol: math::gradient_by(&math::symbol(name)),
                rows: rows(values),
                rule: rule.map(|rule| placed(run, site, rule)),
            });
        }
    }
    let head = &gradients.head;
    for (name, values) in [("W_hy", &head.w_hy), ("b_y", &column(&head.b_y))] {
        blocks.push(Block {
            symbol: math::gradient_by(&math::symbol(name)),
            rows: rows(values),
            rule: worksheet::rule(spec, name, &read(run, spec.layers + 1), 0),
        });
    }
    blocks
}

/// What a layer reads: the input, or what the layer below says in every direction. The readout stands above the top; a
/// single output reads what each direction computes last.
fn read(run: &LaneRun, layer: usize) -> Math {
    let spec = &run.experiment.spec;
    if layer == 1 {
        return math::at("x", 0);
    }
    let single = layer > spec.layers && run.run.trace.y.nrows() == 1;
    let of = |&direction: &Direction| {
        let index = run.index(Site { layer: layer - 1, direction });
        let last = if direction == Direction::Forward { run.experiment.x.nrows() } else { 1 };
        if single && spec.bidirectional { index.at_step("h", &last.to_string()) } else { index.at("h") }
    };
    let mut all: Vec<Math> = spec.directions().iter().map(of).collect();
    if all.len() == 1 { all.remove(0) } else { bracket(all) }
}
