//! The boxes-and-arrows picture: a network unrolled in time, with its numbers in the boxes and its gradients on the
//! arrows.
//!
//! [`layout()`] is a pure function of what is to be drawn, without a number of the run: it places [`Node`]s and
//! [`Link`]s on the time axis that everything shares. [`paint`] fills cells as pixels, [`scene()`] gives lines and
//! words, [`hit()`] says what lies under a point; the page and the SVG file read the same ones.

mod hit;
mod layout;
mod paint;
mod route;
mod scene;

pub use hit::{BoxHit, hit};
pub use layout::layout;
pub use paint::{paint, raster};
pub(super) use scene::{BLACK, WHITE};
pub use scene::{Line, LinkScene, NodeScene, Role, Scene, Text, scene};

use serde::Serialize;

use super::{Area, Band, Figure, Layout};
use crate::experiment::{Cell, Direction, Shape};
use crate::trace::LayerTrace;

/// The most columns that boxes have room for.
pub const MOST_STEPS: usize = 12;

/// What a step reads that has no input of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// Zeros.
    Nothing,
    /// The target of the step before.
    Targets,
    /// The output of the step before.
    Outputs,
}

/// A lane's network, without its numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Which steps have inputs and outputs.
    pub shape: Shape,
    /// Columns: those of the encoder, then those of the decoder.
    pub steps: usize,
    /// Columns of the encoder; all columns where there is no decoder.
    pub encoder: usize,
    /// Layers.
    pub layers: usize,
    /// Whether each layer reads its sequence in both directions.
    pub both: bool,
    /// The cell of every layer.
    pub cell: Cell,
    /// `H`.
    pub units: usize,
    /// Whether outputs are classes, drawn as bars.
    pub classes: bool,
    /// What a step without an input of its own reads.
    pub told: Told,
    /// Folded or unfolded by the user's own choice; `None` leaves it to the layout.
    pub folded: Option<bool>,
}

impl Plan {
    /// Whether step `t`, from 1, belongs to the decoder.
    #[must_use]
    pub fn decodes(&self, t: usize) -> bool {
        self.shape == Shape::EncoderDecoder && t > self.encoder
    }

    /// Units of a box: a decoder is as wide as all directions of its encoder, so that their last states fit in.
    #[must_use]
    pub fn units_at(&self, t: usize) -> usize {
        if self.decodes(t) { self.widest() } else { self.units }
    }

    /// The most units of a box.
    #[must_use]
    pub fn widest(&self) -> usize {
        self.units * if self.both && self.shape == Shape::EncoderDecoder { 2 } else { 1 }
    }

    /// Whether step `t` reads something.
    #[must_use]
    pub fn reads(&self, t: usize) -> bool {
        match self.shape {
            Shape::OneToMany => t == 1 || self.told != Told::Nothing,
            // The first step of a decoder reads a zero vector.
            Shape::EncoderDecoder => t != self.encoder + 1,
            _ => true,
        }
    }

    /// Whether step `t` reads what the step before said.
    #[must_use]
    pub fn reads_again(&self, t: usize) -> bool {
        let begins = if self.shape == Shape::EncoderDecoder { self.encoder + 1 } else { 1 };
        self.told == Told::Outputs && self.shape.writes_on() && t > begins && self.reads(t)
    }

    /// Whether step `t` has an output, and a loss.
    #[must_use]
    pub fn writes(&self, t: usize) -> bool {
        match self.shape {
            Shape::ManyToOne => t == self.steps,
            Shape::EncoderDecoder => self.decodes(t),
            _ => true,
        }
    }
}

/// What the picture shows.
#[derive(Clone, Debug)]
pub struct BoxesFigure<'a> {
    /// The figure that it shares time axis, chart and playhead with.
    pub figure: Figure<'a>,
    /// The lanes' networks and numbers, in the figure's order.
    pub lanes: Vec<BoxLane<'a>>,
    /// The chosen lane.
    pub lane: usize,
    /// The chosen unit.
    pub unit: usize,
}

impl BoxesFigure<'_> {
    /// The networks alone.
    #[must_use]
    pub fn plans(&self) -> Vec<Plan> {
        self.lanes.iter().map(|lane| lane.plan).collect()
    }
}

