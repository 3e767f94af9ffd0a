//! What each loss gives to the gradient of the recurrent weights, in numbers and words.
//!
//! It is computed after the flow, when the tab asks for it, a loss of one lane at a time.

use serde::Serialize;

use super::pick::Picked;
use super::{LaneRun, Session};
use crate::analysis::contribution::{Contributions, Part};
use crate::analysis::math::{self, Math};
use crate::analysis::number::short;
use crate::experiment::Cell;
use crate::model::cell::symbols;
use crate::view::Area;

/// Beside the shares of one lane.
#[derive(Clone, Debug, Serialize)]
pub struct GivenFacts {
    /// `∂L/∂W_hh`.
    symbol: Math,
    /// The share of the followed loss: `loss 34: 0.0312`.
    words: String,
    /// What all of them say.
    title: String,
}

/// The recurrent weights: for gated cells the columns of all gates that read h.
fn letter(run: &LaneRun) -> &'static str {
    if run.experiment.spec.cell == Cell::Rnn { "W_hh" } else { "U" }
}

impl Session {
    /// Goes one part of one lane on in computing what losses give to the weights; whether all of it is there.
    pub fn given_advance(&mut self) -> bool {
        let gradient = self.cursor.gradient;
        if self.task.targets.len() < 2 {
            return true;
        }
        let lacks =
            |run: &LaneRun| run.experiment.spec.cell.recurs() && run.contributions(gradient).is_none();
        let Some(run) = self.lanes.iter_mut().find(|run| lacks(run)) else { return true };
        run.advance_contributions(gradient);
        !self.lanes.iter().any(lacks)
    }

    pub(super) fn given_of<'a>(&self, run: &'a LaneRun) -> Option<&'a Contributions> {
        run.contributions(self.cursor.gradient)
    }

    fn part_of<'a>(&self, run: &'a LaneRun, loss: usize) -> Option<&'a Part> {
        self.given_of(run)?.of(loss)
    }

    pub(super) fn given_facts(&self, run: &LaneRun) -> Option<GivenFacts> {
        let given = self.given_of(run)?;
        let words = match self.part_of(run, self.followed())?.share {
            Some(share) => short(share),
            None => "none".to_owned(),
        };
        let words = format!("loss {}: {words}", self.axis().number(self.followed()));
        let symbol = math::gradient_by(&run.index(self.cursor.gradient).symbol(letter(run)));
        Some(GivenFacts { symbol, words, title: self.summary(run, given) })
    }

    /// All shares in a sentence.
    fn summary(&self, run: &LaneRun, given: &Contributions) -> String {
        let name = letter(run);
        if run.experiment.spec.limit.is_some() {
            return format!(
                "What travels back is clipped at every step: the losses’ parts do not add up to ∂L/∂{name}"
            );
        }
        let Some((loss, most)) = given
            .parts()
            .filter_map(|(loss, part)| Some((loss, part.share?)))
            .max_by(|(_, a), (_, b)| a.total_cmp(b))
        else {
            let what = if given.total == 0.0 { "exactly 0" } else { "not finite" };
            return format!("∂L/∂{name} is {what}: no loss has a share of it");
        };
        let against = given.parts().filter(|(_, part)| part.share.is_some_and(|share| share < 0.0)).count();
        let pulls = match against {
            0 => "none pulls against the sum".to_owned(),
            1 => "1 loss pulls against the sum".to_owned(),
            several => format!("{several} losses pull against the sum"),
        };
        let loss = self.axis().number(loss);
        format!(
            "Of ∂L/∂{name}, as long as {}, loss {loss} gives most, {}; {pulls}",
            short(given.total),
            short(most)
        )
    }

    /// The same for each lane, after its name.
    pub(super) fn given_describe(&self) -> String {
        let lanes = self
            .lanes
            .iter()
            .filter_map(|run| Some(format!(" {}: {}.", run.name, self.summary(run, self.given_of(run)?))));
        lanes.collect()
    }

    /// What share a loss has in each lane; empty where nobody can say.
    pub(super) fn given_caption(&self, loss: usize) -> String {
        let lanes = self
            .lanes
            .iter()
            .filter_map(|run| Some(format!("{} {}", run.name, short(self.part_of(run, loss)?.share?))));
        let lanes: Vec<String> = lanes.collect();
        if lanes.is_empty() {
            return String::new();
        }
        format!(" Its share of the recurrent weights’ gradient: {}.", lanes.join(", "))
    }

    /// Columns of the table: heads, and the numbers of step k.
    pub(super) fn given_columns(&self) -> (Vec<String>, impl Fn(usize) -> Vec<String>) {
        let runs: Vec<&LaneRun> = self.lanes.iter().filter(|run| self.given_of(run).is_some()).collect();
        let heads = runs.iter().flat_map(|run| {
            let (name, weights) = (&run.name, letter(run));
            [format!("{name}, share of loss k in ∂L/∂{weights}"), format!("{name}, norm of ∂L_k/∂{weights}")]
        });
        let heads = heads.collect();
        let numbers = move |k: usize| {
            let of = |run: &&LaneRun| {
                let part = self.part_of(run, k);
                let said = |value: Option<f64>| value.map_or_else(|| "none".to_owned(), short);
                [said(part.and_then(|part| part.share)), said(part.map(|part| part.norm))]
            };
            runs.iter().flat_map(of).collect()
        };
        (heads, numbers)
    }

    /// What a bar of the shares says.
    pub(super) fn given_pick(&self, lane: usize, loss: usize, area: Area) -> Option<Picked> {
        let run = self.lanes.get(lane)?;
        let (given, number) = (self.given_of(run)?, self.axis().number(loss));
        let name = letter(run);
        let label = math::gradient_by(&run.index(self.cursor.gradient).symbol(name));
        let picked = Picked::new(lane, "share", label, &format!("share of loss {number}"), loss, area);
        let Some(part) = given.of(loss) else {
            return Some(picked.text("none".into()).noted("no loss at this step".into()));
        };
        let gates: Vec<String> = symbols(run.experiment.spec.cell)
            .iter()
            .zip(&part.gates)
            .map(|(symbol, norm)| format!("{} {}", math::Index::default().text(symbol), short(*norm)))
            .collect();
        let gates = if gates.is_empty() { String::new() } else { format!("; {}", gates.join(", ")) };
        let note = format!(
            "‖∂L{number}/∂{name}‖ = {}, of all losses {}{gates}",
            short(part.norm),
            short(given.total)
        );
        let picked = picked.felt(Some(loss)).noted(note);
        Some(match part.share {
            Some(share) => picked.number(run, share),
            None => picked.text("no share".into()),
        })
    }
}
