//! The gradient curves of all lanes on one log scale, by plotters.
//!
//! The chart holds no text: words are [`labels`](super::labels()), which the page sets in its own type.

use plotters::coord::Shift;
use plotters::prelude::*;

use super::domain::marker_step;
use super::number::{pixel, signed, whole};
use super::{Domain, Figure, Identity, Lane, Layout, Mode, Progress, Rgb, Shape, Viewport};
use super::{Theme, identity, theme};
use crate::analysis::gauge::{EXPLODED, VANISHED};

/// Distance of two decades of the grid.
pub(crate) const GRID: f64 = 22.0;

type Outcome<DB> = Result<(), DrawingAreaErrorKind<<DB as DrawingBackend>::ErrorType>>;

/// Draws the chart of a figure, with the top left of its band at the top left of `area`.
///
/// All lengths come from `layout` and `viewport.scale`, none from the backend, whose size should be that of the
/// band, `layout.width × layout.chart.height`, times the scale.
///
/// # Errors
/// Whatever the backend cannot do.
pub fn chart<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    figure: &Figure,
    layout: &Layout,
    viewport: Viewport,
) -> Outcome<DB> {
    let theme = theme(viewport.dark);
    let present = viewport.mode == Mode::Present;
    let sheet =
        Sheet { area, layout, scale: viewport.scale, domain: Domain::chart(figure, layout.chart.height) };
    sheet.ground(figure, theme)?;
    let thick = if present { 3.0 } else { 2.0 };
    for (index, lane) in figure.lanes.iter().enumerate() {
        let curve = Curve { sheet: &sheet, lane, identity: identity(lane.mark), theme };
        let steps = figure.steps;
        let done = |t: usize| lane.done(figure, t) && lane.done(figure, t + 1);
        let mut from = 1;
        while from < steps {
            let bold = done(from);
            let to = (from..steps).find(|&t| done(t) != bold).unwrap_or(steps);
            curve.line(from, to, if bold { thick } else { thick * 0.45 })?;
            from = to;
        }
        let alone =
            |t: &usize| [t - 1, *t, t + 1].map(|t| lane.decade(t).is_finite()) == [false, true, false];
        for t in (1..=steps).filter(alone) {
            curve.marker(t, thick, 0.0)?;
        }
        if figure.progress.backward_done(steps) {
            // Markers of different lanes stand at different steps, so that curves that coincide still show theirs.
            let step = marker_step(layout.axis.column, 96.0);
            let offset = step * index / figure.lanes.len();
            let done = lane.way(figure.axis()).filter(|&t| lane.done(figure, t));
            for t in done.skip(offset).step_by(step) {
                curve.marker(t, if present { 4.6 } else { 3.6 }, 1.0)?;
            }
        }
    }
    if let Progress::Backward(t) = figure.progress {
        for lane in &figure.lanes {
            let curve = Curve { sheet: &sheet, lane, identity: identity(lane.mark), theme };
            let t = figure.seen(lane.mirrored, t);
            curve.marker(t, if present { 6.5 } else { 5.5 }, 2.0)?;
        }
    }
    Ok(())
}

/// The band of the chart in device pixels.
struct Sheet<'a, DB: DrawingBackend> {
    area: &'a DrawingArea<DB, Shift>,
    layout: &'a Layout,
    scale: f64,
    domain: Domain,
}

