//! Which matrices stand beside each other, and what they are called.

use serde_json::json;

use super::LaneRun;
use crate::analysis::math::{self, Math};
use crate::experiment::Cell;
use crate::experiment::edits::Entry;

/// Parts that are shown beside each other.
pub(super) struct Panel {
    pub name: &'static str,
    pub parts: Vec<&'static str>,
}

impl LaneRun {
    /// Its panels, in the order of the cell.
    pub(super) fn panels(&self) -> Vec<Panel> {
        let spec = &self.experiment.spec;
        let panel = |name, parts: &[&'static str]| Panel { name, parts: parts.to_vec() };
        let mut panels = match spec.cell {
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
            panel.parts.retain(|part| *part == "x" || self.size(part).is_some());
        }
        panels
    }

    pub(super) fn size(&self, part: &str) -> Option<(usize, usize)> {
        Entry::new(part, 0, 0).ok()?.size(&self.experiment.weights, &self.experiment.spec)
    }

    pub(super) fn panel_of(&self, entry: Entry) -> Option<Panel> {
        self.panels().into_iter().find(|panel| panel.parts.contains(&entry.part()))
    }

    /// `forget gate`, …
    pub(super) fn gate_word(&self, panel: &str) -> &'static str {
        match (self.experiment.spec.cell, panel) {
            (Cell::Rnn, "h") => "hidden state",
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

/// What a part is multiplied by.
pub(super) fn over(part: &str) -> Math {
    match part.as_bytes().first() {
        Some(b'U') => math::at("h", -1),
        Some(b'V') => math::at("x", 0),
        _ if part == "W_hh" => math::at("h", -1),
        _ if part == "W_xh" => math::at("x", 0),
        _ if part == "W_hy" => math::at("h", 0),
        _ => json!(["mrow"]),
    }
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
