//! The drawing of a cell: where its nodes, wires and words stand.
//!
//! A circuit says what there is; a plan per circuit says where nodes stand and by which turns wires run. The
//! drawing follows from both: every wire ends on the border of the nodes that it joins.

mod plan;

use std::fmt::Write as _;

use serde::Serialize;

use super::Area;
use crate::analysis::circuit::{Circuit, NodeKind, WireKind};
use plan::{Plan, Stop, plan};

/// Width of every drawing, CSS pixels.
pub const WIDTH: f64 = 322.0;
/// Height of a drawing, CSS pixels; that of gates with layer normalisation is higher.
pub const HEIGHT: f64 = 258.0;

/// A cell, drawn; without numbers.
#[derive(Clone, Debug, Serialize)]
pub struct Drawing {
    /// Tells drawings apart.
    pub key: &'static str,
    /// Width in CSS pixels.
    pub width: f64,
    /// Height in CSS pixels.
    pub height: f64,
    /// The body of the cell.
    pub body: Area,
    /// Nodes, by their middle.
    pub nodes: Vec<Placed>,
    /// Wires.
    pub wires: Vec<Route>,
    /// Rows of small cells: all units, all inputs, a row of a matrix.
    pub strips: Vec<Strip>,
    /// Names of wires.
    pub names: Vec<Label>,
    /// Where the factor of the way back is written; none beside it.
    pub factor: Option<Spot>,
    /// The curve of φ, inside its node.
    pub curve: Option<Curve>,
}

/// A node and its place.
#[derive(Clone, Debug, Serialize)]
pub struct Placed {
    /// Its name.
    pub id: &'static str,
    /// `state`, `gate`, `candidate`, `matrix`, `bias`, `times`, `plus`, `function`, `curve`, `norm`.
    pub kind: &'static str,
    /// Middle.
    pub x: f64,
    /// Middle.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
    /// What is written on it.
    pub label: Label,
}

/// A symbol in the letters of a drawing.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Label {
    /// Its letter, mathematical italic, or words.
    pub text: String,
    /// Its index.
    pub index: &'static str,
    /// Whether it has a tilde.
    pub tilde: bool,
    /// Where the words stand beside the node: `start`, `middle` or `end`.
    pub anchor: &'static str,
    /// Left, middle or right end.
    pub x: f64,
    /// Base line.
    pub y: f64,
}

/// A wire and its way.
#[derive(Clone, Debug, Serialize)]
pub struct Route {
    /// Its name.
    pub id: &'static str,
    /// `highway`, `scalar` or `bus`.
    pub kind: &'static str,
    /// Its way, as SVG writes it.
    pub path: String,
    /// What branches off it, thinner.
    pub branch: String,
    /// Arrow heads: the tip, degrees clockwise from pointing right, and 1 where it ends the branch.
    pub heads: Vec<[f64; 4]>,
    /// Where it branches.
    pub dots: Vec<[f64; 2]>,
    /// Where its value shows as a colour.
    pub bead: Option<[f64; 2]>,
    /// Where its value is written.
    pub value: Option<Spot>,
    /// Where its gradient is written.
    pub gradient: Option<Spot>,
}

/// Where words stand.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Spot {
    /// Left, middle or right end.
    pub x: f64,
    /// Base line.
    pub y: f64,
    /// `start`, `middle` or `end`.
    pub anchor: &'static str,
}

/// A row of small cells.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Strip {
    /// What it shows: `h`, `x`, `W_hh`, `W_xh`.
    pub of: &'static str,
    /// Its place.
    pub area: Area,
}

/// The curve of φ.
#[derive(Clone, Debug, Serialize)]
pub struct Curve {
    /// Its place.
    pub area: Area,
    /// The curve, as SVG writes it.
    pub path: String,
}

/// Point and tangent of a curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Bend {
    /// The point.
    pub x: f64,
    /// The point.
    pub y: f64,
    /// Ends of the tangent: x, y, x, y.
    pub tangent: [f64; 4],
}

/// Values between −3 and 3 fit into a curve's place.
const REACH: f64 = 3.2;

/// From a pre-activation and φ of it to a point in the place of the curve.
fn point(area: Area, rectifies: bool, a: f64, value: f64) -> (f64, f64) {
    let high = if rectifies { value / 3.0 } else { value };
    let (x, y) = (area.x + area.width / 2.0, area.y + area.height / 2.0);
    (x + a / REACH * (area.width / 2.0 - 3.0), y - high * (area.height / 2.0 - 12.0))
}

