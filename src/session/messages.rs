//! What the page is told, as data.

use serde::Serialize;
use serde_json::Value as Json;

use super::boxes::{Choosable, says};
use super::cures::Offer;
use super::practice::PracticeFacts;
use super::shared::Standing;
use super::site::words_of;
use super::words::token;
use super::{LaneRun, Losses, Session, Shown, Site, Tab, lessons};
use crate::analysis::gauge::Gauge;
use crate::analysis::math::{self, Index, Math};
use crate::analysis::number::{count, full, short};
use crate::experiment::settings::{Data, Group, Key, Kind, Settings, Value};
use crate::experiment::task::Outcome;
use crate::experiment::{Cell, Choice as _, Direction, Shape};
use crate::model::readout::softmax;
use crate::view::{LaneLayout, Viewport};

/// A control.
#[derive(Clone, Debug, Serialize)]
pub struct Control {
    key: &'static str,
    label: &'static str,
    symbol: Option<Math>,
    group: &'static str,
    kind: &'static str,
    min: f64,
    max: f64,
    step: f64,
    options: Vec<ChoiceOption>,
    value: Json,
    shown: String,
    marks: Vec<Mark>,
    scope: &'static str,
    cells: Vec<&'static str>,
    applies: bool,
    help: &'static str,
    big: bool,
    /// Of a shared setting.
    #[serde(skip_serializing_if = "Option::is_none")]
    shared: Option<Shared>,
}

/// What a shared control says of lanes with values of their own.
#[derive(Clone, Debug, Serialize)]
struct Shared {
    /// Which they are; empty where that needs no word.
    note: String,
    /// Whether the lanes that it sets have different values: its own is then the first one's, of a choice empty.
    differs: bool,
}

#[derive(Clone, Debug, Serialize)]
struct ChoiceOption {
    value: &'static str,
    label: &'static str,
    /// Under which name a list has it; empty where it has none.
    #[serde(skip_serializing_if = "str::is_empty")]
    group: &'static str,
    /// What it means, where a word does not say it.
    says: &'static str,
    /// Why it cannot be chosen now; empty when it can.
    #[serde(skip_serializing_if = "String::is_empty")]
    barred: String,
}

#[derive(Clone, Debug, Serialize)]
struct Mark {
    at: f64,
    label: String,
}

/// Everything but the pictures.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Overview {
    #[serde(rename = "T")]
    steps: usize,
    data: DataFacts,
    inputs: Vec<String>,
    targets: Vec<Option<String>>,
    lanes: Vec<Lane>,
    losses: &'static str,
    can_losses: bool,
    position: usize,
    phase: &'static str,
    t: usize,
    /// How many steps encoder or decoder have, where the cursor stands.
    of: usize,
    /// `t = 7`, of a decoder `t′ = 2`.
    step: String,
    lane: usize,
    unit: usize,
    symbol: String,
    pinned: bool,
    flag: String,
    loss: String,
    /// The operation of the step that was done last, from 1; 0 is the step as a whole.
    operation: usize,
    /// Of how many; 0 while the step is one whole.
    operations: usize,
    tab: &'static str,
    picture: &'static str,
    boxes: Choosable,
    followed: usize,
    /// Where the playhead of the backward directions stands; none where no lane has one.
    mirror: Option<usize>,
    /// What the gradients are relative to.
    relative: &'static str,
    gradient: String,
    gradients: Vec<Place>,
    /// Whether the matrices are open.
    matrix: bool,
    lesson: Option<lessons::Opened>,
    /// Where lanes can learn.
    practice: Option<PracticeFacts>,
}

/// A layer and direction in which gradients can be read.
#[derive(Clone, Debug, Serialize)]
struct Place {
    value: String,
    label: String,
}

#[derive(Clone, Debug, Serialize)]
struct DataFacts {
    title: &'static str,
    source: &'static str,
    note: String,
    categorical: bool,
}

