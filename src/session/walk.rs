//! From a number to those that made it, and from operation to operation.

use super::{Losses, Session, Site};
use crate::Error;
use crate::analysis::circuit::operations;
use crate::analysis::equations::Place;

use super::LaneRun;

/// Every equation whose terms unfold, and every matrix whose shares do.
const UNFOLDABLE: [&str; 46] = [
    "f",
    "i",
    "C_tilde",
    "o",
    "z",
    "r",
    "h_tilde",
    "a",
    "u",
    "dh_loss",
    "dh_prev",
    "dreset",
    "dx",
    "h",
    "C",
    "dC",
    "da",
    "dy",
    "du",
    "dh",
    "dC_prev",
    "dh_on",
    "dC_on",
    "dh_direct",
    "da_f",
    "da_i",
    "da_C",
    "da_o",
    "da_z",
    "da_r",
    "da_h",
    "ds",
    "ds_f",
    "ds_i",
    "ds_C",
    "ds_o",
    "ds_z",
    "ds_r",
    "ds_h",
    "W_f",
    "W_i",
    "W_C",
    "W_o",
    "W_z",
    "W_r",
    "W_h",
];

/// The equation of this name.
pub(super) fn unfoldable(name: &str) -> Result<&'static str, Error> {
    let found = UNFOLDABLE.into_iter().find(|known| *known == name);
    found.ok_or_else(|| {
        Error::at("terms", "the name of an equation, such as f or dh_prev", format!("\"{name}\""))
    })
}

impl Session {
    /// One unit of a layer and direction of a lane at step `t`, from 0, with the gradients that count.
    pub(super) fn place_of<'a>(&self, run: &'a LaneRun, site: Site, unit: usize, t: usize) -> Place<'a> {
        Place {
            experiment: &run.experiment,
            parameters: run.parameters(site),
            trace: &run.run.trace,
            layer: run.layer(self.cursor.losses, site),
            only_last: self.cursor.losses == Losses::Last,
            unit,
            t,
        }
    }

    /// How many operations the step at the cursor has.
    #[must_use]
    pub fn operations(&self) -> usize {
        operations(&self.lanes[self.cursor.lane].experiment.spec, self.t().1)
    }

    /// One operation on or back along the track; beyond the ends of a step lies the next one.
    pub fn operate(&mut self, on: bool) {
        let (done, most) = (self.cursor.operation, self.operations());
        let position = self.cursor.position;
        let next = match (done, on) {
            (None, true) => 1,
            (None, false) => most,
            (Some(done), true) if done < most => done + 1,
            (Some(done), false) if done > 1 => done - 1,
            (Some(_), true) if position < 2 * self.steps() => {
                self.seek(position + 1);
                1
            }
            (Some(_), false) if position > 1 => {
                self.seek(position - 1);
                self.operations()
            }
            (Some(done), _) => done,
        };
        self.cursor.operation = Some(next);
    }

    /// Unfolds the terms of an equation, or folds them when they are.
    ///
    /// # Errors
    /// When no equation has this name.
    pub fn unfold(&mut self, name: &str) -> Result<(), Error> {
        let name = unfoldable(name)?;
        self.cursor.unfolded = (self.cursor.unfolded != Some(name)).then_some(name);
        Ok(())
    }

    /// Goes where a term of an equation leads: `row.unit.t` in the present phase, after `b.` in the backward one;
    /// `=name` unfolds an equation here.
    ///
    /// # Errors
    /// When there is no such heat map, unit or step.
    pub fn walk(&mut self, to: &str) -> Result<(), Error> {
        if let Some(name) = to.strip_prefix('=') {
            self.cursor.unfolded = Some(unfoldable(name)?);
            return Ok(());
        }
        let wrong = || Error::at("walk", "symbol.unit.t, such as h.3.7", format!("\"{to}\""));
        let (backward, spot) = match to.strip_prefix("b.") {
            Some(spot) => (true, spot),
            None => (self.t().1, to),
        };
        let [t, unit, row] = spot.rsplitn(3, '.').collect::<Vec<_>>()[..] else { return Err(wrong()) };
        let run = &self.lanes[self.cursor.lane];
        let number = |text: &str, most: usize| {
            text.parse::<usize>().ok().filter(|number| (1..=most).contains(number)).ok_or_else(wrong)
        };
        let (unit, t) = (number(unit, run.experiment.spec.hidden)?, number(t, self.steps())?);
        let shown = run.row(row, self.site(run)).ok_or_else(wrong)?;
        let row = run.row_name(shown);
        // The playhead at that step of the row's direction.
        let t = self.step(shown.site, t);
        self.seek(if backward { 2 * self.steps() + 1 - t } else { t });
        self.select(self.cursor.lane, &row, unit - 1, true)
    }
}
