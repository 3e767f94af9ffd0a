//! What the page says in sentences.

use super::messages::{Caption, Table};
use super::{LaneRun, Losses, Session};
use crate::analysis::number::{full, short};
use crate::analysis::{narration, signal};
use crate::experiment::task::Token;

/// An input or target as text.
pub(super) fn token(token: &Token) -> String {
    match token {
        Token::Word(word) => word.clone(),
        // Data are shown as they are while they are short: 20 and not 20.0.
        Token::Value(value) => {
            Some(full(*value)).filter(|full| full.len() <= 5).unwrap_or_else(|| short(*value))
        }
    }
}

impl Session {
    /// The moment in words.
    #[must_use]
    pub fn caption(&self) -> Caption {
        let (t, backward) = self.t();
        let run = &self.lanes[self.cursor.lane];
        let layer = &run.run.trace.layers[0];
        let (spec, unit) = (&run.experiment.spec, self.cursor.unit);
        let phase = if backward { "Backward" } else { "Forward" };
        let lead = format!("{phase}, t = {t}, “{}”.", token(&self.task.inputs[t - 1]));
        let text = if backward {
            let own = narration::backward(spec, layer, unit, t - 1);
            if t == self.steps() {
                format!("The loss is {} here; its gradient enters. {own}", short(run.run.trace.loss))
            } else {
                format!("{} {own}", self.shares(t))
            }
        } else {
            narration::forward(spec, layer, unit, t - 1)
        };
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
        let layer = &run.run.trace.layers[0];
        let norm = |rows: &ndarray::Array2<f64>| short(signal::norm(&rows.row(t - 1).to_vec()));
        let total = short(run.norms(self.cursor.losses).norm[t - 1]);
        if self.cursor.losses == Losses::Last {
            return format!("norm {total}");
        }
        format!(
            "norm {total}; of ∂L/∂h, from this step’s loss {}, from the future {}",
            norm(&layer.dh_from_loss),
            norm(&layer.dh_from_future)
        )
    }

    /// The figure in a few sentences.
    #[must_use]
    pub fn describe(&self) -> String {
        let lanes: Vec<String> = self
            .lanes
            .iter()
            .map(|lane| {
                let gauge = lane.gauge(self.cursor.losses);
                format!(
                    "{} ({}): {} of the gradient is left at t = 1, {}",
                    lane.name,
                    lane.spec(),
                    gauge.shown,
                    gauge.verdict
                )
            })
            .collect();
        format!("{} over {} steps. {}.", self.task.title, self.steps(), lanes.join(". "))
    }

    /// The gradient left at each step, as a table.
    #[must_use]
    pub fn table(&self) -> Table {
        let mut head = vec!["t".to_owned(), "input".to_owned()];
        head.extend(self.lanes.iter().map(|lane| format!("{}, gradient left", lane.name)));
        let rows = (0..self.steps()).map(|t| {
            let mut row = vec![(t + 1).to_string(), token(&self.task.inputs[t])];
            row.extend(self.lanes.iter().map(|lane| lane.ratios(self.cursor.losses)[t].clone()));
            row
        });
        Table { head, rows: rows.collect() }
    }
}
