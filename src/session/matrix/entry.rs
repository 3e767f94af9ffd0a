//! One entry of the matrices: what it is, what it does, what lights with it.

use serde::Serialize;

use super::super::{LaneRun, Session, Shown, Site};
use super::panels::{Panel, file_name};
use crate::analysis::equations::pre_activation;
use crate::analysis::number::short;
use crate::experiment::edits::Entry;
use crate::experiment::task::Outcome;
use crate::experiment::{Cell, Direction};
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
    /// What lights with it: its place in equations, wires of the drawing, and cells of heat maps as `walk` names them.
    wires: Vec<String>,
    cells: Vec<String>,
    /// Where it is used, as `walk` reads it; on the way back where its gradient is made.
    go: String,
}

impl Session {
    pub(super) fn entry_facts(&self, entry: Entry, width: u32) -> Option<EntryFacts> {
        let run = &self.lanes[self.cursor.lane];
        let (value, before) = self.numbers(self.cursor.lane, entry)?;
        let gradient = self.entry_gradient(entry)?;
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
            cell: matrix::layout(&sizes, width).cell(
                part,
                shown_row,
                entry.column.checked_sub(self.first_column(entry.part()))?,
            )?,
            wires: self.wires(run, &panel, entry),
            cells: self.cells(run, &panel, entry),
            go: self.leads(run, &panel, entry),
        })
    }

    /// `∂L/∂` of an entry, of the losses that count.
    pub(super) fn entry_gradient(&self, entry: Entry) -> Option<f64> {
        let run = &self.lanes[self.cursor.lane];
        let (gradients, dx) = self.counting(run);
        if entry.part() == "x" {
            dx.get([entry.row, entry.column]).copied()
        } else {
            entry.get(gradients, &run.experiment.spec)
        }
    }

    /// The wires that carry what an entry multiplies and what it makes: of the selected unit, which is drawn.
    fn wires(&self, run: &LaneRun, panel: &Panel, entry: Entry) -> Vec<String> {
        let spec = &run.experiment.spec;
        let key = entry.key(spec);
        let own = entry.row == self.row_of(panel);
        let wires: &[&str] = match (entry.part().as_bytes().first(), gate_of(spec.cell, panel.name)) {
            _ if entry.part() == "x" => &["x"],
            (Some(b'h'), _) if own => &["h_prev"],
            (Some(b'C'), _) if own => &["C_prev"],
            (_, None) if entry.part() == "W_hy" => &["y", "h"],
            (_, None) if entry.part() == "b_y" => &["y"],
            (_, Some(_)) if !own => &[],
            (_, Some("h")) => match entry.part() {
                "W_hh" => &["W_hh", "h_prev"],
                "W_xh" => &["W_xh", "x"],
                _ => &["b_h", "a"],
            },
            (Some(b'U'), Some(gate)) => {
                return vec![key, gate.into(), pre_activation(gate).into(), "h_prev".into()];
            }
            (Some(b'V'), Some(gate)) => {
                return vec![key, gate.into(), pre_activation(gate).into(), "x".into()];
            }
            (_, Some(gate)) => return vec![key, gate.into(), pre_activation(gate).into()],
            _ => &[],
        };
        std::iter::once(key).chain(wires.iter().map(|&wire| wire.to_owned())).collect()
    }

    /// The cell that an entry helps to make, and the one that it multiplies.
    fn cells(&self, run: &LaneRun, panel: &Panel, entry: Entry) -> Vec<String> {
        let (spec, axis) = (&run.experiment.spec, self.axis());
        let (home, site, t) = (self.home(), self.site(run), self.step_here());
        // Units of two directions that stand side by side.
        let beside = |layer: usize, unit: usize| {
            let direction = spec.directions().get(unit / spec.hidden).copied().unwrap_or(Direction::Forward);
            (Site { layer, direction }, unit % spec.hidden)
        };
        let place = |symbol, unit: usize, t: usize| {
            let (site, unit) = if home.decodes { beside(site.layer, unit) } else { (site, unit) };
            // A decoder starts from what each direction computed last.
            let last = home.decodes && t == axis.encoder;
            let t = if last { axis.seen(site.direction, t) } else { t };
            format!("{}.{}.{t}", run.row_name(Shown { site, symbol }), unit + 1)
        };
        let below = |layer: usize| {
            let (site, unit) = beside(layer, entry.column);
            format!("{}.{}.{t}", run.row_name(Shown { site, symbol: "h" }), unit + 1)
        };
        let made = gate_of(spec.cell, panel.name).map(|gate| place(gate, entry.row, t));
        let before = self.place_of(run, site, self.cursor.unit, t - 1).earlier_shown();
        let read = match entry.part().as_bytes().first() {
            _ if entry.part() == "x" => Some(format!("x.1.{t}")),
            _ if entry.part() == "W_hy" => Some(below(spec.layers)),
            Some(b'U') => before.map(|t| place("h", entry.column, t)),
            _ if entry.part() == "W_hh" => before.map(|t| place("h", entry.column, t)),
            Some(b'V') if site.layer > 1 => Some(below(site.layer - 1)),
            _ if entry.part() == "W_xh" && site.layer > 1 => Some(below(site.layer - 1)),
            Some(b'V') => Some(format!("x.1.{t}")),
            _ if entry.part() == "W_xh" => Some(format!("x.1.{t}")),
            _ => None,
        };
        made.into_iter().chain(read).collect()
    }

    /// The equation that an entry is a part of, and on the way back that of its gradient.
    fn leads(&self, run: &LaneRun, panel: &Panel, entry: Entry) -> String {
        let spec = &run.experiment.spec;
        let backward = self.t().1;
        let (site, t) = (self.site(run), self.step_here());
        let row = |site, symbol| run.row_name(Shown { site, symbol });
        let unit = entry.row + 1;
        // A decoder's layer counts the units of both directions.
        let units = if self.home().decodes { Site { direction: Direction::Forward, ..site } } else { site };
        match gate_of(spec.cell, panel.name) {
            Some(gate) => {
                let equation = match (backward, gate) {
                    (true, _) => self.place_of(run, site, 0, 0).row_name(gate),
                    (false, "h") if entry.part() == "W_xh" && !spec.cell.recurs() => "s",
                    (false, "h") => "a",
                    (false, gate) => gate,
                };
                format!("{}.{unit}.{t}={equation}", row(units, gate))
            }
            None if entry.part() == "x" => {
                let name = if backward { "dx" } else { "" };
                // A decoder reads none.
                let t = t.min(self.axis().encoder);
                let spot = format!("{}.{}.{t}", row(site, "h"), self.cursor.unit + 1);
                if name.is_empty() { spot } else { format!("{spot}={name}") }
            }
            // Of the layer that the readout reads, at its last step.
            None if panel.name == "y" => {
                let directions = spec.directions();
                let column = if entry.part() == "W_hy" { entry.column } else { 0 };
                let direction = directions.get(column / spec.hidden).copied().unwrap_or(Direction::Forward);
                let (site, unit) = (Site { layer: spec.layers, direction }, column % spec.hidden);
                let name = if backward { "W_hy".into() } else { format!("y.{}", entry.row + 1) };
                format!("{}.{}.{}={name}", row(site, "h"), unit + 1, self.step(site, self.steps()))
            }
            // The first step reads it.
            None => {
                let first = self.step(site, 1);
                let name = match (backward, entry.part()) {
                    (true, "C_0") => "=dC_prev",
                    (true, _) => "=dh_prev",
                    _ => "",
                };
                format!("{}.{unit}.{first}{name}", row(site, "h"))
            }
        }
    }

    /// Where what lights with a wire or an entry stands in the matrices: an entry, or the selected unit's row.
    #[must_use]
    pub fn lit_entry(&self, wire: &str, width: u32) -> Option<Area> {
        let entry = self.cursor.matrix?.entry;
        let run = &self.lanes[self.cursor.lane];
        let hidden = self.home().units(&run.experiment.spec);
        let (panel, sizes) = self.panel(entry)?;
        let layout = matrix::layout(&sizes, width);
        let words: Vec<_> = wire.split('.').collect();
        let number = |text: &str| text.parse::<usize>().ok()?.checked_sub(1);
        if let [block, row, ..] = words[..] {
            let column = words.get(2).map_or(Some(0), |column| number(column))?;
            let found = Entry::of_block(block, number(row)?, column, hidden).ok()?;
            let part = panel.parts.iter().position(|part| *part == found.part())?;
            return layout.cell(part, found.row, found.column.checked_sub(self.first_column(found.part()))?);
        }
        let row = layout.cell(0, self.row_of(&panel), 0)?;
        let whole = Area { width: f64::from(layout.width), ..row };
        let gate = gate_of(run.experiment.spec.cell, panel.name)?;
        let part = |meets: &str| {
            let at = panel.parts.iter().position(|part| part.starts_with(meets))?;
            let place = layout.parts.get(at)?;
            Some(Area { x: f64::from(place.x), width: f64::from(place.width), ..row })
        };
        match wire {
            "h_prev" | "h_bus" | "reset" => part("U").or_else(|| part("W_hh")),
            "x" => part("V").or_else(|| part("W_xh")),
            "W_hh" | "W_xh" => part(wire),
            "b_h" if gate == "h" => part("b_h"),
            wire if wire == gate || wire == pre_activation(gate) => Some(whole),
            wire if panel.parts.iter().any(|part| file_name(part) == wire) => Some(whole),
            _ => None,
        }
    }

    /// What an entry does, in words.
    fn meaning(&self, run: &LaneRun, panel: &Panel, entry: Entry) -> String {
        let (row, column) = (entry.row + 1, entry.column + 1);
        // One-hot inputs and outputs have names.
        let named = |index: usize, count: usize| match &self.task.outcome {
            Outcome::Symbols(symbols) if symbols.len() == count => format!(" “{}”", symbols[index]),
            _ => String::new(),
        };
        let (home, inputs) = (entry.home(), self.task.x.ncols());
        let read = if home.decodes { self.task.outputs } else { inputs };
        let to = match panel.name {
            "y" => format!("output {row}{}", named(entry.row, self.task.outputs)),
            name => format!("the {} of unit {row}", run.gate_word(name)),
        };
        let layer = home.site.layer;
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
            _ if !run.experiment.spec.cell.recurs() => {
                let (t, input) = (entry.column / inputs + 1, entry.column % inputs);
                format!(
                    "from input {}{} at t = {t}, and no other t, to {to}",
                    input + 1,
                    named(input, inputs)
                )
            }
            _ if layer > 1 && home.decodes => format!("from unit {column} of layer {} to {to}", layer - 1),
            _ if layer > 1 => format!("from {} to {to}", side_by_side(run, layer - 1, entry.column)),
            _ if home.decodes => format!("from what is read {column}{} to {to}", named(entry.column, read)),
            _ => format!("from input {column}{} to {to}", named(entry.column, read)),
        }
    }
}

/// The heat map of what a panel makes; the RNN's is `h`.
fn gate_of(cell: Cell, panel: &str) -> Option<&'static str> {
    Some(match (cell, panel) {
        (Cell::Rnn | Cell::Ann, "h") => "h",
        (_, "f") => "f",
        (_, "i") => "i",
        (_, "C") => "C_tilde",
        (_, "o") => "o",
        (_, "z") => "z",
        (_, "r") => "r",
        (_, "h") => "h_tilde",
        _ => return None,
    })
}

/// A unit of a layer that is read with both directions side by side.
fn side_by_side(run: &LaneRun, layer: usize, column: usize) -> String {
    let spec = &run.experiment.spec;
    let direction = spec.directions().get(column / spec.hidden).copied().unwrap_or(Direction::Forward);
    let place = run.place(Site { layer, direction });
    let unit = column % spec.hidden + 1;
    if place.is_empty() { format!("unit {unit}") } else { format!("unit {unit} of {place}") }
}
