//! From a number to those that made it, and from operation to operation.

use super::{Looked, Losses, Session, Shown, Site};
use crate::Error;
use crate::analysis::circuit::operations;
use crate::analysis::equations::Place;
use crate::experiment::Direction;
use crate::experiment::edits::Entry;
use crate::trace::Speaking;

use super::LaneRun;

/// Every equation whose terms unfold, and every matrix whose shares do.
const UNFOLDABLE: [&str; 50] = [
    "f",
    "i",
    "C_tilde",
    "o",
    "z",
    "r",
    "h_tilde",
    "a",
    "u",
    "s",
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
    "W_hy",
    "y",
    "dh_above",
];

/// The largest number of an output, input, row or column that can be named.
const FARTHEST: usize = 100_000;

/// Of these there is one per output, or per input.
const NUMBERED: [&str; 3] = ["y", "dy", "dx"];

/// An equation whose terms are unfolded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unfolded {
    /// Its name.
    pub name: &'static str,
    /// Of which output or input, from 0; `None` is the one that weighs most.
    pub number: Option<usize>,
}

impl Unfolded {
    /// Reads `f`, `dh_prev` or `dy.3`.
    ///
    /// # Errors
    /// When no equation has this name.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let wrong =
            || Error::at("terms", "the name of an equation, such as f or dh_prev", format!("\"{text}\""));
        let (name, count) = match text.split_once('.') {
            Some((name, count)) => (name, Some(number(count, FARTHEST).ok_or_else(wrong)? - 1)),
            None => (text, None),
        };
        let name = UNFOLDABLE.into_iter().find(|known| *known == name).ok_or_else(wrong)?;
        if count.is_some() && !NUMBERED.contains(&name) {
            return Err(wrong());
        }
        Ok(Self { name, number: count })
    }

    /// What [`Self::parse`] reads.
    #[must_use]
    pub fn text(self) -> String {
        let count = self.number.map_or_else(String::new, |number| format!(".{}", number + 1));
        format!("{}{count}", self.name)
    }
}

/// Whether the name of a heat map leaves its direction open.
fn row_is_plain(row: &str) -> bool {
    !row.ends_with('b')
}

