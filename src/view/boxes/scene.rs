//! Lines and words of the boxes, for the page's SVG and for the file's alike.

use serde::Serialize;

use super::super::number::whole;
use super::super::{Anchor, Area, Mode, Rgb, Theme, Viewport, identity, theme};
use super::paint::bars_area;
use super::{BoxLane, BoxPlace, BoxesFigure, BoxesLayout, Link, LinkKind, Node, NodeKind, Part, Point};
use crate::analysis::number::{digits, power_of_ten};
use crate::analysis::signal::norm;
use crate::experiment::{Cell, Direction, Shape};

/// What stands on cells.
pub(in crate::view) const BLACK: Rgb = Rgb(0, 0, 0);
/// What stands on dark cells.
pub(in crate::view) const WHITE: Rgb = Rgb(255, 255, 255);

/// The colour of a line or text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// What counts now.
    Ink,
    /// Second text.
    Ink2,
    /// What is still to come.
    Edge,
    /// On dark cells.
    White,
    /// On light cells.
    Black,
    /// The lane's own.
    Lane,
    /// Of gradients.
    Gradient,
}

/// Lines and words of each lane, in the order of its nodes and links.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    /// Nodes and links of each lane.
    pub lanes: Vec<(Vec<NodeScene>, Vec<LinkScene>)>,
}

/// A node.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeScene {
    /// The outline of a box: width and colour.
    pub frame: Option<(f64, Role)>,
    /// Its words.
    pub texts: Vec<Text>,
}

/// A link.
#[derive(Clone, Debug, PartialEq)]
pub struct LinkScene {
    /// The arrow of the forward pass.
    pub line: Line,
    /// The gradient's arrow.
    pub back: Option<Line>,
    /// The gradient's number.
    pub number: Option<Text>,
    /// The norm of the gradient that comes back along it, relative as in strips and chart; `None` where there is none
    /// to show.
    pub norm: Option<f64>,
}

/// A line with or without a head.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Corners, to the point of the head.
    pub points: Vec<Point>,
    /// Width.
    pub width: f64,
    /// Colour.
    pub role: Role,
    /// Whether it has a head.
    pub head: bool,
}

/// Words at a place.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Text {
    /// Left end, middle or right end.
    pub x: f64,
    /// Base line.
    pub y: f64,
    /// Which.
    pub anchor: Anchor,
    /// The words.
    pub text: String,
    /// Type size.
    pub size: f64,
    /// Colour.
    pub role: Role,
    /// Whether they are bold.
    pub bold: bool,
    /// Whether they are a symbol of mathematics.
    pub math: bool,
}

impl Line {
    fn new(points: &[Point], width: f64, role: Role, head: bool) -> Self {
        Self { points: points.to_vec(), width, role, head }
    }

    /// The triangle of the head: its point and the two corners behind it.
    #[must_use]
    pub fn triangle(&self) -> Option<[Point; 3]> {
        let [.., from, to] = self.points[..] else { return None };
        let length = (to.x - from.x).hypot(to.y - from.y);
        if !self.head || length == 0.0 {
            return None;
        }
        let (x, y) = ((to.x - from.x) / length, (to.y - from.y) / length);
        let long = (4.2 + 1.2 * self.width).min(length);
        let wide = long * 0.44;
        let corner =
            |side: f64| Point { x: to.x - x * long - y * wide * side, y: to.y - y * long + x * wide * side };
        Some([to, corner(1.0), corner(-1.0)])
    }

    /// The corners of the line itself, which ends inside its head.
    #[must_use]
    pub fn shaft(&self) -> Vec<Point> {
        let mut points = self.points.clone();
        if let (Some([_, a, b]), Some(last)) = (self.triangle(), points.last_mut()) {
            (last.x, last.y) = (f64::midpoint(a.x, b.x), f64::midpoint(a.y, b.y));
        }
        points
    }
}

