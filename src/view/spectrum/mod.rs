//! The figure of how steps scale signals: eigenvalues against the unit circle above, below on the shared time axis the
//! singular values of the product of all steps from T back to t, with the bound, and a strip of saturated units.

mod hit;
mod labels;
mod paint;

pub use hit::{SpectrumHit, grabs, hit};
pub use labels::labels;
pub use paint::paint;

use std::ops::RangeInclusive;

use serde::Serialize;

use super::layout::{FOOT, tick_labels, time_axis};
use super::number::{length, pixel};
use super::{Axis, Band, Domain, Mode, Progress, Viewport};
use crate::analysis::spectrum::{Bound, Products, Scaling};
use crate::experiment::{Direction, Steps};

/// How far out a plane of eigenvalues can reach; all lanes have the least that holds every one.
const EXTENTS: [f64; 10] = [1.25, 1.6, 2.0, 3.0, 5.0, 8.0, 15.0, 30.0, 100.0, 1000.0];
/// The strip of saturated units, and the space over it.
const STRIP: u32 = 8;
const STRIP_GAP: u32 = 5;
/// The least side of a plane.
const SIDE: u32 = 96;
/// Room for the flag of the playhead.
const FLAG: u32 = 22;

/// What the figure shows.
#[derive(Clone, Debug)]
pub struct SpectrumFigure<'a> {
    /// All steps on one axis.
    pub axis: Steps,
    /// The lanes, top to bottom.
    pub lanes: Vec<SpectrumLane<'a>>,
    /// Where the viewer stands.
    pub progress: Progress,
    /// Whether the flag of the playhead stands above the words of the sequence, not among them.
    pub flag_above: bool,
}

/// One model of a comparison.
#[derive(Clone, Debug)]
pub struct SpectrumLane<'a> {
    /// Colour, dash and marker, 0 to 5.
    pub mark: usize,
    /// What the recurrent matrix of the cursor's step does; `None` for cells that have no one matrix.
    pub recurrent: Option<&'a Scaling>,
    /// What the step at the cursor does.
    pub step: &'a Scaling,
    /// The products of steps, once they are computed.
    pub products: Option<&'a Products>,
    /// Decades that a step adds at most.
    pub bound: Option<Bound>,
    /// Share of saturated units or gates per step.
    pub saturated: &'a [f64],
    /// Which way the encoder's steps, or the only ones, are read.
    pub direction: Direction,
}

impl SpectrumLane<'_> {
    /// Where its curves are whole: between, a direction that reads from T to 1 goes on somewhere else.
    #[must_use]
    pub fn stretches(&self, axis: Steps) -> Vec<RangeInclusive<usize>> {
        match axis.border() {
            Some(border) if self.direction == Direction::Backward => {
                vec![1..=border - 1, border..=axis.count]
            }
            _ => vec![1..=axis.count],
        }
    }

    /// Parts of its curves, and whether the way back has come through them when the playhead is at `now`.
    #[must_use]
    pub fn halves(&self, axis: Steps, now: usize) -> Vec<(RangeInclusive<usize>, bool)> {
        let halves = self.stretches(axis).into_iter().flat_map(|all| {
            let (from, to) = (*all.start(), *all.end());
            if self.direction == Direction::Backward && !axis.decodes(from) {
                let here = Some(axis.seen(self.direction, now)).filter(|here| all.contains(here));
                let reached = here.unwrap_or(from);
                [(reached..=to, false), (from..=reached, true)]
            } else {
                let reached = now.clamp(from, to);
                [(from..=reached, false), (reached..=to, true)]
            }
        });
        halves.collect()
    }

    /// The figures with a dial: ρ(W) and σ_max(W) where there is a W, then ρ(J) and σ_max(J).
    #[must_use]
    pub fn dials(&self) -> Vec<f64> {
        let both = |scaling: &Scaling| [scaling.radius, scaling.largest];
        self.recurrent.map(both).into_iter().flatten().chain(both(self.step)).collect()
    }
}

/// The arrangement of a figure.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SpectrumLayout {
    /// Width in CSS pixels.
    pub width: u32,
    /// Height in CSS pixels; beyond the viewport's the figure scrolls.
    pub height: u32,
    /// The columns that everything below shares.
    pub axis: Axis,
    /// The planes of eigenvalues, in the order of the lanes.
    pub planes: Vec<Plane>,
    /// What the signs in the planes mean.
    pub key: Band,
    /// What the curves are.
    pub title: Band,
    /// Flag of the playhead and the words of the sequence.
    pub inputs: Band,
    /// The lanes, top to bottom.
    pub lanes: Vec<SpectrumPlace>,
    /// Ticks and numbers of the axis.
    pub ticks: Band,
    /// Which steps have room for their number.
    pub tick_labels: Vec<usize>,
}

