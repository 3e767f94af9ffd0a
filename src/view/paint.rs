//! Heat maps, gradient strips and ticks, on anything that can fill a rectangle.

use super::number::{length, pixel};
use super::{Axis, Domain, Figure, Kind, Lane, Layout, Rgb, Row, RowLayout, Theme, Viewport, theme};

/// One cell on a scanline: left edge, width, colour.
pub type Run = (u32, u32, Rgb);

/// A rectangle in device pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// Left edge.
    pub x: u32,
    /// Top edge.
    pub y: u32,
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
}

/// Something to paint on, in device pixels.
pub trait Painter {
    /// Fills a rectangle.
    fn fill(&mut self, block: Block, colour: Rgb);

    /// Fills a rectangle with a background and runs on it, each as high as the rectangle.
    fn runs(&mut self, block: Block, background: Rgb, runs: &[Run]) {
        self.fill(block, background);
        for &(x, width, colour) in runs {
            self.fill(Block { x, width, ..block }, colour);
        }
    }

    /// Fills a rectangle with slanted lines that continue in its neighbours: no value, or none but zero.
    fn hatch(&mut self, block: Block, hatch: &Hatch) {
        self.fill(block, hatch.paper);
        for y in block.y..block.y + block.height {
            let phase = |x: u32| (x + y) % hatch.period;
            let mut x = block.x;
            while x < block.x + block.width {
                let inked = phase(x) < hatch.stroke;
                let left = if inked { hatch.stroke } else { hatch.period } - phase(x);
                let width = left.min(block.x + block.width - x);
                if inked {
                    self.fill(Block { x, y, width, height: 1 }, hatch.ink);
                }
                x += width;
            }
        }
    }
}

/// Slanted lines, in device pixels.
#[derive(Clone, Copy, Debug)]
pub struct Hatch {
    /// Between the lines.
    pub paper: Rgb,
    /// The lines.
    pub ink: Rgb,
    /// From line to line along a scanline.
    pub period: u32,
    /// Width of a line along a scanline.
    pub stroke: u32,
}

/// A layout in device pixels: every edge is rounded once, gaps are the same everywhere.
pub(super) struct Grid {
    scale: f64,
    pub(super) x0: u32,
    pub(super) x1: u32,
    /// Full cell: left edge and width, per step.
    full: Vec<(u32, u32)>,
    /// Cell still to come, `None` where columns are too narrow to be thinner and some are left out.
    thin: Vec<Option<(u32, u32)>>,
    pub(super) hatch: Hatch,
}

impl Grid {
    pub(super) fn new(axis: &Axis, scale: f64, theme: &Theme) -> Self {
        let px = |css: u32| pixel(f64::from(css) * scale);
        let gap = if axis.gap() == 0 { 0 } else { pixel(scale).max(1) };
        let full: Vec<_> = (1..=axis.steps)
            .map(|t| (px(axis.left(t)), (px(axis.left(t + 1)) - px(axis.left(t))).saturating_sub(gap).max(1)))
            .collect();
        let cell = full.iter().map(|&(_, width)| width).min().unwrap_or(1);
        let thin_width = pixel(0.2 * f64::from(cell)).max(pixel(2.0 * scale).min(cell / 3)).max(1);
        let every = match cell {
            1 => 3,
            2 => 2,
            _ => 1,
        };
        let thin = full.iter().enumerate().map(|(index, &(x, width))| {
            (index % every == 0).then_some((x + width.saturating_sub(thin_width) / 2, thin_width))
        });
        let unit = pixel(scale).max(1);
        let hatch = Hatch {
            paper: theme.paper,
            ink: theme.edge,
            period: pixel(8.0 * scale).max(4),
            stroke: (pixel(1.5 * scale)).max(unit),
        };
        let x1 = full.last().map_or(px(axis.x0), |&(x, width)| x + width);
        Self { scale, x0: px(axis.x0), x1, thin: thin.collect(), full, hatch }
    }

    pub(super) fn px(&self, css: u32) -> u32 {
        pixel(f64::from(css) * self.scale)
    }

    pub(super) fn line(&self) -> u32 {
        pixel(self.scale).max(1)
    }

    pub(super) fn cell(&self, t: usize, done: bool) -> Option<(u32, u32)> {
        if done { self.full.get(t - 1).copied() } else { self.thin.get(t - 1).copied().flatten() }
    }

    /// A hatched cell: done, it covers the gap as well, so that a run of them reads as one area.
    pub(super) fn hatched(&self, t: usize, done: bool) -> Option<(u32, u32)> {
        let (x, width) = self.cell(t, done)?;
        let next = self.full.get(t).map_or(x + width, |&(next, _)| next);
        Some(if done { (x, next - x) } else { (x, width) })
    }
}

/// Paints everything but the background and the chart.
pub fn paint<P: Painter>(painter: &mut P, figure: &Figure, layout: &Layout, viewport: Viewport) {
    let theme = theme(viewport.dark);
    let grid = Grid::new(&layout.axis, viewport.scale, theme);
    let strips = Domain::strips(figure);
    for (lane, place) in figure.lanes.iter().zip(&layout.lanes) {
        for shown in &place.rows {
            if let Some(row) = lane.rows.get(shown.index) {
                heat_map(painter, &grid, figure, row, shown, theme);
            }
        }
        let (top, bottom) = (place.strip.y, place.strip.end());
        let (x, y, width) = (grid.x0, grid.px(top), grid.x1 - grid.x0);
        painter.fill(
            Block { x, y, width, height: grid.px(bottom).saturating_sub(y + grid.line()) },
            theme.paper,
        );
        strip(painter, &grid, figure, lane, (top, bottom), strips, theme);
    }
    if let (Some(first), Some(last)) = (layout.lanes.first(), layout.lanes.last()) {
        let top = first.rows.first().map_or(first.strip.y, |row| row.y);
        border(painter, &grid, &layout.axis, (top, last.strip.end()), theme.ink);
    }
    ticks(painter, &grid, &layout.axis, layout.ticks.y, &layout.tick_labels, theme);
}

