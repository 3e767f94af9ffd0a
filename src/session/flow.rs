//! The tab "Gradient flow": every loss at every earlier step.
//!
//! Its numbers are computed when the tab asks for them, a step of one lane at a time, and stay with the lane's run.

use serde::Serialize;
use serde_json::{Value as Json, json};

use super::given::GivenFacts;
use super::messages::{Caption, Table};
use super::pick::Picked;
use super::words::token;
use super::{LaneRun, Session, Tab};
use crate::analysis::flow::{Flow, LAGS};
use crate::analysis::math::{self, Math};
use crate::analysis::number::{full, short};
use crate::experiment::Steps;
use crate::experiment::settings::Key;
use crate::view::flow::{self, FlowFigure, FlowHit, FlowLane, FlowLayout};
use crate::view::{self, Area, Label, Progress, Raster, Viewport};

/// What the page says beside the flow figure.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FlowFacts {
    symbol: Math,
    one: bool,
    /// Whether no loss reaches a step after it: half of every matrix is empty.
    half: bool,
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
    /// What the losses give to the recurrent weights, once it is computed.
    given: Option<GivenFacts>,
}

#[derive(Clone, Debug, Serialize)]
struct BandFacts {
    label: String,
    colour: String,
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

    /// Goes one part of one lane on in computing what the tab shows; whether all of it is there.
    pub fn flow_advance(&mut self) -> bool {
        let gradient = self.cursor.gradient;
        match self.lanes.iter_mut().find(|run| run.flow(gradient).is_none()) {
            Some(run) => {
                run.advance_flow(gradient);
                self.lanes.iter().all(|run| run.flow(gradient).is_some())
            }
            None => true,
        }
    }

    /// The state that carries the gradient, at step k: s = (h, C) or h.
    fn state_at(&self, run: &LaneRun, k: usize) -> Math {
        let name = if run.experiment.spec.cell.carried().is_some() { "s" } else { "h" };
        run.index(self.cursor.gradient).at_step(name, &self.axis().number(k))
    }

