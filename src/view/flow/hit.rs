//! What lies under a point of the flow figure.

use super::super::hit::{column_area, floor_below, step_at};
use super::super::number::real;
use super::super::{Area, Band};
use super::FlowLayout;

/// What lies under a point. Steps and losses count from 1, lanes from 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FlowHit {
    /// A loss at a step; also at one that comes after it, where there is nothing.
    Loss {
        /// Which lane.
        lane: usize,
        /// The step of the loss.
        loss: usize,
        /// The step that feels it.
        k: usize,
        /// Its place.
        area: Area,
    },
    /// The bar of a step.
    Bar {
        /// Which lane.
        lane: usize,
        /// Which step.
        k: usize,
        /// Its place.
        area: Area,
    },
    /// The share of a loss.
    Share {
        /// Which lane.
        lane: usize,
        /// The step of the loss.
        loss: usize,
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
pub fn hit(layout: &FlowLayout, x: f64, y: f64) -> FlowHit {
    let Some(k) = step_at(&layout.axis, x) else { return FlowHit::Nothing };
    let over = |band: Band| y >= f64::from(band.y) && y < f64::from(band.end());
    let whole = |band: Band| column_area(&layout.axis, k, f64::from(band.y), f64::from(band.height));
    if over(layout.inputs) {
        return FlowHit::Input { t: k, area: whole(layout.inputs) };
    }
    for (lane, place) in layout.lanes.iter().enumerate() {
        if over(place.bars) {
            return FlowHit::Bar { lane, k, area: whole(place.bars) };
        }
        if let Some(band) = place.shares.filter(|&band| over(band)) {
            return FlowHit::Share { lane, loss: k, area: whole(band) };
        }
        let along = (y - f64::from(place.matrix.y)) * real(layout.losses()) / f64::from(place.matrix.height);
        if let Some(row) = floor_below(along, layout.losses()) {
            let loss = layout.first + row;
            return FlowHit::Loss { lane, loss, k, area: cell_area(layout, place.matrix, loss, k) };
        }
    }
    FlowHit::Nothing
}

/// The place of a cell.
pub(super) fn cell_area(layout: &FlowLayout, matrix: Band, loss: usize, k: usize) -> Area {
    let each = f64::from(matrix.height) / real(layout.losses());
    column_area(&layout.axis, k, f64::from(matrix.y) + real(loss - layout.first) * each, each)
}
