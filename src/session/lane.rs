//! One lane's run and what is said about it.

use std::cell::OnceCell;

use ndarray::Array2;

use crate::analysis::breakage::{Break, breakage};
use crate::analysis::contribution::{self, Contributions};
use crate::analysis::flow::{Course, Flow};
use crate::analysis::gauge::{Gauge, gauge};
use crate::analysis::number::{count, full, full_f32, short};
use crate::analysis::signal::{self, Norms};
use crate::experiment::edits::{self, Edits};
use crate::experiment::init::Scheme;
use crate::experiment::settings::{Key, Origin, Plan, TABLE};
use crate::experiment::{
    Activation, Cell, Choice as _, Clip, Direction, Experiment, Held, Limit, Loss, Precision, Reset, Shape,
    Steps, Weights,
};
use crate::model::Parameters;
use crate::trace::{LayerTrace, Run, gradients_of, run};

use super::check::Checking;
use super::practice::Learning;
use super::spectrum::LaneSpectrum;
use super::{Losses, Site};

/// An experiment, its trace, and how its gradient fares.
pub struct LaneRun {
    /// What was run.
    pub experiment: Experiment,
    /// Where its weights come from.
    origin: Origin,
    /// What stood where numbers were changed by hand.
    pub replaced: Edits,
    /// How many changes have no entry in this shape.
    pub waiting: usize,
    /// Its trace.
    pub run: Run,
    /// One per layer and direction, computed when somebody looks.
    fates: Vec<OnceCell<Fate>>,
    flows: Vec<Stage<Course, Flow>>,
    given: Vec<Stage<contribution::Course, Contributions>>,
    /// How far it has learnt, where there is something to learn.
    pub learning: Option<Learning>,
    /// Its gradient against central differences.
    pub(super) check: Checking,
    /// Whether clipping on the way back would let it end.
    mends: OnceCell<bool>,
    /// The gradients of the first loss alone and of the last.
    alone: [OnceCell<(Weights, Array2<f64>)>; 2],
    /// Of every layer and direction, then of the decoder's layers.
    parameters: Vec<OnceCell<Parameters<f64>>>,
    /// What the tab "Spectrum" shows, once it is asked for.
    pub(super) spectrum: Option<LaneSpectrum>,
    /// The products of the run before, until there are new ones.
    pub(super) before: Option<super::spectrum::Before>,
    /// The step from its weights, once it is asked for.
    pub(super) step: Option<super::update::Step>,
    /// `RNN`, `LSTM 2`, …
    pub name: String,
    /// Colour, dash and marker.
    pub mark: usize,
}

/// Which losses a gradient is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// There is no other.
    Only,
    /// The first output's alone.
    First,
    /// The last output's alone.
    Last,
    /// All together.
    All,
}

impl Counted {
    /// `of the last loss alone`; empty where there is no other.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Only => "",
            Self::First => "of the first loss alone",
            Self::Last => "of the last loss alone",
            Self::All => "of all losses",
        }
    }
}

/// How the gradient of one layer and direction fares: that of one loss, and that of all.
struct Fate {
    norms: [Norms; 2],
    /// The ratios of both, formatted.
    ratios: [Vec<String>; 2],
    breaks: [Option<Break>; 2],
    gauges: [Gauge; 2],
    /// At how many steps it was clipped on its way.
    clipped: [usize; 2],
}

/// How far something is computed that takes longer than a frame.
enum Stage<C, D> {
    Unasked,
    UnderWay(C),
    Done(D),
}

impl<C, D> Stage<C, D> {
    fn done(&self) -> Option<&D> {
        if let Self::Done(done) = self { Some(done) } else { None }
    }

    /// Begins, or goes on until `advance` has no further part.
    fn go_on(&mut self, begin: impl FnOnce() -> C, advance: fn(&mut C) -> bool, finish: fn(C) -> D) {
        *self = match std::mem::replace(self, Self::Unasked) {
            Self::Unasked => Self::UnderWay(begin()),
            Self::UnderWay(mut course) => {
                if advance(&mut course) {
                    Self::UnderWay(course)
                } else {
                    Self::Done(finish(course))
                }
            }
            done @ Self::Done(_) => done,
        };
    }
}