/// Lines and words of a figure.
#[must_use]
pub fn scene(figure: &BoxesFigure, layout: &BoxesLayout, viewport: Viewport) -> Scene {
    let lanes = figure.lanes.iter().zip(&layout.lanes).enumerate().map(|(index, (lane, place))| {
        let mark = figure.figure.lanes.get(index).map_or(0, |lane| lane.mark);
        let pen = Pen {
            figure,
            lane,
            place,
            size: layout.size,
            mode: viewport.mode,
            theme: theme(viewport.dark),
            // A pale colour needs an outline that so small a line cannot have.
            own: if identity(mark).pale { Role::Ink } else { Role::Lane },
        };
        let nodes = place.nodes.iter().map(|node| pen.node(node)).collect();
        (nodes, place.links.iter().map(|link| pen.link(link)).collect())
    });
    Scene { lanes: lanes.collect() }
}

struct Pen<'a, 'b> {
    figure: &'a BoxesFigure<'b>,
    lane: &'a BoxLane<'b>,
    place: &'a BoxPlace,
    size: f64,
    mode: Mode,
    theme: &'a Theme,
    own: Role,
}

/// Estimated width of words without letters wider than a digit, in ems.
fn ems(text: &str) -> f64 {
    text.chars().map(|c| if "⁰¹²³⁴⁵⁶⁷⁸⁹⁻.".contains(c) { 0.36 } else { 0.57 }).sum()
}

/// A number as it fits into a width: two digits, one, or its order.
fn fitting(value: f64, width: f64, size: f64) -> Option<String> {
    let sign = if value < 0.0 { "−" } else { "" };
    let order = || format!("{sign}{}", power_of_ten(whole(value.abs().log10())));
    let tries =
        [Some(digits(value, 2)), Some(digits(value, 1)), (value != 0.0 && value.is_finite()).then(order)];
    tries.into_iter().flatten().find(|text| ems(text) * size <= width)
}

impl Pen<'_, '_> {
    fn node(&self, node: &Node) -> NodeScene {
        match node.kind {
            NodeKind::Cell { layer, direction } => self.cell(node, layer, direction),
            NodeKind::Output => NodeScene { frame: None, texts: self.output(node) },
            NodeKind::Input => NodeScene { frame: None, texts: self.input(node) },
            NodeKind::Join => NodeScene { frame: Some((1.0, Role::Edge)), texts: Vec::new() },
        }
    }

    fn text(&self, x: f64, y: f64, text: String, role: Role) -> Text {
        Text { x, y, anchor: Anchor::Middle, text, size: self.size, role, bold: false, math: false }
    }

    fn cell(&self, node: &Node, layer: usize, direction: Direction) -> NodeScene {
        let done = self.figure.done(direction, node.t);
        let frame = match (node.t == self.figure.figure.progress.now(), done) {
            (true, _) => (1.8, Role::Ink),
            (false, true) => (1.0, Role::Edge),
            (false, false) => (0.5, Role::Edge),
        };
        let mut texts = Vec::new();
        for part in &node.parts {
            if part.gate {
                texts.extend(self.symbol(part));
            }
            let tone = self.lane.tone(part.symbol, layer, direction, self.theme);
            let value = |unit| self.lane.value(part.symbol, layer, direction, node.t, unit);
            let middle = part.area.x + part.area.width / 2.0;
            if part.numbers && done {
                for unit in 0..part.units {
                    let Some(value) = value(unit) else { continue };
                    let cell = part.cell(unit);
                    let role = tone(value).map_or(Role::Ink, legible);
                    let y = cell.y + (cell.height - 1.0) / 2.0 + self.size * 0.36;
                    if let Some(text) = fitting(value, part.area.width + 4.0, self.size) {
                        texts.push(self.text(middle, y, text, role));
                    }
                }
            }
            if let (Some(y), true) = (part.below, done) {
                let unit = self.figure.unit.min(part.units.saturating_sub(1));
                let shown = value(unit).and_then(|value| fitting(value, part.area.width + 6.0, self.size));
                texts.extend(shown.map(|text| self.text(middle, y, text, Role::Ink)));
            }
        }
        NodeScene { frame: Some(frame), texts }
    }

    /// A gate's symbol over its column, in the letters of mathematics; a tilde stands over its letter.
    fn symbol(&self, part: &Part) -> Vec<Text> {
        let size = if self.mode == Mode::Present { 15.0 } else { 13.0 };
        let (letter, tilde) = match part.symbol {
            "C_tilde" => ("𝐶", true),
            "h_tilde" => ("ℎ", true),
            "f" => ("𝑓", false),
            "i" => ("𝑖", false),
            "o" => ("𝑜", false),
            "z" => ("𝑧", false),
            _ => ("𝑟", false),
        };
        let (x, y) = (part.area.x + part.area.width / 2.0, part.area.y - 3.5);
        let text =
            |x, y, text: &str| Text { size, math: true, ..self.text(x, y, text.to_owned(), Role::Ink) };
        let mut texts = vec![text(x, y, letter)];
        texts.extend(tilde.then(|| text(x + 1.0, y - 0.42 * size, "~")));
        texts
    }

