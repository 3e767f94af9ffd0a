//! Words over the figure of steps.

use super::super::chart::GRID;
use super::super::{Anchor, Area, Domain, Label, Mode, Viewport, Words};
use super::{Plane, SpectrumFigure, SpectrumLane, SpectrumLayout, SpectrumPlace, domain, down};
use crate::analysis::number::power_of_ten;
use crate::experiment::{Direction, Steps};

/// All words over a figure.
#[must_use]
pub fn labels(figure: &SpectrumFigure, layout: &SpectrumLayout, viewport: Viewport) -> Vec<Label> {
    let mode = viewport.mode;
    let domain = domain(figure);
    let mut words = vec![];
    for plane in &layout.planes {
        let (x, y) = plane.centre();
        let size = Words::Decade.size(mode);
        let at = |x, y, anchor, text| plain(x, y, anchor, text, Words::Decade);
        words.push(at(x + plane.unit + 3.0, y + size + 1.0, Anchor::Start, "1"));
        words.push(at(x - plane.unit - 3.0, y + size + 1.0, Anchor::End, "−1"));
        words.push(at(x + 4.0, y - plane.unit - 4.0, Anchor::Start, "i"));
        words.extend(one(plane, mode));
    }
    for (lane, place) in figure.lanes.iter().zip(&layout.lanes) {
        words.extend(decades(domain, layout, place, mode));
        words.extend(bound(domain, figure.axis, lane, layout, place, mode));
        words.extend(state(figure, lane, layout, place, mode));
    }
    // The border tells as much where there is no room.
    let free = |side: &Label| !words.iter().any(|other| meet(side.area(mode), other.area(mode)));
    let sides: Vec<_> = sides(figure, layout, mode).into_iter().filter(free).collect();
    words.extend(sides);
    words
}

fn plain(x: f64, y: f64, anchor: Anchor, text: impl Into<String>, kind: Words) -> Label {
    Label { x, y, anchor, text: text.into(), kind, mark: -1 }
}

/// The mark of the dials, under the last: they stand in a column.
fn one(plane: &Plane, mode: Mode) -> Option<Label> {
    let dial = plane.dials.last()?;
    let x = f64::from(dial.x) + f64::from(dial.width) / 2.0;
    let y = f64::from(dial.line) + 6.0 + Words::Decade.size(mode) * 0.8;
    Some(plain(x, y, Anchor::Middle, "1", Words::Decade))
}

fn decades(domain: Domain, layout: &SpectrumLayout, place: &SpectrumPlace, mode: Mode) -> Vec<Label> {
    let size = Words::Decade.size(mode);
    let (x, anchor) = match mode {
        Mode::Phone => (f64::from(layout.axis.x0) + 3.0, Anchor::Start),
        _ => (f64::from(layout.axis.x0) - 8.0, Anchor::End),
    };
    let powers = domain.powers(f64::from(place.curves.height), GRID.max(size * 1.45));
    // The strip has its own word at the foot.
    let fits = |y: &f64| *y <= f64::from(place.curves.end()) - size * 0.5;
    powers
        .into_iter()
        .map(|power| (power, down(domain, place.curves, f64::from(power))))
        .filter(|(_, y)| fits(y))
        .map(|(power, y)| plain(x, y + size * 0.35, anchor, power_of_ten(power), Words::Decade))
        .collect()
}

/// The bound's name, at a place of its line that is in view.
fn bound(
    domain: Domain,
    axis: Steps,
    lane: &SpectrumLane,
    layout: &SpectrumLayout,
    place: &SpectrumPlace,
    mode: Mode,
) -> Option<Label> {
    let bound = lane.bound.filter(|bound| bound.encoder.is_finite() && bound.decoder.is_finite())?;
    let size = Words::Note.size(mode);
    let at =
        |t: usize| (layout.axis.centre(t), down(domain, place.curves, bound.at(axis, lane.direction, t)));
    let mirrored = lane.direction == Direction::Backward;
    let text = match (axis.border(), mirrored) {
        (Some(_), _) => "bound, γ·σmax per step",
        (None, true) => "bound (γ·σmax)ᵗ⁻¹",
        (None, false) => "bound (γ·σmax)ᵀ⁻ᵗ",
    };
    let mut label = plain(0.0, 0.0, Anchor::Start, text, Words::Note);
    let (left, right) = (f64::from(layout.axis.x0) + 4.0, f64::from(layout.axis.right()) - label.width(mode));
    // Over the line, on the side where it falls away: no curve is there.
    let top = f64::from(place.curves.y) + size + 3.0;
    let fits = |t: &usize| {
        let (x, y) = at(*t);
        y >= top && y <= f64::from(place.curves.end()) && x >= left && x <= right
    };
    let end = bound.at(axis, lane.direction, axis.seen(lane.direction, 1));
    let starts = (end > 0.0) ^ mirrored;
    let (x, y) = if starts {
        at((1..=axis.count).find(fits)?)
    } else {
        label.anchor = Anchor::End;
        let (x, y) = at((1..=axis.count).rev().filter(|&t| at(t).0 < right).find(|&t| at(t).1 >= top)?);
        (x.max(left + label.width(mode)), y)
    };
    (label.x, label.y) = (x, y - 5.0);
    Some(label)
}

fn meet(a: Area, b: Area) -> bool {
    a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
}

/// Which side of the border is whose, over the curves.
fn sides(figure: &SpectrumFigure, layout: &SpectrumLayout, mode: Mode) -> Vec<Label> {
    let Some(border) = layout.axis.border().map(f64::from).filter(|_| figure.axis.border().is_some()) else {
        return Vec::new();
    };
    let Some(first) = layout.lanes.first() else { return Vec::new() };
    let y = f64::from(first.curves.y) + Words::Note.size(mode);
    let before = plain(border - 6.0, y, Anchor::End, "encoder", Words::Note);
    let after = plain(border + 7.0, y, Anchor::Start, "decoder", Words::Note);
    let (left, right) = (f64::from(layout.axis.x0), f64::from(layout.width));
    let fits = |label: &Label| {
        let width = label.width(mode);
        let from = if label.anchor == Anchor::End { label.x - width } else { label.x };
        from >= left && from + width <= right
    };
    [before, after].into_iter().filter(fits).collect()
}

/// Where nothing is left, and where numbers end.
fn state(
    figure: &SpectrumFigure,
    lane: &SpectrumLane,
    layout: &SpectrumLayout,
    place: &SpectrumPlace,
    mode: Mode,
) -> Option<Label> {
    let products = lane.products?;
    let text = if products.is_finite() {
        let nothing = |t: &usize| products.read(*t).is_some_and(<[f64]>::is_empty);
        let axis = figure.axis;
        let first = axis.way(lane.direction).find(nothing)?;
        let on = lane.direction == Direction::Backward && !axis.decodes(first);
        format!("nothing left from {} {}", axis.name(first), if on { "on" } else { "back" })
    } else {
        "not finite: the pass leaves f64".to_owned()
    };
    let middle = f64::from(place.curves.y) + f64::from(place.curves.height) / 2.0;
    let y = middle + Words::State.size(mode) * 0.35;
    Some(plain(f64::from(layout.axis.x0) + 10.0, y, Anchor::Start, text, Words::State))
}
