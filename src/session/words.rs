//! What the page says in sentences.

use super::messages::{Caption, Table, word as row_word};
use super::{Cursor, LaneRun, Losses, Picture, Session, Tab};
use crate::analysis::breakage::Break;
use crate::analysis::number::{full, short};
use crate::analysis::operation::tell;
use crate::analysis::{narration, signal};
use crate::experiment::task::{Again, NOTHING, Token};
use crate::experiment::{Cell, Direction};

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
    /// What a lane reads at step `t`, from 1, and who says so where it is no input.
    #[must_use]
    pub fn reads(&self, run: &LaneRun, t: usize) -> (String, &'static str) {
        let Some(input) = t.checked_sub(1).and_then(|t| self.task.inputs.get(t)) else {
            return Default::default();
        };
        if t <= self.task.x.nrows() {
            return (token(input), "");
        }
        let zeros = || (NOTHING.to_owned(), "zeros");
        if self.axis().border() == Some(t) {
            return zeros();
        }
        let before = (t + self.task.targets.len()).checked_sub(self.steps() + 2);
        match (Again::of(&run.experiment), before.and_then(|before| self.task.targets.get(before))) {
            (Again::Targets, Some(told)) => (token(told), "the target before"),
            (Again::Outputs, Some(_)) => {
                let said = t.checked_sub(2).and_then(|before| self.output(run, before));
                said.map_or_else(zeros, |said| (said.shown, "its own output, fed back"))
            }
            _ => zeros(),
        }
    }

    /// The moment in words.
    #[must_use]
    pub fn caption(&self) -> Caption {
        match self.cursor.tab {
            Tab::Unrolled => {}
            Tab::Flow => return self.flow_caption(),
            Tab::Spectrum => return self.spectrum_caption(),
            Tab::Update => return self.update_caption(),
        }
        let (t, backward) = self.t();
        let Cursor { lane, unit, losses, .. } = self.cursor;
        let run = &self.lanes[lane];
        let (spec, site) = (&run.experiment.spec, self.site(run));
        let (layer, place) = (run.layer(losses, site), run.place(site));
        let name = &if place.is_empty() { run.name.clone() } else { format!("{}, {place},", run.name) };
        let step = self.step(site, t) - 1;
        let phase = if backward { "Backward" } else { "Forward" };
        let (word, told) = self.reads(run, t);
        let read = if told.is_empty() { format!("“{word}”") } else { format!("“{word}” ({told})") };
        let (at, place) = (self.axis().name(t), self.place_of(run, site, unit, step));
        if let Some((k, told)) = self.cursor.operation.and_then(|k| Some((k, tell(&place, backward, k)?))) {
            let lead = format!("{phase}, {at}, {read}, {k} of {}: {}.", self.operations(), told.title);
            return Caption { lead, text: told.text };
        }
        let lead = format!("{phase}, {at}, {read}.");
        let told_back = || {
            if place.cuts() {
                let number = unit + 1;
                return format!(
                    "A window begins here: {name} unit {number} hands nothing on to the step before."
                );
            }
            narration::backward(name, spec, layer, unit, step)
        };
        let mut text = if !backward {
            narration::forward(name, spec, layer, unit, step)
        } else if t == self.steps() {
            let own = told_back();
            format!(
                "The {}’s loss is {}; its gradient enters here. {own}",
                run.name,
                short(run.run.trace.loss)
            )
        } else {
            let own = told_back();
            format!("{} {own}", self.shares(t))
        };
        let here = |broken: &&Break| (broken.seen, broken.backward) == (t, backward);
        if let Some(Break { words, .. }) = run.breaks(losses, self.cursor.gradient).filter(here) {
            // Clipping is of gradients: what breaks before there are any it cannot mend.
            let mend = match (backward, self.retries(lane)) {
                (true, true) => " Clipping the gradient at every step mends it.",
                (true, false) => " Clipping comes too late: this operation’s own result is out of range.",
                (false, _) => {
                    " Clipping acts on gradients and cannot mend the forward pass; tanh or a smaller ρ can."
                }
            };
            text = format!(
                "{words} here: from this operation on the {name}’s numbers are not finite.{mend} {text}"
            );
        }
        // Who walks the heat maps by keys hears the number.
        let symbol = self.cursor.symbol.as_str();
        if symbol != "h" {
            let shown = run.row(symbol, site).map(|row| short(run.values(row)[[step, unit]]));
            text = format!("{text} Its {} is {}.", row_word(symbol), shown.unwrap_or_default());
        }
        if spec.bidirectional && !self.axis().decodes(t) {
            let other = self.axis().seen(Direction::Backward, t);
            text = format!("{text} The direction from right to left is at t = {other}.");
        }
        Caption { lead, text }
    }

    /// `Gradient left after 32 steps: RNN 1.14×10⁻⁸, LSTM 0.0611.`
    pub(super) fn shares(&self, t: usize) -> String {
        let (steps, gradient, losses) = (self.steps() - t, self.cursor.gradient, self.cursor.losses);
        // Of nothing there is no share.
        let nothing = |lane: &LaneRun| {
            let begin = self.axis().way(lane.nearest(gradient).direction).next().unwrap_or(1);
            lane.norms(losses, gradient).norm.get(begin - 1) == Some(&0.0)
        };
        if self.lanes.iter().all(nothing) {
            return "No gradient enters: it is exactly 0.".to_owned();
        }
        let lanes: Vec<String> = self
            .lanes
            .iter()
            .map(|lane| {
                let left = &lane.ratios(losses, gradient)[self.step(lane.nearest(gradient), t) - 1];
                format!("{} {}", lane.name, if nothing(lane) { "none" } else { left })
            })
            .collect();
        let word = if steps == 1 { "step" } else { "steps" };
        let twice = |lane: &LaneRun| lane.experiment.spec.enters_twice(lane.nearest(gradient).layer);
        match self.cursor.losses {
            Losses::Last if self.lanes.iter().any(twice) => {
                let begin = self.relative();
                format!(
                    "The gradient enters this layer at both ends. Here, against {begin}: {}.",
                    lanes.join(", ")
                )
            }
            Losses::Last => format!("Gradient left after {steps} {word}: {}.", lanes.join(", ")),
            Losses::Every => {
                let begin = self.relative();
                format!("Sum of all losses’ gradients here, against {begin}: {}.", lanes.join(", "))
            }
        }
    }

    /// What a bar of a gradient strip is made of.
    pub(super) fn strip_note(&self, run: &LaneRun, t: usize) -> String {
        let site = run.nearest(self.cursor.gradient);
        let layer = run.layer(self.cursor.losses, site);
        let norm = |rows: &ndarray::Array2<f64>| short(signal::norm(&rows.row(t - 1).to_vec()));
        let total = short(run.norms(self.cursor.losses, site).norm[t - 1]);
        let state = match run.experiment.spec.cell {
            Cell::Rnn | Cell::Gru => "",
            Cell::Lstm => "s = (h, C), each with the other held; ",
            Cell::Ann => {
                return format!(
                    "{}: norm {total}, the same at every step before its loss: each is read anew",
                    run.name
                );
            }
        };
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
                let site = lane.nearest(self.cursor.gradient);
                let gauge = lane.gauge(self.cursor.losses, site);
                let share = if gauge.shown == "not finite" {
                    "its gradient is".into()
                } else {
                    format!("the gradient left at {} is", self.axis().end(site.direction))
                };
                let place = lane.place(site);
                let of = if place.is_empty() { String::new() } else { format!("{place}: ") };
                format!("{} ({}): {of}{share} {}, {}", lane.name, lane.spec(), gauge.shown, gauge.verdict)
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
        let mut head = vec!["t".to_owned(), "input".to_owned(), "target".to_owned()];
        let gradient = self.cursor.gradient;
        for lane in &self.lanes {
            let place = lane.place(lane.nearest(gradient));
            let of = if place.is_empty() { String::new() } else { format!(", {place}") };
            head.extend([format!("{}, output", lane.name), format!("{}{of}, gradient left", lane.name)]);
        }
        let rows = (0..self.steps()).map(|t| {
            let target = (t + self.task.targets.len()).checked_sub(self.steps());
            let target = target.map_or_else(String::new, |index| token(&self.task.targets[index]));
            let mut row = vec![self.axis().number(t + 1), token(&self.task.inputs[t]), target];
            for lane in &self.lanes {
                let output = self.output(lane, t).map_or_else(String::new, |output| output.shown);
                row.extend([output, lane.ratios(self.cursor.losses, gradient)[t].clone()]);
            }
            row
        });
        Table { head, rows: rows.collect() }
    }
}
