//! Cells, bars and the playhead's wash, on anything that can fill a rectangle.

use super::super::number::pixel;
use super::super::paint::{Grid, border, in_device_pixels, strip, ticks};
use super::super::{Area, Block, Domain, Painter, Raster, Rgb, Theme, Viewport, theme};
use super::{BoxLane, BoxPlace, BoxesFigure, BoxesLayout, Node, NodeKind, Part};
use crate::experiment::Direction;

/// Paints the picture's pixels into a raster.
pub fn raster(raster: &mut Raster, figure: &BoxesFigure, layout: &BoxesLayout, viewport: Viewport) {
    let frame = &layout.frame;
    let size = in_device_pixels(frame.width, frame.height, viewport.scale);
    raster.clear(size, theme(viewport.dark).paper);
    paint(raster, figure, layout, viewport);
}

/// Paints everything but the background, the chart, lines and words.
pub fn paint<P: Painter>(painter: &mut P, figure: &BoxesFigure, layout: &BoxesLayout, viewport: Viewport) {
    let theme = theme(viewport.dark);
    let frame = &layout.frame;
    let grid = Grid::new(&frame.axis, viewport.scale, theme);
    let t = figure.figure.progress.now();
    let (left, right) = frame.axis.playhead(t);
    let (x, height) = (grid.px(left), grid.px(frame.ticks.end()));
    painter.fill(Block { x, y: 0, width: grid.px(right) - x, height }, theme.wash);
    let strips = Domain::strips(&figure.figure);
    border(painter, &grid, &frame.axis, (frame.inputs.y, frame.chart.y), theme.edge);
    for (index, (lane, place)) in figure.lanes.iter().zip(&layout.lanes).enumerate() {
        if let (Some(band), Some(drawn)) = (place.strip, figure.figure.lanes.get(index)) {
            strip(painter, &grid, &figure.figure, drawn, (band.y, band.end()), strips, theme);
        }
        let brush = Brush { figure, lane, theme, scale: viewport.scale };
        brush.lane(painter, place, &grid);
    }
    ticks(painter, &grid, &frame.axis, frame.ticks.y, &frame.tick_labels, theme);
}

struct Brush<'a, 'b> {
    figure: &'a BoxesFigure<'b>,
    lane: &'a BoxLane<'b>,
    theme: &'a Theme,
    scale: f64,
}

impl Brush<'_, '_> {
    fn block(&self, area: Area) -> Block {
        let px = |css: f64| pixel(css * self.scale);
        let (x, y) = (px(area.x), px(area.y));
        Block { x, y, width: px(area.x + area.width) - x, height: px(area.y + area.height) - y }
    }

    fn lane<P: Painter>(&self, painter: &mut P, place: &BoxPlace, grid: &Grid) {
        for node in &place.nodes {
            match node.kind {
                NodeKind::Cell { layer, direction } => {
                    for part in &node.parts {
                        self.part(painter, node, part, (layer, direction), grid);
                    }
                }
                NodeKind::Output => self.bars(painter, node),
                _ => {}
            }
        }
    }

    fn part<P: Painter>(
        &self,
        painter: &mut P,
        node: &Node,
        part: &Part,
        (layer, direction): (usize, Direction),
        grid: &Grid,
    ) {
        let done = self.figure.done(direction, node.t);
        let tone = self.lane.tone(part.symbol, layer, direction, self.theme);
        for unit in 0..part.units {
            let Some(value) = self.lane.value(part.symbol, layer, direction, node.t, unit) else { continue };
            let mut area = part.cell(unit);
            // Where cells are high enough a line of the ground parts them, as everywhere on the page.
            if area.height >= 4.0 {
                area.height -= 1.0;
            }
            if !done {
                let thin = (0.2 * area.width).max(2.0).min(area.width);
                area = Area { x: area.x + (area.width - thin) / 2.0, width: thin, ..area };
            }
            match tone(value) {
                Some(colour) => painter.fill(self.block(area), colour),
                None => painter.hatch(self.block(area), &grid.hatch),
            }
        }
    }

