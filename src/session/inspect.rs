//! One unit at one step: its value, and the equations with their numbers.

use serde::Serialize;

use super::messages::word;
use super::words::token;
use super::{Session, Shown};
use crate::analysis::equations::{Equation, Place};
use crate::analysis::math::Math;
use crate::analysis::number::short;

/// One number, where it came from and where its gradient goes.
#[derive(Clone, Debug, Serialize)]
pub struct Inspection {
    lane: usize,
    title: String,
    #[serde(rename = "where")]
    place: String,
    symbol: Math,
    value: String,
    full: String,
    word: &'static str,
    forward: Vec<Line>,
    backward: Vec<Line>,
}

#[derive(Clone, Debug, Serialize)]
struct Line {
    symbol: &'static str,
    symbolic: Math,
    numeric: Math,
    spoken: String,
}

impl From<Equation> for Line {
    fn from(equation: Equation) -> Self {
        Self {
            symbol: equation.name,
            symbolic: equation.symbolic(),
            numeric: equation.numeric(),
            spoken: equation.spoken(),
        }
    }
}

impl Session {
    /// The selected unit at the cursor.
    #[must_use]
    pub fn inspect(&self) -> Option<Inspection> {
        let cursor = &self.cursor;
        let site = self.site(&self.lanes[cursor.lane]);
        self.inspect_at(cursor.lane, &cursor.symbol, cursor.unit, self.step(site, self.t().0))
    }

    /// A unit (from 0) of the heat map called `row` at step `t` (from 1), with the equations of the present phase; `None` where there
    /// is no such thing.
    #[must_use]
    pub fn inspect_at(&self, lane: usize, row: &str, unit: usize, t: usize) -> Option<Inspection> {
        let run = self.lanes.get(lane)?;
        let shown = run.row(row, self.site(run))?;
        let Shown { site, symbol } = shown;
        let value = *run.values(shown).get([t.checked_sub(1)?, unit])?;
        let place = Place {
            experiment: &run.experiment,
            trace: &run.run.trace,
            weights: &run.experiment.weights.layers[run.sweep(site)],
            layer: run.layer(self.cursor.losses, site),
            unit,
            t: t - 1,
        };
        let name = [run.place(site), format!("unit {}", unit + 1)];
        let name = name.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
        let (_, backward) = self.t();
        let lines = |equations: Vec<Equation>| equations.into_iter().map(Line::from).collect();
        Some(Inspection {
            lane,
            title: run.name.clone(),
            place: format!("{name}, t = {t}, “{}”", token(&self.task.inputs[t - 1])),
            symbol: run.index(site).at(symbol),
            value: short(value),
            full: run.full(value),
            word: word(symbol),
            forward: lines(place.forward()),
            backward: if backward { lines(place.backward()) } else { Vec::new() },
        })
    }
}