impl LaneRun {
    /// Runs an experiment; `checked` where the lane's run before was held against differences.
    #[must_use]
    pub fn new(Plan { experiment, origin, replaced, waiting }: Plan, checked: bool) -> Self {
        let run = run(&experiment);
        let sweeps = run.trace.layers.len();
        Self {
            experiment,
            origin,
            replaced,
            waiting,
            fates: (0..sweeps).map(|_| OnceCell::new()).collect(),
            flows: (0..sweeps).map(|_| Stage::Unasked).collect(),
            given: (0..sweeps).map(|_| Stage::Unasked).collect(),
            learning: None,
            check: if checked { Checking::Stale } else { Checking::Unasked },
            mends: OnceCell::new(),
            alone: Default::default(),
            parameters: (0..sweeps + run.trace.decoder.len()).map(|_| OnceCell::new()).collect(),
            run,
            spectrum: None,
            before: None,
            step: None,
            name: String::new(),
            mark: 0,
        }
    }

    /// The same run, planned in another way.
    #[must_use]
    pub fn planned(self, origin: Origin, replaced: Edits, waiting: usize) -> Self {
        Self { origin, replaced, waiting, ..self }
    }

    /// The parameters of a layer and direction, stacked by gate.
    #[must_use]
    pub fn parameters(&self, site: Site) -> &Parameters<f64> {
        let Experiment { spec, weights, .. } = &self.experiment;
        let sweep = self.sweep(site);
        self.parameters[sweep].get_or_init(|| Parameters::from_weights(spec, &weights.layers[sweep]))
    }

    /// Those of a layer of the decoder, from 0; `None` where there is none.
    #[must_use]
    pub fn decoder_parameters(&self, layer: usize) -> Option<&Parameters<f64>> {
        let Experiment { spec, weights, .. } = &self.experiment;
        let (spec, weights) = (spec.decoder()?, weights.decoder.get(layer)?);
        let known = self.parameters.get(self.run.trace.layers.len() + layer)?;
        Some(known.get_or_init(|| Parameters::from_weights(&spec, weights)))
    }

    /// The losses that count in a direction where the last is what counts: that alone which has the longest way back.
    #[must_use]
    pub fn counted(&self, losses: Losses, direction: Direction) -> Counted {
        let first = direction == Direction::Backward && self.axis().border().is_none();
        match losses {
            _ if self.run.trace.loss_t.len() < 2 => Counted::Only,
            Losses::Every => Counted::All,
            Losses::Last if first && self.experiment.spec.bidirectional => Counted::First,
            Losses::Last => Counted::Last,
        }
    }

    /// The gradients by parameters, initial states and inputs, of the losses that count in a direction.
    #[must_use]
    pub fn gradients(&self, losses: Losses, direction: Direction) -> (&Weights, &Array2<f64>) {
        let trace = &self.run.trace;
        let (slot, loss) = match self.counted(losses, direction) {
            Counted::Only | Counted::All => return (&trace.gradients, &trace.dx),
            Counted::First => (0, 0),
            Counted::Last => (1, trace.loss_t.len() - 1),
        };
        let (weights, x) = self.alone[slot].get_or_init(|| gradients_of(&self.experiment, loss));
        (weights, x)
    }

    fn fate(&self, site: Site) -> &Fate {
        let sweep = self.sweep(site);
        self.fates[sweep].get_or_init(|| {
            let [last, every] = [true, false].map(|last| &self.run.along(last)[sweep]);
            let (direction, axis) = (every.direction, self.axis());
            let signals = [last, every].map(|layer: &LayerTrace| layer.signal(self.experiment.spec.cell));
            let norms = signals.each_ref().map(|signal| Norms::new(signal, axis, direction));
            let ratios =
                norms.each_ref().map(|norms| norms.ratio.iter().map(|&ratio| short(ratio)).collect());
            let experiment = &self.experiment;
            let breaks = signals.each_ref().map(|signal| breakage(experiment, &self.run, sweep, signal));
            let limit = experiment.spec.limit;
            let clipped = [last, every].map(|layer| limit.map_or(0, |limit| signal::clipped(layer, limit)));
            let gauges = [0, 1].map(|n| {
                let several = n == Losses::Every as usize && self.run.trace.loss_t.len() > 1;
                let twice = experiment.spec.enters_twice(site.layer);
                gauge(experiment, direction, &norms[n], breaks[n].as_ref(), clipped[n], several, twice)
            });
            Fate { norms, ratios, breaks, gauges, clipped }
        })
    }