/// A plane of eigenvalues and the dials beside it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Plane {
    /// Left edge.
    pub x: u32,
    /// Top edge, of the lane's name.
    pub y: u32,
    /// Width, with the dials.
    pub width: u32,
    /// Top edge of the square.
    pub top: u32,
    /// Its side.
    pub side: u32,
    /// CSS pixels that a magnitude of 1 is long: the radius of the unit circle.
    pub unit: f64,
    /// The dials, from top to bottom.
    pub dials: Vec<Dial>,
}

impl Plane {
    /// The origin.
    #[must_use]
    pub fn centre(&self) -> (f64, f64) {
        let half = f64::from(self.side) / 2.0;
        (f64::from(self.x) + half, f64::from(self.top) + half)
    }
}

/// A figure as a point on a line from 0 to 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Dial {
    /// Left end of the line.
    pub x: u32,
    /// Top edge, of the words.
    pub y: u32,
    /// Height of the line's middle.
    pub line: u32,
    /// Length of the line.
    pub width: u32,
}

/// One lane's curves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SpectrumPlace {
    /// Top edge, on a phone of the lane's head.
    pub y: u32,
    /// Height.
    pub height: u32,
    /// Singular values.
    pub curves: Band,
    /// Saturated units.
    pub strip: Band,
}

/// The one scale of all curves: it holds the largest singular value of every lane, and some of the others.
#[must_use]
pub fn domain(figure: &SpectrumFigure) -> Domain {
    let largest = figure.lanes.iter().filter_map(|lane| lane.products).flat_map(Products::largest);
    let (least, most) = largest
        .filter(|decades| decades.is_finite())
        .fold((0.0, 0.0), |(least, most): (f64, f64), d| (least.min(d), most.max(d)));
    let rises = figure
        .lanes
        .iter()
        .any(|lane| lane.bound.is_some_and(|bound| bound.encoder.max(bound.decoder) > 0.0));
    Domain {
        low: (least - 3.0).floor().min(-6.0),
        high: (most + 0.3).ceil().max(if rises { 3.0 } else { 1.0 }),
    }
}

/// Arranges a figure.
///
/// Three planes stand side by side, with their dials; on a phone one. The lanes below share what height is left, but
/// keep a least one: then the layout is higher than the viewport.
#[must_use]
pub fn layout(figure: &SpectrumFigure, viewport: Viewport) -> SpectrumLayout {
    let (axis, m) = time_axis(figure.axis, viewport);
    let count = figure.lanes.len().max(1);
    let (head, dial, text, gap) = match viewport.mode {
        Mode::Wide => (24, 100, 16, 14),
        Mode::Present => (30, 150, 20, 24),
        Mode::Phone => (34, 150, 20, 18),
    };
    // Three planes side by side, where there is room for that.
    let fits = viewport.width / (SIDE + dial + 2 * gap);
    let columns = count.min(usize::try_from(fits).unwrap_or(3).clamp(1, 3));
    let rows = count.div_ceil(columns);
    let column = (viewport.width / length(columns)).min(420);
    let share = if rows == 1 { 0.22 } else { 0.15 };
    let side = match viewport.mode {
        Mode::Phone => 150,
        _ => pixel(f64::from(viewport.height) * share).clamp(SIDE, 176),
    };
    let side = side.min(column.saturating_sub(dial + 2 * gap)).max(SIDE);
    let unit = f64::from(side) / 2.0 / extent(figure);
    let planes: Vec<_> = figure
        .lanes
        .iter()
        .enumerate()
        .map(|(index, lane)| {
            let (x, row) = (length(index % columns) * column, length(index / columns));
            let y = row * (head + side + gap);
            let (top, left) = (y + head, x + side + gap);
            let each = (side / length(lane.dials().len().max(1))).min(42);
            let dials = (0..length(lane.dials().len())).map(|k| {
                let y = top + k * each;
                Dial { x: left, y, line: y + text + (each - text).min(12) / 2, width: dial }
            });
            Plane { x, y, width: column - gap, top, side, unit, dials: dials.collect() }
        })
        .collect();
    let end = planes.last().map_or(0, |plane| plane.top + plane.side);
    let words = match viewport.mode {
        Mode::Phone => 48,
        _ if viewport.width < 660 => 36,
        Mode::Wide => 18,
        // The heads of the planes say enough.
        Mode::Present => 0,
    };
    let key = Band { y: end + 6, height: words };
    let title = Band { y: key.end() + 4, height: if viewport.mode == Mode::Phone { 40 } else { text + 4 } };
    let above = if figure.flag_above || viewport.mode == Mode::Phone { FLAG } else { 2 };
    let inputs = Band { y: title.end() + above, height: m.inputs };
    let least = if viewport.mode == Mode::Phone { 150 } else { 80 };
    let between = if viewport.mode == Mode::Present { 10 } else { m.between };
    let fixed = inputs.end() + 6 + m.ticks + FOOT + between * (length(count) - 1);
    let each = (viewport.height.saturating_sub(fixed) / length(count)).max(least);
    let each = if viewport.mode == Mode::Phone { least + m.head } else { each };
    let lanes: Vec<_> = (0..length(figure.lanes.len()))
        .map(|index| {
            let y = inputs.end() + 6 + index * (each + between);
            let curves = Band { y: y + m.head, height: each - m.head - STRIP - STRIP_GAP };
            let strip = Band { y: curves.end() + STRIP_GAP, height: STRIP };
            SpectrumPlace { y, height: each, curves, strip }
        })
        .collect();
    let ticks = Band { y: lanes.last().map_or(inputs.end(), |lane| lane.y + lane.height), height: m.ticks };
    SpectrumLayout {
        width: viewport.width.max(axis.right() + m.right),
        height: ticks.end() + FOOT,
        axis,
        planes,
        key,
        title,
        inputs,
        lanes,
        ticks,
        tick_labels: tick_labels(axis, m.digit),
    }
}

