//! The figure of one update: the gradient and what clipping makes of it, the loss around the weights with the steps on
//! it, and how large the entries of the gradient are. It has no time axis: the update comes after all steps.

mod hit;
mod labels;
mod paint;
mod strokes;

pub use hit::{UpdateHit, hit};
pub use labels::labels;
pub use paint::{paint, raster};
pub use strokes::{Ink, Stroke, strokes};

use std::collections::BTreeMap;

use serde::Serialize;

use super::layout::{FOOT, time_axis};
use super::number::{length, real};
use super::{Area, Axis, Mode, Viewport};
use crate::analysis::histogram::{Block, PER_DECADE};
use crate::analysis::surface::Surface;
use crate::analysis::update::Update;
use crate::experiment::Steps;

/// A lane that is so high has its histograms below.
const HIGH: f64 = 420.0;
/// The legend of the colours over a map.
const LEGEND: f64 = 22.0;
/// Between panels.
const APART: f64 = 18.0;
/// Decades that a histogram shows at most.
const DECADES: i32 = 20;
/// Of a lane's entries, so large a part may be smaller than the histograms show.
const LEFT_OUT: f64 = 0.01;
/// Over the first lane, but on a phone.
const TOP: u32 = 8;

/// What the figure shows.
#[derive(Clone, Debug)]
pub struct UpdateFigure<'a> {
    /// Time steps `T`.
    pub steps: usize,
    /// The lanes, top to bottom.
    pub lanes: Vec<UpdateLane<'a>>,
}

/// One model of a comparison.
#[derive(Clone, Copy, Debug)]
pub struct UpdateLane<'a> {
    /// Colour, 0 to 5.
    pub mark: usize,
    /// Its step.
    pub update: &'a Update,
    /// The loss around its weights, where its gradient has a direction.
    pub surface: Option<&'a Surface>,
    /// The entries of its gradient.
    pub blocks: &'a [Block],
}

/// The magnitudes that all histograms share, in bins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Scale {
    /// The first bin; what is smaller is counted in it.
    pub from: i32,
    /// How many, a multiple of a decade.
    pub bins: usize,
    /// Whether there are smaller ones.
    pub piled: bool,
}

impl Scale {
    fn of(lanes: &[UpdateLane]) -> Self {
        let all = || lanes.iter().flat_map(|lane| lane.blocks).flat_map(|block| block.bins.keys().copied());
        let low = lanes.iter().filter_map(|lane| bulk(lane.blocks)).min().unwrap_or(-4);
        let high = all().max().unwrap_or(-1) + 1;
        let to = high.div_euclid(PER_DECADE) + i32::from(high.rem_euclid(PER_DECADE) > 0);
        let from = low.div_euclid(PER_DECADE).max(to - DECADES);
        let bins = usize::try_from((to - from) * PER_DECADE).unwrap_or(1);
        Self { from: from * PER_DECADE, bins, piled: all().any(|bin| bin < from * PER_DECADE) }
    }

    /// Where a bin stands, from 0.
    #[must_use]
    pub fn index(self, bin: i32) -> usize {
        usize::try_from(bin - self.from).unwrap_or(0).min(self.bins - 1)
    }

    /// The powers of ten at its ends.
    #[must_use]
    pub fn decades(self) -> (i32, i32) {
        let from = self.from / PER_DECADE;
        (from, from + i32::try_from(self.bins).unwrap_or(0) / PER_DECADE)
    }
}

/// The bin that only few entries are below.
fn bulk(blocks: &[Block]) -> Option<i32> {
    let mut bins: BTreeMap<i32, usize> = BTreeMap::new();
    for (&bin, counts) in blocks.iter().flat_map(|block| &block.bins) {
        *bins.entry(bin).or_default() += counts[0] + counts[1];
    }
    let few = LEFT_OUT * real(bins.values().sum());
    let mut below = 0;
    bins.into_iter().find_map(|(bin, count)| {
        below += count;
        (real(below) > few).then_some(bin)
    })
}

