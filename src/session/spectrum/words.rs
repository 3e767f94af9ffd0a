//! The figure of steps in sentences, as a table, and under a point.

use serde_json::json;

use super::formulas::product;
use crate::analysis::math::{self, at};
use crate::analysis::number::{power, short};
use crate::experiment::Cell;
use crate::session::Session;
use crate::session::messages::{Caption, Table};
use crate::session::pick::Picked;
use crate::session::words::token;
use crate::view::spectrum::{self, SpectrumHit};

impl Session {
    /// What is under a point of the figure of steps as arranged last.
    #[must_use]
    pub fn spectrum_pick(&self, x: f64, y: f64) -> Option<Picked> {
        let (figure, layout, _) = self.spectrum_now()?;
        let (here, stepping) = (self.t().0, self.stepping());
        Some(match spectrum::hit(&figure, &layout, x, y) {
            SpectrumHit::Eigenvalue { lane: place, recurrent, index, area } => {
                let (lane, shown) = (*stepping.get(place)?, &figure.lanes[place]);
                let scaling = if recurrent { shown.recurrent? } else { shown.step };
                let [re, im] = *scaling.eigenvalues.get(index)?;
                let (name, of) =
                    if recurrent { ("W", "of the recurrent matrix") } else { ("J", "of the step") };
                let label = json!(["mrow", ["mi", "λ"], math::parenthesised(&json!(["mi", name]))]);
                let size = short(libm::hypot(re, im));
                let value = if im == 0.0 {
                    short(re)
                } else {
                    let sign = if im < 0.0 { "−" } else { "+" };
                    format!("{} {sign} {} i", short(re), short(im.abs()))
                };
                let picked = Picked::new(lane, "eigenvalue", label, &format!("eigenvalue {of}"), here, area);
                let pull = if recurrent && self.pulls(lane) { "; drag to change ρ" } else { "" };
                picked.text(value).noted(format!("|λ| = {size}{pull}")).held(recurrent && self.pulls(lane))
            }
            SpectrumHit::Ring { lane: place, area } => {
                let lane = *stepping.get(place)?;
                let run = &self.lanes[lane];
                let label = json!(["mrow", ["mi", "ρ"], math::parenthesised(&json!(["mi", "W"]))]);
                let note = if self.pulls(lane) { "drag to scale the recurrent matrix" } else { "" };
                Picked::new(lane, "ring", label, "spectral radius", here, area)
                    .number(run, figure.lanes[place].recurrent?.radius)
                    .noted(note.into())
                    .held(self.pulls(lane))
            }
            SpectrumHit::Curves { lane: place, t, area } => {
                let lane = *stepping.get(place)?;
                let run = &self.lanes[lane];
                let (axis, products) = (self.axis(), figure.lanes[place].products?);
                let label = product(
                    run.experiment.spec.cell,
                    &json!(["mn", axis.number(axis.seen(products.direction(), axis.count))]),
                    &json!(["mn", axis.number(t)]),
                );
                let picked = Picked::new(lane, "singular", label, "largest singular value", t, area);
                let Some(values) = products.read(t) else {
                    return Some(picked.text("being computed".into()));
                };
                picked
                    .text(power(values.first().copied().unwrap_or(f64::NEG_INFINITY)))
                    .noted(spread(values, products.size(t)))
            }
            SpectrumHit::Strip { lane: place, t, area } => {
                let lane = *stepping.get(place)?;
                let run = &self.lanes[lane];
                let label = json!(["mtext", "saturated"]);
                let share = figure.lanes[place].saturated.get(t - 1).copied()?;
                let of = if run.experiment.spec.cell == Cell::Rnn { "units" } else { "gates" };
                Picked::new(lane, "saturated", label, of, t, area)
                    .text(format!("{:.0} %", share * 100.0))
                    .noted(run.saturation(t))
            }
            SpectrumHit::Input { t, area } => {
                let lane = self.cursor.lane;
                Picked::new(lane, "x", at("x", 0), "input", t, area).text(token(&self.task.inputs[t - 1]))
            }
            SpectrumHit::Nothing => return None,
        })
    }