    /// A bar per class on a base line; the one that should be highest is inked.
    fn bars<P: Painter>(&self, painter: &mut P, node: &Node) {
        let Some(Some(output)) = self.lane.outputs.get(node.t - 1) else { return };
        let place = bars_area(node, self.lane);
        if output.shares.is_empty() || place.height < 4.0 {
            return;
        }
        let done = self.figure.done(Direction::Forward, node.t);
        let each = place.width / super::super::number::real(output.shares.len());
        let width = (each - if each >= 4.0 { 1.0 } else { 0.0 }) * if done { 1.0 } else { 0.3 };
        let base = place.y + place.height - 1.0;
        for (class, share) in output.shares.iter().enumerate() {
            let x = place.x + super::super::number::real(class) * each + (each - width) / 2.0;
            let height = (share * (place.height - 2.0)).max(1.0);
            let colour = if output.target == Some(class) { self.theme.ink } else { self.theme.edge };
            if share.is_finite() {
                painter.fill(self.block(Area { x, y: base - height, width, height }), colour);
            }
        }
        painter.fill(self.block(Area { y: base, height: 1.0, ..place }), self.theme.edge);
    }
}

/// The middle of an output, where its bars are: over them stands the loss, under them the prediction.
pub(super) fn bars_area(node: &Node, lane: &BoxLane) -> Area {
    let lines = if lane.plan.classes { 20.0_f64.max(node.area.height - 40.0).min(24.0) } else { 0.0 };
    let words = (node.area.height - lines) / 2.0;
    Area { y: node.area.y + words, height: lines, ..node.area }
}

impl BoxesFigure<'_> {
    /// Whether a direction's state of step `t` is there: the other direction reads from the last step to the first.
    #[must_use]
    pub fn done(&self, direction: Direction, t: usize) -> bool {
        self.figure.progress.forward_done(self.mirrored(direction, t))
    }

    /// Whether the gradient of a direction's state has come back.
    #[must_use]
    pub fn back(&self, direction: Direction, t: usize) -> bool {
        self.figure.progress.backward_done(self.mirrored(direction, t))
    }

    fn mirrored(&self, direction: Direction, t: usize) -> usize {
        self.figure.axis().seen(direction, t)
    }
}

impl BoxLane<'_> {
    /// The number in a cell; `None` where there is none.
    #[must_use]
    pub fn value(
        &self,
        symbol: &str,
        layer: usize,
        direction: Direction,
        t: usize,
        unit: usize,
    ) -> Option<f64> {
        let (record, row) = self.record(layer, direction, t)?;
        let gate = crate::model::cell::symbols(self.plan.cell).iter().position(|known| *known == symbol);
        let at = |values: &ndarray::ArrayView2<f64>| values.get([row, unit]).copied();
        match gate {
            Some(gate) => at(&record.gate(&record.gates, gate)),
            None if matches!(symbol, "C" | "s") => at(&record.c.view()),
            None => at(&record.h.view()),
        }
    }

    /// How the numbers of a row of boxes are coloured; `None` for a number that is not finite.
    pub(super) fn tone<'t>(
        &self,
        symbol: &str,
        layer: usize,
        direction: Direction,
        theme: &'t Theme,
    ) -> impl Fn(f64) -> Option<Rgb> + use<'t> {
        let gate = matches!(symbol, "f" | "i" | "o" | "z" | "r");
        let values = self.record(layer, direction, 1).map(|(record, _)| match symbol {
            "C" | "s" => &record.c,
            _ => &record.h,
        });
        let finite = values.into_iter().flatten().filter(|v| v.is_finite());
        let largest = finite.fold(0.0_f64, |largest, v| largest.max(v.abs()));
        let (log, own) = (symbol == "h" && self.log, matches!(symbol, "h" | "C" | "s"));
        move |value| {
            let level = if log {
                let most = (1.0 + largest).log10().max(f64::MIN_POSITIVE);
                (1.0 + value.abs()).log10().copysign(value) / most
            } else if own {
                value / largest.max(1.0)
            } else {
                value
            };
            value.is_finite().then(|| if gate { theme.gate.at(value) } else { theme.state.at(level) })
        }
    }
}
