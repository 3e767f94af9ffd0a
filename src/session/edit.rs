//! Numbers changed by hand: weights and initial states of a lane, inputs of all.

use super::{Looked, Session, lane_at, lane_of};
use crate::Error;
use crate::experiment::edits::{self, Entry};
use crate::experiment::{Direction, Home};

impl Session {
    /// The matrices are those of the selected layer and direction, at a decoder's step of the layer beside it; their
    /// inputs are those of the cursor's step.
    pub(super) fn here(&self, entry: Entry) -> Entry {
        if entry.part() == "x" { entry.in_row(self.input_row()) } else { entry.at(self.home()) }
    }

    /// What the selected unit belongs to at the cursor's step.
    pub(super) fn home(&self) -> Home {
        let site = self.site(&self.lanes[self.cursor.lane]);
        Home { site, decodes: self.axis().decodes(self.t().0) }
    }

    /// The row of the selected unit there, from 0: a decoder's layer goes on with the units of both directions.
    pub(super) fn unit_at_home(&self) -> usize {
        let run = &self.lanes[self.cursor.lane];
        let second = self.home().decodes && self.site(run).direction == Direction::Backward;
        self.cursor.unit + if second { run.experiment.spec.hidden } else { 0 }
    }

    /// The step of the selected layer and direction, from 1.
    pub(super) fn step_here(&self) -> usize {
        self.step(self.site(&self.lanes[self.cursor.lane]), self.t().0)
    }

    /// The row of inputs that the selected layer and direction reads, from 0; where there is none, the last.
    pub(super) fn input_row(&self) -> usize {
        self.step_here().min(self.task.x.nrows()) - 1
    }

    /// Its present value, and what it was before it was changed by hand, if it was.
    pub(super) fn numbers(&self, lane: usize, entry: Entry) -> Option<(f64, Option<f64>)> {
        if entry.part() == "x" {
            let value = self.task.x.get([entry.row, entry.column])?;
            return Some((*value, self.task.replaced.get(&entry).copied()));
        }
        let run = self.lanes.get(lane)?;
        let value = entry.get(&run.experiment.weights, &run.experiment.spec)?;
        Some((value, run.replaced.get(&entry).copied()))
    }

    /// The entry that the matrices stand at.
    ///
    /// # Errors
    /// When they are closed.
    pub(super) fn looked(&self) -> Result<Looked, Error> {
        let looked = self.cursor.matrix.ok_or_else(|| Error::at("entry", "open matrices", "none"))?;
        Ok(Looked { entry: self.here(looked.entry), ..looked })
    }

    /// Changes the number that the matrices stand at.
    ///
    /// # Errors
    /// Names the entry, its range and what was found.
    pub fn set_entry(&mut self, text: &str) -> Result<(), Error> {
        let entry = self.looked()?.entry;
        let name = self.entry_name(entry)?;
        let value = edits::value(text, &name)?;
        self.change_entry(entry, value)
    }

    /// Changes the number that the matrices stand at by steps of a hundredth, from what it was when the hand began.
    ///
    /// # Errors
    /// When the matrices are closed.
    pub fn nudge_entry(&mut self, from: f64, steps: i32) -> Result<(), Error> {
        let entry = self.looked()?.entry;
        let to = (from * 100.0).round() / 100.0 + f64::from(steps) / 100.0;
        let rounded = ((to * 100.0).round() / 100.0).clamp(-edits::LARGEST, edits::LARGEST);
        self.change_entry(entry, rounded + 0.0)
    }

    fn change_entry(&mut self, entry: Entry, value: f64) -> Result<(), Error> {
        let lane = self.cursor.lane;
        let Some((now, before)) = self.numbers(lane, entry) else {
            return Err(Error::at("entry", "an entry of the selected lane", entry.text()));
        };
        let original = before.unwrap_or(now);
        self.change(|settings| {
            let Some(edits) = settings.edits_of(lane, &entry) else { return Ok(()) };
            // What is as it was is no change.
            if value.to_bits() == original.to_bits() {
                edits.remove(&entry);
            } else {
                edits.insert(entry, value);
            }
            edits::check_count(edits, "changes")
        })
    }

    /// The number that the matrices stand at is what it was before it was changed.
    ///
    /// # Errors
    /// When the matrices are closed.
    pub fn reset_entry(&mut self) -> Result<(), Error> {
        let (lane, entry) = (self.cursor.lane, self.looked()?.entry);
        self.change(|settings| {
            _ = settings.edits_of(lane, &entry).and_then(|edits| edits.remove(&entry));
            Ok(())
        })
    }

    /// No number of the selected lane is changed by hand any more, or with the inputs in sight none of the inputs.
    ///
    /// # Errors
    /// Never: what was drawn or opened can run.
    pub fn reset_entries(&mut self) -> Result<(), Error> {
        let lane = self.cursor.lane;
        let inputs = self.looked().is_ok_and(|looked| looked.entry.part() == "x");
        self.change(|settings| {
            if inputs {
                settings.inputs.clear();
            } else {
                lane_of(settings, lane)?.edits.clear();
            }
            Ok(())
        })
    }

    /// `W_f[3, 7]`, above the first layer `W_f[3, 7] of layer 2` or `of the decoder`, and of the inputs `x_8[3]`.
    pub(super) fn entry_name(&self, entry: Entry) -> Result<String, Error> {
        if entry.part() == "x" {
            return Ok(format!("x_{}[{}]", entry.row + 1, entry.column + 1));
        }
        let run = lane_at(&self.lanes, self.cursor.lane)?;
        Ok(entry.name(&run.experiment.spec))
    }
}
