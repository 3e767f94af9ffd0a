//! The session's pictures.

use ndarray::ArrayView2;

use super::{LaneRun, Losses, Picture, Session, Shown, Site};
use crate::experiment::{Activation, Direction};
use crate::model::cell::symbols;
use crate::view::{self, Area, Band, Figure, Kind, Label, Layout, Progress, Raster, Row, Viewport};

impl LaneRun {
    /// The numbers of a heat map.
    #[must_use]
    pub fn values(&self, Shown { site, symbol }: Shown) -> ArrayView2<'_, f64> {
        let layer = &self.run.along(false)[self.sweep(site)];
        match symbols(self.experiment.spec.cell).iter().position(|known| *known == symbol) {
            Some(gate) => layer.gate(&layer.gates, gate),
            None if matches!(symbol, "C" | "s") => layer.c.view(),
            None => layer.h.view(),
        }
    }

    fn kind(&self, symbol: &str) -> Kind {
        let spec = &self.experiment.spec;
        match symbol {
            "f" | "i" | "o" | "z" | "r" => Kind::Gate,
            "h" if !spec.cell.gated() && spec.activation == Activation::Relu => Kind::Log,
            _ => Kind::Signed,
        }
    }
}

impl Session {
    pub(super) fn figure(&self) -> Figure<'_> {
        let (losses, gradient) = (self.cursor.losses, self.cursor.gradient);
        let backward = |site: Site| site.direction == Direction::Backward;
        let lanes = self.lanes.iter().zip(&self.settings.lanes).map(|(run, lane)| view::Lane {
            name: &run.name,
            mark: run.mark,
            rows: run
                .rows(lane)
                .into_iter()
                .map(|shown| {
                    let name = run.row_name(shown);
                    Row {
                        symbol: shown.symbol,
                        written: run.index(shown.site).text(shown.symbol),
                        kind: run.kind(shown.symbol),
                        values: run.values(shown),
                        shown: lane.shown.get(&name).copied(),
                        rests: run.rests(shown),
                        mirrored: backward(shown.site),
                        name,
                    }
                })
                .collect(),
            outputs: true,
            window: run.experiment.spec.window,
            decades: &run.norms(losses, gradient).decades,
            ratios: run.ratios(losses, gradient),
            mirrored: backward(run.nearest(gradient)),
            gradient: format!(
                "∂L/∂{}",
                run.index(gradient).text(if run.experiment.spec.cell.recurs() { "h" } else { "s" })
            ),
        });
        let progress = match self.t() {
            (t, false) => Progress::Forward(t),
            (t, true) => Progress::Backward(t),
        };
        Figure {
            steps: self.steps(),
            encoder: self.axis().encoder,
            targets: true,
            lanes: lanes.collect(),
            progress,
            band: self.picture() == Picture::Boxes,
        }
    }

    /// Arranges the figure.
    pub fn layout(&mut self, viewport: Viewport) -> &Layout {
        let layout = view::layout(&self.figure(), viewport);
        &self.place.insert((viewport, layout)).1
    }

    /// Paints the figure as arranged last; `None` before the first arrangement.
    pub fn paint(&mut self) -> Option<&Raster> {
        let mut raster = std::mem::take(&mut self.raster);
        if let Some((viewport, layout)) = &self.place {
            raster.paint(&self.figure(), layout, *viewport);
        }
        self.raster = raster;
        self.place.as_ref().map(|_| &self.raster)
    }

    /// Draws the chart as arranged last.
    ///
    /// # Errors
    /// Whatever the backend cannot do.
    pub fn chart<DB: plotters::prelude::DrawingBackend>(
        &self,
        area: &plotters::drawing::DrawingArea<DB, plotters::coord::Shift>,
    ) -> Result<(), plotters::drawing::DrawingAreaErrorKind<DB::ErrorType>> {
        let boxes = self.boxes_place.as_ref().filter(|_| self.picture() == Picture::Boxes);
        let place = boxes.map(|(viewport, layout)| (viewport, &layout.frame));
        let place = place.or_else(|| self.place.as_ref().map(|(viewport, layout)| (viewport, layout)));
        match place {
            Some((viewport, layout)) => view::chart(area, &self.figure(), layout, *viewport),
            None => Ok(()),
        }
    }

    /// The words over the figure as arranged last.
    #[must_use]
    pub fn labels(&self) -> Vec<Label> {
        self.place
            .as_ref()
            .map_or_else(Vec::new, |(viewport, layout)| view::labels(&self.figure(), layout, *viewport))
    }

    /// The figure as arranged last, for other methods.
    pub(super) fn place(&self) -> Option<&(Viewport, Layout)> {
        self.place.as_ref()
    }

    /// Where the selected unit stands at the cursor: one place per heat map that is shown.
    #[must_use]
    pub fn marks(&self) -> Vec<Area> {
        let Some((_, layout)) = &self.place else { return Vec::new() };
        let (lane, unit) = (self.cursor.lane, self.cursor.unit);
        let run = &self.lanes[lane];
        let site = self.site(run);
        let t = self.step(site, self.t().0);
        let rows = run.rows(&self.settings.lanes[lane]).into_iter().enumerate();
        rows.filter(|(_, row)| row.site == site)
            .filter_map(|(row, _)| layout.cell(lane, row, unit, t))
            .collect()
    }

    /// Where a unit (from 0) of a lane stands at step `t` (from 1) in a heat map; `x` is the row of inputs. `None`
    /// where it is not shown.
    #[must_use]
    pub fn spot(&self, lane: usize, symbol: &str, unit: usize, t: usize) -> Option<Area> {
        let (_, layout) = self.place.as_ref()?;
        if symbol == "x" {
            let axis = &layout.axis;
            let (x, width) = (axis.centre(t) - f64::from(axis.column) / 2.0, f64::from(axis.column));
            let Band { y, height } = layout.inputs;
            return Some(Area { x, y: f64::from(y), width, height: f64::from(height) });
        }
        let run = self.lanes.get(lane)?;
        let name = run.row_name(run.row(symbol, self.site(run))?);
        let row = layout.lanes.get(lane)?.rows.iter().find(|row| row.name == name)?;
        layout.cell(lane, row.index, unit, t)
    }

    /// The whole figure as SVG, in its own size.
    #[must_use]
    pub fn svg(&self, viewport: Viewport) -> String {
        view::svg(&self.figure(), viewport)
    }

    /// Which losses the curves count.
    #[must_use]
    pub fn losses(&self) -> Losses {
        self.cursor.losses
    }
}
