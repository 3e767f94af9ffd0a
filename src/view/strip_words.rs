//! Words on gradient strips and heat maps: decades where they are crossed, and what a hatch means.

use super::number::whole;
use super::{Anchor, Band, Domain, Figure, Label, Lane, LaneLayout, Layout, Mode, Words};
use crate::analysis::number::power_of_ten;
use crate::experiment::Steps;

/// Powers of ten over the strips, at the step where a lane's ratio passes them.
pub(crate) fn strip_decades(figure: &Figure, layout: &Layout, mode: Mode) -> Vec<Label> {
    let domain = Domain::strips(figure);
    let lanes = figure.lanes.iter().zip(&layout.lanes);
    lanes.flat_map(|(lane, place)| decades_of(lane, place.strip, domain, layout, mode)).collect()
}

fn decades_of(lane: &Lane, strip: Band, domain: Domain, layout: &Layout, mode: Mode) -> Vec<Label> {
    let way = lane.way(layout.axis.of());
    let Some(first) = way.rev().map(|t| lane.decade(t)).find(|d| d.is_finite()) else { return vec![] };
    let up = first > 1.5;
    if !up && first > -2.5 {
        return vec![];
    }
    let reach = if up { domain.high } else { -domain.low };
    let step = if up { 2 * every(reach, 8.0) } else { 3 * every(reach, 12.0) };
    let powers = (1..).map(|n| n * step).take_while(|power| f64::from(*power) <= reach);
    powers
        .filter_map(|power| one(lane, strip, domain, layout, mode, if up { power } else { -power }))
        .collect()
}

fn every(reach: f64, most: f64) -> i32 {
    whole((reach / most).ceil()).max(1)
}

/// The label of one power: over the bars that are lower than where it is crossed.
fn one(lane: &Lane, strip: Band, domain: Domain, layout: &Layout, mode: Mode, power: i32) -> Option<Label> {
    let axis = &layout.axis;
    let limit = f64::from(power);
    let t = lane.way(axis.of()).find(|&t| {
        let ratio = lane.decade(t);
        ratio.is_finite() && if power > 0 { ratio >= limit } else { ratio <= limit }
    })?;
    // On the lower side of the place where it is crossed: there the bars leave room.
    let start = (power > 0) != lane.mirrored;
    let mut label = Label {
        x: if start { f64::from(axis.left(t)) + 2.0 } else { f64::from(axis.left(t + 1)) - 3.0 },
        y: 0.0,
        anchor: if start { Anchor::Start } else { Anchor::End },
        text: power_of_ten(power),
        kind: Words::Decade,
        mark: -1,
    };
    let width = label.width(mode);
    if !start {
        label.x = label.x.max(f64::from(axis.x0) + width);
    }
    let area = label.area(mode);
    let under = |t: &usize| axis.centre(*t) > area.x - 1.0 && axis.centre(*t) < area.x + area.width + 1.0;
    let highest = (1..=axis.steps).filter(under).map(|t| lane.decade(t)).fold(limit, f64::max);
    let top = f64::from(strip.y) + domain.down(highest, f64::from(strip.height - 1));
    label.y = top.round() - 3.0;
    let inside = label.y - label.kind.size(mode) * 0.8 >= f64::from(strip.y) - 2.0;
    (inside && area.x + area.width <= f64::from(layout.width)).then_some(label)
}

/// What the hatches of all lanes mean.
pub(crate) fn states(figure: &Figure, layout: &Layout, mode: Mode) -> Vec<Label> {
    let mut words = vec![];
    for (lane, place) in figure.lanes.iter().zip(&layout.lanes) {
        words.extend(
            overflow(lane, place, layout.axis.of()).map(|(text, t, y)| placed(text, t, y, layout, mode)),
        );
        words.extend(gradient_state(lane, layout.axis.of()).map(|(text, t)| {
            let middle = f64::from(place.strip.y) + f64::from(place.strip.height) / 2.0;
            placed(text, t, middle, layout, mode)
        }));
    }
    words
}

/// At the first hatched column, or as near to it as the words fit.
fn placed(text: String, t: usize, middle: f64, layout: &Layout, mode: Mode) -> Label {
    let axis = &layout.axis;
    let y = middle + Words::State.size(mode) * 0.35;
    let mut label = Label { x: 0.0, y, anchor: Anchor::Start, text, kind: Words::State, mark: -1 };
    let width = label.width(mode);
    let wanted = (f64::from(axis.left(t)) + 8.0).min(f64::from(axis.right()) - width - 4.0);
    label.x = wanted.max(f64::from(axis.x0) + 2.0).min(f64::from(layout.width) - width).max(0.0);
    label
}

/// From which step the states of a lane are not finite: words, step, middle of the topmost such row.
fn overflow(lane: &Lane, place: &LaneLayout, steps: Steps) -> Option<(String, usize, f64)> {
    place.rows.iter().find_map(|shown| {
        let values = &lane.rows.get(shown.index)?.values;
        let t = values.rows().into_iter().position(|step| step.iter().any(|v| !v.is_finite()))? + 1;
        let has = |from: usize, to: usize, what: fn(f64) -> bool| {
            values
                .rows()
                .into_iter()
                .skip(from - 1)
                .take(to + 1 - from)
                .any(|step| step.iter().any(|v| what(*v)))
        };
        let name = steps.name(t);
        let text = match (has(t, t, f64::is_nan), has(t, values.nrows(), f64::is_nan)) {
            (true, _) => format!("NaN from {name}"),
            (false, true) => format!("∞ from {name}, then NaN"),
            (false, false) => format!("∞ from {name}"),
        };
        Some((text, t, f64::from(shown.y) + f64::from(shown.height) / 2.0))
    })
}

/// What the hatch of a strip means: words and first hatched step.
fn gradient_state(lane: &Lane, steps: Steps) -> Option<(String, usize)> {
    // Where it begins on the gradient's way, and its first column on the page.
    let begin = |what: fn(f64) -> bool| lane.way(steps).find(|&t| what(lane.decade(t)));
    let first = |what: fn(f64) -> bool| (1..=steps.count).find(|&t| what(lane.decade(t)));
    let broken = |d: f64| d.is_nan() || d == f64::INFINITY;
    let zero = |d: f64| d == f64::NEG_INFINITY;
    let back = |t: usize, words: &str| {
        let on = if lane.mirrored && !steps.decodes(t) { "on" } else { "back" };
        if lane.way(steps).next() == Some(t) {
            words.to_owned()
        } else {
            format!("{words} from {} {on}", steps.name(t))
        }
    };
    if let (Some(t), Some(at)) = (begin(broken), first(broken)) {
        let all = (1..=steps.count).all(|t| broken(lane.decade(t)));
        return Some((if all { "no gradient: not finite".to_owned() } else { back(t, "not finite") }, at));
    }
    let (t, at) = (begin(zero)?, first(zero)?);
    let after = lane.way(steps).take_while(|&passed| passed != t).last();
    let cut = after.is_some_and(|after| lane.window_begins(after, steps));
    Some((back(t, if cut { "cut by the window" } else { "exactly 0" }), at))
}