impl<DB: DrawingBackend> Sheet<'_, DB> {
    fn px(&self, css: u32) -> i32 {
        signed(pixel(f64::from(css) * self.scale))
    }

    fn y(&self, decades: f64) -> f64 {
        self.domain.down(decades, f64::from(self.layout.chart.height)) * self.scale
    }

    /// The point of step `t`, unless the lane has no finite value there.
    fn point(&self, lane: &Lane, t: usize) -> Option<(f64, f64)> {
        let decades = lane.decade(t);
        decades.is_finite().then(|| (self.layout.axis.centre(t) * self.scale, self.y(decades)))
    }

    fn fill(&self, [left, top, right, bottom]: [i32; 4], colour: Rgb) -> Outcome<DB> {
        self.area.draw(&Rectangle::new([(left, top), (right, bottom)], plain(colour).filled()))
    }

    /// Background, zones, grid.
    fn ground(&self, figure: &Figure, theme: &Theme) -> Outcome<DB> {
        let axis = &self.layout.axis;
        let (left, right) = (self.px(axis.x0), self.px(axis.right()));
        let (width, height) = (self.px(self.layout.width), self.px(self.layout.chart.height));
        let unit = signed(pixel(self.scale).max(1));
        self.fill([0, 0, width, height], theme.paper)?;
        if figure.band {
            let (from, to) = axis.playhead(figure.progress.now());
            self.fill([self.px(from), 0, self.px(to), height], theme.wash)?;
        }
        if vanishes(self.domain) {
            self.fill([left, whole(self.y(VANISHED)), right, height], theme.wash)?;
        }
        if explodes(self.domain) {
            self.fill([left, 0, right, whole(self.y(EXPLODED))], theme.wash)?;
        }
        for power in self.domain.powers(f64::from(self.layout.chart.height), GRID) {
            let y = whole(self.y(f64::from(power))).min(height - unit);
            let colour = if power == 0 { theme.edge } else { theme.line };
            self.fill([left, y, right, y + unit], colour)?;
        }
        if let Some(x) = axis.border() {
            self.fill([self.px(x), 0, self.px(x) + unit, height], theme.ink)?;
        }
        let limits = [(VANISHED, vanishes(self.domain)), (EXPLODED, explodes(self.domain))];
        for (limit, _) in limits.into_iter().filter(|(_, there)| *there) {
            let y = whole(self.y(limit));
            let mut x = left;
            while x < right {
                self.fill([x, y, (x + unit).min(right), y + unit], theme.ink3)?;
                x += 4 * unit;
            }
        }
        Ok(())
    }
}

/// Whether a chart reaches into the zone of the vanished.
pub(crate) fn vanishes(domain: Domain) -> bool {
    domain.low < VANISHED - 0.5
}

/// Whether a chart reaches into the zone of the exploded.
pub(crate) fn explodes(domain: Domain) -> bool {
    domain.high > EXPLODED + 0.5
}

/// One lane's curve.
struct Curve<'a, 'b, DB: DrawingBackend> {
    sheet: &'a Sheet<'a, DB>,
    lane: &'a Lane<'b>,
    identity: &'static Identity,
    theme: &'a Theme,
}

impl<DB: DrawingBackend> Curve<'_, '_, DB> {
    fn outlined(&self) -> bool {
        self.identity.pale && self.theme.light
    }

    /// The line from step `from` to `to`, interrupted where there is no finite value.
    fn line(&self, from: usize, to: usize, width: f64) -> Outcome<DB> {
        let scale = self.sheet.scale;
        let mut passes = vec![(self.identity.colour, width * scale)];
        if self.outlined() {
            // A thin line has a thin outline, or it would look thick, that is, done.
            passes.insert(0, (self.theme.ink, (width + width.min(2.0)) * scale));
        }
        let points: Vec<_> = (from..=to).map(|t| self.sheet.point(self.lane, t)).collect();
        let dash: Vec<f64> = self.identity.dash.iter().map(|length| length * scale).collect();
        let strokes: Vec<_> = points
            .split(Option::is_none)
            .flat_map(|run| dashes(run.iter().flatten().copied(), &dash))
            .collect();
        for (colour, width) in passes {
            let style = plain(colour).stroke_width(pixel(width).max(1));
            for stroke in &strokes {
                self.sheet.area.draw(&PathElement::new(stroke.as_slice(), style))?;
            }
        }
        Ok(())
    }

    /// The lane's marker at step `t` in a ring of paper, or of ink where its colour is pale.
    fn marker(&self, t: usize, radius: f64, ring: f64) -> Outcome<DB> {
        let Some((x, y)) = self.sheet.point(self.lane, t) else { return Ok(()) };
        let (scale, shape) = (self.sheet.scale, self.identity.shape);
        let form =
            |radius: f64, colour| form(self.sheet.area, (whole(x), whole(y)), shape, radius * scale, colour);
        form(radius + ring, self.theme.paper)?;
        if self.outlined() {
            form(radius + 0.5, self.theme.ink)?;
            return form(radius - 0.5, self.identity.colour);
        }
        form(radius, self.identity.colour)
    }
}