#[derive(Clone, Debug, Serialize)]
struct Lane {
    name: String,
    cell: &'static str,
    spec: String,
    mark: usize,
    hidden: usize,
    parameters: usize,
    facts: String,
    own: Json,
    settings: Vec<Control>,
    gauge: GaugeFacts,
    cures: Vec<Offer>,
    /// Whether clipping on the way back mends what broke.
    retries: bool,
    /// The place on the track where its numbers broke.
    breaks: Option<usize>,
    loss: String,
    outputs: Vec<Option<Output>>,
}

#[derive(Clone, Debug, Serialize)]
struct GaugeFacts {
    shown: String,
    full: String,
    verdict: String,
    state: &'static str,
    symbol: Math,
    note: &'static str,
    /// `What is left at t = 1 of ∂L/∂h at t = T`.
    what: String,
}

impl GaugeFacts {
    fn of(run: &LaneRun, losses: Losses, site: Site) -> Self {
        let Gauge { shown, full, verdict, state } = run.gauge(losses, site).clone();
        // Beside the strip there is room for one letter: the state of a lane with a cell state is s.
        let (name, note) = match run.experiment.spec.cell {
            Cell::Lstm => ("s", "s = (h, C)"),
            Cell::Ann => ("s", ""),
            Cell::Rnn | Cell::Gru => ("h", ""),
        };
        let symbol = math::gradient_by(&run.index(site).symbol(name));
        let (place, site) = (run.place(site), run.nearest(site));
        let place = if place.is_empty() { place } else { format!(" of {place}") };
        let (axis, direction) = (run.axis(), site.direction);
        let (end, begin) = (axis.end(direction), axis.begin(direction));
        let what = match losses {
            Losses::Last => format!("What is left at {end} of {state}{place} at {begin}"),
            Losses::Every => {
                format!("{state}{place} of all losses, their sum at {end} as a share of that at {begin}")
            }
        };
        Self { shown, full, verdict, state, symbol, note, what }
    }
}

/// A prediction.
#[derive(Clone, Debug, Serialize)]
pub struct Output {
    pub(super) shown: String,
    pub(super) full: String,
    right: Option<bool>,
}

/// The moment in words.
#[derive(Clone, Debug, Serialize)]
pub struct Caption {
    pub(super) lead: String,
    pub(super) text: String,
}

/// The figure as a table.
#[derive(Clone, Debug, Serialize)]
pub struct Table {
    pub(super) head: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
}

/// What a heat map shows.
pub(super) fn word(symbol: &str) -> &'static str {
    match symbol {
        "h" => "hidden state",
        "C" => "cell state",
        "s" => "sum over the window",
        "f" => "forget gate",
        "i" => "input gate",
        "o" => "output gate",
        "C_tilde" | "h_tilde" => "candidate",
        "z" => "update gate",
        "r" => "reset gate",
        _ => "",
    }
}

impl LaneRun {
    /// What a heat map shows, with its layer and direction where there are several.
    #[must_use]
    pub fn called(&self, Shown { symbol, .. }: Shown, index: Index) -> String {
        let place = words_of(index);
        if place.is_empty() { word(symbol).into() } else { format!("{}, {place}", word(symbol)) }
    }
}

impl Session {
    /// Arranges the figure, with what the page writes beside each heat map.
    pub fn layout_with_words(&mut self, viewport: Viewport) -> Json {
        let layout = self.layout(viewport).clone();
        let mut message = serde_json::to_value(&layout).unwrap_or_default();
        let lanes = message["lanes"].as_array_mut().into_iter().flatten().zip(&self.lanes);
        for ((entry, run), LaneLayout { rows, folded, .. }) in lanes.zip(&layout.lanes) {
            let names = [
                rows.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(),
                folded.iter().map(|row| row.name.as_str()).collect(),
            ];
            for (list, names) in ["rows", "folded"].into_iter().zip(names) {
                for (row, name) in entry[list].as_array_mut().into_iter().flatten().zip(names) {
                    let Some(shown) = run.row(name, run.top()) else { continue };
                    let pair = row["pair"] == true;
                    let index = run.index(shown.site);
                    let index = if pair { Index { direction: None, ..index } } else { index };
                    row["label"] = index.symbol(shown.symbol);
                    row["word"] = run.called(shown, index).into();
                    row["folds"] = (shown.symbol != "h" || run.rests(shown)).into();
                }
            }
        }
        message
    }

