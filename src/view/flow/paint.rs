//! Matrices and bars, on anything that can fill a rectangle.

use super::super::number::{length, pixel};
use super::super::paint::{Grid, border, in_device_pixels, ticks};
use super::super::{Band, Block, Painter, Raster, Rgb, Run, Theme, Viewport, identity, theme};
use super::{FlowFigure, FlowLane, FlowLayout};
use crate::analysis::flow::LAGS;

/// How much paper is in the colour of each group of lags, on light and on dark paper.
const PAPER: [[f64; LAGS.len()]; 2] =
    [[0.8, 0.64, 0.48, 0.32, 0.16, 0.0], [0.72, 0.55, 0.4, 0.26, 0.12, 0.0]];
/// The followed loss is at least this high, in CSS pixels.
const FOLLOWED: u32 = 3;

/// The colours of the bands of a lane's bars, as in [`LAGS`].
#[must_use]
pub fn tints(mark: usize, dark: bool) -> [Rgb; LAGS.len()] {
    let (colour, paper) = (identity(mark).colour, theme(dark).paper);
    PAPER[usize::from(dark)].map(|share| colour.mixed(paper, share))
}

/// Paints a figure on a raster.
pub fn raster(raster: &mut Raster, figure: &FlowFigure, layout: &FlowLayout, viewport: Viewport) {
    let size = in_device_pixels(layout.width, layout.height, viewport.scale);
    raster.clear(size, theme(viewport.dark).paper);
    paint(raster, figure, layout, viewport);
}

/// Paints everything but the background.
pub fn paint<P: Painter>(painter: &mut P, figure: &FlowFigure, layout: &FlowLayout, viewport: Viewport) {
    let theme = theme(viewport.dark);
    let grid = Grid::new(&layout.axis, viewport.scale, theme);
    for (lane, place) in figure.lanes.iter().zip(&layout.lanes) {
        let edges = Edges::new(&grid, place.matrix, layout);
        for loss in layout.first..=figure.steps {
            row(painter, &grid, lane, loss, edges.of(loss), theme);
        }
        follow(painter, &grid, figure, lane, &edges, theme);
        bars(painter, &grid, lane, place.bars, tints(lane.mark, viewport.dark), theme);
        if let Some(band) = place.shares {
            shares(painter, &grid, figure, lane, band, theme);
        }
    }
    let ends = layout.lanes.first().zip(layout.lanes.last());
    if let Some((first, last)) = ends {
        let end = last.shares.unwrap_or(last.bars).end();
        border(painter, &grid, &layout.axis, (first.matrix.y, end), theme.ink);
    }
    ticks(painter, &grid, &layout.axis, layout.ticks.y, &layout.tick_labels, theme);
}

/// Where the rows of a matrix begin and end, in device pixels.
struct Edges {
    top: u32,
    bottom: u32,
    first: usize,
    losses: u32,
}

impl Edges {
    fn new(grid: &Grid, matrix: Band, layout: &FlowLayout) -> Self {
        let (top, bottom) = (grid.px(matrix.y), grid.px(matrix.end()));
        Self { top, bottom, first: layout.first, losses: length(layout.losses()) }
    }

    /// Top edge and height; no height where several rows share a pixel and another has it.
    fn of(&self, loss: usize) -> (u32, u32) {
        let edge = |row: u32| self.top + (self.bottom - self.top) * row / self.losses;
        let row = length(loss - self.first);
        (edge(row), edge(row + 1) - edge(row))
    }

    /// The same, but never under `least`.
    fn at_least(&self, loss: usize, least: u32) -> (u32, u32) {
        let (y, height) = self.of(loss);
        if height >= least {
            return (y, height);
        }
        let room = self.bottom.saturating_sub(least).max(self.top);
        (y.saturating_sub((least - height) / 2).clamp(self.top, room), least)
    }
}

/// One loss at every step up to its own.
fn row<P: Painter>(
    painter: &mut P,
    grid: &Grid,
    lane: &FlowLane,
    loss: usize,
    (y, height): (u32, u32),
    theme: &Theme,
) {
    if height == 0 {
        return;
    }
    let decade = |k: usize| lane.flow.decade(loss, k).unwrap_or(f64::NAN);
    let runs: Vec<Run> = lane
        .flow
        .reach(loss)
        .filter(|&k| decade(k).is_finite())
        .filter_map(|k| grid.cell(k, true).map(|(x, width)| (x, width, theme.gradient.at(decade(k)))))
        .collect();
    painter.runs(Block { x: grid.x0, y, width: grid.x1 - grid.x0, height }, theme.paper, &runs);
    // Neighbours make one area.
    let mut areas: Vec<(u32, u32)> = Vec::new();
    for (x, width) in
        lane.flow.reach(loss).filter(|&k| !decade(k).is_finite()).filter_map(|k| grid.hatched(k, true))
    {
        match areas.last_mut() {
            Some((start, wide)) if *start + *wide == x => *wide += width,
            _ => areas.push((x, width)),
        }
    }
    for (x, width) in areas {
        painter.hatch(Block { x, y, width, height }, &grid.hatch);
    }
}

