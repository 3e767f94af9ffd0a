//! The unrolled lanes as boxes and arrows, for short sequences.

use serde::Serialize;
use serde_json::{Value as Json, json};

use super::messages::{Table, word};
use super::pick::Picked;
use super::words::token;
use super::{LaneRun, Losses, Session, Tab};
use crate::analysis::math::{self, Math};
use crate::analysis::number::{digits, short};
use crate::analysis::signal;
use crate::experiment::settings::Key;
use crate::experiment::task::Outcome;
use crate::experiment::{Activation, Cell, Direction, Experiment, Loss, Shape};
use crate::model::readout::softmax;
use crate::view::boxes::{
    self, BoxHit, BoxLane, BoxOutput, BoxPlace, BoxesFigure, BoxesLayout, Line, Link, LinkKind, MOST_STEPS,
    Node, NodeKind, Plan, Role, Text, Told,
};
use crate::view::{self, Area, Hit, Label, Raster, Viewport};

/// More units than this are not listed one by one in words.
const LISTED: usize = 8;
/// What the switch offers where boxes have no room; of an encoder and a decoder so many each.
const OFFERED: usize = 8;
const OFFERED_EACH: usize = 6;

/// The pictures of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Picture {
    /// Heat maps and strips.
    Heat,
    /// Boxes and arrows.
    Boxes,
    /// Every loss at every earlier step.
    Flow,
    /// Steps as matrices.
    Spectrum,
    /// One step of gradient descent.
    Update,
}

impl Picture {
    /// Its name in messages.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Heat => "heat",
            Self::Boxes => "boxes",
            Self::Flow => "flow",
            Self::Spectrum => "spectrum",
            Self::Update => "update",
        }
    }
}

/// Whether boxes can be chosen, and else why not.
#[derive(Clone, Debug, Serialize)]
pub struct Choosable {
    can: bool,
    why: String,
    /// What the button says.
    act: String,
    /// Settings under which there would be few enough steps.
    offer: Vec<(&'static str, String)>,
}

/// Lines and words of one lane, in the order of its nodes and links.
#[derive(Clone, Debug, Serialize)]
pub struct LaneScene {
    nodes: Vec<NodeMessage>,
    links: Vec<LinkMessage>,
}

#[derive(Clone, Debug, Serialize)]
struct NodeMessage {
    name: String,
    width: f64,
    role: Role,
    texts: Vec<Text>,
}

#[derive(Clone, Debug, Serialize)]
struct LinkMessage {
    name: String,
    line: LineMessage,
    back: Option<LineMessage>,
    number: Option<Text>,
}

/// A line as paths of SVG: its shaft and its head.
#[derive(Clone, Debug, Serialize)]
struct LineMessage {
    shaft: String,
    head: String,
    width: f64,
    role: Role,
}

impl From<&Line> for LineMessage {
    fn from(line: &Line) -> Self {
        let path = |points: &[boxes::Point]| {
            let corner = |(index, point): (usize, &boxes::Point)| {
                format!("{}{:.1} {:.1}", if index == 0 { 'M' } else { 'L' }, point.x, point.y)
            };
            points.iter().enumerate().map(corner).collect::<String>()
        };
        let head = line.triangle().map_or_else(String::new, |head| path(&head) + "Z");
        Self { shaft: path(&line.shaft()), head, width: line.width, role: line.role }
    }
}

impl Session {
    /// Which picture is shown.
    #[must_use]
    pub fn picture(&self) -> Picture {
        match self.cursor.tab {
            Tab::Flow => Picture::Flow,
            Tab::Spectrum => Picture::Spectrum,
            Tab::Update => Picture::Update,
            Tab::Unrolled if self.cursor.boxes && self.steps() <= MOST_STEPS => Picture::Boxes,
            Tab::Unrolled => Picture::Heat,
        }
    }

    /// Chooses boxes and arrows, or heat maps.
    pub fn set_boxes(&mut self, chosen: bool) {
        self.cursor.boxes = chosen;
    }

