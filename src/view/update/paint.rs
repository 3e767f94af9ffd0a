//! Maps and histograms, on anything that can fill a rectangle.

use super::super::number::{pixel, real};
use super::super::paint::in_device_pixels;
use super::super::{Area, Block, Hatch, Painter, Raster, Theme, Viewport, identity, theme};
use super::hit::cell;
use super::{Columns, UpdateFigure, UpdateLane, UpdateLayout, UpdatePlace};
use crate::analysis::surface::{SIDE, Surface};

/// Decades beside the present loss that have the strongest colour at the least: a flat map stays pale.
const LEAST: f64 = 0.05;
/// Lines of equal loss, at the most.
const LINES: f64 = 8.0;

/// Paints a figure on a raster.
pub fn raster(raster: &mut Raster, figure: &UpdateFigure, layout: &UpdateLayout, viewport: Viewport) {
    let size = in_device_pixels(layout.width, layout.height, viewport.scale);
    raster.clear(size, theme(viewport.dark).paper);
    paint(raster, figure, layout, viewport);
}

/// Paints everything but the background and the strokes.
pub fn paint<P: Painter>(painter: &mut P, figure: &UpdateFigure, layout: &UpdateLayout, viewport: Viewport) {
    let sheet = Sheet::new(viewport);
    for (lane, place) in figure.lanes.iter().zip(&layout.lanes) {
        match lane.surface {
            Some(surface) if surface.begun() => map(painter, &sheet, lane, surface, place),
            Some(_) => painter.fill(sheet.block(place.map), sheet.theme.wash),
            None => painter.hatch(sheet.block(place.map), &sheet.hatch),
        }
        histogram(painter, &sheet, lane, place, layout);
    }
}

struct Sheet {
    scale: f64,
    theme: &'static Theme,
    hatch: Hatch,
    line: u32,
    dark: bool,
}

impl Sheet {
    fn new(viewport: Viewport) -> Self {
        let (scale, theme) = (viewport.scale, theme(viewport.dark));
        let line = pixel(scale).max(1);
        let hatch = Hatch {
            paper: theme.paper,
            ink: theme.edge,
            period: pixel(8.0 * scale).max(4),
            stroke: pixel(1.5 * scale).max(line),
        };
        Self { scale, theme, hatch, line, dark: viewport.dark }
    }

    /// Edges are rounded, so that neighbours meet.
    fn block(&self, area: Area) -> Block {
        let px = |at: f64| pixel(at * self.scale);
        let (x, y) = (px(area.x), px(area.y));
        let (right, bottom) = (px(area.x + area.width), px(area.y + area.height));
        Block { x, y, width: right.saturating_sub(x), height: bottom.saturating_sub(y) }
    }
}

/// A loss as a colour: how many decades it is over or under the present one, each side on its own scale.
#[derive(Clone, Copy, Debug)]
pub(super) struct Colours {
    now: f64,
    below: f64,
    above: f64,
}

impl Colours {
    pub(super) fn new(surface: &Surface, now: f64) -> Self {
        let now = decade(now);
        let (low, high) = surface.range().unwrap_or((1.0, 1.0));
        Self { now, below: (now - decade(low)).max(LEAST), above: (decade(high) - now).max(LEAST) }
    }

    /// −1 to 1; 0 is the present loss.
    fn level(self, loss: f64) -> f64 {
        let over = decade(loss) - self.now;
        over / if over < 0.0 { self.below } else { self.above }
    }

    /// The line of equal loss below it: lines are a whole number of decades apart.
    fn line(self, loss: f64) -> f64 {
        let apart = ((self.below + self.above) / LINES).ceil().max(1.0);
        (decade(loss) / apart).floor()
    }
}

fn decade(loss: f64) -> f64 {
    libm::log10(loss.max(f64::MIN_POSITIVE))
}

fn map<P: Painter>(
    painter: &mut P,
    sheet: &Sheet,
    lane: &UpdateLane,
    surface: &Surface,
    place: &UpdatePlace,
) {
    let now = lane.update.loss;
    let colours = Colours::new(surface, now);
    let ramp = &sheet.theme.state;
    for row in 0..SIDE {
        for column in 0..SIDE {
            let (block, loss) = (sheet.block(cell(place.map, row, column)), surface.at(row, column));
            if loss.is_finite() {
                painter.fill(block, ramp.at(colours.level(loss)));
            } else {
                painter.hatch(block, &sheet.hatch);
            }
        }
    }
    // Lines of equal loss run between points: the present loss in ink, decades in grey.
    for row in 0..SIDE {
        for column in 0..SIDE {
            let here = surface.at(row, column);
            let block = sheet.block(cell(place.map, row, column));
            let right = (column + 1 < SIDE).then(|| surface.at(row, column + 1));
            let below = (row + 1 < SIDE).then(|| surface.at(row + 1, column));
            let colour = |there: f64| {
                if !here.is_finite() || !there.is_finite() {
                    None
                } else if (here < now) != (there < now) {
                    Some(sheet.theme.ink)
                } else {
                    (colours.line(here) - colours.line(there) != 0.0).then_some(sheet.theme.edge)
                }
            };
            if let Some(colour) = right.and_then(colour) {
                painter.fill(Block { x: block.x + block.width, width: sheet.line, ..block }, colour);
            }
            if let Some(colour) = below.and_then(colour) {
                painter.fill(Block { y: block.y + block.height, height: sheet.line, ..block }, colour);
            }
        }
    }
    // The legend: lowest, present and highest loss from left to right.
    let steps = 2 * SIDE;
    for n in 0..steps {
        let width = place.map.width / real(steps);
        let y = place.map.y - 8.0;
        let area = Area { x: place.map.x + width * real(n), y, width, height: 5.0 };
        let level = 2.0 * (real(n) + 0.5) / real(steps) - 1.0;
        painter.fill(sheet.block(area), ramp.at(level));
    }
}

fn histogram<P: Painter>(
    painter: &mut P,
    sheet: &Sheet,
    lane: &UpdateLane,
    place: &UpdatePlace,
    layout: &UpdateLayout,
) {
    let theme = sheet.theme;
    let colour = identity(lane.mark).colour;
    for (block, row) in lane.blocks.iter().zip(&place.blocks) {
        let columns = Columns::new(*row, layout.scale);
        let mut counts = vec![[0; 2]; layout.scale.bins];
        for (&bin, [negative, positive]) in &block.bins {
            let sum = &mut counts[layout.scale.index(bin)];
            sum[0] += negative;
            sum[1] += positive;
        }
        let most = real(counts.iter().flatten().copied().max().unwrap_or(0).max(1));
        let base = row.y + row.height - 1.0;
        let bar = |(x, width): (f64, f64), count: usize| {
            let height = (row.height - 3.0) * (real(count) / most).min(1.0);
            Area { x, width, y: base - height.max(1.0), height: height.max(1.0) }
        };
        for (index, count) in counts.iter().enumerate() {
            for (positive, &count) in [false, true].into_iter().zip(count) {
                if count > 0 {
                    let mut block = sheet.block(bar(columns.of(index, positive), count));
                    block.width = block.width.saturating_sub(sheet.line).max(1);
                    painter.fill(block, colour);
                }
            }
        }
        if block.zeros > 0 {
            painter.hatch(sheet.block(bar(columns.zero(), block.zeros)), &sheet.hatch);
        }
        let foot = sheet.block(Area { y: base, height: 1.0, ..*row });
        let ink = if sheet.dark { theme.line } else { theme.edge.mixed(theme.paper, 0.5) };
        painter.fill(Block { height: sheet.line, ..foot }, ink);
    }
}
