//! Planes, dials, curves and strips, by plotters.

use std::ops::RangeInclusive;

use plotters::coord::Shift;
use plotters::prelude::*;

use super::super::chart::{GRID, dashes, form, plain};
use super::super::number::{pixel, whole};
use super::super::{Axis, Band, Domain, Identity, Mode, Progress, Rgb, Theme, Viewport, identity, theme};
use super::{Plane, SpectrumFigure, SpectrumLane, SpectrumLayout, SpectrumPlace, along, domain, down, parts};

type Outcome<DB> = Result<(), DrawingAreaErrorKind<<DB as DrawingBackend>::ErrorType>>;

/// How much paper is in the colour of the lesser singular values.
const PALE: f64 = 0.5;
/// Dash and gap of the bound, in CSS pixels.
const BOUND: [f64; 2] = [5.0, 3.0];

/// Draws a figure on an area of `layout`'s size times `viewport.scale`.
///
/// # Errors
/// Whatever the backend cannot do.
pub fn paint<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    figure: &SpectrumFigure,
    layout: &SpectrumLayout,
    viewport: Viewport,
) -> Outcome<DB> {
    let theme = theme(viewport.dark);
    let sheet = Sheet { area, scale: viewport.scale, theme, thick: thickness(viewport.mode) };
    sheet.fill([0.0, 0.0, f64::from(layout.width), f64::from(layout.height)], theme.paper)?;
    for (lane, plane) in figure.lanes.iter().zip(&layout.planes) {
        sheet.plane(lane, plane)?;
        sheet.dials(lane, plane)?;
    }
    let domain = domain(figure);
    for (lane, place) in figure.lanes.iter().zip(&layout.lanes) {
        sheet.ground(domain, &layout.axis, place.curves)?;
        sheet.curves(domain, figure, lane, &layout.axis, place)?;
        sheet.strip(figure, lane, &layout.axis, place.strip)?;
    }
    if let (Some(x), Some(first), Some(last)) =
        (layout.axis.border(), layout.lanes.first(), layout.lanes.last())
    {
        let (x, from, to) = (f64::from(x), f64::from(first.curves.y), f64::from(last.strip.end()));
        sheet.fill([x, from, x + 1.0, to], theme.ink)?;
    }
    for &t in &layout.tick_labels {
        let (x, y) = (layout.axis.centre(t), f64::from(layout.ticks.y));
        sheet.fill([x - 0.5, y, x + 0.5, y + 4.0], theme.edge)?;
    }
    Ok(())
}

fn thickness(mode: Mode) -> f64 {
    if mode == Mode::Present { 3.2 } else { 2.2 }
}

/// An area in device pixels that is drawn on in CSS pixels.
struct Sheet<'a, DB: DrawingBackend> {
    area: &'a DrawingArea<DB, Shift>,
    scale: f64,
    theme: &'a Theme,
    /// Width of the largest singular value's curve.
    thick: f64,
}

