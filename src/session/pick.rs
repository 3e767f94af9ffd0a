//! What is under a point of the figure.

use serde::Serialize;
use serde_json::json;

use super::words::token;
use super::{LaneRun, Session, Shown, Site};
use crate::analysis::math::{self, Math};
use crate::analysis::number::short;
use crate::experiment::Steps;
use crate::view::{Area, Hit, hit};

/// What is under a point.
#[derive(Clone, Debug, Serialize)]
pub struct Picked {
    lane: usize,
    /// The name of a heat map, or of what else it is.
    symbol: String,
    label: Math,
    word: String,
    unit: Option<usize>,
    t: usize,
    /// Where the playhead stands when this step is computed.
    head: usize,
    /// `t = 12`, in the flow figure `k = 12`.
    at: String,
    /// In the flow figure, the step of the loss.
    loss: Option<usize>,
    shown: String,
    full: String,
    note: String,
    /// Whether a hand can drag it.
    held: bool,
    #[serde(rename = "box")]
    area: Area,
}

impl Picked {
    pub(super) fn new(lane: usize, symbol: &str, label: Math, word: &str, t: usize, area: Area) -> Self {
        let empty = String::new;
        let (symbol, word) = (symbol.into(), word.into());
        let (unit, loss, at) = (None, None, format!("t = {t}"));
        let [shown, full, note] = [empty(), empty(), empty()];
        Self { lane, symbol, label, word, unit, t, head: t, at, loss, shown, full, note, held: false, area }
    }

    /// The place is a step k that feels losses, or one of them.
    pub(super) fn felt(self, loss: Option<usize>) -> Self {
        Self { at: format!("k = {}", self.t), loss, ..self }
    }

    /// The step is one of that layer and direction.
    fn reached(self, session: &Session, site: Site) -> Self {
        Self { head: session.step(site, self.t), ..self }
    }

    /// Its step by its name on the axis.
    pub(super) fn named(self, axis: Steps) -> Self {
        let at = match self.at.split_once(" = ") {
            Some(("t", _)) => axis.name(self.t),
            Some((letter, _)) => format!("{letter} = {}", axis.number(self.t)),
            None => self.at,
        };
        Self { at, ..self }
    }

    pub(super) fn held(self, held: bool) -> Self {
        Self { held, ..self }
    }

    pub(super) fn unit(self, unit: usize) -> Self {
        Self { unit: Some(unit), ..self }
    }

    /// The place belongs to no step.
    pub(super) fn timeless(self) -> Self {
        Self { t: 0, at: String::new(), ..self }
    }

    pub(super) fn noted(self, note: String) -> Self {
        Self { note, ..self }
    }

    pub(super) fn text(self, text: String) -> Self {
        Self { shown: text.clone(), full: text, ..self }
    }

    pub(super) fn number(self, run: &LaneRun, value: f64) -> Self {
        Self { shown: short(value), full: run.full(value), ..self }
    }
}

impl Session {
    /// What is under a point of the figure as arranged last.
    #[must_use]
    pub fn pick(&self, x: f64, y: f64) -> Option<Picked> {
        let (_, layout) = self.place()?;
        self.pick_hit(hit(layout, x, y)).map(|picked| picked.named(self.axis()))
    }

    /// What a place of the figure holds.
    pub(super) fn pick_hit(&self, hit: Hit) -> Option<Picked> {
        let here = self.cursor.lane;
        Some(match hit {
            Hit::Cell { lane, row, unit, t, area } => {
                let run = &self.lanes[lane];
                let shown = *run.rows(&self.settings.lanes[lane]).get(row)?;
                let Shown { site, symbol } = shown;
                let (label, word) = (run.index(site).symbol(symbol), run.called(shown, run.index(site)));
                let picked =
                    Picked::new(lane, &run.row_name(shown), label, &word, t, area).reached(self, site);
                Picked { unit: Some(unit), ..picked.number(run, run.values(shown)[[t - 1, unit]]) }
            }
            Hit::Strip { lane, t, area } => {
                let run = &self.lanes[lane];
                let site = run.nearest(self.cursor.gradient);
                let state = if run.experiment.spec.cell.carried().is_some() { "s" } else { "h" };
                let label = math::gradient_by(&run.index(site).at(state));
                let word = format!("gradient left of {}", run.axis().begin(site.direction));
                let picked = Picked::new(lane, "strip", label, &word, t, area).reached(self, site);
                let ratio = run.norms(self.cursor.losses, site).ratio[t - 1];
                Picked { note: self.strip_note(run, t), ..picked.number(run, ratio) }
            }
            Hit::Output { lane, t, area } => {
                let output = self.output(&self.lanes[lane], t - 1)?;
                let picked = Picked::new(lane, "y", math::at("y", 0), "output", t, area);
                Picked { shown: output.shown, full: output.full, ..picked }
            }
            Hit::Input { t, area } => {
                let changed = self.task.replaced.keys().any(|entry| entry.row + 1 == t);
                let (words, told) = self.reads(&self.lanes[here], t);
                Picked::new(here, "x", math::at("x", 0), "input", t, area).text(words).noted(if changed {
                    "changed by hand".into()
                } else {
                    told.into()
                })
            }
            Hit::Target { t, area } => {
                let index = (t + self.task.targets.len()).checked_sub(self.steps() + 1)?;
                let label = json!(["mtext", "target"]);
                Picked::new(here, "target", label, "target", t, area).text(token(&self.task.targets[index]))
            }
            Hit::Chart { t, area } => {
                let picked = Picked::new(here, "chart", json!(["mi", "t"]), "gradient left", t, area);
                Picked { note: self.shares(t), ..picked }
            }
            Hit::Nothing => return None,
        })
    }
}