    /// Every loss at every step of a layer, once it is computed.
    #[must_use]
    pub fn flow(&self, site: Site) -> Option<&Flow> {
        self.flows[self.sweep(site)].done()
    }

    /// Computes one more part of the flow.
    pub fn advance_flow(&mut self, site: Site) {
        let sweep = self.sweep(site);
        let begin = || Course::new(&self.experiment, sweep);
        self.flows[sweep].go_on(begin, Course::advance, Course::finish);
    }

    /// What each loss gives to a layer's recurrent weights, once it is computed.
    #[must_use]
    pub fn contributions(&self, site: Site) -> Option<&Contributions> {
        self.given[self.sweep(site)].done()
    }

    /// Computes one more part of it.
    pub fn advance_contributions(&mut self, site: Site) {
        let sweep = self.sweep(site);
        let begin = || contribution::Course::new(&self.experiment, &self.run.trace, sweep);
        self.given[sweep].go_on(begin, contribution::Course::advance, contribution::Course::finish);
    }

    /// Its steps on one axis.
    #[must_use]
    pub fn axis(&self) -> Steps {
        self.experiment.steps()
    }

    /// Whether outputs are read again and pass a gradient on: a step hands it on by more than its state.
    #[must_use]
    pub fn rereads(&self) -> bool {
        let Experiment { spec, teaching, .. } = &self.experiment;
        spec.reads_outputs() && !teaching && self.experiment.loss() == Loss::SquaredError
    }

    /// Whether a gradient comes to a layer's earlier states by its own later ones alone.
    #[must_use]
    pub fn by_state(&self, site: Site) -> bool {
        let spec = &self.experiment.spec;
        site.layer == spec.layers && spec.skip == 0 && !self.rereads()
    }

    /// A layer along all steps, with the gradients of these losses.
    #[must_use]
    pub fn layer(&self, losses: Losses, site: Site) -> &LayerTrace {
        &self.run.along(losses == Losses::Last)[self.sweep(site)]
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

    /// Where its numbers broke, in a layer and on the way there, these losses' gradient among them.
    #[must_use]
    pub fn breaks(&self, losses: Losses, site: Site) -> Option<&Break> {
        self.fate(site).breaks[losses as usize].as_ref()
    }

    /// At how many steps of a layer the gradient of these losses was clipped on its way.
    #[must_use]
    pub fn clipped(&self, losses: Losses, site: Site) -> usize {
        self.fate(site).clipped[losses as usize]
    }

    /// Whether the same run with its gradient clipped by norm at every step would not break.
    #[must_use]
    pub fn clipping_mends(&self) -> bool {
        *self.mends.get_or_init(|| {
            let mut experiment = self.experiment.clone();
            experiment.spec.limit = Some(Limit { clip: Clip::Norm, at: 1.0 });
            let again = Self::new(
                Plan { experiment, origin: self.origin, replaced: Edits::new(), waiting: 0 },
                false,
            );
            let (run, experiment) = (&again.run, &again.experiment);
            let whole = |sweep: usize, last: bool| {
                breakage(experiment, run, sweep, &run.along(last)[sweep].signal(experiment.spec.cell))
                    .is_none()
            };
            (0..run.trace.layers.len()).all(|sweep| whole(sweep, true) && whole(sweep, false))
        })
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
            Cell::Ann => &["h", "s"],
            Cell::Lstm => &["h", "C", "f", "i", "C_tilde", "o"],
            Cell::Gru => &["h", "z", "r", "h_tilde"],
        }
    }

