//! One lane's run and what is said about it.

use std::cell::OnceCell;

use crate::analysis::flow::{Course, Flow};
use crate::analysis::gauge::{Gauge, gauge};
use crate::analysis::number::{count, full, full_f32, short};
use crate::analysis::signal::Norms;
use crate::experiment::init::Scheme;
use crate::experiment::settings::{Key, TABLE};
use crate::experiment::{Activation, Cell, Choice as _, Experiment, Precision, Reset};
use crate::trace::{LayerTrace, Run, run};

use super::{Losses, Site};

/// An experiment, its trace, and how its gradient fares.
pub struct LaneRun {
    /// What was run.
    pub experiment: Experiment,
    /// Its trace.
    pub run: Run,
    /// One per layer and direction, computed when somebody looks.
    fates: Vec<OnceCell<Fate>>,
    flows: Vec<FlowState>,
    /// `RNN`, `LSTM 2`, …
    pub name: String,
    /// Colour, dash and marker.
    pub mark: usize,
}

/// How the gradient of one layer and direction fares: that of one loss, and that of all.
struct Fate {
    norms: [Norms; 2],
    /// The ratios of both, formatted.
    ratios: [Vec<String>; 2],
    gauges: [Gauge; 2],
}

/// How far the flow of a lane is computed.
enum FlowState {
    Unasked,
    UnderWay(Course),
    Done(Flow),
}

impl LaneRun {
    /// Runs an experiment.
    #[must_use]
    pub fn new(experiment: Experiment) -> Self {
        let run = run(&experiment);
        let sweeps = run.trace.layers.len();
        Self {
            experiment,
            run,
            fates: (0..sweeps).map(|_| OnceCell::new()).collect(),
            flows: (0..sweeps).map(|_| FlowState::Unasked).collect(),
            name: String::new(),
            mark: 0,
        }
    }

    fn fate(&self, site: Site) -> &Fate {
        let sweep = self.sweep(site);
        self.fates[sweep].get_or_init(|| {
            let layer = &self.run.trace.layers[sweep];
            let signals = [&self.run.last()[sweep], layer].map(LayerTrace::signal);
            let norms = signals.each_ref().map(|signal| Norms::new(signal, layer.direction));
            let ratios =
                norms.each_ref().map(|norms| norms.ratio.iter().map(|&ratio| short(ratio)).collect());
            let Experiment { spec, precision, .. } = &self.experiment;
            let gauge = |index: usize| gauge(spec.cell, *precision, layer, &signals[index], &norms[index]);
            let gauges = [gauge(0), gauge(1)];
            Fate { norms, ratios, gauges }
        })
    }

    /// Every loss at every step of a layer, once it is computed.
    #[must_use]
    pub fn flow(&self, site: Site) -> Option<&Flow> {
        if let FlowState::Done(flow) = &self.flows[self.sweep(site)] { Some(flow) } else { None }
    }

    /// Computes one more part of the flow.
    pub fn advance_flow(&mut self, site: Site) {
        let sweep = self.sweep(site);
        self.flows[sweep] = match std::mem::replace(&mut self.flows[sweep], FlowState::Unasked) {
            FlowState::Unasked => FlowState::UnderWay(Course::new(&self.experiment, sweep)),
            FlowState::UnderWay(mut course) => {
                if course.advance() {
                    FlowState::UnderWay(course)
                } else {
                    FlowState::Done(course.finish())
                }
            }
            done @ FlowState::Done(_) => done,
        };
    }

    /// A layer, with the gradients of these losses.
    #[must_use]
    pub fn layer(&self, losses: Losses, site: Site) -> &LayerTrace {
        let layers = match losses {
            Losses::Last => self.run.last(),
            Losses::Every => &self.run.trace.layers,
        };
        &layers[self.sweep(site)]
    }

    /// Every digit of a value, in the precision of the run.
    #[must_use]
    pub fn full(&self, value: f64) -> String {
        match self.experiment.precision {
            Precision::F64 => full(value),
            Precision::F32 => full_f32(value),
        }
    }

    /// How the gradient of these losses fares in a layer.
    #[must_use]
    pub fn norms(&self, losses: Losses, site: Site) -> &Norms {
        &self.fate(site).norms[losses as usize]
    }

