//! One entry of the matrices: what it is, what it does, what lights with it.

use serde::Serialize;

use super::super::{LaneRun, Session, Site};
use super::panels::Panel;
use crate::analysis::number::short;
use crate::experiment::Direction;
use crate::experiment::edits::Entry;
use crate::experiment::task::Outcome;
use crate::view::{Area, matrix};

/// One entry: where it is, what it does, its value and its gradient.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EntryFacts {
    text: String,
    name: String,
    meaning: String,
    value: f64,
    shown: String,
    full: String,
    gradient: String,
    gradient_full: String,
    /// What it was before it was changed by hand; empty when it was not.
    before: String,
    /// How far the slider goes, to either side.
    reach: f64,
    cell: Area,
}

impl Session {
    pub(super) fn entry_facts(&self, entry: Entry, width: u32) -> Option<EntryFacts> {
        let run = &self.lanes[self.cursor.lane];
        let (value, before) = self.numbers(self.cursor.lane, entry)?;
        let gradient = if entry.part() == "x" {
            run.run.trace.dx.get([entry.row, entry.column]).copied()
        } else {
            entry.get(&run.run.trace.gradients, &run.experiment.spec)
        }?;
        let (panel, sizes) = self.panel(entry)?;
        let part = panel.parts.iter().position(|part| *part == entry.part())?;
        let shown_row = if entry.part() == "x" { 0 } else { entry.row };
        Some(EntryFacts {
            text: entry.text(),
            name: self.entry_name(entry).ok()?,
            meaning: self.meaning(run, &panel, entry),
            value,
            shown: short(value),
            full: run.full(value),
            gradient: short(gradient),
            gradient_full: run.full(gradient),
            before: before.map_or_else(String::new, |before| run.full(before)),
            reach: value.abs().max(before.unwrap_or(0.0).abs()).max(3.0).ceil(),
            cell: matrix::layout(&sizes, width).cell(part, shown_row, entry.column)?,
        })
    }

    /// What an entry does, in words.
    fn meaning(&self, run: &LaneRun, panel: &Panel, entry: Entry) -> String {
        let (row, column) = (entry.row + 1, entry.column + 1);
        // One-hot inputs and outputs have names.
        let named = |index: usize, count: usize| match &self.task.outcome {
            Outcome::Symbols(symbols) if symbols.len() == count => format!(" “{}”", symbols[index]),
            _ => String::new(),
        };
        let inputs = self.task.x.ncols();
        let to = match panel.name {
            "y" => format!("output {row}{}", named(entry.row, self.task.outputs)),
            name => format!("the {} of unit {row}", run.gate_word(name)),
        };
        let layer = entry.site().layer;
        match entry.part().as_bytes().first() {
            _ if entry.part() == "x" => format!("input {column}{} at t = {row}", named(entry.column, inputs)),
            Some(b'h' | b'C') => format!("unit {row} before the first step"),
            Some(b'b') => format!("bias of {to}"),
            Some(b'g') => format!("gain of {to}"),
            _ if entry.part() == "W_hy" => {
                format!("from {} to {to}", side_by_side(run, run.experiment.spec.layers, entry.column))
            }
            _ if entry.part() != "W_xh" && !entry.part().starts_with('V') => {
                format!("from unit {column} to {to}")
            }
            _ if layer > 1 => format!("from {} to {to}", side_by_side(run, layer - 1, entry.column)),
            _ => format!("from input {column}{} to {to}", named(entry.column, inputs)),
        }
    }
}

/// A unit of a layer that is read with both directions side by side.
fn side_by_side(run: &LaneRun, layer: usize, column: usize) -> String {
    let spec = &run.experiment.spec;
    let direction = spec.directions().get(column / spec.hidden).copied().unwrap_or(Direction::Forward);
    let place = run.place(Site { layer, direction });
    let unit = column % spec.hidden + 1;
    if place.is_empty() { format!("unit {unit}") } else { format!("unit {unit} of {place}") }
}
