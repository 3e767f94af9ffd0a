//! Which matrices stand beside each other, and what they are called.

use serde_json::json;

use super::super::{LaneRun, Site};
use crate::analysis::math::{self, Index, Math};
use crate::experiment::edits::Entry;
use crate::experiment::{Cell, Direction, Home};

/// Parts that are shown beside each other.
pub(super) struct Panel {
    pub name: &'static str,
    pub parts: Vec<&'static str>,
}

impl LaneRun {
    /// The panels of a layer and direction, or of a decoder's layer, in the order of the cell.
    pub(super) fn panels(&self, home: Home) -> Vec<Panel> {
        let spec = &self.experiment.spec;
        let panel = |name, parts: &[&'static str]| Panel { name, parts: parts.to_vec() };
        let mut panels = match spec.cell {
            Cell::Ann => vec![panel("h", &["W_xh", "b_h"])],
            Cell::Rnn => vec![panel("h", &["W_hh", "W_xh", "g_h", "b_h"])],
            Cell::Lstm => vec![
                panel("f", &["U_f", "V_f", "g_f", "b_f"]),
                panel("i", &["U_i", "V_i", "g_i", "b_i"]),
                panel("C", &["U_C", "V_C", "g_C", "b_C"]),
                panel("o", &["U_o", "V_o", "g_o", "b_o"]),
            ],
            Cell::Gru => vec![
                panel("z", &["U_z", "V_z", "g_z", "b_z"]),
                panel("r", &["U_r", "V_r", "g_r", "b_r"]),
                panel("h", &["U_h", "V_h", "g_h", "b_h", "b_hh"]),
            ],
        };
        panels.extend([panel("y", &["W_hy", "b_y"]), panel("0", &["h_0", "C_0"]), panel("x", &["x"])]);
        for panel in &mut panels {
            panel.parts.retain(|part| *part == "x" || self.size(part, home).is_some());
        }
        panels.retain(|panel| !panel.parts.is_empty());
        panels
    }

    pub(super) fn size(&self, part: &str, home: Home) -> Option<(usize, usize)> {
        Entry::new(part, 0, 0).ok()?.at(home).size(&self.experiment.weights, &self.experiment.spec)
    }

    pub(super) fn panel_of(&self, entry: Entry, home: Home) -> Option<Panel> {
        self.panels(home).into_iter().find(|panel| panel.parts.contains(&entry.part()))
    }

    /// `forget gate`, …
    pub(super) fn gate_word(&self, panel: &str) -> &'static str {
        match (self.experiment.spec.cell, panel) {
            (Cell::Rnn | Cell::Ann, "h") => "hidden state",
            (_, "f") => "forget gate",
            (_, "i") => "input gate",
            (_, "o") => "output gate",
            (_, "z") => "update gate",
            (_, "r") => "reset gate",
            (_, "y") => "output",
            (_, "0") => "start state",
            (_, "x") => "input",
            _ => "candidate",
        }
    }
}

pub(super) fn listed(list: String, name: &'static str) -> String {
    if list.is_empty() {
        name.into()
    } else if list.split(", ").any(|known| known == name) {
        list
    } else {
        format!("{list}, {name}")
    }
}

/// The block that a part belongs to in files.
pub(super) fn file_name(part: &'static str) -> &'static str {
    Entry::new(part, 0, 0).map_or(part, |entry| entry.owner())
}

pub(super) fn symbol(part: &'static str) -> Math {
    if part == "x" { math::at("x", 0) } else { math::symbol(file_name(part)) }
}

/// What a part is multiplied by in a layer and direction.
pub(super) fn over(run: &LaneRun, part: &str, home: Home) -> Math {
    let home = home.whole();
    let layer = |layer: usize| Index { layer: Some(layer), direction: None };
    match part.as_bytes().first() {
        Some(b'U') => before(home.site),
        _ if part == "W_hh" => before(home.site),
        Some(b'V') if home.site.layer > 1 => layer(home.site.layer - 1).at("h"),
        _ if part == "W_xh" && home.site.layer > 1 => layer(home.site.layer - 1).at("h"),
        Some(b'V') => math::at("x", 0),
        _ if part == "W_xh" => math::at("x", 0),
        _ if part == "W_hy" && run.experiment.spec.layers > 1 => layer(run.experiment.spec.layers).at("h"),
        _ if part == "W_hy" => math::at("h", 0),
        _ => json!(["mrow"]),
    }
}

/// The state before, in the order in which a direction reads.
fn before(site: Site) -> Math {
    math::at("h", if site.direction == Direction::Forward { -1 } else { 1 })
}

pub(super) fn part_word(part: &str) -> &'static str {
    match part.as_bytes().first() {
        Some(b'U') => "the half that meets the state",
        Some(b'V') => "the half that meets the input",
        Some(b'b') => "bias",
        Some(b'g') => "gain of the normalisation",
        Some(b'h' | b'C') => "before the first step",
        _ => "",
    }
}
