//! What lies under a point of the figure of steps.

use super::super::hit::{column_area, step_at};
use super::super::{Area, Band};
use super::{SpectrumFigure, SpectrumLayout};

/// How near a point must be to what it means, in CSS pixels.
const NEAR: f64 = 7.0;

/// What lies under a point. Steps count from 1, lanes and eigenvalues from 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SpectrumHit {
    /// An eigenvalue.
    Eigenvalue {
        /// Which lane.
        lane: usize,
        /// Of the recurrent matrix, or else of the step.
        recurrent: bool,
        /// Which one.
        index: usize,
        /// Its place.
        area: Area,
    },
    /// The circle of ρ(W).
    Ring {
        /// Which lane.
        lane: usize,
        /// The place under the point.
        area: Area,
    },
    /// The singular values of a step.
    Curves {
        /// Which lane.
        lane: usize,
        /// Which step.
        t: usize,
        /// Its column.
        area: Area,
    },
    /// The saturated units of a step.
    Strip {
        /// Which lane.
        lane: usize,
        /// Which step.
        t: usize,
        /// Its place.
        area: Area,
    },
    /// An input.
    Input {
        /// Which step.
        t: usize,
        /// Its place.
        area: Area,
    },
    /// Nothing.
    Nothing,
}

/// Finds what lies under a point, in CSS pixels from the figure's top left.
#[must_use]
pub fn hit(figure: &SpectrumFigure, layout: &SpectrumLayout, x: f64, y: f64) -> SpectrumHit {
    if let Some(found) = (0..layout.planes.len()).find_map(|lane| in_plane(figure, layout, lane, x, y)) {
        return found;
    }
    let Some(t) = step_at(&layout.axis, x) else { return SpectrumHit::Nothing };
    let over = |band: Band| y >= f64::from(band.y) && y < f64::from(band.end());
    let whole = |band: Band| column_area(&layout.axis, t, f64::from(band.y), f64::from(band.height));
    if over(layout.inputs) {
        return SpectrumHit::Input { t, area: whole(layout.inputs) };
    }
    for (lane, place) in layout.lanes.iter().enumerate() {
        if over(place.curves) {
            return SpectrumHit::Curves { lane, t, area: whole(place.curves) };
        }
        if over(place.strip) {
            return SpectrumHit::Strip { lane, t, area: whole(place.strip) };
        }
    }
    SpectrumHit::Nothing
}

fn in_plane(
    figure: &SpectrumFigure,
    layout: &SpectrumLayout,
    lane: usize,
    x: f64,
    y: f64,
) -> Option<SpectrumHit> {
    let (plane, shown) = (&layout.planes[lane], figure.lanes.get(lane)?);
    let (cx, cy) = plane.centre();
    let half = f64::from(plane.side) / 2.0 + NEAR;
    if (x - cx).abs() > half || (y - cy).abs() > half {
        return None;
    }
    let around = |x: f64, y: f64| Area { x: x - 5.0, y: y - 5.0, width: 10.0, height: 10.0 };
    let point = |[re, im]: [f64; 2]| (cx + re * plane.unit, cy - im * plane.unit);
    let of_recurrent = shown.recurrent.iter().flat_map(|w| w.eigenvalues.iter().enumerate());
    let of_step = shown.step.eigenvalues.iter().enumerate();
    let all = of_recurrent.map(|found| (true, found)).chain(of_step.map(|found| (false, found)));
    let distance = |value: [f64; 2]| {
        let (px, py) = point(value);
        libm::hypot(px - x, py - y)
    };
    let nearest = all.min_by(|a, b| distance(*a.1.1).total_cmp(&distance(*b.1.1)));
    if let Some((recurrent, (index, value))) = nearest.filter(|found| distance(*found.1.1) <= NEAR) {
        let (px, py) = point(*value);
        return Some(SpectrumHit::Eigenvalue { lane, recurrent, index, area: around(px, py) });
    }
    let radius = shown.recurrent?.radius * plane.unit;
    let off = libm::hypot(x - cx, y - cy) - radius;
    (off.abs() <= NEAR).then(|| SpectrumHit::Ring { lane, area: around(x, y) })
}

/// The lane whose recurrent matrix a hand takes hold of at a point: at an eigenvalue of it, or at the circle of ρ.
#[must_use]
pub fn grabs(figure: &SpectrumFigure, layout: &SpectrumLayout, x: f64, y: f64) -> Option<usize> {
    match hit(figure, layout, x, y) {
        SpectrumHit::Ring { lane, .. } | SpectrumHit::Eigenvalue { lane, recurrent: true, .. } => Some(lane),
        _ => None,
    }
}