/// A filled marker.
pub(crate) fn form<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    (x, y): (i32, i32),
    shape: Shape,
    radius: f64,
    colour: Rgb,
) -> Outcome<DB> {
    let style = plain(colour).filled();
    if shape == Shape::Disc {
        return area.draw(&Circle::new((x, y), pixel(radius).max(1), style));
    }
    let corner = |(dx, dy): &(f64, f64)| (x + whole(dx * radius), y + whole(dy * radius));
    area.draw(&Polygon::new(outline(shape).iter().map(corner).collect::<Vec<_>>(), style))
}

/// Corners of a marker of radius 1; of a disc, of the square around it.
fn outline(shape: Shape) -> &'static [(f64, f64)] {
    match shape {
        Shape::Disc | Shape::Square => &[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)],
        Shape::Triangle => &[(0.0, -1.15), (1.1, 0.8), (-1.1, 0.8)],
        Shape::Nabla => &[(0.0, 1.15), (1.1, -0.8), (-1.1, -0.8)],
        Shape::Diamond => &[(0.0, -1.25), (1.1, 0.0), (0.0, 1.25), (-1.1, 0.0)],
        Shape::Cross => &[
            (-0.4, -1.1),
            (0.4, -1.1),
            (0.4, -0.4),
            (1.1, -0.4),
            (1.1, 0.4),
            (0.4, 0.4),
            (0.4, 1.1),
            (-0.4, 1.1),
            (-0.4, 0.4),
            (-1.1, 0.4),
            (-1.1, -0.4),
            (-0.4, -0.4),
        ],
    }
}

/// Cuts a line into the strokes of a dash pattern; an empty pattern leaves it whole.
pub(crate) fn dashes(points: impl Iterator<Item = (f64, f64)>, pattern: &[f64]) -> Vec<Vec<(i32, i32)>> {
    let round = |(x, y): (f64, f64)| (whole(x), whole(y));
    let mut points = points;
    let Some(mut here) = points.next() else { return vec![] };
    if pattern.is_empty() {
        let whole_line: Vec<_> = std::iter::once(here).chain(points).map(round).collect();
        return if whole_line.len() > 1 { vec![whole_line] } else { vec![] };
    }
    let (mut part, mut left) = (0, pattern[0]);
    let mut strokes = vec![];
    let mut stroke = vec![round(here)];
    for next in points {
        loop {
            let (dx, dy) = (next.0 - here.0, next.1 - here.1);
            let distance = dx.hypot(dy);
            let inked = part % 2 == 0;
            if distance <= left {
                left -= distance;
                here = next;
                if inked {
                    stroke.push(round(here));
                }
                break;
            }
            here = (here.0 + dx * left / distance, here.1 + dy * left / distance);
            if inked {
                stroke.push(round(here));
                strokes.push(std::mem::take(&mut stroke));
            } else {
                stroke = vec![round(here)];
            }
            part = (part + 1) % pattern.len();
            left = pattern[part].max(0.5);
        }
    }
    if stroke.len() > 1 {
        strokes.push(stroke);
    }
    strokes
}

/// A colour as plotters wants it.
pub(crate) fn plain(colour: Rgb) -> ShapeStyle {
    ShapeStyle::from(RGBColor(colour.0, colour.1, colour.2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes_have_their_lengths() {
        let strokes = dashes([(0.0, 5.0), (10.0, 5.0), (30.0, 5.0)].into_iter(), &[9.0, 3.0]);
        let spans: Vec<_> = strokes.iter().map(|s| (s[0].0, s[s.len() - 1].0)).collect();
        assert_eq!(spans, [(0, 9), (12, 21), (24, 30)]);
        assert_eq!(dashes([(0.0, 0.0), (4.0, 4.0)].into_iter(), &[]), [[(0, 0), (4, 4)]]);
        assert!(dashes(std::iter::empty(), &[9.0, 3.0]).is_empty());
    }
}