    /// The controls of the shared settings.
    #[must_use]
    pub fn controls(&self) -> Vec<Control> {
        let shared = |key: Key| {
            let Standing { value, differs, sets, note } = self.standing(key);
            let mut control = self.control(key, None, &value, &sets);
            if differs {
                control.shown = "differs".into();
            }
            if let (true, Value::Text(_)) = (differs, value) {
                control.value = "".into();
            }
            control.shared = Some(Shared { note, differs });
            control
        };
        Key::ALL.into_iter().map(shared).collect()
    }

    /// A control of the shared settings or of a lane, which sets these lanes.
    fn control(&self, key: Key, lane: Option<usize>, value: &Value, sets: &[usize]) -> Control {
        let setting = key.setting();
        let (kind, min, mut max, step) = match setting.kind {
            Kind::Integer { min, max, .. } => ("integer", real(min), real(max), 1.0),
            Kind::Real { min, max, step, .. } => ("real", min, max, step),
            Kind::Choice(_) => ("choice", 0.0, 0.0, 0.0),
            Kind::Text { max, .. } => ("text", 0.0, real(max), 1.0),
        };
        let mut value_number = None;
        // No slider over steps that the data do not have.
        if key == Key::Steps {
            max = max.min(real(self.task.most_steps));
            value_number = Some(real(self.axis().encoder));
        } else if key == Key::Outputs && self.settings.reads(key) {
            max = max.min(real(self.task.most_outputs));
            value_number = Some(real(self.task.targets.len()));
        }
        if let (Key::Example, Some(corpus)) = (key, &self.task.practice) {
            max = real(corpus.examples.len());
        }
        let widths = (self.task.x.ncols(), self.task.outputs);
        let barred = |word: &str| match self.settings.allows(sets, key, word) {
            Ok(()) if key == Key::Feedback && word == "on" && widths.0 != widths.1 => {
                format!("off: an output has {} entries, an input {}", widths.1, widths.0)
            }
            Ok(()) => String::new(),
            Err(error) => error.expected,
        };
        let options: &[_] = if let Kind::Choice(options) = setting.kind { options } else { &[] };
        let mut options: Vec<_> = options.iter().collect();
        if key == Key::Shape {
            // As a book goes through them.
            options.sort_by_key(|(word, _)| Shape::ALL.iter().position(|(_, known)| known == word));
        }
        let options = options
            .into_iter()
            .filter(|(word, _)| {
                key != Key::Data || *word != Data::File.word() || self.settings.file.is_some()
            })
            .map(|&(value, label)| {
                let shape = Shape::ALL.iter().find(|(_, word)| key == Key::Shape && *word == value);
                let says = shape.map_or("", |(shape, _)| says(*shape));
                let data = Data::ALL.iter().find(|(_, word)| key == Key::Data && *word == value);
                let group = data.map_or("", |(data, _)| data.group());
                ChoiceOption { value, label, group, says, barred: barred(value) }
            })
            .collect();
        Control {
            key: setting.key,
            label: setting.label,
            symbol: (!setting.symbol.is_empty()).then(|| math::symbol(setting.symbol)),
            group: match setting.group {
                Group::Data => "data",
                Group::Size => "size",
                Group::Start => "start",
                Group::Fixes => "fixes",
                Group::Numbers => "numbers",
            },
            kind,
            min,
            max,
            step,
            options,
            shown: value_number.map_or_else(|| setting.shown(value), |steps| steps.to_string()),
            value: match value {
                _ if value_number.is_some() => value_number.into(),
                Value::Integer(value) => (*value).into(),
                Value::Real(value) => (*value).into(),
                Value::Text(text) => text.as_str().into(),
            },
            marks: setting.marks.iter().map(|&at| Mark { at, label: short(at) }).collect(),
            scope: if setting.lane { "lane" } else { "shared" },
            cells: setting.cells.iter().map(|cell| cell.word()).collect(),
            applies: lane.is_some() || self.applies(key),
            help: setting.help,
            big: key == Key::Rho,
            shared: None,
        }
    }

