//! Matrices beside each other, row by row: layout, pixels and what is under a point.

use ndarray::ArrayView2;
use serde::Serialize;

use super::number::{length, pixel};
use super::paint::{Block, Hatch, Painter, in_device_pixels};
use super::{Area, Raster, Rgb, Theme, theme};

/// Smallest and largest width of a cell, CSS px.
const CELL: (u32, u32) = (3, 54);
/// Smallest and largest height of a row.
const ROW: (u32, u32) = (3, 24);
/// Height that rows share before they are as low as they get.
const ROOM: u32 = 230;
/// Between two parts.
const GAP: u32 = 8;
/// A single column is at least this wide: room for its symbol above and for a hand.
const VECTOR: u32 = 22;

/// One matrix, or a vector as one column.
#[derive(Clone, Debug)]
pub struct Part<'a> {
    /// Rows × columns.
    pub values: ArrayView2<'a, f64>,
    /// Entries that were changed by hand: row and column.
    pub changed: Vec<(usize, usize)>,
}

/// How numbers become colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colours {
    /// Signed, each part to its own largest magnitude.
    Values,
    /// log10 of the magnitude, relative to the largest of all parts; exact zeros are hatched.
    Gradients,
}

/// Where the parts stand, CSS px.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MatrixLayout {
    /// Of all parts.
    pub width: u32,
    /// Of all rows.
    pub height: u32,
    /// Height of a row.
    pub row: u32,
    /// Rows.
    pub rows: usize,
    /// Left to right.
    pub parts: Vec<PartPlace>,
}

/// Where one part stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct PartPlace {
    /// Left edge.
    pub x: u32,
    /// Width.
    pub width: u32,
    /// Width of a cell.
    pub cell: u32,
    /// Columns.
    pub columns: usize,
}

/// Arranges parts of these rows and columns in a width; many columns take more.
#[must_use]
pub fn layout(sizes: &[(usize, usize)], width: u32) -> MatrixLayout {
    let rows = sizes.iter().map(|size| size.0).max().unwrap_or(0);
    let row = (ROOM / length(rows).max(1)).clamp(ROW.0, ROW.1);
    let room = width.saturating_sub(GAP * length(sizes.len().saturating_sub(1)));
    let share = |room: u32, columns: usize| (room / length(columns).max(1)).clamp(CELL.0, CELL.1);
    let vectors = sizes.iter().filter(|size| size.1 == 1).count();
    let all: usize = sizes.iter().map(|size| size.1).sum();
    // Single columns are as wide as the others, or as they need to be.
    let single = share(room, all).max(VECTOR);
    let cell = share(room.saturating_sub(single * length(vectors)), all - vectors);
    let mut x = 0;
    let parts = sizes
        .iter()
        .map(|&(_, columns)| {
            let cell = if columns == 1 { single } else { cell };
            let place = PartPlace { x, width: cell * length(columns), cell, columns };
            x += place.width + GAP;
            place
        })
        .collect();
    MatrixLayout { width: x.saturating_sub(GAP), height: row * length(rows), row, rows, parts }
}

impl MatrixLayout {
    /// The cell of an entry.
    #[must_use]
    pub fn cell(&self, part: usize, row: usize, column: usize) -> Option<Area> {
        let place = self.parts.get(part).filter(|place| row < self.rows && column < place.columns)?;
        Some(Area {
            x: f64::from(place.x + place.cell * length(column)),
            y: f64::from(self.row * length(row)),
            width: f64::from(place.cell),
            height: f64::from(self.row),
        })
    }

    /// Part, row and column under a point.
    #[must_use]
    pub fn hit(&self, x: f64, y: f64) -> Option<(usize, usize, usize)> {
        if !(x >= 0.0 && y >= 0.0 && y < f64::from(self.height)) {
            return None;
        }
        let inside = |place: &PartPlace| (f64::from(place.x)..f64::from(place.x + place.width)).contains(&x);
        let part = self.parts.iter().position(inside)?;
        let place = self.parts[part];
        let column = (x - f64::from(place.x)) / f64::from(place.cell);
        Some((part, floor(y / f64::from(self.row)), floor(column)))
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "float casts saturate")]
fn floor(value: f64) -> usize {
    value as usize
}

/// The largest finite magnitude.
#[must_use]
pub fn largest<'a>(values: impl IntoIterator<Item = &'a f64>) -> f64 {
    values.into_iter().filter(|value| value.is_finite()).fold(0.0, |most: f64, value| most.max(value.abs()))
}

/// Paints parts on a raster.
pub fn paint(
    raster: &mut Raster,
    parts: &[Part],
    layout: &MatrixLayout,
    colours: Colours,
    scale: f64,
    dark: bool,
) {
    let theme = theme(dark);
    raster.clear(in_device_pixels(layout.width, layout.height, scale), theme.paper);
    let all = parts.iter().map(|part| largest(part.values)).fold(0.0, f64::max);
    let unit = pixel(scale).max(1);
    let hatch = Hatch { paper: theme.paper, ink: theme.edge, period: 6 * unit, stroke: unit };
    for (part, place) in parts.iter().zip(&layout.parts) {
        let scaled = match colours {
            Colours::Values => largest(part.values),
            Colours::Gradients => all,
        };
        for ((row, column), &value) in part.values.indexed_iter() {
            let block = block(place, layout.row, row, column, scale);
            match colour(value, scaled, colours, theme) {
                Some(colour) => raster.fill(block, colour),
                None => raster.hatch(block, &hatch),
            }
        }
        for &(row, column) in &part.changed {
            frame(raster, block(place, layout.row, row, column, scale), unit, theme);
        }
    }
}

fn colour(value: f64, largest: f64, colours: Colours, theme: &Theme) -> Option<Rgb> {
    if !value.is_finite() {
        return None;
    }
    match colours {
        Colours::Values => Some(theme.state.at(value / largest.max(f64::MIN_POSITIVE))),
        Colours::Gradients => (value != 0.0).then(|| theme.gradient.at((value.abs() / largest).log10())),
    }
}

/// A cell without the gap to its neighbours, device px; cells too small for a gap have none.
fn block(place: &PartPlace, row_height: u32, row: usize, column: usize, scale: f64) -> Block {
    let px = |css: u32| pixel(f64::from(css) * scale);
    let (left, top) = (place.x + place.cell * length(column), row_height * length(row));
    let gap = |size: u32| if size >= 5 { pixel(scale).max(1) } else { 0 };
    let width = (px(left + place.cell) - px(left)).saturating_sub(gap(place.cell)).max(1);
    let height = (px(top + row_height) - px(top)).saturating_sub(gap(row_height)).max(1);
    Block { x: px(left), y: px(top), width, height }
}

/// An edge of ink inside a cell: changed by hand.
fn frame(raster: &mut Raster, block: Block, unit: u32, theme: &Theme) {
    let Block { x, y, width, height } = block;
    let unit = unit.min(width).min(height);
    raster.fill(Block { height: unit, ..block }, theme.ink);
    raster.fill(Block { y: y + height - unit, height: unit, ..block }, theme.ink);
    raster.fill(Block { width: unit, ..block }, theme.ink);
    raster.fill(Block { x: x + width - unit, width: unit, ..block }, theme.ink);
}
