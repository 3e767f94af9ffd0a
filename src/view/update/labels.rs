//! Words over the update figure.

use super::super::{Anchor, Area, Label, Mode, Viewport, Words};
use super::strokes::{Plane, drawn, end};
use super::{Columns, UpdateFigure, UpdateLane, UpdateLayout, UpdatePlace};
use crate::analysis::number::{count, digits, power_of_ten, short};
use crate::experiment::Clip;

/// All words over a figure but the lanes' names, the symbols of the blocks and the sentences.
#[must_use]
pub fn labels(figure: &UpdateFigure, layout: &UpdateLayout, viewport: Viewport) -> Vec<Label> {
    let mut words = vec![];
    for (lane, place) in figure.lanes.iter().zip(&layout.lanes) {
        titles(&mut words, place, layout.scale.piled, viewport.mode);
        vectors(&mut words, lane, place);
        map(&mut words, lane, place, viewport.mode);
        histogram(&mut words, lane, place, layout, viewport.mode);
    }
    words
}

fn plain(x: f64, y: f64, anchor: Anchor, text: impl Into<String>, kind: Words) -> Label {
    Label { x, y, anchor, text: text.into(), kind, mark: -1 }
}

/// The first of several texts that fits.
fn fitting(texts: &[&str], label: impl Fn(&str) -> Label, width: f64, mode: Mode) -> Option<Label> {
    texts.iter().map(|text| label(text)).find(|label| label.width(mode) <= width)
}

fn titles(words: &mut Vec<Label>, place: &UpdatePlace, piled: bool, mode: Mode) {
    // Beside vectors and map there is room for a little more.
    let wider = |area: Area| Area { width: area.width + 16.0, ..area };
    let title = |area: Area, up: f64, texts: &[&str]| {
        let label = |text: &str| plain(area.x, area.y - up, Anchor::Start, text, Words::Value);
        fitting(texts, label, area.width, mode)
    };
    words.extend(title(wider(place.vectors), 4.0, &["g, as it is and clipped", "g and clipped", "Gradient"]));
    let up = super::LEGEND + 4.0;
    words.extend(title(wider(place.map), up, &["Loss around the weights", "Loss around here", "Loss"]));
    let mut texts = vec!["Entries of the gradient, log magnitude", "Entries, log magnitude", "Entries"];
    if piled {
        texts.insert(0, "Entries of the gradient by size; smaller ones: innermost bars");
        texts.insert(1, "Entries by size; smaller ones: innermost bars");
        texts.insert(2, "Entries by size");
    }
    words.extend(title(place.histogram(), 4.0, &texts));
}

fn vectors(words: &mut Vec<Label>, lane: &UpdateLane, place: &UpdatePlace) {
    let area = place.vectors;
    let Some(ways) = lane.update.ways.as_ref().filter(|_| lane.update.norm > 0.0) else {
        let text = if lane.update.norm == 0.0 { "exactly 0" } else { "not finite" };
        let (x, y) = (area.x + area.width / 2.0, area.y + area.height / 2.0);
        words.push(plain(x, y, Anchor::Middle, text, Words::State));
        return;
    };
    let arrows = Plane::new(area, ways);
    let (left, base) = arrows.origin;
    let right = area.x + area.width;
    for way in ways.iter().filter(|way| drawn(way)) {
        let taken = way.clip == lane.update.descent.clip;
        let kind = if taken { Words::Value } else { Words::Note };
        let (x, y) = arrows.tip(way);
        words.push(match way.clip {
            Clip::Off => plain(right, base - 8.0, Anchor::End, format!("g {}", digits(way.norm, 3)), kind),
            Clip::Norm => {
                plain(left, base + 14.0, Anchor::Start, format!("by norm {}", short(way.norm)), kind)
            }
            Clip::Value => {
                let text = format!("by value {}, {:.0}°", short(way.norm), way.angle());
                plain(
                    if x > left + 20.0 { left } else { x },
                    (y - 9.0).min(base - 26.0),
                    Anchor::Start,
                    text,
                    kind,
                )
            }
        });
    }
    let text = if arrows.log { "lengths: log scale" } else { "angles, lengths: true" };
    words.push(plain(area.x, area.y + area.height + 13.0, Anchor::Start, text, Words::Decade));
}

