//! Where everything stands: a pure function of shape and size.
//!
//! All lengths are whole CSS pixels from the figure's top left. Every band shares the columns of one [`Axis`].

use serde::Serialize;

use super::number::{length, pixel, real};
use super::{Figure, Kind, Lane, Mode, Row, Viewport};
use crate::analysis::number::digits;
use crate::experiment::Steps;

/// Space between two rows of one lane.
const ROW_GAP: u32 = 3;
/// Space between the last lane and the chart.
const CHART_GAP: u32 = 16;
/// Space under the axis numbers.
pub(super) const FOOT: u32 = 4;
/// Rows below this height are hairlines.
const ROW_MIN: u32 = 24;
/// What folds when height lacks, first to last. `h` and `C` never do.
const FOLDING: [&[&str]; 6] = [&["C_tilde", "h_tilde"], &["o"], &["r"], &["i"], &["z"], &["f"]];
/// Chips of a stack's folded rows that have room beside each other in a gutter.
const CHIPS: usize = 3;

/// The arrangement of a figure.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Layout {
    /// Width in CSS pixels.
    pub width: u32,
    /// Height in CSS pixels; beyond the viewport's the figure scrolls.
    pub height: u32,
    /// The columns that everything shares.
    pub axis: Axis,
    /// Flag of the playhead and the words of the sequence.
    pub inputs: Band,
    /// What should come out, if the experiment has targets.
    pub targets: Option<Band>,
    /// The lanes, top to bottom.
    pub lanes: Vec<LaneLayout>,
    /// The gradient curves of all lanes.
    pub chart: Band,
    /// Ticks and numbers of the axis.
    pub ticks: Band,
    /// Which steps have room for their number.
    pub tick_labels: Vec<usize>,
}

/// The columns: step `t` is `[x0 + (t − 1)·column, x0 + t·column)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Axis {
    /// Left edge of the first column.
    pub x0: u32,
    /// Width of a column, its gap included.
    pub column: u32,
    /// Time steps.
    pub steps: usize,
    /// Those before a decoder's; all where there is none.
    pub encoder: usize,
}

impl Axis {
    /// The steps without their places.
    #[must_use]
    pub fn of(&self) -> Steps {
        Steps { count: self.steps, encoder: self.encoder }
    }

    /// Where the decoder begins, if there is one: between two columns.
    #[must_use]
    pub fn border(&self) -> Option<u32> {
        self.of().border().map(|t| self.left(t).saturating_sub(1))
    }

    /// Space between two columns, at the right of each: none where columns are under 4 px.
    #[must_use]
    pub fn gap(&self) -> u32 {
        u32::from(self.column >= 4)
    }

    /// Left edge of step `t`, from 1.
    #[must_use]
    pub fn left(&self, t: usize) -> u32 {
        self.x0 + length(t.saturating_sub(1)) * self.column
    }

    /// Middle of the cell of step `t`: where its point on the chart stands.
    #[must_use]
    pub fn centre(&self, t: usize) -> f64 {
        f64::from(self.left(t)) + f64::from(self.column - self.gap()) / 2.0
    }

    /// Both edges of the playhead where it is a band of the ground: its cell, or a part of a very wide one.
    pub(super) fn playhead(&self, t: usize) -> (u32, u32) {
        let cell = self.column - self.gap();
        let width = cell.min(180);
        let left = self.left(t) + (cell - width) / 2;
        (left, left + width)
    }

    /// Right edge of the last cell, without its gap.
    #[must_use]
    pub fn right(&self) -> u32 {
        self.left(self.steps + 1) - self.gap()
    }
}

/// A horizontal band across the figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Band {
    /// Top edge.
    pub y: u32,
    /// Height.
    pub height: u32,
}

impl Band {
    /// Bottom edge.
    #[must_use]
    pub fn end(&self) -> u32 {
        self.y + self.height
    }
}

