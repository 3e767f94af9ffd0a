//! The tab "Gradient flow": every loss at every earlier step.
//!
//! Its numbers are computed when the tab asks for them, a step of one lane at a time, and stay with the lane's run.

use serde::Serialize;
use serde_json::{Value as Json, json};

use super::messages::{Caption, Table};
use super::pick::Picked;
use super::words::token;
use super::{LaneRun, Session, Tab};
use crate::analysis::flow::{Flow, LAGS, group};
use crate::analysis::math::{self, Math};
use crate::analysis::number::{full, short};
use crate::experiment::Cell;
use crate::experiment::settings::Key;
use crate::view::flow::{self, FlowFigure, FlowHit, FlowLane, FlowLayout};
use crate::view::{self, Area, Label, Progress, Raster, Viewport};

/// What the page says beside the flow figure.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FlowFacts {
    symbol: Math,
    one: bool,
    can_every: bool,
    lanes: Vec<LaneFacts>,
}

#[derive(Clone, Debug, Serialize)]
struct LaneFacts {
    shown: String,
    full: String,
    words: String,
    bands: Vec<BandFacts>,
    /// Where the followed loss enters.
    own: Option<Area>,
}

#[derive(Clone, Debug, Serialize)]
struct BandFacts {
    label: &'static str,
    colour: String,
}

impl LaneRun {
    /// `(h, C)` or `h`: the state that carries the gradient.
    fn state(&self) -> &'static str {
        if self.experiment.spec.cell == Cell::Lstm { "s" } else { "h" }
    }
}

impl Session {
    /// Which figure is shown.
    #[must_use]
    pub fn tab(&self) -> Tab {
        self.cursor.tab
    }

    /// Shows another figure.
    pub fn set_tab(&mut self, tab: Tab) {
        self.cursor.tab = tab;
    }

    /// Follows the loss of a step, from 1; where there is none, the nearest.
    pub fn follow(&mut self, loss: usize) {
        self.cursor.loss = Some(loss.max(self.first_loss()));
        self.clamp();
    }

    fn first_loss(&self) -> usize {
        self.steps() + 1 - self.task.targets.len().clamp(1, self.steps())
    }

    /// The step of the followed loss.
    #[must_use]
    pub fn followed(&self) -> usize {
        self.cursor.loss.unwrap_or_else(|| self.steps())
    }

    /// Goes one backward step of one lane on in computing what the tab shows; whether all of it is there.
    pub fn flow_advance(&mut self) -> bool {
        match self.lanes.iter_mut().find(|run| run.flow().is_none()) {
            Some(run) => {
                run.advance_flow();
                self.lanes.iter().all(|run| run.flow().is_some())
            }
            None => true,
        }
    }