    /// What distinguishes it, in a few words: `tanh, ρ 0.90`.
    #[must_use]
    pub fn spec(&self) -> String {
        let Experiment { spec, precision, init, .. } = &self.experiment;
        let mut words: Vec<String> = Vec::new();
        words.extend(self.learning.and_then(|learning| learning.words()));
        match (spec.layers, spec.bidirectional) {
            (1, false) => {}
            (1, true) => words.push("⇄".into()),
            (layers, false) => words.push(format!("{layers} layers")),
            (layers, true) => words.push(format!("{layers} layers ⇄")),
        }
        match (spec.cell, spec.activation) {
            (Cell::Rnn | Cell::Ann, Activation::Tanh) => words.push("tanh".into()),
            (Cell::Rnn | Cell::Ann, Activation::Relu) => words.push("ReLU".into()),
            _ => {}
        }
        match init {
            None if self.origin == Origin::Hand => words.push("round weights".into()),
            None => words.push("from file".into()),
            Some(init) => {
                let signed = |value: f64| {
                    Key::ForgetBias.setting().shown(&crate::experiment::settings::Value::Real(value))
                };
                match spec.cell {
                    Cell::Rnn => words.push(format!("ρ {:.2}", init.rho.unwrap_or(1.0))),
                    Cell::Lstm => words.push(format!("bias f {}", signed(init.forget_bias))),
                    Cell::Gru => words.push(format!("bias z {}", signed(init.update_bias))),
                    Cell::Ann => words.push(format!("only T = {}", spec.places)),
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
        if spec.held != Held::None {
            words.push(format!("{} = 1", spec.held.word()));
        }
        if spec.window > 0 {
            words.push(format!("window {}", spec.window));
        }
        if spec.skip > 0 {
            words.push(format!("skip {}", spec.skip));
        }
        if let Some(Limit { clip, at }) = spec.limit {
            let by = if clip == Clip::Norm { "‖∂‖" } else { "|∂|" };
            words.push(format!("{by} ≤ {}", short(at)));
        }
        if *precision == Precision::F32 {
            words.push("f32".into());
        }
        words.extend(Some(edits::summary(&self.replaced)).filter(|changes| !changes.is_empty()));
        words.join(", ")
    }

    /// `16 units, 1 216 parameters`, of a stack in both directions `3×2×16 units`; and how many changes wait for
    /// another shape.
    #[must_use]
    pub fn facts(&self) -> String {
        let spec = &self.experiment.spec;
        let times = |factor: usize| if factor > 1 { format!("{factor}×") } else { String::new() };
        let stack = times(spec.layers) + &times(spec.directions().len());
        let units = if spec.hidden == 1 && stack.is_empty() { "unit" } else { "units" };
        let facts = format!("{stack}{} {units}, {} parameters", spec.hidden, count(spec.parameters()));
        match self.waiting {
            0 => facts,
            1 => format!("{facts}; 1 change waits for its entry"),
            several => format!("{facts}; {several} changes wait for their entries"),
        }
    }

    /// The keys of the lane-scoped settings that concern it.
    pub fn keys(&self) -> impl Iterator<Item = Key> + '_ {
        Key::ALL.into_iter().filter(move |&key| {
            let setting = &TABLE[key as usize];
            let used = match self.origin {
                Origin::Drawn => true,
                Origin::Hand => matches!(
                    key,
                    Key::Activation
                        | Key::Reset
                        | Key::Precision
                        | Key::Layers
                        | Key::Directions
                        | Key::Norm
                        | Key::Feedback
                        | Key::Teaching
                ),
                Origin::File => key == Key::Precision,
            } || key.of_update();
            let spec = &self.experiment.spec;
            let read = match key {
                Key::Epochs => self.learning.is_some(),
                Key::Feedback => spec.shape == Shape::OneToMany,
                Key::Teaching => spec.reads_outputs(),
                _ => true,
            };
            setting.lane && used && read && setting.concerns(spec.cell)
        })
    }
}

/// Names lanes by cell, numbered where a cell comes twice, and gives each its mark: the first of a cell has the
/// cell's own, further ones take the free ones.
pub fn name(lanes: &mut [LaneRun]) {
    let cells: Vec<Cell> = lanes.iter().map(|lane| lane.experiment.spec.cell).collect();
    let own = |cell: Cell| Cell::ALL.iter().position(|(known, _)| *known == cell).unwrap_or(0);
    let mut free: Vec<usize> =
        (3..6).chain(0..3).filter(|&mark| !cells.iter().any(|&cell| own(cell) == mark)).collect();
    for (index, lane) in lanes.iter_mut().enumerate() {
        let cell = cells[index];
        let number = cells[..=index].iter().filter(|&&known| known == cell).count();
        let word = cell.word().to_ascii_uppercase();
        lane.name = if number == 1 { word } else { format!("{word} {number}") };
        lane.mark = if number == 1 || free.is_empty() { own(cell) } else { free.remove(0) };
    }
}