/// The least of [`EXTENTS`] that holds every eigenvalue.
fn extent(figure: &SpectrumFigure) -> f64 {
    let radii = figure.lanes.iter().flat_map(|lane| [Some(lane.step), lane.recurrent]).flatten();
    let most = radii.map(|scaling| scaling.radius).filter(|radius| radius.is_finite()).fold(0.0, f64::max);
    EXTENTS.into_iter().find(|extent| most * 1.06 <= *extent).unwrap_or(most * 1.06)
}

/// Where a figure stands on its dial, 0 to 1; 1 of the figure is in the middle, what is over 2 at the end.
#[must_use]
pub fn along(value: f64) -> f64 {
    (value / 2.0).clamp(0.0, 1.0)
}

/// Height of `decades` in a band, in CSS pixels of the figure.
fn down(domain: Domain, band: Band, decades: f64) -> f64 {
    f64::from(band.y) + (domain.high - decades) / (domain.high - domain.low) * f64::from(band.height)
}

/// The points of one curve in CSS pixels, cut off where it leaves the band: a list per part that is in view.
fn parts(
    domain: Domain,
    band: Band,
    points: impl Iterator<Item = (f64, Option<f64>)>,
) -> Vec<Vec<(f64, f64)>> {
    let (top, bottom) = (f64::from(band.y), f64::from(band.end()));
    let mut parts: Vec<Vec<(f64, f64)>> = vec![];
    let mut before: Option<(f64, f64)> = None;
    for (x, decades) in points {
        let Some(y) = decades.map(|decades| down(domain, band, decades)) else {
            before = None;
            continue;
        };
        let inside = (top..=bottom).contains(&y);
        if let Some((x0, y0)) = before {
            let was = (top..=bottom).contains(&y0);
            // Where the straight line between the two crosses an edge.
            let cross = |edge: f64| (x0 + (x - x0) * (edge - y0) / (y - y0), edge);
            if !was && inside {
                parts.push(vec![cross(if y0 < top { top } else { bottom })]);
            } else if was && !inside {
                if let Some(part) = parts.last_mut() {
                    part.push(cross(if y < top { top } else { bottom }));
                }
            } else if !was && !inside && (y0 < top) != (y < top) {
                parts.push(vec![cross(top), cross(bottom)]);
            }
        } else if inside {
            parts.push(vec![]);
        }
        if let Some(part) = parts.last_mut().filter(|_| inside) {
            part.push((x, y));
        }
        before = Some((x, y));
    }
    parts
}