/// The arrangement of a figure.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdateLayout {
    /// Width in CSS pixels.
    pub width: u32,
    /// Height in CSS pixels; beyond the viewport's the figure scrolls.
    pub height: u32,
    /// The columns of the transport under the figure.
    pub axis: Axis,
    /// The lanes, top to bottom.
    pub lanes: Vec<UpdatePlace>,
    /// Of all histograms.
    #[serde(skip)]
    pub scale: Scale,
}

/// One lane.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct UpdatePlace {
    /// Top edge, on a phone of the lane's head.
    pub y: u32,
    /// Height.
    pub height: u32,
    /// The gradient and its clipped versions.
    pub vectors: Area,
    /// The loss around the weights.
    pub map: Area,
    /// A histogram per block.
    pub blocks: Vec<Area>,
    /// Places of the sentences under the three; without width there is none.
    pub words: [Area; 3],
}

impl UpdatePlace {
    /// The histograms together.
    #[must_use]
    pub fn histogram(&self) -> Area {
        let first = self.blocks.first().copied().unwrap_or_default();
        let end = self.blocks.last().map_or(first.y, |area| area.y + area.height);
        Area { height: end - first.y, ..first }
    }
}

/// The lengths of an arrangement.
struct Measures {
    /// Title over a panel.
    title: f64,
    /// Ticks under it.
    ticks: f64,
    /// Numbers beside a map, symbols beside a histogram.
    beside: [f64; 2],
    /// Sentences.
    words: f64,
}

/// Arranges a figure: as large as three lanes can be without scrolling, but never too small to read.
#[must_use]
pub fn layout(figure: &UpdateFigure, viewport: Viewport) -> UpdateLayout {
    let (axis, m) = time_axis(Steps::plain(figure.steps), viewport);
    let count = length(figure.lanes.len()).max(1);
    let top = if viewport.mode == Mode::Phone { 0 } else { TOP };
    let each = viewport.height.saturating_sub(top + FOOT + m.between * (count - 1)) / count;
    let room = Area {
        x: f64::from(axis.x0),
        y: 0.0,
        width: f64::from(viewport.width.saturating_sub(axis.x0 + m.right)),
        height: f64::from(each),
    };
    let mut y = top;
    let lanes: Vec<_> = figure
        .lanes
        .iter()
        .map(|lane| {
            let room = Area { y: f64::from(y + m.head), ..room };
            let place = match viewport.mode {
                Mode::Phone => {
                    let room = Area { x: 12.0, width: f64::from(viewport.width) - 16.0, ..room };
                    stacked(lane, y, room, None)
                }
                Mode::Wide if room.height >= HIGH => stacked(lane, y, room, Some(room.height)),
                mode => beside(lane, y, room, mode),
            };
            y += place.height + m.between;
            place
        })
        .collect();
    let height = lanes.last().map_or(0, |lane| lane.y + lane.height) + FOOT;
    let width = viewport.width.max(axis.right() + m.right);
    UpdateLayout { width, height, axis, lanes, scale: Scale::of(&figure.lanes) }
}

/// The three panels in a row.
fn beside(lane: &UpdateLane, y: u32, room: Area, mode: Mode) -> UpdatePlace {
    let present = mode == Mode::Present;
    let m = if present {
        Measures { title: 20.0, ticks: 24.0, beside: [52.0, 44.0], words: 30.0 }
    } else {
        Measures { title: 16.0, ticks: 18.0, beside: [40.0, 36.0], words: 34.0 }
    };
    let [numbers, symbols] = m.beside;
    let fixed = m.title + LEGEND + m.ticks + m.words;
    let wide = (room.width - numbers - symbols - 2.0 * APART) / 3.4;
    let side =
        wide.min((room.height - fixed).max(if present { 150.0 } else { 128.0 })).clamp(90.0, 300.0).floor();
    let top = room.y + m.title;
    let tall = side + LEGEND;
    let vectors = Area { x: room.x, y: top, width: side, height: tall };
    let map = Area { x: room.x + side + APART + numbers, y: top + LEGEND, width: side, height: side };
    let x = map.x + side + APART + symbols;
    let rows = Area { x, y: top, width: (room.x + room.width - x).max(60.0), height: tall };
    let below = top + tall + m.ticks;
    let words = |x: f64, width: f64| Area { x, y: below, width, height: m.words };
    let each = below + m.words - room.y;
    let words = if present {
        [words(room.x, 0.0), words(room.x, room.width), words(room.x, 0.0)]
    } else {
        let [a, b] = [map.x - numbers, x - symbols];
        // What the vectors say has room beside them, under the gauge.
        let gutter = Area { x: 14.0, y: room.y + 104.0, width: room.x - 26.0, height: each - 104.0 };
        [gutter, words(room.x, a + numbers + side - room.x), words(b, room.x + room.width - b)]
    };
    let height = length_of(below + m.words - f64::from(y));
    UpdatePlace { y, height, vectors, map, blocks: split(rows, lane.blocks.len()), words }
}