impl Session {
    /// One unit of a layer and direction of a lane at step `t`, from 0, with the gradients that count.
    pub(super) fn place_of<'a>(&self, run: &'a LaneRun, site: Site, unit: usize, t: usize) -> Place<'a> {
        let (axis, only_last) = (run.axis(), self.cursor.losses == Losses::Last);
        let chosen = |of: &[&str]| {
            let unfolded = self.cursor.unfolded.filter(|unfolded| of.contains(&unfolded.name))?;
            unfolded.number
        };
        let plain = Place {
            experiment: &run.experiment,
            parameters: run.parameters(site),
            trace: &run.run.trace,
            layer: if only_last {
                &run.run.last()[run.sweep(site)]
            } else {
                &run.run.trace.layers[run.sweep(site)]
            },
            layers: if only_last { run.run.last() } else { &run.run.trace.layers },
            others: if only_last { run.run.others() } else { &[] },
            input: chosen(&["dx"]).or_else(|| {
                let looked = self.cursor.matrix.filter(|looked| looked.entry.part() == "x")?;
                Some(looked.entry.column)
            }),
            output: chosen(&["y", "dy"]),
            only_last,
            unit,
            t,
            axis,
            decodes: false,
        };
        let Some(Speaking { experiment, trace, last }) = &run.run.speaking else { return plain };
        if axis.border().is_none() {
            return Place { experiment, trace, ..plain };
        }
        let layer = run.nearest(site).layer - 1;
        match run.decoder_parameters(layer).filter(|_| axis.decodes(t + 1)) {
            Some(parameters) => Place {
                experiment,
                parameters,
                trace,
                layer: if only_last { &last[layer] } else { &trace.layers[layer] },
                layers: if only_last { last } else { &trace.layers },
                others: &[],
                unit: unit
                    + if run.nearest(site).direction == Direction::Backward {
                        run.experiment.spec.hidden
                    } else {
                        0
                    },
                t: t - axis.encoder,
                decodes: true,
                ..plain
            },
            None => plain,
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
        let unfolded = Unfolded::parse(name)?;
        let open = self.cursor.unfolded.is_some_and(|open| open.name == unfolded.name);
        self.cursor.unfolded = (!open).then_some(unfolded);
        Ok(())
    }

    /// Goes where a term of an equation leads: `row.unit.t` in the present phase, after `b.` in the backward one; with
    /// `=name` behind it that equation unfolds there, alone it unfolds here, `=dy.3` is that of output 3. `w.W_f.3.7` is an entry as files count it,
    /// of another layer `w.2b:W_f.3.7`, where the matrices open.
    ///
    /// # Errors
    /// When there is no such heat map, unit, step, equation or entry.
    pub fn walk(&mut self, to: &str) -> Result<(), Error> {
        let wrong = || Error::at("walk", "symbol.unit.t, such as h.3.7", format!("\"{to}\""));
        if let Some(place) = to.strip_prefix("w.") {
            return self.walk_to_entry(place).ok_or_else(wrong);
        }
        let (spot, name) = match to.split_once('=') {
            Some((spot, name)) => (spot, Some(Unfolded::parse(name)?)),
            None => (to, None),
        };
        if !spot.is_empty() || name.is_none() {
            self.walk_to_spot(spot).ok_or_else(wrong)?;
        }
        self.cursor.unfolded = name.or(self.cursor.unfolded);
        Ok(())
    }

    /// A unit of a heat map at a step.
    fn walk_to_spot(&mut self, spot: &str) -> Option<()> {
        let (backward, spot) = match spot.strip_prefix("b.") {
            Some(spot) => (true, spot),
            None => (self.t().1, spot),
        };
        let [t, unit, row] = spot.rsplitn(3, '.').collect::<Vec<_>>()[..] else { return None };
        let run = &self.lanes[self.cursor.lane];
        let hidden = run.experiment.spec.hidden;
        let sides = if self.axis().border().is_some() { run.experiment.spec.directions().len() } else { 1 };
        let (mut unit, mut t) = (number(unit, sides * hidden)?, number(t, self.steps())?);
        let mut shown = run.row(row, self.site(run))?;
        // A decoder's layer goes on with the units of both directions, and starts from what each computed last.
        let (axis, here) = (self.axis(), self.t().0);
        let starts = axis.decodes(here) && t == axis.encoder;
        if sides > 1 && (axis.decodes(t) || starts) && row_is_plain(row) {
            shown.site.direction = if unit > hidden { Direction::Backward } else { Direction::Forward };
            if starts && unit > hidden {
                t = 1;
            }
        }
        unit = (unit - 1) % hidden + 1;
        let row = run.row_name(shown);
        // The playhead at that step of the row's direction.
        let t = self.step(shown.site, t);
        self.seek(if backward { 2 * self.steps() + 1 - t } else { t });
        self.select(self.cursor.lane, &row, unit - 1, true).ok()
    }

    /// An entry of the matrices, whose gradient is shown on the way back.
    fn walk_to_entry(&mut self, place: &str) -> Option<()> {
        let run = &self.lanes[self.cursor.lane];
        let (site, key) = match place.split_once(':') {
            Some((site, key)) => (Some(Site::parse(site)?), key),
            None => (None, place),
        };
        let (block, row, column) = match key.split('.').collect::<Vec<_>>()[..] {
            ["x", column] => ("x", 1, number(column, FARTHEST)?),
            [block, row] => (block, number(row, FARTHEST)?, 1),
            [block, row, column] => (block, number(row, FARTHEST)?, number(column, FARTHEST)?),
            _ => return None,
        };
        let units = self.home().units(&run.experiment.spec);
        let entry = Entry::of_block(block, row - 1, column - 1, units).ok()?;
        if let Some(site) = site {
            let row = run.row_name(Shown { site: run.nearest(site), symbol: "h" });
            self.select(self.cursor.lane, &row, self.cursor.unit, true).ok()?;
        }
        let gradient = self.cursor.matrix.map_or(self.t().1, |looked| looked.gradient);
        self.cursor.matrix = Some(Looked { entry, gradient });
        self.clamp();
        Some(())
    }
}

/// A number from 1.
fn number(text: &str, most: usize) -> Option<usize> {
    text.parse().ok().filter(|number| (1..=most).contains(number))
}