    fn flow_figure(&self) -> Option<FlowFigure<'_>> {
        let lanes = self.lanes.iter().map(|run| Some(FlowLane { mark: run.mark, flow: run.flow()? }));
        let progress = match self.t() {
            (t, false) => Progress::Forward(t),
            (t, true) => Progress::Backward(t),
        };
        Some(FlowFigure {
            steps: self.steps(),
            lanes: lanes.collect::<Option<_>>()?,
            loss: self.followed(),
            progress,
        })
    }

    /// Arranges the flow figure, after computing what is missing.
    pub fn flow_layout(&mut self, viewport: Viewport) -> Option<&FlowLayout> {
        while !self.flow_advance() {}
        let layout = flow::layout(&self.flow_figure()?, viewport);
        Some(&self.flow_place.insert((viewport, layout)).1)
    }

    /// Paints the flow figure as arranged last; `None` before the first arrangement.
    pub fn flow_paint(&mut self) -> Option<&Raster> {
        let mut raster = std::mem::take(&mut self.raster);
        if let (Some((viewport, layout)), Some(figure)) = (&self.flow_place, self.flow_figure()) {
            flow::raster(&mut raster, &figure, layout, *viewport);
        }
        self.raster = raster;
        self.flow_place.as_ref().map(|_| &self.raster)
    }

    /// The words over the flow figure as arranged last.
    #[must_use]
    pub fn flow_labels(&self) -> Vec<Label> {
        match (&self.flow_place, self.flow_figure()) {
            (Some((viewport, layout)), Some(figure)) => flow::labels(&figure, layout, *viewport),
            _ => Vec::new(),
        }
    }

    /// The whole flow figure as SVG, in its own size; empty before it is computed.
    #[must_use]
    pub fn flow_svg(&self, viewport: Viewport) -> String {
        let names: Vec<&str> = self.lanes.iter().map(|run| run.name.as_str()).collect();
        self.flow_figure().map_or_else(String::new, |figure| view::flow_svg(&figure, &names, viewport))
    }

    /// What stands beside the flow figure.
    #[must_use]
    pub fn flow_facts(&self) -> Option<FlowFacts> {
        let (viewport, layout) = self.flow_place.as_ref()?;
        let loss = self.followed();
        let lanes = self.lanes.iter().enumerate().map(|(index, run)| {
            let (shown, full, words) = left(run.flow()?, loss);
            let tints = flow::tints(run.mark, viewport.dark);
            let bands =
                LAGS.iter().zip(tints).map(|(&(_, label), tint)| BandFacts { label, colour: tint.css() });
            let own = layout.cell(index, loss, loss);
            Some(LaneFacts { shown, full, words, bands: bands.collect(), own })
        });
        Some(FlowFacts {
            symbol: loss_symbol(loss),
            one: self.task.targets.len() < 2,
            can_every: self.applies(Key::Shape) && self.steps() > 1,
            lanes: lanes.collect::<Option<_>>()?,
        })
    }

    /// What is under a point of the flow figure as arranged last.
    #[must_use]
    pub fn flow_pick(&self, x: f64, y: f64) -> Option<Picked> {
        let (_, layout) = self.flow_place.as_ref()?;
        Some(match flow::hit(layout, x, y) {
            FlowHit::Loss { lane, loss, k, area } => {
                let run = &self.lanes[lane];
                let label = partial(loss, run.state(), k);
                let picked = Picked::new(lane, "flow", label, &format!("norm of loss {loss}"), k, area)
                    .felt(Some(loss));
                match (run.flow()?.norm(loss, k), run.flow()?.ratio(loss, k)) {
                    (Some(norm), Some(ratio)) => {
                        picked.number(run, norm).noted(format!("{} of that at k = {loss}", short(ratio)))
                    }
                    _ => picked.text("none".into()).noted(format!("loss {loss} cannot reach a later step")),
                }
            }
            FlowHit::Bar { lane, k, area } => {
                let run = &self.lanes[lane];
                let bar = run.flow()?.bars().get(k - 1)?;
                let named = |index: usize| format!("{} {}", LAGS[index].1, short(bar[index]));
                let most = group(self.steps() - k);
                let parts: Vec<String> = (0..=most).filter(|&index| bar[index] != 0.0).map(named).collect();
                let label = gradient_norm(run.state(), k);
                Picked::new(lane, "bar", label, "norms of all losses, added", k, area)
                    .felt(None)
                    .number(run, bar.iter().sum())
                    .noted(parts.join(", "))
            }
            FlowHit::Input { t, area } => {
                let here = self.cursor.lane;
                Picked::new(here, "x", math::at("x", 0), "input", t, area)
                    .text(token(&self.task.inputs[t - 1]))
            }
            FlowHit::Nothing => return None,
        })
    }

    /// The moment in words.
    pub(super) fn flow_caption(&self) -> Caption {
        let (k, backward) = self.t();
        let loss = self.followed();
        let word = token(&self.task.inputs[k - 1]);
        if !backward {
            let lead = format!("Forward, t = {k}, “{word}”.");
            let text = format!("No gradient yet: loss {loss} will enter at k = {loss} and go back to k = 1.");
            return Caption { lead, text };
        }
        let lead = format!("Backward, k = {k}, “{word}”.");
        if k > loss {
            return Caption {
                lead,
                text: format!("Loss {loss} is of an earlier step: it cannot come here."),
            };
        }
        let lanes: Vec<String> = self
            .lanes
            .iter()
            .filter_map(|run| Some(format!("{} {}", run.name, short(run.flow()?.ratio(loss, k)?))))
            .collect();
        let way = match loss - k {
            0 => format!("Loss {loss} enters here; a share of 1 begins its way."),
            1 => format!("Left of loss {loss} after 1 step: {}.", lanes.join(", ")),
            steps => format!("Left of loss {loss} after {steps} steps: {}.", lanes.join(", ")),
        };
        let bars = "Bars add norms: they are an upper bound of the whole gradient.";
        let text = if self.task.targets.len() > 1 { format!("{way} {bars}") } else { way };
        Caption { lead, text }
    }

    /// The figure in a few sentences.
    pub(super) fn flow_describe(&self) -> String {
        let loss = self.followed();
        let lanes: Vec<String> = self
            .lanes
            .iter()
            .filter_map(|run| {
                let (shown, _, words) = left(run.flow()?, loss);
                Some(format!("{} ({}): {shown} {words}", run.name, run.spec()))
            })
            .collect();
        let title = self.task.title;
        format!(
            "How much of each loss is left at each earlier step, {title} over {} steps. {}.",
            self.steps(),
            lanes.join(". ")
        )
    }

    /// The followed loss and the bars, as a table.
    pub(super) fn flow_table(&self) -> Table {
        let loss = self.followed();
        let mut head = vec!["k".to_owned(), "input".to_owned()];
        head.extend(self.lanes.iter().map(|lane| format!("{}, left of loss {loss}", lane.name)));
        head.extend(self.lanes.iter().map(|lane| format!("{}, norms of all losses", lane.name)));
        let ratio = |run: &LaneRun, k| run.flow().and_then(|flow| flow.ratio(loss, k));
        let bar = |run: &LaneRun, k: usize| Some(run.flow()?.bars().get(k - 1)?.iter().sum::<f64>());
        let shown = |value: Option<f64>| value.map_or_else(|| "none".to_owned(), short);
        let rows = (1..=self.steps()).map(|k| {
            let mut row = vec![k.to_string(), token(&self.task.inputs[k - 1])];
            row.extend(self.lanes.iter().map(|run| shown(ratio(run, k))));
            row.extend(self.lanes.iter().map(|run| shown(bar(run, k))));
            row
        });
        Table { head, rows: rows.collect() }
    }
}