/// The followed loss once more, outlined: how far it has come back.
fn follow<P: Painter>(
    painter: &mut P,
    grid: &Grid,
    figure: &FlowFigure,
    lane: &FlowLane,
    edges: &Edges,
    theme: &Theme,
) {
    let unit = grid.line();
    let (y, height) = edges.at_least(figure.loss, grid.px(FOLLOWED));
    let reach = lane.flow.reach(figure.loss);
    let (Some((first, _)), Some((last, width))) =
        (grid.cell(*reach.start(), true), grid.cell(*reach.end(), true))
    else {
        return;
    };
    let (left, right, top) = (first.saturating_sub(unit), last + width, y.saturating_sub(unit));
    let own = Block { x: left, y: top, width: right + unit - left, height: height + 2 * unit };
    painter.fill(own, theme.ink);
    painter.fill(Block { x: first, y, width: right - first, height }, theme.paper);
    for k in reach {
        let (decade, done) = (lane.flow.decade(figure.loss, k).unwrap_or(f64::NAN), figure.arrived(lane, k));
        if decade.is_finite() {
            let Some((x, width)) = grid.cell(k, done) else { continue };
            painter.fill(Block { x, y, width, height }, theme.gradient.at(decade));
        } else if let Some((x, width)) = grid.hatched(k, done) {
            painter.hatch(Block { x, y, width: width.min(right - x), height }, &grid.hatch);
        }
    }
}

/// What arrives at each step, by lag, on a linear scale.
fn bars<P: Painter>(
    painter: &mut P,
    grid: &Grid,
    lane: &FlowLane,
    band: Band,
    tints: [Rgb; LAGS.len()],
    theme: &Theme,
) {
    let unit = grid.line();
    let top = grid.px(band.y);
    let base = grid.px(band.end()).saturating_sub(unit).max(top);
    let highest = lane.flow.highest();
    for (k, bar) in (1..).zip(lane.flow.bars()) {
        let total: f64 = bar.iter().sum();
        if !total.is_finite() || total == 0.0 {
            if let Some((x, width)) = grid.hatched(k, true) {
                painter.hatch(Block { x, y: top, width, height: base - top }, &grid.hatch);
            }
            continue;
        }
        let Some((x, width)) = grid.cell(k, true) else { continue };
        let mut sum = 0.0;
        let mut from = base;
        for (share, tint) in bar.iter().zip(tints) {
            sum += share;
            let to = base - pixel(f64::from(base - top) * (sum / highest)).min(base - top);
            painter.fill(Block { x, y: to, width, height: from - to.min(from) }, tint);
            from = to;
        }
    }
    painter.fill(Block { x: grid.x0, y: base, width: grid.x1 - grid.x0, height: unit }, theme.edge);
}

/// The share of every loss in the gradient of the recurrent weights, up or down from a line at zero; the followed one
/// is framed as its row is.
fn shares<P: Painter>(
    painter: &mut P,
    grid: &Grid,
    figure: &FlowFigure,
    lane: &FlowLane,
    band: Band,
    theme: &Theme,
) {
    let unit = grid.line();
    let (top, height) = (grid.px(band.y), grid.px(band.height));
    let Some(given) = lane.given else { return };
    let (low, high) = given.range();
    let at =
        |share: f64| top + pixel(f64::from(height.saturating_sub(unit)) * ((high - share) / (high - low)));
    let zero = if high > low { at(0.0) } else { top + height.saturating_sub(unit) };
    let own = identity(lane.mark).colour;
    for (loss, part) in given.parts() {
        let (Some((x, width)), true) = (grid.cell(loss, true), high > low || part.share.is_none()) else {
            continue;
        };
        if loss == figure.loss {
            let frame = Block { x: x.saturating_sub(unit), y: top, width: width + 2 * unit, height };
            painter.fill(frame, theme.ink);
            painter.fill(
                Block { x, y: top + unit, width, height: height.saturating_sub(2 * unit) },
                theme.paper,
            );
        }
        let Some(share) = part.share else { continue };
        let (from, to) = (at(share.max(0.0)), at(share.min(0.0)));
        painter.fill(Block { x, y: from, width, height: to - from }, own);
    }
    painter.fill(Block { x: grid.x0, y: zero, width: grid.x1 - grid.x0, height: unit }, theme.edge);
}