    /// Whether a shared setting changes anything now.
    pub(super) fn applies(&self, key: Key) -> bool {
        match key {
            Key::Data => true,
            Key::Text
            | Key::Numbers
            | Key::Example
            | Key::Own
            | Key::Shape
            | Key::Feedback
            | Key::Teaching
            | Key::Steps
            | Key::Outputs => self.settings.reads(key),
            Key::Match => self.lanes.len() > 1 && self.settings.reads(key),
            _ => self.concerns_tab(key) && !self.concerned(key).is_empty(),
        }
    }

    /// What acts on the update alone is set where it is shown.
    fn concerns_tab(&self, key: Key) -> bool {
        self.cursor.tab == Tab::Update || !key.of_update()
    }

    /// Everything but the pictures.
    #[must_use]
    pub fn overview(&self) -> Overview {
        let (axis, (t, backward)) = (self.axis(), self.t());
        let step = axis.name(t);
        let first_output = self.steps() - self.task.targets.len();
        let mut targets = vec![None; first_output];
        targets.extend(self.task.targets.iter().map(|target| Some(token(target))));
        Overview {
            steps: self.steps(),
            data: DataFacts {
                title: self.task.title,
                source: self.task.source,
                note: self.task.note.clone(),
                categorical: matches!(self.task.outcome, Outcome::Symbols(_)),
            },
            inputs: self.task.inputs.iter().map(token).collect(),
            targets,
            lanes: (0..self.lanes.len()).map(|lane| self.lane(lane)).collect(),
            losses: if self.cursor.losses == Losses::Last { "last" } else { "every" },
            can_losses: self.task.targets.len() > 1,
            position: self.cursor.position,
            phase: if backward { "backward" } else { "forward" },
            t,
            of: if axis.decodes(t) { axis.count - axis.encoder } else { axis.encoder },
            lane: self.cursor.lane,
            unit: self.cursor.unit,
            symbol: self.row_name(),
            pinned: self.cursor.pinned,
            flag: match (backward, self.cursor.tab) {
                (false, _) => format!("{step} ▸"),
                (true, Tab::Flow) => format!("◂ {}", step.replace('t', "k")),
                (true, _) => format!("◂ {step}"),
            },
            step,
            operation: self.cursor.operation.unwrap_or(0),
            operations: self.cursor.operation.map_or(0, |_| self.operations()),
            tab: self.cursor.tab.word(),
            picture: self.picture().word(),
            boxes: self.choosable(),
            followed: self.followed(),
            mirror: self
                .lanes
                .iter()
                .any(|run| run.experiment.spec.bidirectional)
                .then(|| axis.seen(Direction::Backward, t))
                .filter(|_| !axis.decodes(t)),
            relative: self.relative(),
            gradient: self.cursor.gradient.text(),
            gradients: self.gradients(),
            matrix: self.cursor.matrix.is_some(),
            lesson: self.cursor.lesson.and_then(|word| lessons::facts(word, &self.settings)),
            loss: short(self.lanes[self.cursor.lane].run.trace.loss),
            practice: self.practice(),
        }
    }

    /// The name of the row that is selected.
    fn row_name(&self) -> String {
        let run = &self.lanes[self.cursor.lane];
        run.row(&self.cursor.symbol, self.site(run)).map_or_else(String::new, |row| run.row_name(row))
    }