/// Point and tangent where the pre-activation is `a`; beyond the drawn range, at its end.
#[must_use]
pub fn bend(area: Area, rectifies: bool, a: f64, slope: f64) -> Option<Bend> {
    if !a.is_finite() || !slope.is_finite() {
        return None;
    }
    let a = a.clamp(-3.0, 3.0);
    let phi = |a: f64| if rectifies { a.max(0.0) } else { libm::tanh(a) };
    let (x, y) = point(area, rectifies, a, phi(a));
    let steep = if rectifies { slope / 3.0 } else { slope };
    let reach = (0.95 / steep.max(0.05)).min(1.15);
    let end = |by: f64| point(area, rectifies, a + by, phi(a) + by * slope);
    let ((x1, y1), (x2, y2)) = (end(-reach), end(reach));
    Some(Bend { x, y, tangent: [x1, y1, x2, y2] })
}

fn curve(area: Area, rectifies: bool) -> Curve {
    let mut path = String::new();
    for n in -25..=25 {
        let a = 0.12 * f64::from(n);
        let (x, y) = point(area, rectifies, a, if rectifies { a.max(0.0) } else { libm::tanh(a) });
        _ = write!(path, "{}{x:.1} {y:.1}", if path.is_empty() { 'M' } else { 'L' });
    }
    Curve { area, path }
}

/// Arranges a cell.
#[must_use]
pub fn drawing(circuit: &Circuit) -> Drawing {
    let plan = plan(circuit.key);
    let nodes: Vec<Placed> = circuit.nodes.iter().map(|node| plan.placed(node.id, node.kind)).collect();
    let wires = circuit.wires.iter().map(|wire| route(&plan, &nodes, wire.id, wire.kind)).collect();
    let curve = nodes.iter().find(|node| node.kind == "curve").map(|node| {
        let area = node.area();
        curve(area, circuit.key.contains("-relu"))
    });
    Drawing {
        key: circuit.key,
        width: WIDTH,
        height: plan.height,
        body: Area { x: 56.0, y: 4.0, width: 216.0, height: plan.height - 38.0 },
        nodes,
        wires,
        strips: plan.strips,
        names: plan.names,
        factor: plan.factor,
        curve,
    }
}

impl Drawing {
    /// The cell of a direction that reads from right to left: what comes before t is t + 1.
    pub fn mirror(&mut self) {
        let labels = self.nodes.iter_mut().map(|node| &mut node.label).chain(&mut self.names);
        for label in labels {
            label.index = match label.index {
                "t−1" => "t+1",
                "t−k" => "t+k",
                index => index,
            };
        }
    }
}

impl Placed {
    /// Its rectangle.
    #[must_use]
    pub fn area(&self) -> Area {
        let Self { x, y, width, height, .. } = *self;
        Area { x: x - width / 2.0, y: y - height / 2.0, width, height }
    }
}

/// Whether a matrix shows its row as cells.
fn is_wide(matrix: &str) -> bool {
    ["W_xh", "W_hh", "W_skip"].contains(&matrix)
}

fn kind(kind: WireKind) -> &'static str {
    match kind {
        WireKind::Highway => "highway",
        WireKind::Scalar => "scalar",
        WireKind::Bus => "bus",
    }
}

/// Follows a wire from stop to stop.
fn route(plan: &Plan, nodes: &[Placed], id: &'static str, of: WireKind) -> Route {
    let way = plan.way(id);
    let [mut path, mut branch] = [String::new(), String::new()];
    let mut heads = Vec::new();
    for (index, stops) in way.lines.iter().enumerate() {
        let points = corners(stops, nodes);
        let target = if index > 0 && way.branches { &mut branch } else { &mut path };
        let mut ends = points.clone();
        let (before, last) = (points[points.len() - 2], points[points.len() - 1]);
        let turn = if last.0 > before.0 {
            0.0
        } else if last.0 < before.0 {
            180.0
        } else if last.1 > before.1 {
            90.0
        } else {
            270.0
        };
        let thin = index > 0 && way.branches;
        let inner = matches!(stops.last(), Some(Stop::Left(_) | Stop::Top(_) | Stop::Bottom(_)));
        // Inside the cell the highway runs on without heads.
        if matches!(stops.last(), Some(Stop::Exit(..))) || (inner && (thin || of != WireKind::Highway)) {
            heads.push([last.0, last.1, turn, f64::from(u8::from(thin))]);
            // The line ends inside its head.
            let short = if of == WireKind::Highway && !thin { 7.0 } else { 4.0 };
            let end = &mut ends[points.len() - 1];
            match turn {
                0.0 => end.0 -= short,
                180.0 => end.0 += short,
                90.0 => end.1 -= short,
                _ => end.1 += short,
            }
        }
        for (k, (x, y)) in ends.iter().enumerate() {
            _ = write!(target, "{}{x} {y}", if k == 0 { 'M' } else { 'L' });
        }
    }
    Route {
        id,
        kind: kind(of),
        path,
        branch,
        heads,
        dots: way.dots,
        bead: way.bead,
        value: way.value,
        gradient: way.gradient,
    }
}