/// Vectors and map beside each other, the histograms below: for a phone, under the lane's head, and for a lane with
/// room, as high as `height`.
fn stacked(lane: &UpdateLane, y: u32, room: Area, height: Option<f64>) -> UpdatePlace {
    let (title, ticks, numbers, symbols) = (16.0, 18.0, 42.0, 42.0);
    let count = real(lane.blocks.len());
    let words = if height.is_some() { [0.0, 22.0, 34.0] } else { [52.0; 3] };
    let each = 18.0;
    let fixed = 2.0 * (title + ticks + 4.0) + LEGEND + words.iter().sum::<f64>() + each * count;
    let wide = (room.width - numbers - 12.0) / 2.0;
    let side = wide.min(height.map_or(wide, |height| (height - fixed).max(150.0))).floor().max(80.0);
    let top = room.y + title;
    let vectors = Area { x: room.x, y: top, width: side, height: side + LEGEND };
    let map = Area { x: room.x + side + 8.0 + numbers, y: top + LEGEND, width: side, height: side };
    let across = |y: f64, height: f64| Area { y, height, ..room };
    let first = across(top + side + LEGEND + ticks + 4.0, words[0]);
    let second = across(first.y + words[0], words[1]);
    let rows = Area {
        x: room.x + symbols,
        y: second.y + words[1] + title,
        width: room.width - symbols,
        height: each * count,
    };
    let third = across(rows.y + rows.height + ticks + 4.0, words[2]);
    let all = length_of(third.y + words[2] - f64::from(y));
    let first = match height {
        // Beside the vectors, under the gauge.
        Some(_) => Area { x: 14.0, y: room.y + 104.0, width: room.x - 26.0, height: side },
        None => first,
    };
    UpdatePlace {
        y,
        height: all,
        vectors,
        map,
        blocks: split(rows, lane.blocks.len()),
        words: [first, second, third],
    }
}

fn length_of(value: f64) -> u32 {
    super::number::pixel(value)
}

/// Rows of whole pixels, as high as each other.
fn split(area: Area, count: usize) -> Vec<Area> {
    let each = (area.height / real(count.max(1))).floor().clamp(5.0, 26.0);
    (0..count).map(|n| Area { y: area.y + each * real(n), height: each, ..area }).collect()
}

/// Where the bins of a histogram stand in its row.
#[derive(Clone, Copy, Debug)]
struct Columns {
    x: f64,
    unit: f64,
    bins: usize,
}

impl Columns {
    fn new(row: Area, scale: Scale) -> Self {
        Self { x: row.x, unit: row.width / (2.0 * real(scale.bins) + 5.0), bins: scale.bins }
    }

    /// Left edge and width of a bin: large negative entries at the left, large positive ones at the right.
    fn of(self, index: usize, positive: bool) -> (f64, f64) {
        let at = if positive { real(self.bins + index) + 5.0 } else { real(self.bins - 1 - index) };
        (self.x + at * self.unit, self.unit)
    }

    /// That of exact zeros.
    fn zero(self) -> (f64, f64) {
        (self.x + (real(self.bins) + 0.5) * self.unit, 4.0 * self.unit)
    }
}