    /// Where the gradients of all lanes begin their way back.
    pub(super) fn relative(&self) -> &'static str {
        let begins = |run: &LaneRun| self.axis().begin(run.nearest(self.cursor.gradient).direction);
        let first = begins(&self.lanes[0]);
        if self.lanes.iter().all(|run| begins(run) == first) { first } else { "where it enters" }
    }

    fn gradients(&self) -> Vec<Place> {
        let sites = self.gradient_sites();
        let both = sites.iter().any(|site| site.direction == Direction::Backward);
        let stack = sites.iter().any(|site| site.layer > 1);
        let place = |site: &Site| {
            let layer = stack.then(|| format!("layer {}", site.layer));
            let arrow = both.then_some(if site.direction == Direction::Forward { "→" } else { "←" });
            let what = layer.as_deref().unwrap_or("direction");
            let label = [what].into_iter().chain(arrow).collect::<Vec<_>>().join(" ");
            Place { value: site.text(), label }
        };
        if sites.len() > 1 { sites.iter().map(place).collect() } else { Vec::new() }
    }

    /// Why no feed-forward lane can be added; empty where it can.
    #[must_use]
    pub fn no_ann(&self) -> &'static str {
        Settings::bars_ann(self.settings.data(), self.settings.shape()).unwrap_or_default()
    }

    /// Units and parameters; of a feed-forward lane also what they are to match.
    fn facts_of(&self, lane: usize) -> String {
        let run = &self.lanes[lane];
        let facts = run.facts();
        let matched = if run.experiment.spec.cell.recurs() { None } else { self.settings.matched(lane) };
        match matched.map(|first| &self.lanes[first]) {
            None => facts,
            Some(other) => {
                let wanted = count(other.experiment.spec.parameters());
                format!("{facts}: to match {}’s {wanted}", other.name)
            }
        }
    }

    fn lane(&self, lane: usize) -> Lane {
        let run = &self.lanes[lane];
        let own = &self.settings.lanes[lane].own;
        let own =
            own.iter().map(|(key, value)| (key.setting().key.to_owned(), key.setting().shown(value).into()));
        let spec = &run.experiment.spec;
        Lane {
            name: run.name.clone(),
            cell: spec.cell.word(),
            spec: run.spec(),
            mark: run.mark,
            hidden: spec.hidden,
            parameters: spec.parameters(),
            facts: self.facts_of(lane),
            own: Json::Object(own.collect()),
            settings: run
                .keys()
                .filter(|&key| self.concerns_tab(key))
                .map(|key| self.control(key, Some(lane), self.settings.of(lane, key), &[lane]))
                .collect(),
            gauge: GaugeFacts::of(run, self.cursor.losses, self.cursor.gradient),
            cures: self.cures(lane),
            retries: self.retries(lane),
            breaks: run
                .breaks(self.cursor.losses, self.cursor.gradient)
                .map(|broken| if broken.backward { 2 * self.steps() + 1 - broken.seen } else { broken.seen }),
            loss: short(run.run.trace.loss),
            outputs: (0..self.steps()).map(|t| self.output(run, t)).collect(),
        }
    }

    /// What a lane predicts at step `t`, from 0.
    pub(super) fn output(&self, run: &LaneRun, t: usize) -> Option<Output> {
        let outputs = run.run.trace.y.nrows();
        let index = (t + outputs).checked_sub(self.steps())?;
        let mut y = run.run.trace.y.row(index).to_vec();
        let target = token(&self.task.targets[index]);
        Some(match &self.task.outcome {
            Outcome::Values { mean, deviation } => {
                let value = mean + deviation * y[0];
                let words = format!("predicts {}, the target is {target}", full(value));
                Output { shown: short(value), full: words, right: None }
            }
            Outcome::Symbols(symbols) => {
                softmax(&mut y);
                let best = (0..y.len()).fold(0, |best, class| if y[class] > y[best] { class } else { best });
                let wanted = symbols.iter().position(|symbol| *symbol == target);
                let chance = wanted.map_or(f64::NAN, |class| y[class]);
                let full = if y[best].is_finite() {
                    let best = format!("predicts {} with probability {}", symbols[best], short(y[best]));
                    format!("{best}; the target {target} has {}", short(chance))
                } else {
                    "no prediction: the output is not finite".into()
                };
                Output { shown: symbols[best].clone(), full, right: Some(symbols[best] == target) }
            }
        })
    }
}

/// Settings and counts are far below 2⁵².
#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn real(value: usize) -> f64 {
    value as f64
}
