//! Arrows: from the edge of one box to the edge of another, around what stands between.

use super::super::{Area, Axis};
use super::layout::Sizes;
use super::{Link, LinkKind, Node, NodeKind, Plan, Point, Told};
use crate::experiment::{Cell, Direction, Shape};

/// How far from a box an arrow passes it.
const PASS: f64 = 5.0;

/// Finds nodes, and draws what joins them.
struct Router<'a> {
    plan: &'a Plan,
    nodes: &'a [Node],
    sizes: &'a Sizes,
    /// Width of a cell of the axis.
    column: f64,
    links: Vec<Link>,
}

/// All arrows of a lane.
pub(super) fn links(plan: &Plan, nodes: &[Node], axis: &Axis, sizes: &Sizes) -> Vec<Link> {
    let column = f64::from(axis.column - axis.gap());
    let mut router = Router { plan, nodes, sizes, column, links: Vec::new() };
    for layer in 0..plan.layers {
        for t in 1..=plan.steps {
            router.below(layer, t);
        }
        router.along(layer, Direction::Forward);
        if plan.both {
            router.along(layer, Direction::Backward);
            router.meet(layer);
        }
    }
    if plan.both && plan.shape == Shape::EncoderDecoder {
        for layer in 0..plan.layers {
            router.cross(layer);
        }
    }
    router.out();
    for t in (1..=plan.steps).filter(|&t| plan.reads_again(t)) {
        router.again(t);
    }
    router.links
}

fn at(x: f64, y: f64) -> Point {
    Point { x, y }
}

fn middle(area: Area) -> f64 {
    area.x + area.width / 2.0
}

fn end(area: Area) -> f64 {
    area.y + area.height
}