/// One lane.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LaneLayout {
    /// Top edge, on a phone of the lane's head.
    pub y: u32,
    /// Height.
    pub height: u32,
    /// Heat maps that are shown, top to bottom.
    pub rows: Vec<RowLayout>,
    /// Heat maps that are not.
    pub folded: Vec<Folded>,
    /// Row of predictions.
    pub outputs: Option<Band>,
    /// Gradient strip; its last pixel is the baseline.
    pub strip: Band,
    /// Whether the strip is that of a direction that reads from T to 1.
    pub mirrored: bool,
}

/// One heat map that is shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RowLayout {
    /// Its name among the lane's rows.
    #[serde(rename = "symbol")]
    pub name: String,
    /// Its symbol in files.
    #[serde(skip)]
    pub symbol: &'static str,
    /// Whether its direction reads from T to 1.
    pub mirrored: bool,
    /// Top edge.
    pub y: u32,
    /// Height, shared evenly by the units.
    pub height: u32,
    /// `±3.2` for a row with its own scale, `log`, or nothing.
    pub note: String,
    /// Which of the lane's rows it is.
    #[serde(skip)]
    pub index: usize,
    /// How many units share the height.
    #[serde(skip)]
    pub units: usize,
}

/// One heat map that is folded away, or two of them in both directions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Folded {
    /// Whether the row of the other direction is folded, too.
    pub pair: bool,
    /// Its name among the lane's rows.
    #[serde(rename = "symbol")]
    pub name: String,
    /// Its symbol in files.
    #[serde(skip)]
    pub symbol: &'static str,
}

/// The fixed lengths of an arrangement.
pub(super) struct Measures {
    pub(super) gutter: u32,
    pub(super) right: u32,
    pub(super) inputs: u32,
    pub(super) targets: u32,
    outputs: u32,
    pub(super) head: u32,
    strip: u32,
    pub(super) between: u32,
    /// Space above the chart for its title.
    pub(super) title: u32,
    pub(super) chart: u32,
    pub(super) ticks: u32,
    /// A state's unit is this high at 16 units, a gate's two thirds of it.
    unit: f64,
    /// Least height of a lane without its head: the gutter holds name and gauge.
    lane: u32,
    /// Height of a line of chips in the gutter.
    chips: u32,
    /// Least height of the chart before rows may grow; `None`: rows do not grow.
    roomy: Option<u32>,
    /// Width of a digit of the axis.
    pub(super) digit: u32,
}

impl Measures {
    pub(super) fn of(mode: Mode, column: u32) -> Self {
        let (unit, digit) = (3.0, 7);
        match mode {
            Mode::Wide => Self {
                gutter: 148,
                right: 12,
                inputs: 40,
                targets: 18,
                outputs: 18,
                head: 0,
                strip: 34,
                between: 15,
                title: 4,
                chart: 96,
                ticks: 22,
                unit,
                lane: 85,
                chips: 20,
                roomy: Some(320),
                digit,
            },
            Mode::Present => Self {
                gutter: 206,
                right: 10,
                inputs: 56,
                targets: 22,
                outputs: 22,
                head: 0,
                strip: 40,
                between: 16,
                title: 6,
                chart: 150,
                ticks: 26,
                unit,
                lane: 91,
                chips: 0,
                roomy: Some(240),
                digit: 9,
            },
            Mode::Phone => Self {
                gutter: 22,
                right: 4,
                inputs: if column < 9 { 20 } else { 40 },
                targets: 18,
                outputs: 18,
                head: 44,
                strip: 44,
                between: 18,
                title: 32,
                chart: 150,
                ticks: 22,
                unit: 4.0,
                lane: 0,
                chips: 0,
                roomy: None,
                digit,
            },
        }
    }

    /// For a low screen: what is read from the last row stays large, predictions are left out there.
    fn tight(self, mode: Mode) -> Self {
        match mode {
            Mode::Present => Self { between: 10, chart: 80, outputs: 0, ..self },
            _ => Self { between: 10, chart: 80, unit: 2.0, lane: 82, ..self },
        }
    }
}

