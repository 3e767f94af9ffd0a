//! Lines of the update figure: vectors in their plane, and the steps on the map.

use super::super::Area;
use super::{UpdateFigure, UpdateLane, UpdateLayout, UpdatePlace};
use crate::analysis::update::Way;
use crate::experiment::Clip;

/// What a line is drawn for; each has its own dash and its own tip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// The gradient as it is: dotted, with a ring.
    Off,
    /// Clipped by norm: solid, with a triangle.
    Norm,
    /// Clipped by value: dashed, with a square.
    Value,
    /// An axis or an arc.
    Thin,
    /// A rim of paper under a line on a map.
    Halo,
}

/// A line or a closed form, in CSS pixels.
#[derive(Clone, Debug, PartialEq)]
pub struct Stroke {
    /// Its corners.
    pub points: Vec<(f64, f64)>,
    /// What for.
    pub ink: Ink,
    /// Whether it is closed and filled.
    pub filled: bool,
    /// Whether it belongs to the step that is taken.
    pub taken: bool,
}

impl Ink {
    fn of(clip: Clip) -> Self {
        match clip {
            Clip::Off => Self::Off,
            Clip::Norm => Self::Norm,
            Clip::Value => Self::Value,
        }
    }

    /// The name of its class in style sheets.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Norm => "norm",
            Self::Value => "value",
            Self::Thin => "thin",
            Self::Halo => "halo",
        }
    }

    /// Lengths of ink and gap in CSS pixels.
    #[must_use]
    pub fn dash(self) -> &'static [f64] {
        match self {
            Self::Off => &[2.0, 3.0],
            Self::Value => &[6.0, 3.0],
            _ => &[],
        }
    }
}

impl Stroke {
    /// As the path of an SVG.
    #[must_use]
    pub fn path(&self) -> String {
        let points = self.points.iter().map(|(x, y)| format!("{x:.1} {y:.1}"));
        let line = points.collect::<Vec<_>>().join("L");
        format!("M{line}{}", if self.filled { "z" } else { "" })
    }

    /// Width in CSS pixels.
    #[must_use]
    pub fn width(&self) -> f64 {
        match (self.ink, self.taken) {
            (Ink::Halo, true) => 5.0,
            (Ink::Halo, false) => 3.6,
            (_, true) => 2.4,
            _ => 1.3,
        }
    }
}

/// Where the vectors of a lane stand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plane {
    /// Where they begin.
    pub(super) origin: (f64, f64),
    room: f64,
    shortest: f64,
    longest: f64,
    /// Whether lengths are on a log scale: one vector is more than twelve times as long as another.
    pub(super) log: bool,
}

impl Plane {
    pub(super) fn new(area: Area, ways: &[Way; 3]) -> Self {
        let norms = || ways.iter().map(|way| way.norm).filter(|norm| *norm > 0.0);
        let (shortest, longest) = (norms().fold(f64::INFINITY, f64::min), norms().fold(0.0, f64::max));
        let origin = (area.x + 8.0, area.y + area.height - 20.0);
        let room = (area.width - 18.0).min(area.height - 44.0);
        Self { origin, room, shortest, longest, log: longest > 12.0 * shortest }
    }

    /// The tip of a vector: its angle is the true one.
    pub(super) fn tip(&self, way: &Way) -> (f64, f64) {
        let length = if self.log {
            0.3 + 0.7 * libm::log10(way.norm / self.shortest) / libm::log10(self.longest / self.shortest)
        } else {
            way.norm / self.longest
        };
        self.at(length, way.angle().to_radians())
    }

    fn at(&self, length: f64, angle: f64) -> (f64, f64) {
        let length = length * self.room;
        (self.origin.0 + length * libm::cos(angle), self.origin.1 - length * libm::sin(angle))
    }
}

/// Whether clipping changed the gradient, or there was none to clip.
pub(super) fn drawn(way: &Way) -> bool {
    way.clip == Clip::Off || way.changed > 0
}