    /// Its share left at each step, formatted.
    #[must_use]
    pub fn ratios(&self, losses: Losses, site: Site) -> &[String] {
        &self.fate(site).ratios[losses as usize]
    }

    /// Its verdict.
    #[must_use]
    pub fn gauge(&self, losses: Losses, site: Site) -> &Gauge {
        &self.fate(site).gauges[losses as usize]
    }

    /// Names of the heat maps of one layer and direction, top to bottom.
    #[must_use]
    pub fn symbols(&self) -> &'static [&'static str] {
        match self.experiment.spec.cell {
            Cell::Rnn => &["h"],
            Cell::Lstm => &["h", "C", "f", "i", "C_tilde", "o"],
            Cell::Gru => &["h", "z", "r", "h_tilde"],
        }
    }

    /// What distinguishes it, in a few words: `tanh, ρ 0.90`.
    #[must_use]
    pub fn spec(&self) -> String {
        let Experiment { spec, precision, init, .. } = &self.experiment;
        let mut words: Vec<String> = Vec::new();
        match (spec.layers, spec.bidirectional) {
            (1, false) => {}
            (1, true) => words.push("⇄".into()),
            (layers, false) => words.push(format!("{layers} layers")),
            (layers, true) => words.push(format!("{layers} layers ⇄")),
        }
        match (spec.cell, spec.activation) {
            (Cell::Rnn, Activation::Tanh) => words.push("tanh".into()),
            (Cell::Rnn, Activation::Relu) => words.push("ReLU".into()),
            _ => {}
        }
        match init {
            None => words.push("from file".into()),
            Some(init) => {
                let signed = |value: f64| {
                    Key::ForgetBias.setting().shown(&crate::experiment::settings::Value::Real(value))
                };
                match spec.cell {
                    Cell::Rnn => words.push(format!("ρ {:.2}", init.rho.unwrap_or(1.0))),
                    Cell::Lstm => words.push(format!("bias f {}", signed(init.forget_bias))),
                    Cell::Gru => words.push(format!("bias z {}", signed(init.update_bias))),
                }
                if init.scheme != Scheme::Glorot {
                    words.push(init.scheme.word().into());
                }
            }
        }
        if spec.cell == Cell::Gru && spec.reset == Reset::After {
            words.push("reset after".into());
        }
        if spec.layer_norm {
            words.push("LN".into());
        }
        if *precision == Precision::F32 {
            words.push("f32".into());
        }
        words.join(", ")
    }

    /// `16 units, 1 216 parameters`, of a stack in both directions `3×2×16 units`.
    #[must_use]
    pub fn facts(&self) -> String {
        let spec = &self.experiment.spec;
        let times = |factor: usize| if factor > 1 { format!("{factor}×") } else { String::new() };
        let stack = times(spec.layers) + &times(spec.directions().len());
        let units = if spec.hidden == 1 && stack.is_empty() { "unit" } else { "units" };
        format!("{stack}{} {units}, {} parameters", spec.hidden, count(spec.parameters()))
    }

    /// The keys of the lane-scoped settings that concern it.
    pub fn keys(&self) -> impl Iterator<Item = Key> + '_ {
        let drawn = self.experiment.init.is_some();
        Key::ALL.into_iter().filter(move |&key| {
            let setting = &TABLE[key as usize];
            let used = drawn || key == Key::Precision;
            setting.lane && used && setting.concerns(self.experiment.spec.cell)
        })
    }
}

/// Names lanes by cell, numbered where a cell comes twice, and gives each its mark: the first of a cell has the
/// cell's own, further ones take the free ones.
pub fn name(lanes: &mut [LaneRun]) {
    let cells: Vec<Cell> = lanes.iter().map(|lane| lane.experiment.spec.cell).collect();
    let own = |cell: Cell| Cell::ALL.iter().position(|(known, _)| *known == cell).unwrap_or(0);
    let mut free: Vec<usize> =
        (3..6).chain((0..3).filter(|&mark| !cells.iter().any(|&cell| own(cell) == mark))).collect();
    for (index, lane) in lanes.iter_mut().enumerate() {
        let cell = cells[index];
        let number = cells[..=index].iter().filter(|&&known| known == cell).count();
        let word = cell.word().to_ascii_uppercase();
        lane.name = if number == 1 { word } else { format!("{word} {number}") };
        lane.mark = if number == 1 || free.is_empty() { own(cell) } else { free.remove(0) };
    }
}