/// Arranges a figure.
///
/// Columns are whole pixels and at least one wide. When height lacks, gates fold in a fixed order unless the user
/// has unfolded them, and then everything moves closer; what height is left over goes to the chart. When even that
/// does not fit, the layout is higher than the viewport.
#[must_use]
pub fn layout(figure: &Figure, viewport: Viewport) -> Layout {
    let (axis, mut measures) = time_axis(figure.axis(), viewport);
    let arranged = |measures: &Measures, level, growth, chart| {
        arrange(figure, viewport, measures, axis, (level, growth), chart)
    };

    let mut level = if viewport.mode == Mode::Phone { FOLDING.len() } else { 0 };
    while level < FOLDING.len() && arranged(&measures, level, 1, measures.chart).height > viewport.height {
        level += 1;
    }
    if viewport.mode != Mode::Phone && arranged(&measures, level, 1, measures.chart).height > viewport.height
    {
        measures = measures.tight(viewport.mode);
    }
    let try_with = |level, growth, chart| arranged(&measures, level, growth, chart);
    let mut growth = 1;
    if let Some(roomy) = measures.roomy {
        growth = (2..=3).rev().find(|&g| try_with(level, g, roomy).height <= viewport.height).unwrap_or(1);
    }
    let spare = |plan: &Layout| viewport.height.saturating_sub(plan.height);
    let mut plan = try_with(level, growth, measures.chart);
    if viewport.mode != Mode::Phone {
        plan = try_with(level, growth, measures.chart + spare(&plan));
    }
    for (lane, place) in figure.lanes.iter().zip(&mut plan.lanes) {
        for shown in &mut place.rows {
            shown.note = lane.rows.get(shown.index).map(note).unwrap_or_default();
        }
    }
    plan
}

/// The columns of a viewport, and the fixed lengths that belong to them.
pub(super) fn time_axis(of: Steps, viewport: Viewport) -> (Axis, Measures) {
    let (steps, encoder) = (of.count.max(1), of.encoder.max(1));
    let fixed = Measures::of(viewport.mode, 0);
    let room = viewport.width.saturating_sub(fixed.gutter + fixed.right);
    let column = (room / length(steps)).max(1);
    let measures = Measures::of(viewport.mode, column);
    (Axis { x0: measures.gutter, column, steps, encoder }, measures)
}

fn arrange(
    figure: &Figure,
    viewport: Viewport,
    m: &Measures,
    axis: Axis,
    (level, growth): (usize, u32),
    chart: u32,
) -> Layout {
    let inputs = Band { y: 0, height: m.inputs };
    let targets = figure.targets.then_some(Band { y: inputs.end(), height: m.targets });
    let mut y = targets.map_or(inputs.end(), |band| band.end() + ROW_GAP);
    let mut lanes = Vec::with_capacity(figure.lanes.len());
    for lane in &figure.lanes {
        let placed = place(lane, m, y, level, growth);
        y = placed.y + placed.height + m.between;
        lanes.push(placed);
    }
    if !lanes.is_empty() {
        y = y - m.between + CHART_GAP;
    }
    let chart = Band { y: y + m.title, height: chart };
    let ticks = Band { y: chart.end(), height: m.ticks };
    Layout {
        width: viewport.width.max(axis.right() + m.right),
        height: ticks.end() + FOOT,
        axis,
        inputs,
        targets,
        lanes,
        chart,
        ticks,
        tick_labels: tick_labels(axis, m.digit),
    }
}