    /// Whether boxes can be chosen.
    pub(super) fn choosable(&self) -> Choosable {
        let steps = self.steps();
        let can = steps <= MOST_STEPS;
        let why = format!("Boxes have room for {MOST_STEPS} steps; this sequence has {steps}.");
        let keys = [Key::Steps, Key::Outputs].into_iter().filter(|&key| self.settings.reads(key));
        let each = if self.axis().border().is_some() { OFFERED_EACH } else { OFFERED };
        let offer: Vec<_> = keys.map(|key| (key.setting().key, each.to_string())).collect();
        let act = match offer.len() {
            0 => String::new(),
            1 => format!("Show {each} steps"),
            _ => format!("Show {each} and {each} steps"),
        };
        Choosable { can, why: if can { String::new() } else { why }, act, offer }
    }

    fn plan(&self, lane: usize) -> Plan {
        let spec = &self.lanes[lane].experiment.spec;
        Plan {
            shape: spec.shape,
            steps: self.steps(),
            encoder: self.axis().encoder,
            layers: spec.layers,
            both: spec.bidirectional,
            cell: spec.cell,
            units: spec.hidden,
            classes: matches!(self.task.outcome, Outcome::Symbols(_)),
            told: match spec.reads_outputs() {
                false => Told::Nothing,
                true if self.lanes[lane].experiment.teaching => Told::Targets,
                true => Told::Outputs,
            },
            folded: self.settings.lanes[lane].shown.get("boxes").map(|shown| !shown),
        }
    }

    fn boxes_figure(&self) -> BoxesFigure<'_> {
        let lanes = self.lanes.iter().enumerate().map(|(lane, run)| {
            let spec = &run.experiment.spec;
            BoxLane {
                plan: self.plan(lane),
                log: spec.cell == Cell::Rnn && spec.activation == Activation::Relu,
                sweeps: run.run.layers(self.cursor.losses == Losses::Last).collect(),
                inputs: (1..=self.steps()).map(|t| self.reads(run, t).0).collect(),
                again: self.again(run),
                outputs: (0..self.steps()).map(|t| self.box_output(run, t)).collect(),
            }
        });
        let lanes = lanes.collect();
        BoxesFigure { figure: self.figure(), lanes, lane: self.cursor.lane, unit: self.cursor.unit }
    }

    /// The norm of what each step hands back for an output that it read: of all losses, where they are what counts.
    fn again(&self, run: &LaneRun) -> Vec<f64> {
        let Experiment { spec, teaching, .. } = &run.experiment;
        let passes = spec.reads_outputs() && !teaching && run.experiment.loss() == Loss::SquaredError;
        if !passes || self.cursor.losses == Losses::Last {
            return Vec::new();
        }
        let before = self.steps() - run.run.trace.y.nrows();
        let norms = run.run.trace.dread.rows().into_iter().map(|row| signal::norm(&row.to_vec()));
        std::iter::repeat_n(0.0, before).chain(norms).collect()
    }

    fn box_output(&self, run: &LaneRun, t: usize) -> Option<BoxOutput> {
        let trace = &run.run.trace;
        let index = (t + trace.y.nrows()).checked_sub(self.steps())?;
        let said = self.output(run, t)?;
        let loss = *trace.loss_t.get(index)?;
        let counts = self.cursor.losses == Losses::Every || index + 1 == trace.y.nrows();
        let (mut shares, mut target, mut chance) = (Vec::new(), None, String::new());
        if let Outcome::Symbols(symbols) = &self.task.outcome {
            shares = trace.y.row(index).to_vec();
            softmax(&mut shares);
            let wanted = token(&self.task.targets[index]);
            target = symbols.iter().position(|symbol| *symbol == wanted);
            chance = digits(shares.iter().copied().fold(f64::NAN, f64::max), 2);
        }
        Some(BoxOutput { shares, target, shown: said.shown, chance, loss: short(loss), counts })
    }

