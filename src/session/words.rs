//! What the page says in sentences.

use super::messages::{Caption, Table, word as row_word};
use super::{Cursor, LaneRun, Losses, Picture, Session, Tab};
use crate::analysis::breakage::Break;
use crate::analysis::number::{full, short};
use crate::analysis::operation::tell;
use crate::analysis::{narration, signal};
use crate::experiment::task::Token;

/// An input or target as text.
pub(super) fn token(token: &Token) -> String {
    match token {
        Token::Word(word) => word.clone(),
        // Data are shown as they are while they are short: 20 and not 20.0.
        Token::Value(value) => {
            Some(full(*value)).filter(|full| full.chars().count() <= 5).unwrap_or_else(|| short(*value))
        }
    }
}

impl Session {
    /// The moment in words.
    #[must_use]
    pub fn caption(&self) -> Caption {
        match self.cursor.tab {
            Tab::Unrolled => {}
            Tab::Flow => return self.flow_caption(),
            Tab::Spectrum => return self.spectrum_caption(),
            Tab::Update => return self.update_caption(),
        }
        if self.cursor.tab == Tab::Update {
            return self.update_caption();
        }
        let (t, backward) = self.t();
        let Cursor { lane, unit, losses, .. } = self.cursor;
        let run = &self.lanes[lane];
        let (name, spec, layer) = (&run.name, &run.experiment.spec, run.layer(losses));
        let phase = if backward { "Backward" } else { "Forward" };
        let word = token(&self.task.inputs[t - 1]);
        let place = self.place_of(run, unit, t - 1);
        if let Some((k, told)) = self.cursor.operation.and_then(|k| Some((k, tell(&place, backward, k)?))) {
            let lead = format!("{phase}, t = {t}, “{word}”, {k} of {}: {}.", self.operations(), told.title);
            return Caption { lead, text: told.text };
        }
        let lead = format!("{phase}, t = {t}, “{word}”.");
        let mut text = if !backward {
            narration::forward(name, spec, layer, unit, t - 1)
        } else if t == self.steps() {
            let own = narration::backward(name, spec, layer, unit, t - 1);
            format!("The {name}’s loss is {}; its gradient enters here. {own}", short(run.run.trace.loss))
        } else {
            let own = narration::backward(name, spec, layer, unit, t - 1);
            format!("{} {own}", self.shares(t))
        };
        let here = |broken: &&Break| (broken.t, broken.backward) == (t, backward);
        if let Some(Break { words, .. }) = run.breaks(losses).filter(here) {
            text =
                format!("{words} here: from this operation on the {name}’s numbers are not finite. {text}");
        }
        // Who walks the heat maps by keys hears the number.
        let symbol = self.cursor.symbol.as_str();
        if symbol != "h" {
            let value = short(run.values(symbol)[[t - 1, unit]]);
            text = format!("{text} Its {} is {value}.", row_word(symbol));
        }
        Caption { lead, text }
    }

    /// `Left after 32 steps: RNN 1.14×10⁻⁸, LSTM 0.0611.`
    pub(super) fn shares(&self, t: usize) -> String {
        let steps = self.steps() - t;
        let lanes: Vec<String> = self
            .lanes
            .iter()
            .map(|lane| format!("{} {}", lane.name, lane.ratios(self.cursor.losses)[t - 1]))
            .collect();
        let word = if steps == 1 { "step" } else { "steps" };
        format!("Left after {steps} {word}: {}.", lanes.join(", "))
    }

    /// What a bar of a gradient strip is made of.
    pub(super) fn strip_note(&self, run: &LaneRun, t: usize) -> String {
        let layer = run.layer(self.cursor.losses);
        let norm = |rows: &ndarray::Array2<f64>| short(signal::norm(&rows.row(t - 1).to_vec()));
        let total = short(run.norms(self.cursor.losses).norm[t - 1]);
        let state = if layer.c.ncols() > 0 { "s = (h, C), each with the other held; " } else { "" };
        if self.cursor.losses == Losses::Last {
            return format!("{}: {state}norm {total}", run.name);
        }
        format!(
            "{}: {state}norm {total}; of ∂L/∂h, from this step’s loss {}, from the future {}",
            run.name,
            norm(&layer.dh_from_loss),
            norm(&layer.dh_from_future)
        )
    }

    /// The figure in a few sentences.
    #[must_use]
    pub fn describe(&self) -> String {
        match self.cursor.tab {
            Tab::Unrolled => {}
            Tab::Flow => return self.flow_describe(),
            Tab::Spectrum => return self.spectrum_describe(),
            Tab::Update => return self.update_describe(),
        }
        let boxes = if self.picture() == Picture::Boxes { "Boxes and arrows. " } else { "" };
        let lanes: Vec<String> = self
            .lanes
            .iter()
            .map(|lane| {
                let gauge = lane.gauge(self.cursor.losses);
                let share = if gauge.shown == "not finite" {
                    "its gradient is"
                } else {
                    "the gradient left at t = 1 is"
                };
                format!("{} ({}): {share} {}, {}", lane.name, lane.spec(), gauge.shown, gauge.verdict)
            })
            .collect();
        format!("{boxes}{} over {} steps. {}.", self.task.title, self.steps(), lanes.join(". "))
    }

    /// Inputs, targets, predictions and the gradient left at each step, as a table.
    #[must_use]
    pub fn table(&self) -> Table {
        match self.cursor.tab {
            Tab::Unrolled => {}
            Tab::Flow => return self.flow_table(),
            Tab::Spectrum => return self.spectrum_table(),
            Tab::Update => return self.update_table(),
        }
        if self.picture() == Picture::Boxes {
            return self.boxes_table();
        }
        if self.cursor.tab == Tab::Update {
            return self.update_table();
        }
        let mut head = vec!["t".to_owned(), "input".to_owned(), "target".to_owned()];
        for lane in &self.lanes {
            head.extend([format!("{}, output", lane.name), format!("{}, gradient left", lane.name)]);
        }
        let rows = (0..self.steps()).map(|t| {
            let target = (t + self.task.targets.len()).checked_sub(self.steps());
            let target = target.map_or_else(String::new, |index| token(&self.task.targets[index]));
            let mut row = vec![(t + 1).to_string(), token(&self.task.inputs[t]), target];
            for lane in &self.lanes {
                let output = self.output(lane, t).map_or_else(String::new, |output| output.shown);
                row.extend([output, lane.ratios(self.cursor.losses)[t].clone()]);
            }
            row
        });
        Table { head, rows: rows.collect() }
    }
}
