//! What lies under a point of the update figure.

use super::super::Area;
use super::super::hit::floor_below;
use super::super::number::real;
use super::{Columns, UpdateLayout};
use crate::analysis::surface::SIDE;

/// What lies under a point; everything counts from 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum UpdateHit {
    /// The vectors of a lane.
    Vectors {
        /// Which lane.
        lane: usize,
        /// Their place.
        area: Area,
    },
    /// A point of a map.
    Map {
        /// Which lane.
        lane: usize,
        /// From the top.
        row: usize,
        /// From the left.
        column: usize,
        /// Its place.
        area: Area,
    },
    /// A bin of a histogram.
    Bin {
        /// Which lane.
        lane: usize,
        /// Which block.
        block: usize,
        /// Where it stands on the scale, and whether it counts positive entries; `None` is that of exact zeros.
        bin: Option<(usize, bool)>,
        /// Its place.
        area: Area,
    },
    /// Nothing.
    Nothing,
}

/// Finds what lies under a point, in CSS pixels from the figure's top left.
#[must_use]
pub fn hit(layout: &UpdateLayout, x: f64, y: f64) -> UpdateHit {
    let over = |area: Area| x >= area.x && x < area.x + area.width && y >= area.y && y < area.y + area.height;
    for (lane, place) in layout.lanes.iter().enumerate() {
        if over(place.vectors) {
            return UpdateHit::Vectors { lane, area: place.vectors };
        }
        if over(place.map) {
            let along = |at: f64, start: f64, size: f64| floor_below((at - start) * real(SIDE) / size, SIDE);
            let row = along(y, place.map.y, place.map.height);
            let column = along(x, place.map.x, place.map.width);
            if let (Some(row), Some(column)) = (row, column) {
                return UpdateHit::Map { lane, row, column, area: cell(place.map, row, column) };
            }
        }
        if let Some(block) = place.blocks.iter().position(|area| over(*area)) {
            let row = place.blocks[block];
            let columns = Columns::new(row, layout.scale);
            let spot = |(x, width): (f64, f64)| Area { x, width, ..row };
            let bins = (0..layout.scale.bins).flat_map(|index| [(index, false), (index, true)]);
            let found = bins.map(|bin| (Some(bin), spot(columns.of(bin.0, bin.1))));
            let mut all = found.chain([(None, spot(columns.zero()))]);
            if let Some((bin, area)) = all.find(|(_, area)| over(*area)) {
                return UpdateHit::Bin { lane, block, bin, area };
            }
        }
    }
    UpdateHit::Nothing
}

/// The place of a point of a map.
#[must_use]
pub(super) fn cell(map: Area, row: usize, column: usize) -> Area {
    let each = map.width / real(SIDE);
    Area { x: map.x + each * real(column), y: map.y + each * real(row), width: each, height: each }
}