fn map(words: &mut Vec<Label>, lane: &UpdateLane, place: &UpdatePlace, mode: Mode) {
    let map = place.map;
    let (right, foot) = (map.x + map.width, map.y + map.height);
    let middle = (map.x + map.width / 2.0, map.y + map.height / 2.0);
    let Some(surface) = lane.surface else {
        words.push(plain(middle.0, middle.1, Anchor::Middle, "no direction", Words::State));
        return;
    };
    let size = Words::Decade.size(mode);
    let reach = digits(surface.reach(), 1);
    let ticks = [
        (map.x, foot + 13.0, Anchor::Start, format!("−{reach}")),
        (middle.0, foot + 13.0, Anchor::Middle, "−g →".to_owned()),
        (right, foot + 13.0, Anchor::End, reach.clone()),
        (map.x - 5.0, map.y + size * 0.8, Anchor::End, reach.clone()),
        (map.x - 5.0, middle.1 + size * 0.35, Anchor::End, "across".to_owned()),
        (map.x - 5.0, foot, Anchor::End, format!("−{reach}")),
    ];
    words.extend(ticks.map(|(x, y, anchor, text)| plain(x, y, anchor, text, Words::Decade)));
    if !surface.begun() {
        words.push(plain(middle.0, middle.1 - 14.0, Anchor::Middle, "computing", Words::State));
    }
    if let Some((low, high)) = surface.range().filter(|_| surface.begun()) {
        let y = map.y - 11.0;
        let now = lane.update.loss;
        let ends = [
            plain(map.x, y, Anchor::Start, digits(low.min(now), 2), Words::Decade),
            plain(right, y, Anchor::End, digits(high.max(now), 2), Words::Decade),
        ];
        // The middle keeps clear of both ends, or is left out.
        let room = map.width - 2.0 * ends[0].width(mode).max(ends[1].width(mode)) - 8.0;
        let present = digits(now, 3);
        let label = |text: &str| plain(middle.0, y, Anchor::Middle, text, Words::Decade);
        words.extend(fitting(&[&format!("now {present}"), &present], label, room, mode));
        words.extend(ends);
    }
    for way in lane.update.ways.iter().flatten().filter(|way| drawn(way)) {
        let Some(((x, y), false)) = end(lane, place, way) else { continue };
        let name = match way.clip {
            Clip::Off => "unclipped",
            Clip::Norm => "by norm",
            Clip::Value => "by value",
        };
        let length = digits(lane.update.descent.rate * way.norm, 2);
        let y =
            if way.clip == Clip::Off { middle.1 + 16.0 } else { (y - 6.0).clamp(map.y + 12.0, foot - 4.0) };
        let label = |text: &str| plain(x - 4.0, y, Anchor::End, text, Words::Value);
        let texts = [format!("{name}: {length} away"), format!("{length} away")];
        words.extend(fitting(&[&texts[0], &texts[1]], label, map.width / 2.0 + 8.0, mode));
    }
}

fn histogram(
    words: &mut Vec<Label>,
    lane: &UpdateLane,
    place: &UpdatePlace,
    layout: &UpdateLayout,
    mode: Mode,
) {
    let all = place.histogram();
    let columns = Columns::new(all, layout.scale);
    let (low, high) = layout.scale.decades();
    let y = all.y + all.height + 13.0;
    let (zero, wide) = columns.zero();
    let middle = zero + wide / 2.0;
    words.push(plain(all.x, y, Anchor::Start, format!("−{}", power_of_ten(high)), Words::Decade));
    words.push(plain(middle, y, Anchor::Middle, "0", Words::Decade));
    words.push(plain(all.x + all.width, y, Anchor::End, power_of_ten(high), Words::Decade));
    let inner = [(false, Anchor::End, "−"), (true, Anchor::Start, "")].map(|(positive, anchor, sign)| {
        let (x, width) = columns.of(0, positive);
        let at = if positive { x } else { x + width };
        plain(at, y, anchor, format!("{sign}{}", power_of_ten(low)), Words::Decade)
    });
    if all.width > 190.0 {
        words.extend(inner);
    }
    for (block, row) in lane.blocks.iter().zip(&place.blocks) {
        let zeros = block.zeros;
        if zeros == 0 || row.height < Words::Decade.size(mode) - 1.0 {
            continue;
        }
        let text = if zeros == block.entries { format!("all {} are 0", count(zeros)) } else { count(zeros) };
        let y = row.y + row.height / 2.0 + 4.0;
        words.push(plain(middle, y, Anchor::Middle, text, Words::Decade));
    }
}
