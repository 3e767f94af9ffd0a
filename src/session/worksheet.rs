//! The selected lane as a worksheet.

use ndarray::Array2;
use serde::Serialize;
use serde_json::json;

use super::words::token;
use super::{LaneRun, Session, Site};
use crate::Error;
use crate::analysis::math::{self, Math};
use crate::analysis::worksheet::{self, Line, SLACK, Stage, written};
use crate::experiment::{Cell, Choice, Loss, Spec, Target};

/// What a worksheet has room for.
mod room {
    pub const UNITS: usize = 3;
    pub const STEPS: usize = 6;
    pub const WIDTH: usize = 4;
}

/// A run on paper.
#[derive(Clone, Debug, Serialize)]
pub struct Worksheet {
    title: String,
    setting: Vec<String>,
    rounding: String,
    given: Vec<Block>,
    /// Every equation once, in symbols.
    equations: Vec<Group>,
    stages: Vec<StageFacts>,
    gradients: Vec<Block>,
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
    title: &'static str,
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
        let Spec { hidden, outputs, layer_norm, .. } = run.experiment.spec;
        let (steps, inputs) = run.experiment.x.dim();
        let fits = hidden <= room::UNITS
            && steps <= room::STEPS
            && inputs <= room::WIDTH
            && outputs <= room::WIDTH
            && !layer_norm;
        if !fits {
            let (units, most, width) = (room::UNITS, room::STEPS, room::WIDTH);
            return Err(Error::at(
                "worksheet",
                format!("at most {units} units, {most} steps, {width} inputs and {width} outputs"),
                format!("{hidden} units, {steps} steps, {inputs} inputs and {outputs} outputs"),
            ));
        }
        if run.experiment.spec.window > 0 || run.experiment.spec.limit.is_some() {
            let wanted = "the whole gradient: neither truncated nor clipped on its way back";
            return Err(Error::at("worksheet", wanted, run.spec()));
        }
        let shape = run.experiment.spec.shape;
        if shape.writes_on() {
            let wanted = "a shape whose steps read inputs: one-to-one, many-to-one or many-to-many";
            return Err(Error::at("worksheet", wanted, Choice::word(shape)));
        }
        if !run.experiment.spec.cell.recurs() {
            let wanted = "a cell that recurs: the feed-forward network has no step that leads to the next";
            return Err(Error::at("worksheet", wanted, run.experiment.spec.cell.word()));
        }
        let trace = &run.run.trace;
        if trace.layers.len() > 1 {
            let wanted = "one layer in one direction: paper has no room for more";
            let found = format!(
                "{} times {} of them",
                run.experiment.spec.layers,
                run.experiment.spec.directions().len()
            );
            return Err(Error::at("worksheet", wanted, found));
        }
        let stages = worksheet::stages(&run.experiment, run.parameters(Site::FIRST), trace);
        Ok(Worksheet {
            title: format!("{}: {}", self.task.title, run.name),
            setting: setting(run),
            rounding: format!(
                "Every result is computed in full precision and printed with four decimals. Reckoned from the printed numbers, yours may differ by up to {SLACK}."
            ),
            given: self.given(run),
            equations: equations(&stages),
            stages: stages.iter().map(|stage| self.stage(stage)).collect(),
            gradients: gradients(run),
        })
    }

    fn given(&self, run: &LaneRun) -> Vec<Block> {
        let layer = &run.experiment.weights.layers[0];
        let head = &run.experiment.weights.head;
        let vector = |values: &[f64]| Array2::from_shape_fn((values.len(), 1), |(row, _)| values[row]);
        let block = |symbol: Math, values: &Array2<f64>| Block { symbol, rows: rows(values), rule: None };
        let mut given: Vec<_> =
            layer.values.iter().map(|(name, value)| block(math::symbol(name), value)).collect();
        given.push(block(math::symbol("W_hy"), &head.w_hy));
        given.push(block(math::symbol("b_y"), &vector(&head.b_y)));
        given.push(block(math::symbol("h_0"), &vector(&layer.h_0)));
        if run.experiment.spec.cell == Cell::Lstm {
            given.push(block(math::symbol("C_0"), &vector(&layer.c_0)));
        }
        given.push(block(json!(["mrow", ["mi", "x"], ["mtext", ", a row per t"]]), &run.experiment.x));
        let target = match &run.experiment.target {
            Target::Values(values) => rows(values),
            Target::Classes(_) => self.task.targets.iter().map(|target| vec![token(target)]).collect(),
        };
        let words = if target.len() == 1 { "target, at t = T" } else { "target, a row per t" };
        given.push(Block { symbol: json!(["mtext", words]), rows: target, rule: None });
        given
    }

    fn stage(&self, stage: &Stage) -> StageFacts {
        let Stage { t, backward, lines } = stage;
        let line = |Line { units, left, spoken, answers, .. }: &Line| LineFacts {
            units: *units,
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
        StageFacts {
            title: format!("{phase}, t = {}, input {}", t + 1, token(&self.task.inputs[*t])),
            backward: *backward,
            lines: lines.iter().map(line).collect(),
        }
    }
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

/// Each equation where it comes first.
fn equations(stages: &[Stage]) -> Vec<Group> {
    [("Forward", false), ("Backward", true)]
        .map(|(title, backward)| {
            let mut equations: Vec<Math> = Vec::new();
            for line in
                stages.iter().filter(|stage| stage.backward == backward).flat_map(|stage| &stage.lines)
            {
                if !equations.contains(&line.symbolic) {
                    equations.push(line.symbolic.clone());
                }
            }
            Group { title, equations }
        })
        .into()
}

/// The gradient of every weight, and how it is summed up.
fn gradients(run: &LaneRun) -> Vec<Block> {
    let gradients = &run.run.trace.gradients;
    let cell = run.experiment.spec.cell;
    let block = |name: &str, values: &Array2<f64>| Block {
        symbol: math::gradient_by(&math::symbol(name)),
        rows: rows(values),
        rule: worksheet::rule(cell, name),
    };
    let head = &gradients.head;
    let bias = Array2::from_shape_fn((head.b_y.len(), 1), |(row, _)| head.b_y[row]);
    let layer = gradients.layers[0].values.iter().map(|(name, value)| block(name, value));
    layer.chain([block("W_hy", &head.w_hy), block("b_y", &bias)]).collect()
}