    /// Arranges the boxes.
    pub fn boxes_layout(&mut self, viewport: Viewport) -> &BoxesLayout {
        let plans: Vec<Plan> = (0..self.lanes.len()).map(|lane| self.plan(lane)).collect();
        let layout = boxes::layout(&plans, self.cursor.lane, self.steps(), true, viewport);
        &self.boxes_place.insert((viewport, layout)).1
    }

    /// Paints the cells of the boxes as arranged last; `None` before the first arrangement.
    pub fn boxes_paint(&mut self) -> Option<&Raster> {
        let mut raster = std::mem::take(&mut self.raster);
        if let Some((viewport, layout)) = &self.boxes_place {
            boxes::raster(&mut raster, &self.boxes_figure(), layout, *viewport);
        }
        self.raster = raster;
        self.boxes_place.as_ref().map(|_| &self.raster)
    }

    /// The words over the chart under the boxes as arranged last.
    #[must_use]
    pub fn boxes_labels(&self) -> Vec<Label> {
        self.boxes_place.as_ref().map_or_else(Vec::new, |(viewport, layout)| {
            view::labels(&self.figure(), &layout.frame, *viewport)
        })
    }

    /// The boxes as SVG, in their own size.
    #[must_use]
    pub fn boxes_svg(&self, viewport: Viewport) -> String {
        view::boxes_svg(&self.boxes_figure(), viewport)
    }

    /// Where the chosen unit stands at the cursor, in each part of its box.
    #[must_use]
    pub fn boxes_marks(&self) -> Vec<Area> {
        let Some((_, layout)) = &self.boxes_place else { return Vec::new() };
        let (lane, unit) = (self.cursor.lane, self.cursor.unit);
        let symbols = self.lanes[lane].symbols().iter();
        symbols.filter_map(|symbol| BoxesFigure::cell(layout, lane, symbol, unit, self.t().0)).collect()
    }

    /// Lines and words of the boxes as arranged last.
    #[must_use]
    pub fn boxes(&self) -> Vec<LaneScene> {
        let Some((viewport, layout)) = &self.boxes_place else { return Vec::new() };
        let figure = self.boxes_figure();
        let scene = boxes::scene(&figure, layout, *viewport);
        let places = layout.lanes.iter().enumerate();
        let lanes = scene.lanes.into_iter().zip(places).map(|((nodes, links), (lane, place))| {
            let nodes = nodes.into_iter().zip(&place.nodes).map(|(shown, node)| {
                let (width, role) = shown.frame.unwrap_or((0.0, Role::Edge));
                NodeMessage { name: self.node_name(&figure, lane, node), width, role, texts: shown.texts }
            });
            let links = links.into_iter().zip(&place.links).map(|(shown, link)| LinkMessage {
                name: self.link_name(place, lane, link, shown.norm),
                line: (&shown.line).into(),
                back: shown.back.as_ref().map(LineMessage::from),
                number: shown.number,
            });
            LaneScene { nodes: nodes.collect(), links: links.collect() }
        });
        lanes.collect()
    }

    /// A box, an input or an output in words.
    fn node_name(&self, figure: &BoxesFigure, lane: usize, node: &Node) -> String {
        let (name, t) = (&self.lanes[lane].name, node.t);
        let at = self.axis().name(t);
        match node.kind {
            NodeKind::Input => format!("input, {at}: {}", figure.lanes[lane].inputs[t - 1]),
            NodeKind::Join => format!("{name}, {at}: both directions meet"),
            NodeKind::Output => {
                let said = self.output(&self.lanes[lane], t - 1).map(|output| output.full);
                let output = figure.lanes[lane].outputs[t - 1].as_ref();
                let loss = output.map_or("", |output| &output.loss);
                format!("{name} output, {at}: {}; loss {loss}", said.unwrap_or_default())
            }
            NodeKind::Cell { layer, direction } => {
                let place = place_words(&figure.lanes[lane].plan, layer, direction);
                if !figure.done(direction, t) {
                    return format!("{name}{place}, {at}: still to come");
                }
                let states = node.parts.iter().filter(|part| !part.gate).map(|part| {
                    let value = |unit| figure.lanes[lane].value(part.symbol, layer, direction, t, unit);
                    let shown = |unit| value(unit).map_or_else(String::new, |value| digits(value, 2));
                    if part.units > LISTED {
                        let unit = self.cursor.unit.min(part.units - 1);
                        return format!("{} of unit {} {}", part.symbol, unit + 1, shown(unit));
                    }
                    let all: Vec<String> = (0..part.units).map(shown).collect();
                    format!("{} {}", part.symbol, all.join(", "))
                });
                format!("{name}{place}, {at}: {}", states.collect::<Vec<_>>().join("; "))
            }
        }
    }