/// A line where the decoder begins.
pub(super) fn border<P: Painter>(
    painter: &mut P,
    grid: &Grid,
    axis: &Axis,
    (top, bottom): (u32, u32),
    colour: Rgb,
) {
    if let Some(x) = axis.border() {
        let (x, y) = (grid.px(x), grid.px(top));
        let height = grid.px(bottom).saturating_sub(y);
        painter.fill(Block { x, y, width: grid.line(), height }, colour);
    }
}

/// Small lines from `top` down, at the steps that have room for their number.
pub(super) fn ticks<P: Painter>(
    painter: &mut P,
    grid: &Grid,
    axis: &Axis,
    top: u32,
    steps: &[usize],
    theme: &Theme,
) {
    for &t in steps {
        let (unit, centre) = (grid.line(), pixel(axis.centre(t) * grid.scale));
        let (x, y) = (centre.saturating_sub(unit / 2), grid.px(top));
        painter.fill(Block { x, y, width: unit, height: 4 * unit }, theme.edge);
    }
}

fn heat_map<P: Painter>(
    painter: &mut P,
    grid: &Grid,
    figure: &Figure,
    row: &Row,
    shown: &RowLayout,
    theme: &Theme,
) {
    let (top, bottom) = (grid.px(shown.y), grid.px(shown.y + shown.height));
    let edge = |unit: usize| top + (bottom - top) * length(unit) / length(shown.units);
    let (ramp, scale) = match row.kind {
        Kind::Gate => (&theme.gate, 1.0),
        Kind::Signed => (&theme.state, row.largest().max(1.0).recip()),
        Kind::Log => (&theme.state, (1.0 + row.largest()).log10().max(f64::MIN_POSITIVE).recip()),
    };
    let done = |t: usize| figure.progress.forward_done(figure.seen(row.mirrored, t));
    let cells: Vec<_> = (1..=figure.steps).map(|t| grid.cell(t, done(t))).collect();
    let mut runs: Vec<Run> = Vec::with_capacity(figure.steps);
    for (unit, values) in row.values.columns().into_iter().enumerate().take(shown.units) {
        let (y, height) = (edge(unit), edge(unit + 1) - edge(unit));
        let mut broken = false;
        runs.clear();
        for (&value, &cell) in values.iter().zip(&cells) {
            let Some((x, width)) = cell else { continue };
            if !value.is_finite() {
                broken = true;
                continue;
            }
            let level = match row.kind {
                Kind::Gate => value,
                Kind::Signed => value * scale,
                Kind::Log => (1.0 + value.abs()).log10().copysign(value) * scale,
            };
            runs.push((x, width, ramp.at(level)));
        }
        painter.runs(Block { x: grid.x0, y, width: grid.x1 - grid.x0, height }, theme.paper, &runs);
        if broken {
            for (t, _) in (1..).zip(values).filter(|(_, value)| !value.is_finite()) {
                if let Some((x, width)) = grid.hatched(t, done(t)) {
                    painter.hatch(Block { x, y, width, height }, &grid.hatch);
                }
            }
        }
    }
}

/// Bars on an empty ground, whose height and colour are both the log of the ratio. The last pixel is the base line.
pub(super) fn strip<P: Painter>(
    painter: &mut P,
    grid: &Grid,
    figure: &Figure,
    lane: &Lane,
    (top, bottom): (u32, u32),
    domain: Domain,
    theme: &Theme,
) {
    let unit = grid.line();
    let top = grid.px(top);
    let base = grid.px(bottom).saturating_sub(unit).max(top);
    let band = Block { x: grid.x0, y: top, width: grid.x1 - grid.x0, height: base - top };
    for t in 1..=figure.steps {
        let (ratio, done) = (lane.decade(t), lane.done(figure, t));
        if ratio.is_finite() {
            let height = pixel(f64::from(band.height) * domain.share(ratio)).max(unit);
            let Some((x, width)) = grid.cell(t, done) else { continue };
            painter
                .fill(Block { x, y: base.saturating_sub(height), width, height }, theme.gradient.at(ratio));
        } else if let Some((x, width)) = grid.hatched(t, done) {
            painter.hatch(Block { x, width, ..band }, &grid.hatch);
        }
    }
    for t in (1..=figure.steps).filter(|&t| lane.window_begins(t, figure.axis())) {
        if let Some(&(x, _)) = grid.full.get(t - 1) {
            painter.fill(Block { x: x.saturating_sub(unit), width: unit, ..band }, theme.ink2);
        }
    }
    if domain.high > 0.0 {
        let y = top + pixel(domain.down(0.0, f64::from(band.height))).min(band.height.saturating_sub(unit));
        for n in 0..band.width.div_ceil(4 * unit) {
            let x = grid.x0 + n * 4 * unit;
            painter.fill(Block { x, y, width: unit.min(grid.x1 - x), height: unit }, theme.ink3);
        }
    }
    painter.fill(Block { y: base, height: unit, ..band }, theme.edge);
}

/// The size of a figure in device pixels.
#[must_use]
pub fn device_size(layout: &Layout, scale: f64) -> (u32, u32) {
    in_device_pixels(layout.width, layout.height, scale)
}

/// Width and height in device pixels.
pub(super) fn in_device_pixels(width: u32, height: u32, scale: f64) -> (u32, u32) {
    (pixel(f64::from(width) * scale).max(1), pixel(f64::from(height) * scale).max(1))
}