    /// The moment in words.
    pub(in crate::session) fn spectrum_caption(&self) -> Caption {
        let (t, backward) = self.t();
        let phase = if backward { "Backward" } else { "Forward" };
        let axis = self.axis();
        let lead = format!("{phase}, {}, “{}”.", axis.name(t), token(&self.task.inputs[t - 1]));
        let run = &self.lanes[self.cursor.lane];
        let Some(spectrum) = &run.spectrum else {
            let text = if run.experiment.spec.cell.recurs() {
                String::new()
            } else {
                format!(
                    "{} repeats no step and hands no state on: there is no Jacobian through time.",
                    run.name
                )
            };
            return Caption { lead, text };
        };
        let (own, step) = &spectrum.step;
        let place = run.place(spectrum.site);
        let of = if place.is_empty() { String::new() } else { format!(", {place},") };
        let here = format!(
            "The {}’s{of} step to {} has ρ(J) = {} and σmax(J) = {}.",
            run.name,
            axis.name(*own),
            short(step.radius),
            short(step.largest)
        );
        let largest: Vec<String> = self
            .lanes
            .iter()
            .filter_map(|run| {
                let spectrum = run.spectrum.as_ref()?;
                let products = spectrum.products().filter(|products| products.is_finite())?;
                let most = products.read(spectrum.step.0)?.first().copied().unwrap_or(f64::NEG_INFINITY);
                Some(format!("{} {}", run.name, power(most)))
            })
            .collect();
        let steps = self.steps() - t;
        let way = match (steps, largest.is_empty()) {
            (_, true) => String::new(),
            (0, _) => " Here the way back begins.".into(),
            _ => format!(
                " A gradient of length 1 at {} arrives here with at most: {}.",
                self.begins(),
                largest.join(", ")
            ),
        };
        Caption { lead, text: format!("{here}{way} Saturated: {}.", run.saturation(*own)) }
    }

    /// Where the way back begins: `T`, for a direction that reads from T to 1 `1`, in a decoder `T′`.
    pub(super) fn begins(&self) -> &'static str {
        match self.relative() {
            "t = T" => "T",
            "t = 1" => "1",
            "t′ = T′" => "T′",
            _ => "where it begins",
        }
    }

    /// The figure in a few sentences.
    pub(in crate::session) fn spectrum_describe(&self) -> String {
        let lanes: Vec<String> = self
            .lanes
            .iter()
            .filter_map(|run| {
                let spectrum = run.spectrum.as_ref()?;
                let w = spectrum.matrix().map_or_else(String::new, |w| {
                    format!("ρ(W) = {}, σmax(W) = {}; ", short(w.radius), short(w.largest))
                });
                let verdicts = run.known(spectrum).verdicts();
                let said: Vec<String> =
                    verdicts.iter().map(|v| format!("{} {}", v.question, v.answer)).collect();
                let place = run.place(spectrum.site);
                let place = if place.is_empty() { place } else { format!("; {place}") };
                Some(format!("{} ({}{place}): {w}{}", run.name, run.spec(), said.join("; ")))
            })
            .collect();
        format!(
            "Eigenvalues of one step, and singular values of the product of all steps from {} back to t, {} over {} steps. {}.",
            self.begins(),
            self.task.title,
            self.steps(),
            lanes.join(". ")
        )
    }

    /// Singular values, saturation and paths, as a table.
    pub(in crate::session) fn spectrum_table(&self) -> Table {
        let mut head = vec!["t".to_owned(), "input".to_owned()];
        let stepping = self.stepping();
        let runs = || stepping.iter().map(|&lane| &self.lanes[lane]);
        for run in runs() {
            let name = &run.name;
            head.extend([
                format!("{name}, largest σ"),
                format!("{name}, smallest σ"),
                format!("{name}, saturated"),
            ]);
            if run.experiment.spec.cell != Cell::Rnn {
                head.extend([format!("{name}, direct path"), format!("{name}, through the gates")]);
            }
        }
        let rows = (1..=self.steps()).map(|t| {
            let mut row = vec![self.axis().number(t), token(&self.task.inputs[t - 1])];
            for run in runs() {
                let Some(spectrum) = &run.spectrum else { continue };
                let values = spectrum.products().map_or(&[][..], |products| products.at(t));
                let whole = spectrum.products().is_some_and(|products| values.len() == products.size(t));
                row.push(values.first().map_or_else(|| "none".into(), |d| power(*d)));
                row.push(values.last().filter(|_| whole).map_or_else(|| "none".into(), |d| power(*d)));
                row.push(format!("{:.0} %", spectrum.saturated[t - 1] * 100.0));
                let share = spectrum.paths.at(t);
                if let Some(direct) = share.direct {
                    row.extend([short(direct), short(share.gates)]);
                }
            }
            row
        });
        Table { head, rows: rows.collect() }
    }
}

/// `largest 1.2×10⁻⁷, smallest 3×10⁻²⁰`, or how many cannot be told from zero.
pub(super) fn spread(values: &[f64], size: usize) -> String {
    let missing = size - values.len();
    match (values.first(), values.last()) {
        (Some(first), Some(last)) => {
            let rest = match missing {
                0 => String::new(),
                1 => "; 1 of them cannot be told from 0".into(),
                _ => format!("; {missing} of them cannot be told from 0"),
            };
            format!("{size} singular values, largest {}, smallest {}{rest}", power(*first), power(*last))
        }
        _ => format!("{size} singular values, none that can be told from 0"),
    }
}