    /// An arrow in words, with the gradient that comes back along it.
    fn link_name(&self, place: &BoxPlace, lane: usize, link: &Link, norm: Option<f64>) -> String {
        let name = &self.lanes[lane].name;
        let way = self.way(place, link);
        let gradient = match norm {
            Some(norm) if self.t().1 => format!("; gradient back, norm {}", short(norm)),
            _ => String::new(),
        };
        format!("{name}, {way}{gradient}")
    }

    /// What an arrow carries where.
    fn way(&self, place: &BoxPlace, link: &Link) -> String {
        let axis = self.axis();
        let (to, from) = (axis.name(place.nodes[link.to].t), axis.name(link.t));
        match (link.kind, link.from) {
            (LinkKind::Read, _) => format!("x into the box of {to}"),
            (LinkKind::Hidden, None) => format!("first h into {to}"),
            (LinkKind::Highway, None) => format!("first C into {to}"),
            (LinkKind::Hidden, _) => format!("h from {from} to {to}"),
            (LinkKind::Highway, _) => format!("C from {from} to {to}"),
            (LinkKind::Rise, _) => format!("h of {from} upward"),
            (LinkKind::Out, _) => format!("h of {to} to the output"),
            (LinkKind::Again, _) => format!("output of {from} into the input of {to}"),
        }
    }

    /// What is under a point of the boxes as arranged last.
    #[must_use]
    pub fn boxes_pick(&self, x: f64, y: f64) -> Option<Picked> {
        let (_, layout) = self.boxes_place.as_ref()?;
        let picked = match boxes::hit(layout, x, y) {
            BoxHit::Unit { lane, node, part, unit, area } => {
                let node = &layout.lanes[lane].nodes[node];
                self.pick_unit(lane, node, node.parts[part].symbol, unit, area)
            }
            BoxHit::Node { lane, node, .. } => self.item(lane, node),
            BoxHit::Link { lane, link, .. } => self.item(lane, layout.lanes[lane].nodes.len() + link),
            BoxHit::Strip { lane, t, area } => self.pick_hit(Hit::Strip { lane, t, area }),
            BoxHit::Frame(hit) => self.pick_hit(hit),
        };
        picked.map(|picked| picked.named(self.axis()))
    }

    fn pick_unit(
        &self,
        lane: usize,
        node: &Node,
        symbol: &'static str,
        unit: usize,
        area: Area,
    ) -> Option<Picked> {
        let NodeKind::Cell { layer, direction } = node.kind else { return None };
        let figure = self.boxes_figure();
        let value = figure.lanes[lane].value(symbol, layer, direction, node.t, unit)?;
        let place = place_words(&figure.lanes[lane].plan, layer, direction);
        let words = format!("{}{place}", word(symbol));
        let picked = Picked::new(lane, symbol, math::symbol(symbol), &words, node.t, area);
        Some(picked.unit(unit).number(&self.lanes[lane], value))
    }

    /// A node, or a link after all nodes, as a tip tells it.
    #[must_use]
    pub fn boxes_item(&self, lane: usize, item: usize) -> Option<Picked> {
        self.item(lane, item).map(|picked| picked.named(self.axis()))
    }

