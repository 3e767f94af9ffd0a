//! Undo and redo: the settings as they were and as they were again. The cursor stays where it is.

use std::collections::BTreeSet;

use super::Session;
use crate::Error;
use crate::analysis::number::full;
use crate::experiment::edits::Edits;
use crate::experiment::settings::{Key, Kind, Lane, Settings};
use crate::experiment::{Choice as _, Spec};

/// Most steps back.
const MOST: usize = 200;

/// The settings before and after.
#[derive(Default)]
pub struct History {
    settled: Option<Settings>,
    past: Vec<Settings>,
    future: Vec<Settings>,
}

impl Session {
    /// The hand rests: what has changed since it rested last is one step. With `merge` it belongs to the step
    /// before. Whether anything has.
    pub fn settle(&mut self, merge: bool) -> bool {
        let history = &mut self.history;
        let Some(settled) = &mut history.settled else {
            history.settled = Some(self.settings.clone());
            return false;
        };
        if *settled == self.settings {
            return false;
        }
        let before = std::mem::replace(settled, self.settings.clone());
        history.future.clear();
        if !merge {
            history.past.push(before);
            if history.past.len() > MOST {
                history.past.remove(0);
            }
        }
        true
    }

    /// One step back: what became of it, in words; `None` where there was none.
    ///
    /// # Errors
    /// Never: what ran once runs again.
    pub fn undo(&mut self) -> Result<Option<String>, Error> {
        self.settle(false);
        let Some(before) = self.history.past.pop() else { return Ok(None) };
        let words = self.difference(&before, &self.settings, true);
        self.history.future.push(self.settings.clone());
        self.restore(before)?;
        Ok(Some(words))
    }

    /// One step on again: what became of it, in words; `None` where there was none.
    ///
    /// # Errors
    /// Never: what ran once runs again.
    pub fn redo(&mut self) -> Result<Option<String>, Error> {
        self.settle(false);
        let Some(after) = self.history.future.pop() else { return Ok(None) };
        let words = self.difference(&self.settings, &after, false);
        self.history.past.push(self.settings.clone());
        self.restore(after)?;
        Ok(Some(words))
    }

    fn restore(&mut self, settings: Settings) -> Result<(), Error> {
        self.apply(settings)?;
        self.history.settled = Some(self.settings.clone());
        Ok(())
    }

    /// What undo and redo would change, in words; `None` where there is nothing.
    #[must_use]
    pub fn steps_back(&self) -> [Option<String>; 2] {
        let History { past, future, .. } = &self.history;
        [
            past.last().map(|before| self.difference(before, &self.settings, false)),
            future.last().map(|after| self.difference(&self.settings, after, false)),
        ]
    }

    /// What was changed, in a few words; `undone` once it is as before.
    fn difference(&self, before: &Settings, after: &Settings, undone: bool) -> String {
        let (old, new) = (&before.lanes, &after.lanes);
        if new.len() != old.len() {
            return if new.len() > old.len() { "lane added".into() } else { "lane removed".into() };
        }
        for key in Key::ALL {
            let (old, new) = (before.shared(key), after.shared(key));
            if old != new {
                let setting = key.setting();
                let mine =
                    |lanes: &[Lane]| lanes.iter().map(|lane| lane.own.get(&key).cloned()).collect::<Vec<_>>();
                return match setting.kind {
                    Kind::Text { .. } => setting.label.into(),
                    // Lanes that had values of their own share one now.
                    _ if mine(&before.lanes) != mine(&after.lanes) => setting.label.into(),
                    _ if undone => format!("{} is {} again", setting.label, setting.shown(old)),
                    _ => format!("{}: {} → {}", setting.label, setting.shown(old), setting.shown(new)),
                };
            }
        }
        if before.inputs != after.inputs {
            return changed(&before.inputs, &after.inputs, &self.lanes[0].experiment.spec);
        }
        let mut lanes = old.iter().zip(new).zip(&self.lanes);
        let difference = lanes.find_map(|((old, new), run)| lane(old, new, &run.experiment.spec));
        difference.unwrap_or_else(|| "opened file".into())
    }
}

fn lane(before: &Lane, after: &Lane, spec: &Spec) -> Option<String> {
    let of = |what: &str| Some(format!("{what}, {}", after.cell.word().to_ascii_uppercase()));
    if before.cell != after.cell || before.model != after.model {
        return Some("lanes".into());
    }
    if before.edits != after.edits {
        return of(&changed(&before.edits, &after.edits, spec));
    }
    let differs = |key: &&Key| before.own.get(key) != after.own.get(key);
    if let Some(key) = before.own.keys().chain(after.own.keys()).find(differs) {
        return of(key.setting().label);
    }
    if before.shown == after.shown { None } else { of("rows shown") }
}

fn changed(before: &Edits, after: &Edits, spec: &Spec) -> String {
    let entries: BTreeSet<_> =
        before.keys().chain(after.keys()).filter(|entry| before.get(entry) != after.get(entry)).collect();
    match entries.first() {
        Some(entry) if entries.len() == 1 => {
            let value = after.get(entry).map_or_else(|| "as before".into(), |&value| full(value));
            format!("{} {value}", entry.name(spec))
        }
        _ => format!("{} changed numbers", entries.len()),
    }
}
