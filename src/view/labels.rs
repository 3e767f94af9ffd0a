//! Words over the figure: where they stand, none on top of another.
//!
//! The page sets them as text in its own type, so nothing here measures type exactly: widths are estimates, on the
//! wide side.

use serde::Serialize;

use super::chart::{GRID, explodes, vanishes};
use super::number::length;
use super::spread::{spread, stack};
use super::strip_words::{states, strip_decades};
use super::{Area, Domain, Figure, Lane, Layout, Mode, Progress, Viewport};
use crate::analysis::gauge::{EXPLODED, VANISHED};
use crate::analysis::number::power_of_ten;

/// Which end of a label its `x` is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Anchor {
    /// The left end.
    Start,
    /// The middle.
    Middle,
    /// The right end.
    End,
}

/// What a label is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Words {
    /// A power of ten.
    Decade,
    /// A lane's name at the left end of its curve.
    End,
    /// A lane's ratio at the playhead.
    Value,
    /// A remark.
    Note,
    /// The name of a zone of the chart.
    Zone,
    /// What a hatch means.
    State,
}

impl Words {
    /// Type size in CSS pixels.
    #[must_use]
    pub fn size(self, mode: Mode) -> f64 {
        match (mode, self) {
            (Mode::Present, _) => 15.0,
            (_, Self::End | Self::State) => 12.0,
            (_, Self::Value) => 11.5,
            _ => 11.0,
        }
    }

    /// Whether the words are bold.
    #[must_use]
    pub fn bold(self) -> bool {
        matches!(self, Self::End | Self::Value | Self::State)
    }
}

/// Words at a place, in CSS pixels of the figure.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Label {
    /// The left end, middle or right end of the label, its mark included.
    pub x: f64,
    /// The base line.
    pub y: f64,
    /// Which end `x` is.
    pub anchor: Anchor,
    /// The words.
    pub text: String,
    /// What for.
    pub kind: Words,
    /// The lane mark that belongs to the label, after a lane's name and before other words; −1 is none.
    pub mark: i32,
}

impl Label {
    /// Estimated width, its mark included.
    #[must_use]
    pub fn width(&self, mode: Mode) -> f64 {
        let size = self.kind.size(mode);
        let weight = if self.kind.bold() { 1.04 } else { 1.0 };
        let words: f64 = self.text.chars().map(em).sum();
        words * size * weight + if self.mark >= 0 { size } else { 0.0 }
    }

    /// Estimated place, from the height of capitals to the base line.
    #[must_use]
    pub fn area(&self, mode: Mode) -> Area {
        let (width, size) = (self.width(mode), self.kind.size(mode));
        let x = match self.anchor {
            Anchor::Start => self.x,
            Anchor::Middle => self.x - width / 2.0,
            Anchor::End => self.x - width,
        };
        Area { x, y: self.y - size * 0.8, width, height: size }
    }
}

/// Width of a character in a common sans, in ems.
fn em(c: char) -> f64 {
    match c {
        '⁻' | '⁰' | '¹' | '²' | '³' | '⁴'..='⁹' => 0.36,
        '.' | ',' | ':' | ' ' | 'i' | 'l' | 't' | 'f' | 'I' => 0.29,
        'A'..='Z' | 'm' | 'w' | '∞' => 0.74,
        _ => 0.57,
    }
}

/// All words over a figure. When two would touch, the less important one is left out.
#[must_use]
pub fn labels(figure: &Figure, layout: &Layout, viewport: Viewport) -> Vec<Label> {
    let mode = viewport.mode;
    let chart = Chart { figure, layout, mode, domain: Domain::chart(figure, layout.chart.height) };
    let mut set = Set { mode, placed: vec![] };
    set.take(chart.values());
    set.take(chart.ends());
    set.take(states(figure, layout, mode));
    for zone in chart.zones() {
        let free = |label: &&Label| !chart.crossed(label) && !set.touches(label);
        let best = zone.iter().find(free).or_else(|| zone.iter().find(|label| !set.touches(label)));
        set.take(best.cloned().into_iter().collect());
    }
    set.take(chart.sides());
    set.take(chart.decades());
    set.take(strip_decades(figure, layout, mode));
    set.placed
}

/// Labels none of which touch.
struct Set {
    mode: Mode,
    placed: Vec<Label>,
}

impl Set {
    fn touches(&self, label: &Label) -> bool {
        let area = label.area(self.mode);
        self.placed.iter().any(|other| overlap(area, other.area(self.mode)))
    }

    fn take(&mut self, labels: Vec<Label>) {
        for label in labels {
            if !self.touches(&label) {
                self.placed.push(label);
            }
        }
    }
}

fn overlap(a: Area, b: Area) -> bool {
    a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
}

