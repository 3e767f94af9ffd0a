//! Words over the flow figure.

use super::super::number::{length, real};
use super::super::{Anchor, Label, Mode, Viewport, Words};
use super::{FlowFigure, FlowLane, FlowLayout, FlowPlace};
use crate::analysis::number::digits;

/// All words over a figure.
#[must_use]
pub fn labels(figure: &FlowFigure, layout: &FlowLayout, viewport: Viewport) -> Vec<Label> {
    let mode = viewport.mode;
    let mut words = vec![];
    for (lane, place) in figure.lanes.iter().zip(&layout.lanes) {
        words.extend(state(lane, layout, place, mode));
        words.extend(scale(lane, layout, place, mode));
        words.extend(shares(lane, layout, place, mode));
        if mode != Mode::Phone {
            words.extend(losses(layout, place, mode));
        }
    }
    if figure.lanes.iter().all(|lane| lane.flow.is_earlier()) {
        words.extend(remark(layout, mode));
    }
    words
}

fn plain(x: f64, y: f64, anchor: Anchor, text: impl Into<String>, kind: Words) -> Label {
    Label { x, y, anchor, text: text.into(), kind, mark: -1 }
}

/// The largest bar, beside the gutter or on a phone over the bars.
fn scale(lane: &FlowLane, layout: &FlowLayout, place: &FlowPlace, mode: Mode) -> Vec<Label> {
    let (size, bars) = (Words::Decade.size(mode), place.bars);
    let (top, base) = (f64::from(bars.y) + size * 0.8, f64::from(bars.end()));
    let most = digits(lane.flow.highest(), 2);
    if mode == Mode::Phone {
        let x = f64::from(layout.axis.x0) - 3.0;
        return vec![
            plain(x, base, Anchor::End, "0", Words::Decade),
            plain(x + 3.0, f64::from(bars.y) - 3.0, Anchor::Start, most, Words::Decade),
        ];
    }
    let x = f64::from(layout.axis.x0) - 8.0;
    let mut words = vec![plain(x, top, Anchor::End, most, Words::Decade)];
    // In a low lane the key of the bars takes the whole gutter.
    if f64::from(bars.end() - place.y) >= 13.0 * size {
        words.push(plain(x, base, Anchor::End, "0", Words::Decade));
    }
    words
}

/// The largest and the smallest share, beside the ends of their band, or why there is none.
fn shares(lane: &FlowLane, layout: &FlowLayout, place: &FlowPlace, mode: Mode) -> Vec<Label> {
    let (Some(band), Some(given)) = (place.shares, lane.given) else { return vec![] };
    let (low, high) = given.range();
    let size = Words::Decade.size(mode);
    let x0 = f64::from(layout.axis.x0);
    let (top, base) = (f64::from(band.y) + size * 0.8, f64::from(band.end()));
    if low >= high {
        let words = if given.total == 0.0 { "exactly 0" } else { "no shares" };
        return vec![plain(x0 + 2.0, base - 4.0, Anchor::Start, words, Words::State)];
    }
    let (most, least) = (digits(high, 2), if low < 0.0 { digits(low, 2) } else { "0".to_owned() });
    if mode == Mode::Phone {
        let (x, y) = (f64::from(layout.axis.right()), f64::from(band.y) - 5.0);
        return vec![plain(x, y, Anchor::End, format!("{least} to {most}"), Words::Decade)];
    }
    vec![
        plain(x0 - 8.0, top, Anchor::End, most, Words::Decade),
        plain(x0 - 8.0, base, Anchor::End, least, Words::Decade),
    ]
}

/// Numbers of some losses beside the rows; the first row has the symbol of all.
fn losses(layout: &FlowLayout, place: &FlowPlace, mode: Mode) -> Vec<Label> {
    let (count, size) = (layout.losses(), Words::Decade.size(mode));
    if count == 1 {
        return vec![];
    }
    let each = f64::from(place.matrix.height) / real(count);
    let room = size * 1.5;
    let at = |loss: usize| f64::from(place.matrix.y) + (real(loss - layout.first) + 0.5) * each + size * 0.35;
    let last = layout.axis.steps;
    let step = [5, 10, 20, 25, 50, 100, 200].into_iter().find(|&step| real(step) * each >= room * 1.4);
    let inner = step.into_iter().flat_map(|step| (1..=last / step).map(move |n| n * step));
    inner
        .filter(|&loss| at(loss) - at(layout.first) >= room * 1.4 && at(last) - at(loss) >= room)
        .chain((at(last) - at(layout.first) >= room).then_some(last))
        .map(|loss| {
            plain(
                f64::from(layout.axis.x0) - 8.0,
                at(loss),
                Anchor::End,
                layout.axis.of().number(loss),
                Words::Decade,
            )
        })
        .collect()
}

/// What the hatch of a matrix means, at the lowest row that has one: there it reaches furthest.
fn state(lane: &FlowLane, layout: &FlowLayout, place: &FlowPlace, mode: Mode) -> Option<Label> {
    let flow = lane.flow;
    let (loss, k, decade) = (layout.first..=layout.axis.steps).rev().find_map(|loss| {
        let cells = flow.reach(loss).filter_map(|k| Some((loss, k, flow.decade(loss, k)?)));
        cells.into_iter().find(|(.., decade)| !decade.is_finite())
    })?;
    let words = if decade == f64::NEG_INFINITY { "exactly 0" } else { "not finite" };
    let size = Words::State.size(mode);
    let each = f64::from(place.matrix.height) / real(layout.losses());
    let y = f64::from(place.matrix.y) + (real(loss - layout.first) + 1.0) * each - 5.0;
    let mut label = plain(0.0, y.max(f64::from(place.matrix.y) + size), Anchor::Start, words, Words::State);
    let room = f64::from(layout.axis.right()) - label.width(mode) - 4.0;
    label.x = (f64::from(layout.axis.left(k)) + 8.0).min(room).max(f64::from(layout.axis.x0) + 2.0);
    Some(label)
}

/// Why half of every matrix is empty, written where it is.
fn remark(layout: &FlowLayout, mode: Mode) -> Option<Label> {
    let place = layout.lanes.first()?;
    let axis = &layout.axis;
    let y = f64::from(place.matrix.y) + Words::Note.size(mode);
    let label = plain(
        f64::from(axis.right()) - 4.0,
        y,
        Anchor::End,
        "No loss can reach a step that comes after it",
        Words::Note,
    );
    let wide = f64::from(length(layout.losses()) * axis.column);
    let fits = place.matrix.height >= 56 && label.width(mode) < wide * 0.7;
    (mode != Mode::Phone && fits).then_some(label)
}