/// The layout as the page's other parts read it: no heat maps, no chart.
#[must_use]
pub fn with_shared_bands(layout: &FlowLayout) -> Json {
    let FlowLayout { width, height, axis, inputs, note, lanes, ticks, tick_labels, .. } = layout;
    json!({
        "width": width, "height": height, "axis": axis, "inputs": inputs, "targets": null, "lanes": [],
        "chart": { "y": ticks.y, "height": 0 }, "ticks": ticks, "tickLabels": tick_labels,
        "flow": { "note": note, "lanes": lanes },
    })
}

/// What is left of a loss at step 1: the number, all its digits, the words after it.
fn left(flow: &Flow, loss: usize) -> (String, String, String) {
    let own = flow.norm(loss, loss).unwrap_or(f64::NAN);
    let ratio = flow.ratio(loss, 1).unwrap_or(f64::NAN);
    if own == 0.0 {
        ("0".into(), "0".into(), format!("no signal: exactly 0 at loss {loss}"))
    } else if !ratio.is_finite() {
        let word = "not finite".to_owned();
        (word.clone(), word, format!("loss {loss} on its way to k = 1"))
    } else if ratio == 0.0 {
        ("0".into(), "0".into(), format!("of loss {loss}: exactly zero at k = 1"))
    } else if ratio >= 2.0 {
        (short(ratio), full(ratio), format!("times loss {loss} arrives at k = 1"))
    } else {
        (short(ratio), full(ratio), format!("of loss {loss} is left at k = 1"))
    }
}

fn loss_symbol(loss: usize) -> Math {
    json!(["msub", ["mi", "L"], ["mn", loss.to_string()]])
}

/// `‖∂L_34/∂h_12‖`.
fn partial(loss: usize, state: &str, k: usize) -> Math {
    let below = json!(["msub", ["mi", state], ["mn", k.to_string()]]);
    norm_of(&loss_symbol(loss), &below)
}

/// `Σ_t ‖∂L_t/∂h_12‖`.
fn gradient_norm(state: &str, k: usize) -> Math {
    let below = json!(["msub", ["mi", state], ["mn", k.to_string()]]);
    let sum = json!(["msub", ["mo", { "movablelimits": "false" }, "Σ"], ["mi", "t"]]);
    json!(["mrow", sum, norm_of(&json!(["msub", ["mi", "L"], ["mi", "t"]]), &below)])
}

fn norm_of(above: &Math, below: &Math) -> Math {
    let partial = |of: &Math| json!(["mrow", ["mi", "∂"], of]);
    let bar = json!(["mo", "‖"]);
    json!(["mrow", bar, partial(above), ["mo", "/"], partial(below), bar])
}