/// One lane from `top`, with everything folded that folds at this level.
fn place(lane: &Lane, m: &Measures, top: u32, level: usize, growth: u32) -> LaneLayout {
    let folds = |row: &Row| row.rests || FOLDING[..level].iter().any(|group| group.contains(&row.symbol));
    let (shown, folded): (Vec<_>, Vec<_>) =
        lane.rows.iter().enumerate().partition(|(_, row)| row.shown.unwrap_or_else(|| !folds(row)));

    let outputs = lane.outputs && m.outputs > 0;
    let below = m.strip + if outputs { m.outputs + ROW_GAP } else { 0 };
    let total = |extra: u32| -> u32 {
        below + shown.iter().map(|(_, row)| row_height(row, m.unit, growth, extra) + ROW_GAP).sum::<u32>()
    };
    let also = |row: &Row, mirrored| {
        folded.iter().any(|(_, other)| other.pair() == row.pair() && other.mirrored == mirrored)
    };
    let folded: Vec<_> = folded
        .iter()
        .filter(|(_, row)| !(row.mirrored && also(row, false)))
        .map(|(_, row)| {
            let (name, pair) = (row.name.clone(), !row.mirrored && also(row, true));
            Folded { pair, name, symbol: row.symbol }
        })
        .collect();
    // A stack has many chips: the lane makes room for them between name and gauge.
    let stack = lane.rows.iter().any(|row| row.rests) && m.chips > 0;
    let least = m.lane + if stack { 8 + m.chips * length(folded.len().div_ceil(CHIPS)) } else { 0 };
    let mut extra = 0;
    while !shown.is_empty() && total(extra) < least {
        extra += 1;
    }
    let mut y = top + m.head + least.saturating_sub(total(extra));
    let mut rows = Vec::with_capacity(shown.len());
    for (index, row) in shown {
        let height = row_height(row, m.unit, growth, extra);
        let units = row.values.ncols().max(1);
        let (name, symbol, mirrored) = (row.name.clone(), row.symbol, row.mirrored);
        rows.push(RowLayout { name, symbol, mirrored, y, height, note: String::new(), index, units });
        y += height + ROW_GAP;
    }
    let outputs = outputs.then_some(Band { y, height: m.outputs });
    let strip = Band { y: outputs.map_or(y, |band| band.end() + ROW_GAP), height: m.strip };
    LaneLayout { y: top, height: strip.end() - top, rows, folded, outputs, strip, mirrored: lane.mirrored }
}

/// Height of a row: so many pixels per unit at 16 units, fewer per unit when there are more of them, but never
/// under one pixel per unit, nor a hairline.
fn row_height(row: &Row, unit: f64, growth: u32, extra: u32) -> u32 {
    let units = row.values.ncols().max(1);
    let base = if row.kind == Kind::Gate || row.symbol.ends_with("_tilde") { unit * 2.0 / 3.0 } else { unit };
    let each = if units <= 16 { base.floor() } else { (base * 8.0 / real(units).sqrt()).floor() / 2.0 };
    let least = f64::from(ROW_MIN.div_ceil(length(units)));
    pixel(real(units) * each.max(least).max(1.0) * f64::from(growth)) + length(units) * extra
}

/// What the gutter says about the scale of a row.
fn note(row: &Row) -> String {
    match row.kind {
        Kind::Gate => String::new(),
        Kind::Log => "log".to_owned(),
        Kind::Signed => match row.largest() {
            largest if largest > 1.0 => format!("±{}", digits(largest, 2)),
            _ => String::new(),
        },
    }
}

impl Row<'_> {
    /// The largest finite magnitude.
    #[must_use]
    pub fn largest(&self) -> f64 {
        self.values.iter().filter(|v| v.is_finite()).fold(0.0, |largest: f64, v| largest.max(v.abs()))
    }
}

/// The first, the last, and as many multiples of a round number as do not collide; of a decoder the same.
pub(super) fn tick_labels(axis: Axis, digit: u32) -> Vec<usize> {
    let (before, after) = (axis.encoder, axis.steps - axis.encoder);
    if after == 0 || axis.steps <= 12 {
        return numbered(axis.steps, axis.column, digit);
    }
    let mut labels = numbered(before, axis.column, digit);
    // The last number of the encoder and the first of the decoder stand beside each other.
    if axis.column < 3 * digit && before > 1 {
        labels.retain(|&t| t < before);
    }
    labels.extend(numbered(after, axis.column, digit + 4).into_iter().map(|t| before + t));
    labels
}

fn numbered(last: usize, column: u32, digit: u32) -> Vec<usize> {
    if last <= 12 {
        return (1..=last).collect();
    }
    let width = digit * length(last.to_string().len()) + 8;
    let apart = usize::try_from(width.div_ceil(column)).unwrap_or(usize::MAX);
    let step = [5, 10, 20, 25, 50, 100, 200].into_iter().find(|&step| step >= apart).unwrap_or(last);
    let inner = (1..=last / step).map(|n| n * step).filter(|&t| t > apart && t + apart <= last);
    std::iter::once(1).chain(inner).chain([last]).collect()
}