/// One lane.
#[derive(Clone, Debug)]
pub struct BoxLane<'a> {
    /// Its network.
    pub plan: Plan,
    /// Whether `h` is drawn on a log scale (`ReLU`).
    pub log: bool,
    /// One record per layer and direction, in the order of files; with a decoder, its layers after the encoder's.
    pub sweeps: Vec<&'a LayerTrace>,
    /// What each step reads.
    pub inputs: Vec<String>,
    /// The norm of the gradient that a step hands back for an output that it read, by step; empty where none passes.
    pub again: Vec<f64>,
    /// What each step says, where it says something.
    pub outputs: Vec<Option<BoxOutput>>,
    /// The norm that strips and chart are relative to: that of ∂L/∂s where its way back begins.
    pub begin: f64,
}

impl BoxLane<'_> {
    /// The record of a box and its row in it.
    #[must_use]
    pub fn record(&self, layer: usize, direction: Direction, t: usize) -> Option<(&LayerTrace, usize)> {
        let rows = if self.plan.both { 2 } else { 1 };
        let place = layer * rows + usize::from(direction == Direction::Backward);
        let (place, row) = if self.plan.decodes(t) {
            (self.plan.layers * rows + layer, t - self.plan.encoder - 1)
        } else {
            (place, t - 1)
        };
        self.sweeps.get(place).filter(|sweep| row < sweep.h.nrows()).map(|sweep| (*sweep, row))
    }
}

/// An output, to draw.
#[derive(Clone, Debug, PartialEq)]
pub struct BoxOutput {
    /// Probabilities of the classes; empty for values.
    pub shares: Vec<f64>,
    /// The class that should come out.
    pub target: Option<usize>,
    /// `n`, or a value.
    pub shown: String,
    /// `0.90`, or nothing.
    pub chance: String,
    /// `0.105`.
    pub loss: String,
    /// Whether its gradient is among the ones that are shown.
    pub counts: bool,
}

/// Where everything stands.
#[derive(Clone, Debug, PartialEq)]
pub struct BoxesLayout {
    /// The bands that every picture of the tab shares; its lanes are empty.
    pub frame: Layout,
    /// The lanes, top to bottom.
    pub lanes: Vec<BoxPlace>,
    /// Type size of the numbers.
    pub size: f64,
    /// Width of a box.
    pub width: u32,
}

/// One lane.
#[derive(Clone, Debug, PartialEq)]
pub struct BoxPlace {
    /// Top edge, on a phone of the lane's head.
    pub y: u32,
    /// Height.
    pub height: u32,
    /// Folded: only a gradient strip is shown.
    pub strip: Option<Band>,
    /// Boxes, outputs, inputs.
    pub nodes: Vec<Node>,
    /// Arrows between them.
    pub links: Vec<Link>,
    /// Symbols for the gutter, with the middle of their row.
    pub symbols: Vec<(&'static str, u32)>,
}

/// Something that arrows join.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// Its step, from 1.
    pub t: usize,
    /// Its place.
    pub area: Area,
    /// What is in a box, top to bottom.
    pub parts: Vec<Part>,
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeKind {
    /// `x_t`.
    Input,
    /// A cell at one step.
    Cell {
        /// From 0.
        layer: usize,
        /// Which of its directions.
        direction: Direction,
    },
    /// Where the states of two directions meet.
    Join,
    /// `y_t` with its loss.
    Output,
}

/// A column of units in a box.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Part {
    /// `h`, `C`, or a gate's name.
    pub symbol: &'static str,
    /// Its place; the units share its height.
    pub area: Area,
    /// How many units.
    pub units: usize,
    /// Whether each unit has its number in it.
    pub numbers: bool,
    /// Where the chosen unit's number stands otherwise: its base line.
    pub below: Option<f64>,
    /// A gate, with its symbol over it.
    pub gate: bool,
}

impl Part {
    /// The place of a unit.
    #[must_use]
    pub fn cell(&self, unit: usize) -> Area {
        let each = self.area.height / super::number::real(self.units.max(1));
        Area { y: self.area.y + super::number::real(unit) * each, height: each, ..self.area }
    }
}