/// The end of a step on a map, and whether the map holds it; beyond, it is where the step leaves.
pub(super) fn end(lane: &UpdateLane, place: &UpdatePlace, way: &Way) -> Option<((f64, f64), bool)> {
    let (map, reach, rate) = (place.map, lane.surface?.reach(), lane.update.descent.rate);
    let half = map.width / 2.0;
    let (across, down) = (rate * way.across / reach, rate * way.along / reach);
    let beyond = across.abs().max(down.abs());
    let inside = beyond <= 1.0;
    let share = half * if inside { 1.0 } else { 1.0 / beyond };
    Some(((map.x + half + share * down, map.y + half - share * across), inside))
}

/// All lines, in the order in which they cover each other.
#[must_use]
pub fn strokes(figure: &UpdateFigure, layout: &UpdateLayout) -> Vec<Stroke> {
    let mut strokes = vec![];
    for (lane, place) in figure.lanes.iter().zip(&layout.lanes) {
        let Some(ways) = lane.update.ways.as_ref().filter(|_| lane.update.norm > 0.0) else { continue };
        // Clipping that changes nothing takes the step that is taken without it.
        let taken = match lane.update.taken() {
            Some(way) if drawn(way) => way.clip,
            _ => Clip::Off,
        };
        let plane = Plane::new(place.vectors, ways);
        let thin = |points: Vec<(f64, f64)>| Stroke { points, ink: Ink::Thin, filled: false, taken: false };
        strokes.push(thin(vec![plane.origin, (plane.origin.0 + plane.room, plane.origin.1)]));
        let angle = ways[2].angle().to_radians();
        if ways[2].changed > 0 && angle > 0.05 {
            strokes.push(thin((0..=12).map(|n| plane.at(0.22, angle * f64::from(n) / 12.0)).collect()));
        }
        for way in ways.iter().filter(|way| drawn(way)) {
            arrow(&mut strokes, plane.origin, plane.tip(way), Ink::of(way.clip), way.clip == taken, true);
        }
        let map = place.map;
        let middle = (map.x + map.width / 2.0, map.y + map.height / 2.0);
        for way in ways.iter().filter(|way| drawn(way)) {
            let Some((end, inside)) = end(lane, place, way) else { continue };
            let first = strokes.len();
            arrow(&mut strokes, middle, end, Ink::of(way.clip), way.clip == taken, inside);
            let rim = strokes[first].clone();
            strokes.insert(first, Stroke { ink: Ink::Halo, ..rim });
        }
    }
    strokes
}

/// A line and its tip; where the line goes on outside, an open angle.
fn arrow(strokes: &mut Vec<Stroke>, from: (f64, f64), to: (f64, f64), ink: Ink, taken: bool, inside: bool) {
    strokes.push(Stroke { points: vec![from, to], ink, filled: false, taken });
    let angle = libm::atan2(to.1 - from.1, to.0 - from.0);
    let size = if taken { 5.0 } else { 3.8 };
    let at = |length: f64, turn: f64| {
        (to.0 + length * libm::cos(angle + turn), to.1 + length * libm::sin(angle + turn))
    };
    if !inside {
        let points = vec![at(2.0 * size, 2.5), to, at(2.0 * size, -2.5)];
        strokes.push(Stroke { points, ink: Ink::Thin, filled: false, taken });
        return;
    }
    let points = match ink {
        Ink::Off => (0..16).map(|n| at(size, f64::from(n) * std::f64::consts::PI / 8.0)).collect(),
        Ink::Value => [0.785, 2.356, -2.356, -0.785].map(|turn| at(size * 1.25, turn)).to_vec(),
        _ => vec![at(size, 0.0), at(1.4 * size, 2.5), at(1.4 * size, -2.5)],
    };
    strokes.push(Stroke { points, ink, filled: true, taken });
}