    /// Loss over, prediction under the bars.
    fn output(&self, node: &Node) -> Vec<Text> {
        let Some(Some(output)) = self.lane.outputs.get(node.t - 1) else { return Vec::new() };
        let done = self.figure.done(Direction::Forward, node.t);
        if !done {
            return Vec::new();
        }
        let bars = bars_area(node, self.lane);
        let middle = node.area.x + node.area.width / 2.0;
        let line = bars.y - node.area.y;
        let base = |top: f64| top + line / 2.0 + self.size * 0.36;
        let loss = Some(&output.loss).filter(|loss| ems(loss) * self.size <= node.area.width + 4.0);
        let mut texts: Vec<Text> = Vec::new();
        texts.extend(loss.map(|loss| Text {
            bold: output.counts,
            role: if output.counts { Role::Gradient } else { Role::Ink2 },
            ..self.text(middle, base(node.area.y), loss.clone(), Role::Ink)
        }));
        let y = base(bars.y + bars.height);
        let both = !output.chance.is_empty()
            && (ems(&output.shown) + ems(&output.chance) + 0.6) * self.size <= node.area.width + 2.0;
        let bold =
            |x, anchor| Text { anchor, bold: true, ..self.text(x, y, output.shown.clone(), Role::Ink) };
        if both {
            let gap = 0.25 * self.size;
            let width = (ems(&output.shown) + ems(&output.chance)) * self.size + gap;
            texts.push(bold(middle - width / 2.0, Anchor::Start));
            let chance = self.text(middle + width / 2.0, y, output.chance.clone(), Role::Ink2);
            texts.push(Text { anchor: Anchor::End, ..chance });
        } else if ems(&output.shown) * self.size <= node.area.width + 8.0 {
            texts.push(bold(middle, Anchor::Middle));
        }
        texts
    }

    fn input(&self, node: &Node) -> Vec<Text> {
        let Some(word) = self.lane.inputs.get(node.t - 1) else { return Vec::new() };
        let size = if self.lane.plan.classes && word.chars().count() == 1 {
            self.size.max(11.0) + 3.0
        } else {
            self.size
        };
        let wide = ems(word) * size > node.area.width + 6.0;
        let y = node.area.y + node.area.height / 2.0 + size * 0.36;
        let text = self.text(node.area.x + node.area.width / 2.0, y, word.clone(), Role::Ink);
        let bold = node.t == self.figure.figure.progress.now();
        if wide { Vec::new() } else { vec![Text { size, bold, ..text }] }
    }

    fn link(&self, link: &Link) -> LinkScene {
        let to = &self.place.nodes[link.to];
        let from = link.from.map(|from| &self.place.nodes[from]);
        let direction = |node: &Node| match node.kind {
            NodeKind::Cell { direction, .. } => direction,
            _ => Direction::Forward,
        };
        let done = match to.kind {
            NodeKind::Cell { .. } => self.figure.done(direction(to), to.t),
            _ => from.is_none_or(|from| self.figure.done(direction(from), to.t.max(from.t))),
        };
        let (width, role) = match (link.kind, self.lane.plan.cell) {
            (LinkKind::Highway, _) => (3.5, self.own),
            (LinkKind::Hidden, Cell::Lstm) => (1.5, Role::Ink),
            (LinkKind::Hidden, _) => (3.0, self.own),
            _ => (1.3, Role::Ink2),
        };
        let forth = Line::new(&link.path, if done { width } else { 0.45 * width }, role, true);
        let norm = self.figure.share(self.lane, self.place, link);
        let arrived = from.is_some_and(|from| match link.kind {
            LinkKind::Again => self.figure.back(Direction::Forward, to.t),
            _ => self.figure.back(direction(from), from.t),
        });
        let back = link.back.as_ref().filter(|_| norm.is_some() && self.figure.figure.progress.backward());
        let back = back.map(|points| match norm.filter(|_| arrived) {
            Some(norm) => Line::new(points, weight(norm), Role::Gradient, norm != 0.0),
            None => Line::new(points, 0.6, Role::Edge, false),
        });
        let number = link.spot.zip(norm.filter(|_| arrived && back.is_some())).and_then(|(spot, norm)| {
            let text = fitting(norm, spot.width + 2.0, self.size)?;
            let aside = matches!(link.kind, LinkKind::Rise | LinkKind::Out);
            let (x, anchor) =
                if aside { (spot.x, Anchor::Start) } else { (spot.x + spot.width / 2.0, Anchor::Middle) };
            let y = spot.y + spot.height / 2.0 + self.size * 0.36;
            Some(Text { anchor, ..self.text(x, y, text, Role::Gradient) })
        });
        LinkScene { line: forth, back, number, norm }
    }
}