impl<DB: DrawingBackend> Sheet<'_, DB> {
    fn at(&self, (x, y): (f64, f64)) -> (i32, i32) {
        (whole(x * self.scale), whole(y * self.scale))
    }

    fn width(&self, css: f64) -> u32 {
        pixel(css * self.scale).max(1)
    }

    fn fill(&self, [left, top, right, bottom]: [f64; 4], colour: Rgb) -> Outcome<DB> {
        let (from, mut to) = (self.at((left, top)), self.at((right, bottom)));
        // A hairline is never nothing.
        to = (to.0.max(from.0 + 1), to.1.max(from.1 + 1));
        self.area.draw(&Rectangle::new([from, to], plain(colour).filled()))
    }

    fn line(&self, points: &[(f64, f64)], colour: Rgb, width: f64) -> Outcome<DB> {
        let points: Vec<_> = points.iter().map(|&point| self.at(point)).collect();
        self.area.draw(&PathElement::new(points, plain(colour).stroke_width(self.width(width))))
    }

    fn dashed(&self, points: &[(f64, f64)], dash: &[f64], colour: Rgb, width: f64) -> Outcome<DB> {
        let dash: Vec<f64> = dash.iter().map(|length| length * self.scale).collect();
        let points = points.iter().map(|&(x, y)| (x * self.scale, y * self.scale));
        let style = plain(colour).stroke_width(self.width(width));
        for stroke in dashes(points, &dash) {
            self.area.draw(&PathElement::new(stroke, style))?;
        }
        Ok(())
    }

    fn circle(&self, centre: (f64, f64), radius: f64, style: ShapeStyle) -> Outcome<DB> {
        self.area.draw(&Circle::new(self.at(centre), self.width(radius), style))
    }

    /// Axes, unit circle, the circle of ρ(W), eigenvalues.
    fn plane(&self, lane: &SpectrumLane, plane: &Plane) -> Outcome<DB> {
        let (theme, identity) = (self.theme, identity(lane.mark));
        let (x, y) = plane.centre();
        let half = f64::from(plane.side) / 2.0;
        self.fill([x - half, y - 0.5, x + half, y + 0.5], theme.line)?;
        self.fill([x - 0.5, y - half, x + 0.5, y + half], theme.line)?;
        let edge = plain(theme.edge).stroke_width(self.width(1.0));
        self.circle((x, y), plane.unit, edge)?;
        let point = |[re, im]: [f64; 2]| (x + re * plane.unit, y - im * plane.unit);
        let inside = |&[re, im]: &[f64; 2]| (re.abs().max(im.abs()) * plane.unit) < half + 1.0;
        if let Some(recurrent) = lane.recurrent {
            let radius = recurrent.radius * plane.unit;
            if radius.is_finite() && radius < half * 1.42 {
                let ring = (0..=180).map(|n| f64::from(n) * std::f64::consts::PI / 90.0);
                let ring: Vec<_> = ring
                    .map(|angle| (x + radius * libm::cos(angle), y + radius * libm::sin(angle)))
                    .collect();
                self.dashed(&ring, &[2.0, 2.5], self.outline(identity), 1.2)?;
            }
        }
        for &value in lane.step.eigenvalues.iter().filter(|value| inside(value)) {
            let style = plain(identity.colour.mixed(theme.paper, 0.25)).filled();
            if identity.pale && theme.light {
                self.circle(point(value), 3.4, plain(theme.ink).filled())?;
            }
            self.circle(point(value), 2.6, style)?;
        }
        for &value in lane.recurrent.iter().flat_map(|w| &w.eigenvalues).filter(|value| inside(value)) {
            self.circle(point(value), 3.6, plain(self.outline(identity)).stroke_width(self.width(1.3)))?;
        }
        Ok(())
    }

    /// The lane's colour for lines, or ink where that is too pale.
    fn outline(&self, identity: &Identity) -> Rgb {
        if identity.pale && self.theme.light { self.theme.ink } else { identity.colour }
    }

    /// Lines from 0 to 2 with a mark at 1.
    fn dials(&self, lane: &SpectrumLane, plane: &Plane) -> Outcome<DB> {
        let (theme, identity) = (self.theme, identity(lane.mark));
        for (value, dial) in lane.dials().into_iter().zip(&plane.dials) {
            let (x, y, width) = (f64::from(dial.x), f64::from(dial.line), f64::from(dial.width));
            self.fill([x, y - 0.5, x + width, y + 0.5], theme.edge)?;
            let middle = x + width / 2.0;
            self.fill([middle - 0.5, y - 5.0, middle + 0.5, y + 5.0], theme.ink)?;
            if value.is_finite() {
                let point = self.at((x + along(value) * width, y));
                let radius = 4.2 * self.scale;
                form(self.area, point, identity.shape, radius + 1.5 * self.scale, theme.paper)?;
                if identity.pale && theme.light {
                    form(self.area, point, identity.shape, radius + 0.6 * self.scale, theme.ink)?;
                }
                form(self.area, point, identity.shape, radius, identity.colour)?;
            }
        }
        Ok(())
    }

    fn ground(&self, domain: Domain, axis: &Axis, band: Band) -> Outcome<DB> {
        let (left, right) = (f64::from(axis.x0), f64::from(axis.right()));
        for power in domain.powers(f64::from(band.height), GRID) {
            let y = down(domain, band, f64::from(power));
            let colour = if power == 0 { self.theme.edge } else { self.theme.line };
            self.fill([left, y - 0.5, right, y + 0.5], colour)?;
        }
        Ok(())
    }

    /// Singular values, the largest in the lane's dash and thick where the pass has come back, and the bound.
    fn curves(
        &self,
        domain: Domain,
        figure: &SpectrumFigure,
        lane: &SpectrumLane,
        axis: &Axis,
        place: &SpectrumPlace,
    ) -> Outcome<DB> {
        let (theme, identity, steps) = (self.theme, identity(lane.mark), figure.axis);
        if let Some(products) = lane.products {
            let curve = |k: usize, of: RangeInclusive<usize>| {
                // What is not read yet lies on the line between its neighbours.
                let points = of.filter_map(|t| Some((axis.centre(t), products.read(t)?.get(k).copied())));
                parts(domain, place.curves, points)
            };
            let pale = self.outline(identity).mixed(theme.paper, PALE);
            let now = match figure.progress {
                Progress::Forward(_) => steps.count,
                Progress::Backward(t) => t.clamp(1, steps.count),
            };
            for k in (1..products.size(steps.count)).rev() {
                for part in lane.stretches(steps).into_iter().flat_map(|of| curve(k, of)) {
                    if part.len() > 1 {
                        self.line(&part, pale, 1.0)?;
                    }
                }
            }
            for (of, done) in lane.halves(steps, now) {
                let width = if done { self.thick } else { self.thick * 0.45 };
                for part in curve(0, of) {
                    if identity.pale && theme.light {
                        self.dashed(&part, identity.dash, theme.ink, width + 1.0)?;
                    }
                    self.dashed(&part, identity.dash, identity.colour, width)?;
                }
            }
        }
        if let Some(bound) = lane.bound {
            for all in lane.stretches(steps) {
                let points = all.map(|t| (axis.centre(t), Some(bound.at(steps, lane.direction, t))));
                for part in parts(domain, place.curves, points) {
                    self.dashed(&part, &BOUND, theme.ink, 1.2)?;
                }
            }
        }
        Ok(())
    }

    /// The share of saturated units, as grey as a gate that is so far open.
    fn strip(&self, figure: &SpectrumFigure, lane: &SpectrumLane, axis: &Axis, band: Band) -> Outcome<DB> {
        let (top, bottom) = (f64::from(band.y), f64::from(band.end()));
        for (t, &share) in (1..=figure.axis.count).zip(lane.saturated) {
            let left = f64::from(axis.left(t));
            let right = left + f64::from(axis.column - axis.gap());
            self.fill([left, top, right, bottom], self.theme.gate.at(share))?;
        }
        let width = f64::from(axis.right()) - f64::from(axis.x0);
        self.fill([f64::from(axis.x0), bottom, f64::from(axis.x0) + width, bottom + 1.0], self.theme.line)
    }
}