struct Chart<'a, 'b> {
    figure: &'a Figure<'b>,
    layout: &'a Layout,
    mode: Mode,
    domain: Domain,
}

impl Chart<'_, '_> {
    /// How much larger type is than on a desktop.
    fn k(&self) -> f64 {
        if self.mode == Mode::Present { 1.3 } else { 1.0 }
    }

    fn y(&self, decades: f64) -> f64 {
        let band = self.layout.chart;
        f64::from(band.y) + self.domain.down(decades, f64::from(band.height))
    }

    fn left(&self) -> f64 {
        f64::from(self.layout.axis.x0)
    }

    fn right(&self) -> f64 {
        f64::from(self.layout.axis.right())
    }

    fn bottom(&self) -> f64 {
        f64::from(self.layout.chart.end())
    }

    /// Each lane's name where its curve ends at the left; a phone has no room beside the chart.
    fn ends(&self) -> Vec<Label> {
        if self.mode == Mode::Phone {
            return vec![];
        }
        // A curve that ends in an exact zero has left the chart at its foot.
        let first = |lane: &Lane| match lane.decade(1) {
            f64::NEG_INFINITY => Some(self.domain.low),
            _ => (1..=self.figure.steps).map(|t| lane.decade(t)).find(|d| d.is_finite()),
        };
        let mut ends: Vec<_> =
            self.figure.lanes.iter().filter_map(|lane| Some((lane, first(lane)?))).collect();
        ends.sort_by(|a, b| b.1.total_cmp(&a.1));
        let wanted: Vec<_> = ends.iter().map(|(_, decades)| self.y(*decades) + 4.0).collect();
        let top = f64::from(self.layout.chart.y) + 8.0;
        let ys = spread(&wanted, 15.0 * self.k(), top, self.bottom() + 4.0);
        let label = |((lane, _), y): ((&Lane, f64), f64)| Label {
            x: self.left() - 6.0,
            y,
            anchor: Anchor::End,
            text: lane.name.to_owned(),
            kind: Words::End,
            mark: mark(lane),
        };
        ends.into_iter().zip(ys).map(label).collect()
    }

    /// Each lane's ratio at the playhead, on the side where its curve is not.
    fn values(&self) -> Vec<Label> {
        // At t = 1 the gauges say it.
        let Progress::Backward(now @ 2..) = self.figure.progress else { return vec![] };
        let (axis, k) = (&self.layout.axis, self.k());
        let wide = axis.column > 60;
        let column = f64::from(axis.column);
        let mut sides: [Vec<Label>; 2] = [vec![], vec![]];
        for lane in &self.figure.lanes {
            let t = self.figure.seen(lane.mirrored, now);
            let here = lane.decade(t);
            let Some(text) = t.checked_sub(1).and_then(|index| lane.ratios.get(index)) else { continue };
            if here.is_nan() || here == f64::INFINITY {
                continue;
            }
            let mut label = Label {
                x: 0.0,
                y: 0.0,
                anchor: Anchor::Start,
                text: text.clone(),
                kind: Words::Value,
                mark: mark(lane),
            };
            let width = label.width(self.mode) + 8.0;
            let room_left = f64::from(axis.left(t)) - self.left() >= width;
            let room_right = f64::from(axis.left(t + 1)) + width <= f64::from(self.layout.width);
            let falls = t > 4 && lane.decade(t - 3) > here + 0.25;
            let right = room_right && (wide || !room_left || falls) || !room_left;
            let rises = lane.decade((t + 4).min(axis.steps)) > here + 0.4;
            let centre = axis.centre(t);
            (label.anchor, label.x) = match (right, wide) {
                (true, true) => (Anchor::Start, centre + 12.0 * k),
                (true, false) => (Anchor::Start, f64::from(axis.left(t)) + column + 4.0),
                (false, true) => (Anchor::End, centre - 12.0 * k),
                (false, false) => (Anchor::End, f64::from(axis.left(t)) - 5.0),
            };
            if label.anchor == Anchor::Start {
                label.x = label.x.min(f64::from(self.layout.width) - label.width(self.mode));
            }
            let under = right && !wide && !falls && rises;
            label.y = self.beside(lane, &label, here, wide, under);
            sides[usize::from(right)].push(label);
        }
        let top = f64::from(self.layout.chart.y) + 5.0;
        for side in &mut sides {
            side.sort_by(|a, b| a.y.total_cmp(&b.y));
            let wanted: Vec<_> = side.iter().map(|label| label.y).collect();
            for (label, y) in side.iter_mut().zip(stack(&wanted, 13.5 * k, top, self.bottom() - 2.0)) {
                label.y = y;
            }
        }
        sides.into_iter().flatten().collect()
    }