impl Router<'_> {
    fn node(&self, kind: NodeKind, t: usize) -> Option<usize> {
        self.nodes.iter().position(|node| node.t == t && node.kind == kind)
    }

    fn cell(&self, layer: usize, direction: Direction, t: usize) -> Option<usize> {
        self.node(NodeKind::Cell { layer, direction }, t)
    }

    fn area(&self, node: usize) -> Area {
        self.nodes[node].area
    }

    /// A straight arrow upward, with the gradient's beside it.
    fn rise(&mut self, kind: LinkKind, from: usize, to: usize, back: bool) {
        let (low, high) = (self.area(from), self.area(to));
        let x = middle(low);
        let (from_y, to_y) = (low.y, end(high));
        let (path, t) = (vec![at(x, from_y), at(x, to_y)], self.nodes[from].t);
        let joined = self.nodes[from].kind == NodeKind::Join;
        let room = if joined { 8.0 } else { low.width / 2.0 - 2.0 };
        let aside = x + if self.sizes.under { 5.0 } else { 8.0_f64.min(room) };
        let inside = |area: Area| aside < area.x + area.width - 1.0;
        let back = (back && inside(high)).then(|| {
            if !joined {
                return vec![at(aside, to_y), at(aside, from_y)];
            }
            // Into the side of the place where two directions meet.
            let y = low.y + low.height / 2.0;
            vec![at(aside, to_y), at(aside, y), at(low.x + low.width, y)]
        });
        // What is read again passes between two columns.
        let between = self.column - low.width / 2.0 - PASS - 16.0;
        let room = (self.column / 2.0 - 12.0).min(if self.plan.told == Told::Outputs {
            between
        } else {
            f64::INFINITY
        });
        let height = self.sizes.size + 1.0;
        // Beside the arrow, in the middle of it; not where numbers stand under boxes.
        let spot = back.as_ref().filter(|_| !self.sizes.under && room >= 1.8 * self.sizes.size).map(|_| {
            let y = f64::midpoint(from_y, to_y) - height / 2.0;
            Area { x: x + 12.0, y, width: room.min(4.0 * self.sizes.size), height }
        });
        self.links.push(Link { kind, t, from: Some(from), to, path, back, spot });
    }

    /// What a box reads: the input, or the layer below.
    fn below(&mut self, layer: usize, t: usize) {
        let Some(forward) = self.cell(layer, Direction::Forward, t) else { return };
        let under = match (layer, self.plan.both && !self.plan.decodes(t)) {
            (0, _) => self.node(NodeKind::Input, t),
            (_, true) => self.join_under(layer, t),
            (_, false) => self.cell(layer - 1, Direction::Forward, t),
        };
        let Some(under) = under else { return };
        let kind = if layer == 0 { LinkKind::Read } else { LinkKind::Rise };
        self.rise(kind, under, forward, layer > 0 && (!self.plan.both || self.plan.decodes(t)));
        let Some(backward) = self.cell(layer, Direction::Backward, t) else { return };
        // Around the box of the other direction, at its right.
        let (low, between, high) = (self.area(under), self.area(forward), self.area(backward));
        let right = between.x + between.width + PASS;
        let (one, two) = (f64::midpoint(low.y, end(between)), f64::midpoint(between.y, end(high)));
        let start = low.x + low.width.min(middle(low) - low.x + 4.0);
        let x = middle(high) + 6.0_f64.min(high.width / 4.0);
        let path = if low.width <= 8.0 {
            // Out of the side of the place where two directions meet.
            let y = low.y + low.height / 2.0;
            vec![at(low.x + low.width, y), at(right, y), at(right, two), at(x, two), at(x, end(high))]
        } else {
            vec![
                at(start, low.y),
                at(start, one),
                at(right, one),
                at(right, two),
                at(x, two),
                at(x, end(high)),
            ]
        };
        self.links.push(Link { kind, t, from: Some(under), to: backward, path, back: None, spot: None });
    }

    /// The place where the directions of the layer below meet.
    fn join_under(&self, layer: usize, t: usize) -> Option<usize> {
        let above = self.area(self.cell(layer, Direction::Forward, t)?).y;
        let below = self.area(self.cell(layer - 1, Direction::Backward, t)?).y;
        let between = |node: &Node| node.area.y > above && node.area.y < below;
        self.nodes.iter().position(|node| node.t == t && node.kind == NodeKind::Join && between(node))
    }

    /// The states along a row: from the one before the first step on.
    fn along(&mut self, layer: usize, direction: Direction) {
        let steps = self.plan.steps;
        let forward = direction == Direction::Forward;
        let mut before = None;
        for step in 1..=steps {
            let t = if forward { step } else { steps + 1 - step };
            let Some(to) = self.cell(layer, direction, t) else { continue };
            let recurs = self.plan.cell.recurs();
            if let Some(name) = self.plan.cell.carried().filter(|_| recurs || before.is_some()) {
                self.state(LinkKind::Highway, name, before, to, forward);
            }
            if recurs {
                self.state(LinkKind::Hidden, "h", before, to, forward);
            }
            before = Some(to);
        }
    }

    fn state(&mut self, kind: LinkKind, symbol: &str, from: Option<usize>, to: usize, forward: bool) {
        let area = self.area(to);
        let Some(part) = self.nodes[to].parts.iter().find(|part| part.symbol == symbol) else { return };
        let gap = self.column - area.width;
        let y = (part.area.y + part.area.height / 2.0).round();
        let size = self.sizes.size;
        // Two arrows, and where there is room a number under them.
        let (y, lower) = if self.sizes.beside { (y - 6.0, y + 3.0) } else { (y - 4.0, y + 4.0) };
        let (edge, start) = match (from.map(|from| self.area(from)), forward) {
            (Some(before), true) => (area.x, before.x + before.width),
            (Some(before), false) => (area.x + area.width, before.x),
            (None, true) => (area.x, area.x - (gap / 2.0 - 1.0).min(16.0)),
            (None, false) => (area.x + area.width, area.x + area.width + (gap / 2.0 - 1.0).min(16.0)),
        };
        let path = vec![at(start, y), at(edge, y)];
        let back = from.map(|_| vec![at(edge, lower), at(start, lower)]);
        let between = f64::midpoint(start, edge);
        let height = size + 1.0;
        let spot = from.and_then(|_| {
            if self.sizes.beside {
                let aside = if self.plan.both || self.plan.told == Told::Outputs { 14.0 } else { 1.0 };
                let width = (edge - start).abs() - aside;
                return Some(Area { x: between - width / 2.0, y: lower + 3.0, width, height });
            }
            // Over the box for C, under it for h.
            let y = if kind == LinkKind::Highway { area.y - height - 1.0 } else { end(area) + 1.0 };
            let x = between - self.column / 2.0 + 9.0;
            self.sizes.under.then_some(Area { x, y, width: self.column - 13.0, height })
        });
        let t = from.map_or(0, |from| self.nodes[from].t);
        self.links.push(Link { kind, t, from, to, path, back, spot });
    }

    /// Where the two directions of a layer meet.
    fn meet(&mut self, layer: usize) {
        let joins: Vec<usize> =
            (0..self.nodes.len()).filter(|&node| self.nodes[node].kind == NodeKind::Join).collect();
        for join in joins {
            let t = self.nodes[join].t;
            let Some(backward) = self.cell(layer, Direction::Backward, t) else { continue };
            let Some(forward) = self.cell(layer, Direction::Forward, t) else { continue };
            let (place, over, under) = (self.area(join), self.area(backward), self.area(forward));
            // Joins of other layers stand over other boxes.
            if over.y - end(place) < 0.0 || over.y - end(place) > f64::from(self.sizes.stem) {
                continue;
            }
            let ends = self.plan.shape == Shape::ManyToOne && layer + 1 == self.plan.layers;
            let from = if ends { self.cell(layer, Direction::Backward, 1) } else { Some(backward) };
            if let Some(from) = from.filter(|from| *from != backward) {
                // The last state of the backward direction is that of t = 1.
                let start = self.area(from);
                let y = start.y - 6.0;
                let path = vec![
                    at(middle(start), start.y),
                    at(middle(start), y),
                    at(middle(place), y),
                    at(middle(place), end(place)),
                ];
                let t = self.nodes[from].t;
                let kind = LinkKind::Rise;
                self.links.push(Link { kind, t, from: Some(from), to: join, path, back: None, spot: None });
            } else {
                self.rise(LinkKind::Rise, backward, join, false);
            }
            // Around the box of the other direction, at its left.
            let left = over.x - PASS;
            let (low, high) = (f64::midpoint(end(over), under.y) + 3.0, place.y + place.height / 2.0);
            let x = middle(under) - 6.0_f64.min(under.width / 4.0);
            let path = vec![at(x, under.y), at(x, low), at(left, low), at(left, high), at(place.x, high)];
            let kind = LinkKind::Rise;
            self.links.push(Link { kind, t, from: Some(forward), to: join, path, back: None, spot: None });
        }
    }

    /// The last states of the encoder's backward direction go into the decoder's first box, over the boxes of its own
    /// row: h, and around it C.
    fn cross(&mut self, layer: usize) {
        let from = self.cell(layer, Direction::Backward, 1);
        let to = self.cell(layer, Direction::Forward, self.plan.encoder + 1);
        let (Some(from), Some(to)) = (from, to) else { return };
        let (start, goal) = (self.area(from), self.area(to));
        let lstm = self.plan.cell == Cell::Lstm;
        let kinds = [(LinkKind::Highway, 0.1, 0.28, 11.0), (LinkKind::Hidden, 0.25, 0.12, 6.0)];
        for (kind, out, into, over) in kinds.into_iter().skip(usize::from(!lstm)) {
            let (x, y) = (start.x + start.width * out, start.y - over);
            let down = goal.x + goal.width * into;
            let path = vec![at(x, start.y), at(x, y), at(down, y), at(down, goal.y)];
            let t = self.nodes[from].t;
            self.links.push(Link { kind, t, from: Some(from), to, path, back: None, spot: None });
        }
    }

    /// From an output down between two columns to where the next step reads it.
    fn again(&mut self, t: usize) {
        let from = self.node(NodeKind::Output, t - 1);
        let to = self.node(NodeKind::Input, t).zip(self.cell(0, Direction::Forward, t));
        let (Some(from), Some((to, cell))) = (from, to) else { return };
        let (start, goal) = (self.area(from), self.area(to));
        let begin = start.x + start.width;
        let x = (goal.x.min(self.area(cell).x) - PASS - 1.0).max(f64::midpoint(begin, goal.x));
        // From the prediction, which stands at the foot of the output.
        let (high, low) = (end(start) - self.sizes.size * 0.7, goal.y + goal.height / 2.0);
        let path =
            |x: f64, y: f64| vec![at(begin, high + y), at(x, high + y), at(x, low - y), at(goal.x, low - y)];
        let room = self.sizes.beside && x + 4.0 < goal.x;
        let back = room.then(|| path(x + 4.0, -3.0).into_iter().rev().collect());
        let (kind, path) = (LinkKind::Again, path(x, 0.0));
        self.links.push(Link { kind, t: t - 1, from: Some(from), to, path, back, spot: None });
    }

    /// From the last layer to the outputs.
    fn out(&mut self) {
        for output in 0..self.nodes.len() {
            let Node { kind: NodeKind::Output, t, area, .. } = self.nodes[output] else { continue };
            let from = if self.plan.both && !self.plan.decodes(t) {
                let over = |node: &Node| {
                    node.kind == NodeKind::Join
                        && node.t == t
                        && node.area.y - end(area) <= f64::from(self.sizes.stem)
                };
                self.nodes.iter().position(over)
            } else {
                self.cell(self.plan.layers - 1, Direction::Forward, t)
            };
            if let Some(from) = from {
                self.rise(LinkKind::Out, from, output, true);
            }
        }
    }
}
