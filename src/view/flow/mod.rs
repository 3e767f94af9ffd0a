//! The figure of every loss at every earlier step: matrices and stacked bars on the shared time axis.
//!
//! Each lane has a matrix with a row per loss and a column per step, upper right empty: no loss reaches a step that
//! comes after it, but where a network reads in both directions. Under it stands a bar per step: how much arrives there from which distance. Under
//! that, a bar per loss: its share of the gradient of the recurrent weights.

mod hit;
mod labels;
mod paint;

pub use hit::{FlowHit, hit};
pub use labels::labels;
pub use paint::{paint, raster, tints};

use serde::Serialize;

use super::layout::{FOOT, tick_labels, time_axis};
use super::number::length;
use super::{Area, Axis, Band, Mode, Progress, Viewport};
use crate::analysis::contribution::Contributions;
use crate::analysis::flow::Flow;
use crate::experiment::{Direction, Steps};

/// The most that a row of a matrix is high.
const ROW: u32 = 3;
/// The height of a matrix with one loss.
const ONE: u32 = 24;
/// Space between a matrix and its bars, doubled on a phone.
const GAP: u32 = 8;
/// The most that bars are high.
const BARS: u32 = 200;
/// The least and the most that the shares of the losses are high.
const SHARES: [u32; 2] = [20, 44];
/// Space above the shares, on a phone for their name; half of it is below them.
const ABOVE: u32 = 10;

/// What the figure shows.
#[derive(Clone, Debug)]
pub struct FlowFigure<'a> {
    /// Time steps: `T`, or those of encoder and decoder together.
    pub steps: usize,
    /// Those before a decoder's; all where there is none.
    pub encoder: usize,
    /// The lanes, top to bottom; their losses belong to the same steps.
    pub lanes: Vec<FlowLane<'a>>,
    /// The step of the loss that the viewer follows, from 1.
    pub loss: usize,
    /// Where the viewer stands.
    pub progress: Progress,
}

/// One model of a comparison.
#[derive(Clone, Debug)]
pub struct FlowLane<'a> {
    /// Colour, 0 to 5.
    pub mark: usize,
    /// Its numbers.
    pub flow: &'a Flow,
    /// Whether its steps share recurrent weights.
    pub recurs: bool,
    /// What each loss gives to the recurrent weights, once that is computed.
    pub given: Option<&'a Contributions>,
}

impl FlowFigure<'_> {
    /// The steps on their axis.
    #[must_use]
    pub fn axis(&self) -> Steps {
        Steps { count: self.steps, encoder: self.encoder }
    }

    /// Losses, the same for all lanes.
    #[must_use]
    pub fn losses(&self) -> usize {
        self.lanes.first().map_or(1, |lane| lane.flow.losses()).max(1)
    }

    /// The first step with a loss, from 1.
    #[must_use]
    pub fn first(&self) -> usize {
        self.steps.max(1) + 1 - self.losses()
    }

    /// Whether the followed loss has come back to step `k` of a lane.
    #[must_use]
    pub fn arrived(&self, lane: &FlowLane, k: usize) -> bool {
        let seen = self.axis().seen(lane.flow.direction(), k);
        lane.flow.reach(self.loss).contains(&k) && self.progress.backward_done(seen)
    }
}

/// The arrangement of a figure.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FlowLayout {
    /// Width in CSS pixels.
    pub width: u32,
    /// Height in CSS pixels; beyond the viewport's the figure scrolls.
    pub height: u32,
    /// The columns that everything shares.
    pub axis: Axis,
    /// Flag of the playhead and the words of the sequence.
    pub inputs: Band,
    /// Room for a sentence where there is one loss only.
    pub note: Option<Band>,
    /// The lanes, top to bottom.
    pub lanes: Vec<FlowPlace>,
    /// Ticks and numbers of the axis.
    pub ticks: Band,
    /// Which steps have room for their number.
    pub tick_labels: Vec<usize>,
    /// The first step with a loss.
    pub first: usize,
}

/// One lane.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FlowPlace {
    /// Top edge, on a phone of the lane's head.
    pub y: u32,
    /// Height.
    pub height: u32,
    /// A row per loss.
    pub matrix: Band,
    /// Stacked bars; the last pixel is the base line.
    pub bars: Band,
    /// A bar per loss, up or down from zero; none where there is one loss only, or nothing recurs.
    pub shares: Option<Band>,
    /// Whether its gradients travel from t = 1 to T.
    pub mirrored: bool,
}

