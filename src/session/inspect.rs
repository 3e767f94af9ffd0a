//! One unit at one step: its value, the drawing of its cell, and the equations with their numbers.

use serde::Serialize;

use super::cell::CellFacts;
use super::messages::word;
use super::{LaneRun, Session, Shown};
use crate::analysis::circuit::operations;
use crate::analysis::dot::Dot;
use crate::analysis::equations::{Equation, Place, Share};
use crate::analysis::math::{self, Expression, Math};
use crate::analysis::notation::{latex_of, plain};
use crate::analysis::number::short;
use crate::analysis::operation::{Telling, tell};

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
    /// Where the weights come from.
    weights: String,
    cell: CellFacts,
    operation: Option<OperationFacts>,
    /// How many operations the step has.
    operations: usize,
    forward: Vec<Line>,
    backward: Vec<Line>,
    shares: Vec<ShareLine>,
    /// Which losses gradients are of; empty where there is one.
    counted: &'static str,
}

/// The operation at the cursor.
#[derive(Clone, Debug, Serialize)]
struct OperationFacts {
    title: String,
    node: &'static str,
}

#[derive(Clone, Debug, Serialize)]
struct Line {
    symbol: &'static str,
    wire: &'static str,
    symbolic: Math,
    numeric: Math,
    spoken: String,
    /// Its terms, when they are unfolded.
    terms: Option<Vec<TermLine>>,
    /// Whether the operation at the cursor is a part of it.
    now: bool,
}

/// One product of a sum, or one quantity of an equation: then without a weight.
#[derive(Clone, Debug, Serialize)]
struct TermLine {
    weight: Math,
    /// Weight and source in words.
    words: [String; 2],
    /// What lights with the weight.
    key: String,
    value: String,
    source: Math,
    of: String,
    product: String,
    /// Its size beside the largest, −1 to 1.
    share: f64,
    /// Where the weight stands in the matrices, and where the source came from.
    entry: String,
    go: String,
}

/// What this step adds to the gradient of a weight.
#[derive(Clone, Debug, Serialize)]
struct ShareLine {
    /// The matrix whose row unfolds here; empty but for the first of a gate.
    group: &'static str,
    unfolded: bool,
    symbol: Math,
    words: String,
    now: Math,
    value: String,
    so_far: String,
    in_all: String,
}

impl Line {
    fn new(place: &Place, equation: &Equation, unfolded: Option<&str>, told: Option<&Telling>) -> Self {
        let open = unfolded == Some(equation.name);
        Self {
            symbol: equation.name,
            wire: equation.wire,
            symbolic: equation.symbolic(),
            numeric: equation.numeric(),
            spoken: equation.spoken(),
            terms: open.then(|| terms(&equation.right, &place.over_units(equation.name))),
            now: told.is_some_and(|told| told.equation == equation.name),
        }
    }
}

/// The products of all sums, then what else stands in the equation, each once, and what statistics are made of.
fn terms(right: &Expression, over_units: &[Expression]) -> Vec<TermLine> {
    let mut lines = products(&right.dots());
    for leaf in right.leaves().into_iter().chain(over_units) {
        let Expression::Leaf { spoken, value, link, .. } = leaf else { continue };
        let line = TermLine {
            weight: Math::String(String::new()),
            words: ["quantity".into(), spoken.clone()],
            key: link.wire.clone(),
            value: String::new(),
            source: leaf.symbols(),
            of: short(*value),
            product: String::new(),
            share: 0.0,
            entry: String::new(),
            go: link.go.clone(),
        };
        if !lines.iter().any(|known| known.words == line.words) {
            lines.push(line);
        }
    }
    lines
}

fn products(dots: &[&Dot]) -> Vec<TermLine> {
    let all = || dots.iter().flat_map(|dot| dot.terms.iter().map(move |term| (dot.when, term)));
    let most = all().map(|(_, term)| term.product().abs()).fold(0.0, f64::max);
    all()
        .map(|(when, term)| {
            let link = term.link(when);
            let share = if most > 0.0 && most.is_finite() { term.product() / most } else { 0.0 };
            TermLine {
                weight: term.weight_symbol(),
                words: [plain(&term.weight_symbol()), term.source_words()],
                key: term.weight_link().wire,
                value: short(term.weight),
                source: link.around(term.source_symbol()),
                of: short(term.value),
                product: short(term.product()),
                share: (share * 100.0).round() / 100.0,
                entry: term.weight_link().go,
                go: link.go,
            }
        })
        .collect()
}