/// The width of a gradient's arrow: 1 is 3.2 px, each decade 0.8 px.
fn weight(norm: f64) -> f64 {
    if norm == 0.0 {
        return 0.8;
    }
    let width = 3.2 + 0.8 * norm.log10();
    if width.is_finite() { width.clamp(0.8, 6.0) } else { 6.0 }
}

/// What is legible on a cell: of black and white one always is.
fn legible(ground: Rgb) -> Role {
    if ground.contrast(BLACK) >= ground.contrast(WHITE) { Role::Black } else { Role::White }
}

impl BoxesFigure<'_> {
    /// The norm of the gradient that comes back along a link, relative to what strips and chart are relative to.
    #[must_use]
    pub fn share(&self, lane: &BoxLane, place: &BoxPlace, link: &Link) -> Option<f64> {
        let norm = self.norm(lane, place, link)?;
        Some(if norm == 0.0 { 0.0 } else { norm / lane.begin })
    }

    /// The norm of the gradient that comes back along a link: of its state, through where it leads and nowhere else.
    #[must_use]
    pub fn norm(&self, lane: &BoxLane, place: &BoxPlace, link: &Link) -> Option<f64> {
        let from = &place.nodes[link.from?];
        let record = |layer, direction, t| lane.record(layer, direction, t);
        let row = |values: &ndarray::Array2<f64>, row: usize| values.row(row).to_vec();
        match (link.kind, from.kind) {
            (LinkKind::Hidden, NodeKind::Cell { layer, direction }) => {
                let (record, t) = record(layer, direction, from.t)?;
                Some(norm(&row(&record.dh_from_future, t)))
            }
            (LinkKind::Highway, NodeKind::Cell { layer, direction }) => {
                let (record, t) = record(layer, direction, from.t)?;
                Some(norm(&row(&record.dc_from_future, t)))
            }
            (LinkKind::Rise, NodeKind::Cell { layer, direction }) => {
                let (record, t) = record(layer, direction, from.t)?;
                Some(norm(&row(&record.dh_from_loss, t)))
            }
            (LinkKind::Out, kind) => {
                let counts = lane.outputs.get(from.t - 1).and_then(Option::as_ref).is_some_and(|o| o.counts);
                let last = lane.plan.layers - 1;
                let (forward, t) = record(last, Direction::Forward, from.t)?;
                let mut values = row(&forward.dh_from_loss, t);
                if kind == NodeKind::Join {
                    let end = if lane.plan.shape == Shape::ManyToOne { 1 } else { from.t };
                    let (backward, t) = record(last, Direction::Backward, end)?;
                    values.extend(row(&backward.dh_from_loss, t));
                }
                counts.then(|| norm(&values))
            }
            (LinkKind::Again, _) => lane.again.get(link.t).copied(),
            _ => None,
        }
    }

    /// The place of a unit in a lane's box, if it is shown.
    #[must_use]
    pub fn cell(layout: &BoxesLayout, lane: usize, symbol: &str, unit: usize, t: usize) -> Option<Area> {
        let place = layout.lanes.get(lane)?;
        let first = NodeKind::Cell { layer: 0, direction: Direction::Forward };
        let node = place.nodes.iter().find(|node| node.kind == first && node.t == t)?;
        let part = node.parts.iter().find(|part| part.symbol == symbol)?;
        (unit < part.units).then(|| part.cell(unit))
    }
}