fn corners(stops: &[Stop], nodes: &[Placed]) -> Vec<(f64, f64)> {
    let mut points: Vec<(f64, f64)> = Vec::new();
    for stop in stops {
        let (x, y) = points.last().copied().unwrap_or((0.0, 0.0));
        let node = |id: &str| nodes.iter().find(|node| node.id == id);
        points.push(match *stop {
            Stop::At(x, y) | Stop::Exit(x, y) => (x, y),
            Stop::ToX(x) => (x, y),
            Stop::ToY(y) => (x, y),
            Stop::Left(id) => node(id).map_or((x, y), |node| (node.x - node.width / 2.0, node.y)),
            Stop::Right(id) => node(id).map_or((x, y), |node| (node.x + node.width / 2.0, node.y)),
            Stop::Top(id) => node(id).map_or((x, y), |node| (node.x, node.y - node.height / 2.0)),
            Stop::Bottom(id) => node(id).map_or((x, y), |node| (node.x, node.y + node.height / 2.0)),
        });
    }
    points
}

impl Plan {
    fn placed(&self, id: &'static str, of: NodeKind) -> Placed {
        let (x, y) =
            self.nodes.iter().find(|(known, ..)| *known == id).map_or((0.0, 0.0), |&(_, x, y)| (x, y));
        let (kind, width, height) = match of {
            NodeKind::State => ("state", 0.0, 0.0),
            NodeKind::Gate => ("gate", 44.0, 42.0),
            NodeKind::Candidate => ("candidate", 44.0, 42.0),
            NodeKind::Matrix if id == "U" => ("matrix", 36.0, 24.0),
            NodeKind::Matrix if is_wide(id) => ("matrix", 58.0, 38.0),
            NodeKind::Matrix => ("row", 36.0, 18.0),
            NodeKind::Bias => ("bias", 4.0, 16.0),
            NodeKind::Times => ("times", 18.0, 18.0),
            NodeKind::Plus => ("plus", 18.0, 18.0),
            NodeKind::Function(_) => ("function", 34.0, 16.0),
            NodeKind::Curve => ("curve", 62.0, 88.0),
            NodeKind::Norm => ("norm", 36.0, 16.0),
        };
        let mut label = Label { anchor: "middle", x, y: y + 4.0, ..plan::label(id) };
        match of {
            NodeKind::Gate | NodeKind::Candidate => {
                let low = if label.tilde { 2.0 } else { 4.0 };
                (label.anchor, label.x, label.y) = ("start", x - 7.0, y - low);
            }
            NodeKind::Matrix if is_wide(id) => label.y = y - 1.0,
            NodeKind::Function(name) => label.text = name.into(),
            NodeKind::Matrix if id != "U" => label.y = y + 2.5,
            NodeKind::Norm => label.text = "norm".into(),
            NodeKind::State if x < WIDTH / 3.0 && id != "x" => {
                (label.anchor, label.x, label.y) = ("start", x, y - 12.0);
            }
            NodeKind::State if id == "x" => {
                (label.anchor, label.x, label.y) = ("start", x + 8.0, self.height - 5.0);
            }
            NodeKind::State => (label.anchor, label.x, label.y) = ("end", x, y - 12.0),
            NodeKind::Curve => {
                label =
                    Label { anchor: "start", x: x - 26.0, y: y - 31.0, text: self.function.into(), ..label };
            }
            NodeKind::Bias => (label.anchor, label.x, label.y) = ("end", x - 2.0, y + 3.0),
            _ => {}
        }
        Placed { id, kind, x, y, width, height, label }
    }
}

/// Width of a wire that carries a gradient of so many decades relative to the one at t = T, CSS pixels.
#[must_use]
pub fn gradient_width(decades: f64) -> f64 {
    let share = (decades.clamp(-9.0, 5.0) + 9.0) / 14.0;
    (10.0 * (0.8 + 5.6 * share)).round() / 10.0
}