/// An arrow, and the gradient that comes back along it.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// What it carries.
    pub kind: LinkKind,
    /// The step whose state it carries.
    pub t: usize,
    /// The node where it begins; `None` is the state before the first step.
    pub from: Option<usize>,
    /// The node where it ends.
    pub to: usize,
    /// Corners, from begin to end.
    pub path: Vec<Point>,
    /// Corners of the gradient's arrow, where there is room for one.
    pub back: Option<Vec<Point>>,
    /// Room for the gradient's number.
    pub spot: Option<Area>,
}

/// What a link carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkKind {
    /// An input.
    Read,
    /// `h` to the next step of its layer.
    Hidden,
    /// `C` to the next step of its layer.
    Highway,
    /// `h` upward: to the layer above, or to where two directions meet.
    Rise,
    /// `h` to the output.
    Out,
    /// An output to the next step, which reads it.
    Again,
}

/// A corner of a line, in CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Point {
    /// From the left.
    pub x: f64,
    /// From the top.
    pub y: f64,
}

/// Where an arrow key leads from a node or link.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Walk {
    /// ←
    pub left: Option<usize>,
    /// →
    pub right: Option<usize>,
    /// ↑
    pub up: Option<usize>,
    /// ↓
    pub down: Option<usize>,
}

impl BoxPlace {
    /// Where the arrow keys lead: from a node along a link, from a link to a node. Nodes are numbered as they stand,
    /// links go on after them.
    #[must_use]
    pub fn walks(&self) -> Vec<Walk> {
        let middle = |node: usize| {
            let Area { x, y, width, height } = self.nodes[node].area;
            (x + width / 2.0, y + height / 2.0)
        };
        let first = self.nodes.len();
        let mut walks = vec![Walk::default(); first + self.links.len()];
        for (index, link) in self.links.iter().enumerate() {
            let (Some(from), to, own) = (link.from, link.to, first + index) else {
                let own = first + index;
                if link.path.first().is_some_and(|start| start.x < middle(link.to).0) {
                    walks[own].right = Some(link.to);
                    walks[link.to].left.get_or_insert(own);
                } else {
                    walks[own].left = Some(link.to);
                    walks[link.to].right.get_or_insert(own);
                }
                continue;
            };
            let (a, b) = (middle(from), middle(to));
            if matches!(link.kind, LinkKind::Hidden | LinkKind::Highway) {
                let (left, right) = if a.0 < b.0 { (from, to) } else { (to, from) };
                (walks[own].left, walks[own].right) = (Some(left), Some(right));
                walks[left].right.get_or_insert(own);
                walks[right].left.get_or_insert(own);
            } else {
                (walks[own].up, walks[own].down) = (Some(to), Some(from));
                walks[from].up.get_or_insert(own);
                walks[to].down.get_or_insert(own);
            }
        }
        // Two upward links from one node: ← and → go from one to the other.
        for (index, link) in self.links.iter().enumerate() {
            let twin = |other: &Link| {
                other.from == link.from && matches!(other.kind, LinkKind::Read | LinkKind::Rise)
            };
            let upward = matches!(link.kind, LinkKind::Read | LinkKind::Rise);
            let next = self.links[index + 1..].iter().position(twin).filter(|_| upward);
            if let Some(next) = next.map(|next| first + index + 1 + next) {
                walks[first + index].right.get_or_insert(next);
                walks[next].left.get_or_insert(first + index);
            }
        }
        // Two links side by side: ↑ and ↓ go from one to the other.
        for (index, pair) in self.links.windows(2).enumerate() {
            let [one, two] = pair else { continue };
            if (one.kind, two.kind) == (LinkKind::Highway, LinkKind::Hidden)
                && (one.from, one.to) == (two.from, two.to)
            {
                walks[first + index].down = Some(first + index + 1);
                walks[first + index + 1].up = Some(first + index);
            }
        }
        // Two states into one box from different ones: ↑ and ↓ as well.
        let state = |link: &Link| matches!(link.kind, LinkKind::Hidden | LinkKind::Highway);
        for (index, link) in self.links.iter().enumerate().filter(|(_, link)| state(link)) {
            let other = |other: &Link| state(other) && other.to == link.to && other.from != link.from;
            if let Some(next) = self.links[index + 1..].iter().position(other) {
                let next = index + 1 + next;
                walks[first + index].up.get_or_insert(first + next);
                walks[first + next].down.get_or_insert(first + index);
            }
        }
        walks
    }
}