impl FlowLayout {
    /// The place of a loss in a lane's matrix at step `k`, both from 1.
    #[must_use]
    pub fn cell(&self, lane: usize, loss: usize, k: usize) -> Option<Area> {
        let matrix = self.lanes.get(lane)?.matrix;
        let inside = (self.first..=self.axis.steps).contains(&loss) && (1..=self.axis.steps).contains(&k);
        inside.then(|| hit::cell_area(self, matrix, loss, k))
    }

    /// How many losses share the height of a matrix.
    #[must_use]
    pub fn losses(&self) -> usize {
        self.axis.steps + 1 - self.first
    }
}

/// Arranges a figure.
///
/// A row of a matrix is three pixels high, less where three lanes would not fit: the bars keep a least height, the
/// matrices share the rest. When even that does not fit, the layout is higher than the viewport.
#[must_use]
pub fn layout(figure: &FlowFigure, viewport: Viewport) -> FlowLayout {
    let (axis, m) = time_axis(figure.axis(), viewport);
    let phone = viewport.mode == Mode::Phone;
    // Bars, and a lane that holds name, gauge and the key of the bars in its gutter.
    let (least_bars, least, below, gap) = match viewport.mode {
        Mode::Wide => (46, 114, 0, GAP),
        Mode::Present => (60, 130, 0, GAP),
        // The largest bar's number stands over the bars.
        Mode::Phone => (64, 0, 40, 2 * GAP),
    };
    let between = if phone { m.between } else { m.between.max(18) };
    let inputs = Band { y: 0, height: m.inputs };
    let one = figure.losses() == 1;
    let note = (one && viewport.mode != Mode::Present)
        .then_some(Band { y: inputs.end() + 8, height: if phone { 100 } else { 34 } });
    let top = note.map_or(inputs.end(), |band| band.end() + 10);
    let wanted = if one { ONE } else { ROW * length(figure.losses()) };
    let count = length(figure.lanes.len()).max(1);
    let fixed = top + m.ticks + FOOT + between * (count - 1);
    let room = viewport.height.saturating_sub(fixed) / count;
    // Beside one loss there is no other that would have a share; presenting, all lanes are seen at once first.
    let alone = one || viewport.mode == Mode::Present && room < least + ABOVE + SHARES[0] + ABOVE / 2;
    let shares = if alone { 0 } else { (room / 6).clamp(SHARES[0], SHARES[1]) };
    let above = if phone { 2 * ABOVE } else { ABOVE };
    let under = if alone { 0 } else { above + shares + ABOVE / 2 };
    let each = room.saturating_sub(under).max(least);
    let (matrix, bars) = if phone {
        (wanted.min(180), least_bars)
    } else {
        let matrix = wanted.min(each.saturating_sub(gap + least_bars)).max(ONE.min(wanted));
        (matrix, (each - gap - matrix).min(BARS))
    };
    let bars = bars.max(least.saturating_sub(gap + matrix));
    let height = m.head + matrix + gap + bars + below + under;
    let lanes: Vec<_> = (0..)
        .zip(&figure.lanes)
        .map(|(index, lane)| {
            let y = top + index * (height + between);
            let matrix = Band { y: y + m.head, height: matrix };
            let banded = lane.recurs && !alone;
            let bars = Band { y: matrix.end() + gap, height: if banded { bars } else { bars + under } };
            let shares = Band { y: bars.end() + below + above, height: shares };
            FlowPlace {
                y,
                height,
                matrix,
                bars,
                shares: banded.then_some(shares),
                mirrored: lane.flow.direction() == Direction::Backward,
            }
        })
        .collect();
    let end = lanes.last().map_or(top, |lane| lane.y + lane.height);
    let ticks = Band { y: end, height: m.ticks };
    FlowLayout {
        width: viewport.width.max(axis.right() + m.right),
        height: ticks.end() + FOOT,
        axis,
        inputs,
        note,
        lanes,
        ticks,
        tick_labels: tick_labels(axis, m.digit),
        first: figure.first(),
    }
}