    /// The base line of a value: over its own curve, or under it.
    fn beside(&self, lane: &Lane, label: &Label, here: f64, wide: bool, under: bool) -> f64 {
        if wide {
            return self.y(here) + 4.0;
        }
        let (area, axis) = (label.area(self.mode), &self.layout.axis);
        let reach =
            |t: &usize| axis.centre(*t) >= area.x - 8.0 && axis.centre(*t) <= area.x + area.width + 8.0;
        let ys = (1..=axis.steps)
            .filter(reach)
            .map(|t| lane.decade(t))
            .filter(|d| d.is_finite())
            .map(|d| self.y(d));
        let here = self.y(here);
        if under { ys.fold(here, f64::max) + area.height + 4.0 } else { ys.fold(here, f64::min) - 6.0 }
    }

    /// For each zone, its words at several places, best first.
    fn zones(&self) -> Vec<Vec<Label>> {
        let k = self.k();
        let zone = |texts: &[&str], ys: [f64; 2]| -> Vec<Label> {
            let mut places = vec![];
            for text in texts {
                let at = |x, anchor, y| Label {
                    x,
                    y,
                    anchor,
                    text: (*text).to_owned(),
                    kind: Words::Zone,
                    mark: -1,
                };
                for y in ys.into_iter().filter(|y| *y < self.bottom()) {
                    places.extend([
                        at(self.right() - 46.0 * k, Anchor::End, y),
                        at(f64::midpoint(self.left(), self.right()), Anchor::Middle, y),
                        at(self.left() + 6.0, Anchor::Start, y),
                    ]);
                }
            }
            places.retain(|label| {
                let area = label.area(self.mode);
                area.x >= self.left() && area.x + area.width <= self.right()
            });
            places
        };
        let mut zones = vec![];
        if vanishes(self.domain) {
            let line = self.y(VANISHED);
            let texts = [
                "vanished: below 1.2×10⁻⁷ an f32 sum no longer feels it",
                "vanished: below f32 rounding",
                "vanished",
            ];
            zones.push(zone(&texts, [line + 13.0 * k, line - 4.0]));
        }
        if explodes(self.domain) {
            let line = self.y(EXPLODED);
            zones.push(zone(&["exploded: over 10²", "exploded"], [line - 5.0, line + 13.0 * k]));
        }
        zones
    }

    /// Whether a curve runs through a label.
    fn crossed(&self, label: &Label) -> bool {
        let area = label.area(self.mode);
        let axis = &self.layout.axis;
        let through =
            |t: usize| axis.centre(t) >= area.x - 4.0 && axis.centre(t) <= area.x + area.width + 4.0;
        (1..=axis.steps).filter(|t| through(*t)).any(|t| {
            self.figure.lanes.iter().any(|lane| {
                let y = self.y(lane.decade(t));
                lane.decade(t).is_finite() && y >= area.y - 3.0 && y <= area.y + area.height + 3.0
            })
        })
    }

    /// Which side of the border is whose.
    fn sides(&self) -> Vec<Label> {
        let Some(border) = self.layout.axis.border().map(f64::from) else { return vec![] };
        let y = f64::from(self.layout.chart.y) + 12.0 * self.k();
        let label = |x, anchor, text: &str| Label {
            x,
            y,
            anchor,
            text: text.to_owned(),
            kind: Words::Note,
            mark: -1,
        };
        let sides =
            [label(border - 6.0, Anchor::End, "encoder"), label(border + 7.0, Anchor::Start, "decoder")];
        let (left, right) = (self.left(), f64::from(self.layout.width));
        let fits = |area: Area| area.x >= left && area.x + area.width <= right;
        sides.into_iter().filter(|label| fits(label.area(self.mode))).collect()
    }

    /// Powers of ten at the right, over their lines. The 1 makes way for the point that all curves share.
    fn decades(&self) -> Vec<Label> {
        let powers = self.domain.powers(f64::from(self.layout.chart.height), GRID);
        let label = |power: i32| Label {
            x: self.right(),
            y: self.y(f64::from(power)) - 4.0,
            anchor: Anchor::End,
            text: power_of_ten(power),
            kind: Words::Decade,
            mark: -1,
        };
        let mut labels: Vec<_> = powers.into_iter().map(label).collect();
        for one in labels.iter_mut().filter(|label| label.text == "1") {
            let edge = f64::from(self.layout.width);
            if edge - self.right() >= one.width(self.mode) + 4.0 {
                (one.x, one.y, one.anchor) = (self.right() + 4.0, one.y + 8.0 * self.k(), Anchor::Start);
            } else {
                one.x -= f64::from(self.layout.axis.column.min(30)) + 4.0;
            }
        }
        labels
    }
}

fn mark(lane: &Lane) -> i32 {
    i32::try_from(length(lane.mark)).unwrap_or(-1)
}