impl ShareLine {
    fn new(share: &Share, group: &'static str, unfolded: bool) -> Self {
        Self {
            group,
            unfolded,
            symbol: math::gradient_by(&share.symbol),
            words: plain(&math::gradient_by(&share.symbol)),
            // A bias gets the gradient itself: there is no product to show.
            now: if matches!(share.now, Expression::Product(_)) {
                share.now.numbers()
            } else {
                Math::String(String::new())
            },
            value: short(share.now.value()),
            so_far: short(share.so_far),
            in_all: short(share.in_all),
        }
    }
}

/// The shares of all gates; the gate whose row is unfolded has all of its own.
fn share_lines(place: &Place, unfolded: Option<&str>) -> Vec<ShareLine> {
    let mut lines = Vec::new();
    let mut put = |group: &'static str, open: bool, shares: Vec<Share>| {
        let first = |index| if index == 0 { group } else { "" };
        lines.extend(
            shares.iter().enumerate().map(|(index, share)| ShareLine::new(share, first(index), open)),
        );
    };
    for gate in place.gates() {
        let group = place.row_name(gate);
        let open = unfolded == Some(group);
        put(group, open, place.shares(gate, open));
    }
    let open = unfolded == Some("W_hy");
    put("W_hy", open, place.output_shares(open));
    lines
}

impl Session {
    /// The selected unit at the cursor.
    #[must_use]
    pub fn inspect(&self) -> Option<Inspection> {
        let cursor = &self.cursor;
        let site = self.site(&self.lanes[cursor.lane]);
        let t = self.step(site, self.t().0);
        self.inspected(cursor.lane, &cursor.symbol, cursor.unit, t, cursor.operation)
    }

    /// A unit (from 0) of the heat map called `row` at step `t` (from 1), with the equations of the present phase; `None` where there
    /// is no such thing.
    #[must_use]
    pub fn inspect_at(&self, lane: usize, row: &str, unit: usize, t: usize) -> Option<Inspection> {
        self.inspected(lane, row, unit, t, None)
    }

    fn inspected(
        &self,
        lane: usize,
        row: &str,
        unit: usize,
        t: usize,
        operation: Option<usize>,
    ) -> Option<Inspection> {
        let run = self.lanes.get(lane)?;
        let shown = run.row(row, self.site(run))?;
        let Shown { site, symbol } = shown;
        let value = *run.values(shown).get([t.checked_sub(1)?, unit])?;
        let place = self.place_of(run, site, unit, t - 1);
        let name = [run.place(site), format!("unit {}", unit + 1)];
        let name = name.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
        let (_, backward) = self.t();
        let told = operation.and_then(|k| tell(&place, backward, k));
        let unfolded = self.cursor.unfolded.map(|unfolded| unfolded.name);
        let lines = |equations: Vec<Equation>| {
            equations.iter().map(|equation| Line::new(&place, equation, unfolded, told.as_ref())).collect()
        };
        Some(Inspection {
            lane,
            title: run.name.clone(),
            place: format!("{name}, {}, “{}”", self.axis().name(t), self.reads(run, t).0),
            symbol: run.index(site).at(symbol),
            value: short(value),
            full: run.full(value),
            word: word(symbol),
            weights: weights(run),
            cell: self.cell_facts(run, site, &place, operation, told.as_ref()),
            operations: operations(&run.experiment.spec, backward),
            operation: told
                .as_ref()
                .map(|told| OperationFacts { title: told.title.clone(), node: told.node }),
            forward: lines(place.forward()),
            backward: if backward { lines(place.backward()) } else { Vec::new() },
            shares: if backward { share_lines(&place, unfolded) } else { Vec::new() },
            counted: run.counted(self.cursor.losses, site.direction).words(),
        })
    }

    /// An equation of the selected unit in LaTeX; `None` where it is not shown.
    #[must_use]
    pub fn latex(&self, name: &str) -> Option<String> {
        let run = &self.lanes[self.cursor.lane];
        let site = self.site(run);
        let place = self.place_of(run, site, self.cursor.unit, self.step(site, self.t().0) - 1);
        let mut equations = place.forward().into_iter().chain(place.backward());
        let equation = equations.find(|equation| equation.name == name)?;
        Some(latex_of(&equation.symbolic(), &equation.numeric()))
    }
}

/// `drawn with seed 7, glorot`, or `from the file`.
fn weights(run: &LaneRun) -> String {
    use crate::experiment::Choice as _;
    let learnt = match run.learning.map_or(0, |learning| learning.shown) {
        0 => String::new(),
        1 => ", then learnt for 1 epoch".into(),
        epochs => format!(", then learnt for {epochs} epochs"),
    };
    run.experiment.init.as_ref().map_or_else(
        || "Weights from the file.".into(),
        |init| format!("Weights drawn: {}, seed {}{learnt}.", init.scheme.word(), init.seed),
    )
}