    fn item(&self, lane: usize, item: usize) -> Option<Picked> {
        let (_, layout) = self.boxes_place.as_ref()?;
        let place = layout.lanes.get(lane)?;
        let figure = self.boxes_figure();
        let run = &self.lanes[lane];
        let Some(node) = place.nodes.get(item) else {
            let link = place.links.get(item - place.nodes.len())?;
            return Some(self.pick_link(&figure, place, lane, item, link));
        };
        let (t, area) = (node.t, node.area);
        match node.kind {
            NodeKind::Cell { layer, direction } => {
                let words = format!("cell{}", place_words(&figure.lanes[lane].plan, layer, direction));
                let unit = self.cursor.unit.min(run.experiment.spec.hidden - 1);
                let picked = Picked::new(lane, "box", math::at("h", 0), &words, t, area);
                let value = figure.lanes[lane].value("h", layer, direction, t, unit)?;
                let reads = format!("unit {}; reads {}", unit + 1, figure.lanes[lane].inputs.get(t - 1)?);
                Some(picked.number(run, value).noted(reads))
            }
            NodeKind::Input => self.pick_hit(Hit::Input { t, area }),
            NodeKind::Output => {
                let loss = figure.lanes[lane].outputs.get(t - 1)?.as_ref()?;
                let enters = if loss.counts { "; its gradient enters here" } else { "" };
                let words = format!("loss {}{enters}", loss.loss);
                self.pick_hit(Hit::Output { lane, t, area }).map(|picked| picked.noted(words))
            }
            NodeKind::Join => {
                let name = self.node_name(&figure, lane, node);
                Some(Picked::new(lane, "join", math::at("h", 0), "both directions", t, area).text(name))
            }
        }
    }

    fn pick_link(
        &self,
        figure: &BoxesFigure,
        place: &BoxPlace,
        lane: usize,
        item: usize,
        link: &Link,
    ) -> Picked {
        let run = &self.lanes[lane];
        let symbol = format!("arrow {item}");
        let carried = match link.kind {
            LinkKind::Read => "x",
            LinkKind::Highway => "C",
            LinkKind::Again => "y",
            _ => "h",
        };
        let way = self.way(place, link);
        let t = link.t.max(1);
        let norm = figure.norm(&figure.lanes[lane], place, link);
        let Some(norm) = norm.filter(|_| self.t().1) else {
            let words = if norm.is_some() { "its gradient comes back here" } else { "" };
            let label = math::symbol(&format!("{carried}_{}", self.axis().number(t)));
            let picked = Picked::new(lane, &symbol, label, "arrow", t, link.area());
            return picked.text(way).noted(words.to_owned());
        };
        let through = match link.kind {
            LinkKind::Hidden | LinkKind::Highway => "what the next step sends back",
            LinkKind::Rise => "what the layer above sends back",
            LinkKind::Again => "what the next step sends back for what it read",
            _ => "what this step’s loss sends back",
        };
        Picked::new(lane, &symbol, gradient_norm(carried, &self.axis().number(t)), "gradient", t, link.area())
            .number(run, norm)
            .noted(format!("{way}: {through}"))
    }

    /// Inputs, outputs, losses, states and the gradients on the arrows, step by step.
    pub(super) fn boxes_table(&self) -> Table {
        let mut head = vec!["t".to_owned(), "input".to_owned(), "target".to_owned()];
        let listed = |run: &LaneRun| run.experiment.spec.hidden <= LISTED;
        let unit = |run: &LaneRun| self.cursor.unit.min(run.experiment.spec.hidden - 1);
        for run in &self.lanes {
            let name = &run.name;
            let states = if listed(run) {
                format!("{name}, h")
            } else {
                format!("{name}, h of unit {}", unit(run) + 1)
            };
            head.extend([format!("{name}, output"), format!("{name}, loss"), states]);
            head.push(format!("{name}, gradient from t + 1"));
        }
        let figure = self.boxes_figure();
        let rows = (1..=self.steps()).map(|t| {
            let target = (t + self.task.targets.len()).checked_sub(self.steps() + 1);
            let target = target.map_or_else(String::new, |index| token(&self.task.targets[index]));
            let mut row = vec![self.axis().number(t), token(&self.task.inputs[t - 1]), target];
            for (run, lane) in self.lanes.iter().zip(&figure.lanes) {
                let output = lane.outputs[t - 1].as_ref();
                row.push(output.map_or_else(String::new, |output| {
                    format!("{} {}", output.shown, output.chance).trim().to_owned()
                }));
                row.push(output.map_or_else(String::new, |output| output.loss.clone()));
                let shown = |unit| {
                    let value = lane.value("h", 0, Direction::Forward, t, unit);
                    value.map_or_else(String::new, |value| digits(value, 2))
                };
                let hidden = run.experiment.spec.hidden;
                let states: Vec<_> =
                    if listed(run) { (0..hidden).map(shown).collect() } else { vec![shown(unit(run))] };
                row.push(states.join(", "));
                let record = lane.record(0, Direction::Forward, t).filter(|_| t < self.steps());
                row.push(record.map_or_else(String::new, |(record, at)| {
                    short(signal::norm(&record.dh_from_future.row(at).to_vec()))
                }));
            }
            row
        });
        Table { head, rows: rows.collect() }
    }
}

