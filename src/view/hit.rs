//! What lies under a point, read from the numbers that paint used.

use serde::Serialize;

use super::number::{length, real};
use super::{Axis, Band, LaneLayout, Layout};

/// A rectangle in CSS pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Area {
    /// Left edge.
    pub x: f64,
    /// Top edge.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

/// What lies under a point. Steps count from 1; lanes, rows and units from 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Hit {
    /// A cell of a heat map.
    Cell {
        /// Which lane.
        lane: usize,
        /// Which of the lane's rows, as in the figure.
        row: usize,
        /// Which unit.
        unit: usize,
        /// Which step.
        t: usize,
        /// Its place.
        area: Area,
    },
    /// A bar of the gradient strip.
    Strip {
        /// Which lane.
        lane: usize,
        /// Which step.
        t: usize,
        /// Its place.
        area: Area,
    },
    /// An output of a lane.
    Output {
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
    /// A target.
    Target {
        /// Which step.
        t: usize,
        /// Its place.
        area: Area,
    },
    /// A column of the chart or of its axis.
    Chart {
        /// Which step.
        t: usize,
        /// Its place.
        area: Area,
    },
    /// Nothing.
    Nothing,
}

impl Hit {
    /// The step and the place, unless there is nothing.
    #[must_use]
    pub fn place(&self) -> Option<(usize, Area)> {
        match *self {
            Self::Cell { t, area, .. }
            | Self::Strip { t, area, .. }
            | Self::Output { t, area, .. }
            | Self::Input { t, area }
            | Self::Target { t, area }
            | Self::Chart { t, area } => Some((t, area)),
            Self::Nothing => None,
        }
    }
}

/// Finds what lies under a point, in CSS pixels from the figure's top left.
#[must_use]
pub fn hit(layout: &Layout, x: f64, y: f64) -> Hit {
    let Some(t) = step_at(&layout.axis, x) else { return Hit::Nothing };
    let whole = |band: Band| column_area(&layout.axis, t, f64::from(band.y), f64::from(band.height));
    let over = |band: &Band| y >= f64::from(band.y) && y < f64::from(band.end());
    if over(&layout.inputs) {
        return Hit::Input { t, area: whole(layout.inputs) };
    }
    if let Some(band) = layout.targets.filter(over) {
        return Hit::Target { t, area: whole(band) };
    }
    if over(&layout.chart) || over(&layout.ticks) {
        return Hit::Chart { t, area: whole(layout.chart) };
    }
    for (lane, place) in layout.lanes.iter().enumerate() {
        if over(&place.strip) {
            return Hit::Strip { lane, t, area: whole(place.strip) };
        }
        if let Some(band) = place.outputs.filter(over) {
            return Hit::Output { lane, t, area: whole(band) };
        }
        if let Some((row, unit)) = row_at(place, y) {
            let area = cell_area(layout, lane, row, unit, t);
            return Hit::Cell { lane, row: place.rows[row].index, unit, t, area };
        }
    }
    Hit::Nothing
}

/// The place of a cell: `row` counts the shown rows of the lane.
fn cell_area(layout: &Layout, lane: usize, row: usize, unit: usize, t: usize) -> Area {
    let row = &layout.lanes[lane].rows[row];
    let each = f64::from(row.height) / real(row.units);
    column_area(&layout.axis, t, f64::from(row.y) + real(unit) * each, each)
}

impl Layout {
    /// The place of a cell, if its row is shown: `row` as in the figure, `t` from 1.
    #[must_use]
    pub fn cell(&self, lane: usize, row: usize, unit: usize, t: usize) -> Option<Area> {
        let shown = self.lanes.get(lane)?.rows.iter().position(|shown| shown.index == row)?;
        let inside = unit < self.lanes[lane].rows[shown].units && (1..=self.axis.steps).contains(&t);
        inside.then(|| cell_area(self, lane, shown, unit, t))
    }
}

pub(super) fn column_area(axis: &Axis, t: usize, y: f64, height: f64) -> Area {
    Area { x: f64::from(axis.left(t)), y, width: f64::from(axis.column - axis.gap()), height }
}

/// The step whose column, gap included, holds `x`.
pub(super) fn step_at(axis: &Axis, x: f64) -> Option<usize> {
    let along = (x - f64::from(axis.x0)) / f64::from(axis.column);
    let t = floor_below(along, axis.steps)?;
    Some(t + 1)
}

fn row_at(lane: &LaneLayout, y: f64) -> Option<(usize, usize)> {
    lane.rows.iter().enumerate().find_map(|(index, row)| {
        let along = (y - f64::from(row.y)) * real(row.units) / f64::from(row.height);
        floor_below(along, row.units).map(|unit| (index, unit))
    })
}

/// The whole number under `value` if it is in `0..count`.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be in 0..count")]
pub(super) fn floor_below(value: f64, count: usize) -> Option<usize> {
    (value >= 0.0 && value < f64::from(length(count))).then_some(value as usize)
}
