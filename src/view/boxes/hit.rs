//! What lies under a point of the boxes, read from the numbers that draw them.

use super::super::hit::{column_area, floor_below, step_at};
use super::super::number::real;
use super::super::{Area, Hit, hit as hit_frame};
use super::{BoxesLayout, Link, Point};

/// How far from an arrow it is still meant.
const NEAR: f64 = 6.0;

/// What lies under a point. Lanes, nodes, links, parts and units count from 0, steps from 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum BoxHit {
    /// A unit in a box.
    Unit {
        /// Which lane.
        lane: usize,
        /// Which of its nodes.
        node: usize,
        /// Which of the node's parts.
        part: usize,
        /// Which unit.
        unit: usize,
        /// Its place.
        area: Area,
    },
    /// A box, an output or an input.
    Node {
        /// Which lane.
        lane: usize,
        /// Which of its nodes.
        node: usize,
        /// Its place.
        area: Area,
    },
    /// An arrow.
    Link {
        /// Which lane.
        lane: usize,
        /// Which of its links.
        link: usize,
        /// Its place.
        area: Area,
    },
    /// The gradient strip of a folded lane.
    Strip {
        /// Which lane.
        lane: usize,
        /// Which step.
        t: usize,
        /// Its place.
        area: Area,
    },
    /// What is not of the boxes alone.
    Frame(Hit),
}

/// Finds what lies under a point, in CSS pixels from the figure's top left.
#[must_use]
pub fn hit(layout: &BoxesLayout, x: f64, y: f64) -> BoxHit {
    for (lane, place) in layout.lanes.iter().enumerate() {
        if let Some(band) = place.strip {
            let over = y >= f64::from(band.y) && y < f64::from(band.end());
            if let Some(t) = step_at(&layout.frame.axis, x).filter(|_| over) {
                let area = column_area(&layout.frame.axis, t, f64::from(band.y), f64::from(band.height));
                return BoxHit::Strip { lane, t, area };
            }
        }
        let under = place.nodes.iter().position(|node| inside(node.area, x, y));
        if let Some((node, place)) = under.map(|node| (node, &place.nodes[node])) {
            for (part, column) in place.parts.iter().enumerate() {
                let along = (y - column.area.y) * real(column.units) / column.area.height;
                let across = x >= column.area.x && x < column.area.x + column.area.width;
                if let Some(unit) = floor_below(along, column.units).filter(|_| across) {
                    return BoxHit::Unit { lane, node, part, unit, area: column.cell(unit) };
                }
            }
            return BoxHit::Node { lane, node, area: place.area };
        }
        let distance = |link: &Link| {
            let own = link.path.windows(2).chain(link.back.iter().flat_map(|back| back.windows(2)));
            let line = own.map(|pair| to_segment(x, y, pair[0], pair[1])).fold(f64::INFINITY, f64::min);
            if link.spot.is_some_and(|spot| inside(spot, x, y)) { 0.0 } else { line }
        };
        let near = place.links.iter().map(distance).enumerate().min_by(|a, b| a.1.total_cmp(&b.1));
        if let Some((link, _)) = near.filter(|(_, distance)| *distance <= NEAR) {
            return BoxHit::Link { lane, link, area: place.links[link].area() };
        }
    }
    BoxHit::Frame(hit_frame(&layout.frame, x, y))
}

fn inside(area: Area, x: f64, y: f64) -> bool {
    x >= area.x && x < area.x + area.width && y >= area.y && y < area.y + area.height
}

/// Distance of a point from a horizontal or vertical line.
fn to_segment(x: f64, y: f64, a: Point, b: Point) -> f64 {
    let beyond = |v: f64, from: f64, to: f64| (from.min(to) - v).max(v - from.max(to)).max(0.0);
    beyond(x, a.x, b.x).hypot(beyond(y, a.y, b.y))
}

impl Link {
    /// The rectangle around its arrows and its number.
    #[must_use]
    pub fn area(&self) -> Area {
        let points = self.path.iter().chain(self.back.iter().flatten());
        let corners = points.map(|p| (p.x, p.y, p.x, p.y));
        let spot = self.spot.map(|s| (s.x, s.y, s.x + s.width, s.y + s.height));
        let widest = |a: (f64, f64, f64, f64), b: (f64, f64, f64, f64)| {
            (a.0.min(b.0), a.1.min(b.1), a.2.max(b.2), a.3.max(b.3))
        };
        let (left, top, right, bottom) = corners.chain(spot).reduce(widest).unwrap_or_default();
        Area { x: left - 2.0, y: top - 2.0, width: right - left + 4.0, height: bottom - top + 4.0 }
    }
}