/// `, layer 2, right to left`: nothing where there is one layer, or one direction.
fn place_words(plan: &Plan, layer: usize, direction: Direction) -> String {
    let mut words = String::new();
    if plan.layers > 1 {
        words = format!(", layer {}", layer + 1);
    }
    if plan.both {
        words.push_str(if direction == Direction::Forward { ", left to right" } else { ", right to left" });
    }
    words
}

/// `‖∂L/∂h_3‖`
fn gradient_norm(symbol: &str, t: &str) -> Math {
    let below = json!(["msub", ["mi", symbol], ["mn", t]]);
    let bar = json!(["mo", "‖"]);
    json!(["mrow", bar, ["mi", "∂"], ["mi", "L"], ["mo", "/"], ["mi", "∂"], below, bar])
}

/// The shape of the sequence in a sentence: which losses there are, and where their gradient enters.
#[must_use]
pub fn says(shape: Shape) -> &'static str {
    match shape {
        Shape::OneToOne => "One step, one loss: nothing to carry along.",
        Shape::OneToMany => {
            "One input, a loss at every step: gradients enter everywhere, all lead back to t = 1."
        }
        Shape::ManyToOne => "One loss, after the last step: the gradient enters at t = T alone.",
        Shape::ManyToMany => "A loss at every step: a gradient enters at each of them.",
        Shape::EncoderDecoder => {
            "Losses at the decoder’s steps: their gradient enters there and crosses into the encoder."
        }
    }
}

/// The layout as the page's other parts read it, and what is drawn of the boxes.
#[must_use]
pub fn with_frame(layout: &BoxesLayout) -> Json {
    let mut message = serde_json::to_value(&layout.frame).unwrap_or_default();
    let lanes = layout.lanes.iter().map(|lane| {
        let kind = |node: &Node| match node.kind {
            NodeKind::Input => "input",
            NodeKind::Cell { .. } => "cell",
            NodeKind::Join => "join",
            NodeKind::Output => "output",
        };
        let node = |node: &Node| json!({ "kind": kind(node), "t": node.t, "area": node.area });
        let symbol = |(symbol, y): &(&str, u32)| {
            json!({ "label": math::at(symbol, 0), "y": y })
        };
        let first = lane.nodes.iter().find(|node| matches!(node.kind, NodeKind::Cell { .. }));
        let states = first.into_iter().flat_map(|node| &node.parts).filter(|part| !part.gate);
        json!({
            "rows": states.map(|part| json!({ "symbol": part.symbol })).collect::<Vec<_>>(),
            "y": lane.y, "height": lane.height, "strip": lane.strip,
            "nodes": lane.nodes.iter().map(node).collect::<Vec<_>>(),
            "links": lane.links.iter().map(|link| json!({ "t": link.t.max(1), "area": link.area() })).collect::<Vec<_>>(),
            "walks": lane.walks(),
            "symbols": lane.symbols.iter().map(symbol).collect::<Vec<_>>(),
        })
    });
    message["boxes"] = lanes.collect();
    message
}