    fn flow_of<'a>(&self, run: &'a LaneRun) -> Option<&'a Flow> {
        run.flow(self.cursor.gradient)
    }

    fn flow_figure(&self) -> Option<FlowFigure<'_>> {
        let lanes = self.lanes.iter().map(|run| {
            let recurs = run.experiment.spec.cell.recurs();
            Some(FlowLane { mark: run.mark, flow: self.flow_of(run)?, recurs, given: self.given_of(run) })
        });
        let progress = match self.t() {
            (t, false) => Progress::Forward(t),
            (t, true) => Progress::Backward(t),
        };
        Some(FlowFigure {
            steps: self.steps(),
            encoder: self.axis().encoder,
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
            let flow = self.flow_of(run)?;
            let (shown, full, words) = left(flow, loss, self.axis());
            let word = if flow.is_earlier() { "later" } else { "away" };
            let bands = LAGS.iter().zip(flow::tints(run.mark, viewport.dark)).map(|(&(_, label), tint)| {
                BandFacts { label: label.replace("later", word), colour: tint.css() }
            });
            let own = layout.cell(index, loss, flow.entry(loss));
            Some(LaneFacts { shown, full, words, bands: bands.collect(), own, given: self.given_facts(run) })
        });
        Some(FlowFacts {
            symbol: loss_symbol(&self.axis().number(loss)),
            half: self.lanes.iter().all(|run| self.flow_of(run).is_some_and(Flow::is_earlier)),
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
                let label = norm_of(&loss_symbol(&self.axis().number(loss)), &self.state_at(run, k));
                let picked = Picked::new(
                    lane,
                    "flow",
                    label,
                    &format!("norm of loss {}", self.axis().number(loss)),
                    k,
                    area,
                )
                .felt(Some(loss));
                let flow = self.flow_of(run)?;
                if let (Some(norm), Some(ratio)) = (flow.norm(loss, k), flow.ratio(loss, k)) {
                    let entry = self.axis().number(flow.entry(loss));
                    picked.number(run, norm).noted(format!("{} of that at k = {entry}", short(ratio)))
                } else {
                    let side = if flow.mirrored() { "an earlier" } else { "a later" };
                    picked
                        .text("none".into())
                        .noted(format!("loss {} cannot reach {side} step", self.axis().number(loss)))
                }
            }
            FlowHit::Bar { lane, k, area } => {
                let run = &self.lanes[lane];
                let bar = self.flow_of(run)?.bars().get(k - 1)?;
                let named = |index: usize| format!("{} {}", LAGS[index].1, short(bar[index]));
                let parts: Vec<String> =
                    (0..LAGS.len()).filter(|&index| bar[index] != 0.0).map(named).collect();
                let sum = json!(["msub", ["mo", { "movablelimits": "false" }, "Σ"], ["mi", "t"]]);
                let each = norm_of(&json!(["msub", ["mi", "L"], ["mi", "t"]]), &self.state_at(run, k));
                let label = json!(["mrow", sum, each]);
                Picked::new(lane, "bar", label, "norms of all losses, added", k, area)
                    .felt(None)
                    .number(run, bar.iter().sum())
                    .noted(parts.join(", "))
            }
            FlowHit::Share { lane, loss, area } => return self.given_pick(lane, loss, area),
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
        let (axis, word) = (self.axis(), token(&self.task.inputs[k - 1]));
        let (at, named) = (axis.number(k), axis.number(loss));
        if !backward {
            let lead = format!("Forward, {}, “{word}”.", axis.name(k));
            let text =
                format!("No gradient yet: loss {named} will enter at k = {named} and go back to k = 1.");
            return Caption { lead, text };
        }
        let lead = format!("Backward, k = {at}, “{word}”.");
        if self.lanes.iter().any(|run| self.flow_of(run).is_some_and(|flow| !flow.is_earlier())) {
            return Caption { lead, text: self.left_of_each(loss, k) + &self.given_caption(loss) };
        }
        if k > loss {
            return Caption {
                lead,
                text: format!("Loss {named} is of an earlier step: it cannot come here."),
            };
        }
        let lanes: Vec<String> = self
            .lanes
            .iter()
            .filter_map(|run| {
                let flow = self.flow_of(run)?;
                let left = match flow.norm(loss, flow.entry(loss)) {
                    Some(0.0) => "none".to_owned(),
                    _ => short(flow.ratio(loss, self.step(run.nearest(self.cursor.gradient), k))?),
                };
                Some(format!("{} {left}", run.name))
            })
            .collect();
        let way = match loss - k {
            0 => format!("Loss {named} enters here; a share of 1 begins its way."),
            1 => format!("Left of loss {named} after 1 step: {}.", lanes.join(", ")),
            steps => format!("Left of loss {named} after {steps} steps: {}.", lanes.join(", ")),
        };
        let bars = "Bars add norms: they are an upper bound of the whole gradient.";
        let text = if self.task.targets.len() > 1 {
            format!("{way}{} {bars}", self.given_caption(loss))
        } else {
            way
        };
        Caption { lead, text }
    }

    /// What is left of a loss in each lane when the playhead is at `k`, where directions differ.
    fn left_of_each(&self, loss: usize, k: usize) -> String {
        let at = |run: &LaneRun| self.step(run.nearest(self.cursor.gradient), k);
        let one = self.lanes.iter().all(|run| at(run) == at(&self.lanes[0])).then(|| at(&self.lanes[0]));
        let lanes = self.lanes.iter().filter_map(|run| {
            let left = self.flow_of(run)?.ratio(loss, at(run)).map_or_else(|| "none".to_owned(), short);
            let place = if one.is_some() { String::new() } else { format!(" at k = {}", at(run)) };
            Some(format!("{} {left}{place}", run.name))
        });
        let place = one.map_or_else(String::new, |k| format!(" at k = {k}"));
        format!("Left of loss {}{place}: {}.", self.axis().number(loss), lanes.collect::<Vec<_>>().join(", "))
    }

    /// The figure in a few sentences.
    pub(super) fn flow_describe(&self) -> String {
        let loss = self.followed();
        let lanes: Vec<String> = self
            .lanes
            .iter()
            .filter_map(|run| {
                let (shown, _, words) = left(self.flow_of(run)?, loss, self.axis());
                Some(format!("{} ({}): {shown} {words}", run.name, run.spec()))
            })
            .collect();
        let title = self.task.title;
        format!(
            "How much of each loss is left at each earlier step, {title} over {} steps. {}.{}",
            self.steps(),
            lanes.join(". "),
            self.given_describe()
        )
    }

    /// The followed loss and the bars, as a table.
    pub(super) fn flow_table(&self) -> Table {
        let loss = self.followed();
        let mut head = vec!["k".to_owned(), "input".to_owned()];
        head.extend(
            self.lanes.iter().map(|lane| format!("{}, left of loss {}", lane.name, self.axis().number(loss))),
        );
        head.extend(self.lanes.iter().map(|lane| format!("{}, norms of all losses", lane.name)));
        let (heads, given) = self.given_columns();
        head.extend(heads);
        let ratio = |run: &LaneRun, k| self.flow_of(run).and_then(|flow| flow.ratio(loss, k));
        let bar = |run: &LaneRun, k: usize| Some(self.flow_of(run)?.bars().get(k - 1)?.iter().sum::<f64>());
        let shown = |value: Option<f64>| value.map_or_else(|| "none".to_owned(), short);
        let rows = (1..=self.steps()).map(|k| {
            let mut row = vec![self.axis().number(k), token(&self.task.inputs[k - 1])];
            row.extend(self.lanes.iter().map(|run| shown(ratio(run, k))));
            row.extend(self.lanes.iter().map(|run| shown(bar(run, k))));
            row.extend(given(k));
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

/// What is left of a loss at the end of its way: the number, all its digits, the words after it.
fn left(flow: &Flow, loss: usize, axis: Steps) -> (String, String, String) {
    let named = axis.number(loss);
    let own = flow.norm(loss, flow.entry(loss)).unwrap_or(f64::NAN);
    let end = axis.seen(flow.direction(), 1);
    let ratio = flow.ratio(loss, end).unwrap_or(f64::NAN);
    if own == 0.0 {
        ("0".into(), "0".into(), format!("no signal: exactly 0 at loss {named}"))
    } else if !ratio.is_finite() {
        let word = "not finite".to_owned();
        (word.clone(), word, format!("loss {named} on its way to k = {end}"))
    } else if ratio == 0.0 {
        ("0".into(), "0".into(), format!("of loss {named}: exactly zero at k = {end}"))
    } else if ratio >= 2.0 {
        (short(ratio), full(ratio), format!("times loss {named} arrives at k = {end}"))
    } else {
        (short(ratio), full(ratio), format!("of loss {named} is left at k = {end}"))
    }
}

fn loss_symbol(loss: &str) -> Math {
    json!(["msub", ["mi", "L"], ["mn", loss]])
}

/// `‖∂L_34/∂h_12‖`.
fn norm_of(above: &Math, below: &Math) -> Math {
    let partial = |of: &Math| json!(["mrow", ["mi", "∂"], of]);
    let bar = json!(["mo", "‖"]);
    json!(["mrow", bar, partial(above), ["mo", "/"], partial(below), bar])
}
