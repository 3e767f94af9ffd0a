//! The unrolled lanes as boxes and arrows, for short sequences.

mod words;

use serde::Serialize;
use serde_json::{Value as Json, json};

use super::words::token;
use super::{LaneRun, Losses, Session, Tab};
use crate::analysis::math;
use crate::analysis::number::{digits, short};
use crate::analysis::signal;
use crate::experiment::settings::Key;
use crate::experiment::task::Outcome;
use crate::experiment::{Activation, Experiment, Loss, Shape};
use crate::model::readout::softmax;
use crate::view::boxes::{
    self, BoxLane, BoxOutput, BoxesFigure, BoxesLayout, Line, MOST_STEPS, Node, NodeKind, Plan, Role, Text,
    Told,
};
use crate::view::{self, Area, Label, Raster, Viewport};

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
                log: !spec.cell.gated() && spec.activation == Activation::Relu,
                sweeps: run.run.layers(self.cursor.losses == Losses::Last).collect(),
                inputs: (1..=self.steps()).map(|t| self.reads(run, t).0).collect(),
                again: self.again(run),
                outputs: (0..self.steps()).map(|t| self.box_output(run, t)).collect(),
                begin: self.begin_norm(run),
            }
        });
        let lanes = lanes.collect();
        BoxesFigure { figure: self.figure(), lanes, lane: self.cursor.lane, unit: self.cursor.unit }
    }

    /// The norm of a lane's gradient where its way back begins; in a decoder that of all its units.
    fn begin_norm(&self, run: &LaneRun) -> f64 {
        let (site, last) = (run.nearest(self.cursor.gradient), self.cursor.losses == Losses::Last);
        let decoder = run.run.layers(last).nth(run.run.trace.layers.len() + site.layer - 1);
        let plain = || {
            let begin = self.axis().seen(site.direction, self.steps());
            run.norms(self.cursor.losses, site).norm.get(begin - 1).copied().unwrap_or(f64::NAN)
        };
        decoder.map_or_else(plain, |decoder| {
            let end = decoder.h.nrows() - 1;
            let parts = decoder.dh.row(end).into_iter().chain(decoder.dc_from_future.row(end));
            signal::norm(&parts.copied().collect::<Vec<_>>())
        })
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
