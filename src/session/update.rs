//! The tab "Update": one step of gradient descent, clipped or not, and the loss around the weights.
//!
//! The step is computed when the tab is open, the map of the loss point by point when the page asks for more.

use serde::Serialize;
use serde_json::{Value as Json, json};

use super::messages::{Caption, Table};
use super::pick::Picked;
use super::{LaneRun, Session};
use crate::analysis::histogram::{Block, PER_DECADE, histogram};
use crate::analysis::math::{self, Math};
use crate::analysis::number::{count, percent, power_of_ten, short};
use crate::analysis::surface::{SIDE, Surface};
use crate::analysis::update::{Update, Way};
use crate::experiment::Clip;
use crate::experiment::Precision;
use crate::experiment::settings::Descent;
use crate::view::update::{self, UpdateFigure, UpdateHit, UpdateLane, UpdateLayout};
use crate::view::{self, Label, Raster, Viewport};

/// What is computed of a lane's step.
pub struct Step {
    update: Update,
    surface: Option<Surface>,
    blocks: Vec<Block>,
}

/// What the page says beside the update figure.
#[derive(Clone, Debug, Serialize)]
pub struct UpdateFacts {
    lanes: Vec<LaneFacts>,
    strokes: Vec<StrokeFacts>,
}

#[derive(Clone, Debug, Serialize)]
struct LaneFacts {
    shown: String,
    full: String,
    words: String,
    sentences: [String; 3],
    blocks: Vec<Math>,
}

#[derive(Clone, Debug, Serialize)]
struct StrokeFacts {
    path: String,
    ink: &'static str,
    filled: bool,
    taken: bool,
}

impl LaneRun {
    fn prepare(&mut self, descent: Descent) {
        if self.step.as_ref().is_some_and(|step| step.update.descent == descent) {
            return;
        }
        let update = Update::new(&self.experiment, &self.run.trace, descent);
        let surface = Surface::new(&self.experiment, &update);
        let blocks = histogram(&self.run.trace.gradients);
        self.step = Some(Step { update, surface, blocks });
    }
}

impl Session {
    fn prepare(&mut self) {
        for (lane, run) in self.lanes.iter_mut().enumerate() {
            run.prepare(self.settings.descent(lane));
        }
    }

    /// Computes one more point of the lane's map that has the fewest; whether all are there.
    pub fn update_advance(&mut self) -> bool {
        self.prepare();
        let maps = self.lanes.iter_mut().filter_map(|run| run.step.as_mut()?.surface.as_mut());
        match maps.min_by_key(|map| map.done()) {
            Some(map) => !map.advance() && self.maps_are_complete(),
            None => true,
        }
    }

    fn maps_are_complete(&self) -> bool {
        let mut maps = self.lanes.iter().filter_map(|run| run.step.as_ref()?.surface.as_ref());
        maps.all(Surface::complete)
    }

    fn update_figure(&self) -> Option<UpdateFigure<'_>> {
        let lanes = self.lanes.iter().map(|run| {
            let Step { update, surface, blocks } = run.step.as_ref()?;
            Some(UpdateLane { mark: run.mark, update, surface: surface.as_ref(), blocks })
        });
        Some(UpdateFigure { steps: self.steps(), lanes: lanes.collect::<Option<_>>()? })
    }

    /// Arranges the update figure, after computing the steps.
    pub fn update_layout(&mut self, viewport: Viewport) -> Option<&UpdateLayout> {
        self.prepare();
        let layout = update::layout(&self.update_figure()?, viewport);
        Some(&self.update_place.insert((viewport, layout)).1)
    }

    /// Paints the update figure as arranged last; `None` before the first arrangement.
    pub fn update_paint(&mut self) -> Option<&Raster> {
        let mut raster = std::mem::take(&mut self.raster);
        if let (Some((viewport, layout)), Some(figure)) = (&self.update_place, self.update_figure()) {
            update::raster(&mut raster, &figure, layout, *viewport);
        }
        self.raster = raster;
        self.update_place.as_ref().map(|_| &self.raster)
    }

    /// The words over the update figure as arranged last.
    #[must_use]
    pub fn update_labels(&self) -> Vec<Label> {
        match (&self.update_place, self.update_figure()) {
            (Some((viewport, layout)), Some(figure)) => update::labels(&figure, layout, *viewport),
            _ => Vec::new(),
        }
    }

    /// The whole update figure as SVG, in its own size; empty before it is computed.
    #[must_use]
    pub fn update_svg(&self, viewport: Viewport) -> String {
        let words = self.lanes.iter().filter_map(|run| Some((run.name.as_str(), sentences(run)?)));
        let words: Vec<_> = words.collect();
        self.update_figure().map_or_else(String::new, |figure| view::update_svg(&figure, &words, viewport))
    }

    /// What stands beside and over the update figure.
    #[must_use]
    pub fn update_facts(&self) -> Option<UpdateFacts> {
        let (_, layout) = self.update_place.as_ref()?;
        let lanes = self.lanes.iter().map(|run| {
            let step = run.step.as_ref()?;
            Some(LaneFacts {
                shown: length(step.update.norm),
                full: run.full(step.update.norm),
                words: format!("= ‖g‖, {}", rule(step.update.descent)),
                sentences: sentences(run)?,
                blocks: step.blocks.iter().map(|block| math::symbol(block.name)).collect(),
            })
        });
        let lanes = lanes.collect::<Option<_>>()?;
        let strokes = update::strokes(&self.update_figure()?, layout).into_iter().map(|stroke| StrokeFacts {
            path: stroke.path(),
            ink: stroke.ink.word(),
            filled: stroke.filled,
            taken: stroke.taken,
        });
        Some(UpdateFacts { lanes, strokes: strokes.collect() })
    }

    /// What is under a point of the update figure as arranged last.
    #[must_use]
    pub fn update_pick(&self, x: f64, y: f64) -> Option<Picked> {
        let (_, layout) = self.update_place.as_ref()?;
        let hit = update::hit(layout, x, y);
        let (UpdateHit::Vectors { lane, .. } | UpdateHit::Map { lane, .. } | UpdateHit::Bin { lane, .. }) =
            hit
        else {
            return None;
        };
        let run = self.lanes.get(lane)?;
        let step = run.step.as_ref()?;
        let picked =
            |symbol, label, word: &str, area| Picked::new(lane, symbol, label, word, 1, area).timeless();
        match hit {
            UpdateHit::Vectors { area, .. } => {
                let norm = json!(["mrow", ["mo", "‖"], ["mi", "g"], ["mo", "‖"]]);
                let picked = picked("g", norm, "length of the gradient", area);
                Some(picked.number(run, step.update.norm).noted(ways(run)?))
            }
            UpdateHit::Map { row, column, area, .. } => {
                let surface = step.surface.as_ref().filter(|surface| surface.begun())?;
                let (alpha, beta) = surface.place(row, column);
                let note = format!("{} along −g, {} across", short(alpha), short(beta));
                let picked = picked("L", json!(["mi", "L"]), "loss at these weights", area);
                Some(picked.number(run, surface.at(row, column)).noted(note))
            }
            UpdateHit::Bin { block, bin, area, .. } => {
                let block = step.blocks.get(block)?;
                let label = math::symbol(block.name);
                let all = format!("of {} entries of the gradient", count(block.entries));
                let Some((index, positive)) = bin else {
                    let picked = picked("zeros", label, "exactly 0", area);
                    return Some(picked.text(count(block.zeros)).noted(all));
                };
                let found = block.bins.iter().filter(|(bin, _)| layout.scale.index(**bin) == index);
                let sum: usize = found.map(|(_, counts)| counts[usize::from(positive)]).sum();
                let sign = if positive { "" } else { "−" };
                let from = layout.scale.from + i32::try_from(index).unwrap_or(0);
                let least = if index == 0 { "0".to_owned() } else { format!("{sign}{}", edge(from)) };
                let word = format!("{least} to {sign}{}", edge(from + 1));
                Some(picked("bin", label, &word, area).text(count(sum)).noted(all))
            }
            UpdateHit::Nothing => None,
        }
    }

    /// The update of the chosen lane in words.
    pub(super) fn update_caption(&self) -> Caption {
        let run = &self.lanes[self.cursor.lane];
        let lead = "Update, after the backward pass.".to_owned();
        let text = sentences(run).map_or_else(String::new, |[_, step, _]| format!("{}: {step}", run.name));
        Caption { lead, text }
    }

    /// The figure in a few sentences.
    pub(super) fn update_describe(&self) -> String {
        let lanes: Vec<String> = self
            .lanes
            .iter()
            .filter_map(|run| Some(format!("{} ({}): {}", run.name, run.spec(), sentences(run)?.join(" "))))
            .collect();
        let title = self.task.title;
        format!("One step of gradient descent, {title} over {} steps. {}", self.steps(), lanes.join(" "))
    }

    /// Every number of the figure, a column per lane.
    pub(super) fn update_table(&self) -> Table {
        let mut head = vec!["of the step".to_owned()];
        head.extend(self.lanes.iter().map(|run| run.name.clone()));
        let steps: Vec<Option<&Step>> = self.lanes.iter().map(|run| run.step.as_ref()).collect();
        let row = |name: &str, of: &dyn Fn(&Step) -> Option<String>| {
            let none = || "none".to_owned();
            let cells = steps.iter().map(|step| step.and_then(of).unwrap_or_else(none));
            std::iter::once(name.to_owned()).chain(cells).collect::<Vec<_>>()
        };
        let way = |step: &Step, clip: Clip| Some(step.update.ways.as_ref()?[clip as usize]);
        let mut rows = vec![
            row("clipping", &|step| Some(rule(step.update.descent))),
            row("learning rate", &|step| Some(short(step.update.descent.rate))),
            row("norm of the gradient", &|step| Some(short(step.update.norm))),
        ];
        for (clip, name) in [(Clip::Norm, "clipped by norm"), (Clip::Value, "clipped by value")] {
            rows.push(row(&format!("norm, {name}"), &|step| Some(short(way(step, clip)?.norm))));
            rows.push(row(&format!("turned, {name}"), &|step| {
                Some(format!("{}°", short(way(step, clip)?.angle())))
            }));
        }
        rows.push(row("entries clamped by value", &|step| {
            Some(format!("{} of {}", count(way(step, Clip::Value)?.changed), count(step.update.entries)))
        }));
        rows.push(row("loss", &|step| Some(short(step.update.loss))));
        for (clip, name) in
            [(Clip::Off, "unclipped"), (Clip::Norm, "clipped by norm"), (Clip::Value, "clipped by value")]
        {
            rows.push(row(&format!("loss after the step, {name}"), &|step| {
                Some(short(way(step, clip)?.loss))
            }));
        }
        let mut names: Vec<&str> = vec![];
        for block in steps.iter().flatten().flat_map(|step| &step.blocks) {
            if !names.contains(&block.name) {
                names.push(block.name);
            }
        }
        for name in names {
            rows.push(row(&format!("gradient of {name}"), &|step| {
                let block = step.blocks.iter().find(|block| block.name == name)?;
                let (largest, zeros) = (short(block.largest), count(block.zeros));
                Some(format!("{} entries, {zeros} exactly 0, largest {largest}", count(block.entries)))
            }));
        }
        for column in 0..SIDE {
            rows.push(row(&format!("loss along −g, point {} of {SIDE}", column + 1), &|step| {
                let surface = step.surface.as_ref().filter(|surface| surface.complete())?;
                let (alpha, _) = surface.place(SIDE / 2, column);
                Some(format!("{} at {}", short(surface.at(SIDE / 2, column)), short(alpha)))
            }));
        }
        Table { head, rows }
    }
}

/// The layout as the page's other parts read it: no heat maps, no chart, no words of the sequence.
#[must_use]
pub fn with_shared_bands(layout: &UpdateLayout) -> Json {
    let UpdateLayout { width, height, axis, lanes, .. } = layout;
    let none = json!({ "y": 0, "height": 0 });
    json!({
        "width": width, "height": height, "axis": axis, "inputs": none, "targets": null, "lanes": [],
        "chart": none, "ticks": none, "tickLabels": [], "update": { "lanes": lanes },
    })
}

fn length(norm: f64) -> String {
    if norm.is_finite() { short(norm) } else { "not finite".into() }
}

fn rule(descent: Descent) -> String {
    match descent.clip {
        Clip::Off => "not clipped".into(),
        Clip::Norm => format!("clipped by norm at {}", short(descent.threshold)),
        Clip::Value => format!("clipped by value at {}", short(descent.threshold)),
    }
}

/// The edge of a bin: `10⁻³`, and halfway on the log scale `3.16×10⁻⁴`.
fn edge(bin: i32) -> String {
    if bin.rem_euclid(PER_DECADE) == 0 {
        power_of_ten(bin.div_euclid(PER_DECADE))
    } else {
        short(libm::pow(10.0, f64::from(bin) / f64::from(PER_DECADE)))
    }
}

/// About the vectors, the step and the histogram.
fn sentences(run: &LaneRun) -> Option<[String; 3]> {
    let step = run.step.as_ref()?;
    Some([ways(run)?, stepped(run, &step.update), entries(&step.blocks)])
}

/// What clipping makes of the gradient.
fn ways(run: &LaneRun) -> Option<String> {
    let Update { norm, ways, descent, entries, .. } = &run.step.as_ref()?.update;
    let Some([_, by_norm, by_value]) = ways else {
        return Some("The gradient is not finite; no clipping mends that.".into());
    };
    if *norm == 0.0 {
        return Some("The gradient is exactly 0: there is nothing to clip.".into());
    }
    let c = short(descent.threshold);
    let first = if by_norm.changed > 0 {
        format!("By norm, {} becomes {}; the direction stays.", short(*norm), short(by_norm.norm))
    } else {
        format!("Not longer than {c}: by norm it stays.")
    };
    let second = if by_value.changed > 0 {
        let share = percent(real(by_value.changed) / real(*entries)).replace(' ', "\u{a0}");
        format!("By value, {share} of the entries are clamped: turned by {}°.", short(by_value.angle()))
    } else {
        format!("No entry is beyond ±{c}: by value it stays.")
    };
    Some(format!("{first} {second}"))
}

/// What the step does to the loss.
fn stepped(run: &LaneRun, update: &Update) -> String {
    let now = short(update.loss);
    let Some([off, by_norm, by_value]) = &update.ways else {
        return "The gradient is not finite: there is no step.".into();
    };
    if update.norm == 0.0 {
        return format!("The gradient is exactly 0: no step, the loss stays {now}.");
    }
    let c = short(update.descent.threshold);
    let range = if run.experiment.precision == Precision::F32 { "f32" } else { "f64" };
    let moves = |way: &Way, words: [&str; 3]| {
        let after = short(way.loss);
        if !way.loss.is_finite() {
            format!("{} out of the range of {range}", words[0].trim_end_matches(" to"))
        } else if after == now {
            format!("{} {after}", words[2])
        } else {
            format!("{} {after}", words[usize::from(way.loss < update.loss)])
        }
    };
    let first = if !off.loss.is_finite() {
        format!("The unclipped step takes the loss from {now} out of the range of {range}")
    } else if short(off.loss) == now {
        format!("The unclipped step leaves the loss at {now}")
    } else {
        let verb = if off.loss > update.loss { "raises" } else { "lowers" };
        format!("The unclipped step {verb} the loss from {now} to {}", short(off.loss))
    };
    let it = |way: &Way| moves(way, ["rises to", "falls to", "stays"]);
    match (by_norm.changed > 0, by_value.changed > 0) {
        (false, false) => format!("{first}; clipping at {c} changes nothing."),
        (true, false) => format!("{first}; clipped to norm {c} it {}.", it(by_norm)),
        (false, true) => format!("{first}; clipped by value at {c} it {}.", it(by_value)),
        (true, true) => {
            format!("{first}; clipped to norm {c} it {}, by value at {c} it {}.", it(by_norm), it(by_value))
        }
    }
}

/// How large the entries are.
fn entries(blocks: &[Block]) -> String {
    let sum = |of: fn(&Block) -> usize| blocks.iter().map(of).sum::<usize>();
    let (all, zeros, broken) =
        (sum(|block| block.entries), sum(|block| block.zeros), sum(|block| block.broken));
    let all = count(all);
    if broken > 0 {
        return format!("{} of {all} entries are not finite.", count(broken));
    }
    let whole = |block: &&Block| block.zeros == block.entries;
    let dead: Vec<&str> = blocks.iter().filter(whole).map(|block| block.name).collect();
    let Some(largest) = blocks
        .iter()
        .filter(|block| block.largest != 0.0)
        .max_by(|a, b| a.largest.abs().total_cmp(&b.largest.abs()))
    else {
        return format!("All {all} entries are exactly 0.");
    };
    let most = blocks.iter().filter(|block| block.zeros > 0).max_by_key(|block| block.zeros);
    let zero = match (zeros, most) {
        (0, _) | (_, None) => format!("None of {all} entries is exactly 0"),
        (_, Some(_)) if !dead.is_empty() => {
            format!("{} of {all} entries are exactly 0, all of {} among them", count(zeros), dead.join(", "))
        }
        (_, Some(most)) if most.zeros == zeros => {
            format!("{} of {all} entries are exactly 0, all of them in {}", count(zeros), most.name)
        }
        (_, Some(most)) => {
            format!(
                "{} of {all} entries are exactly 0, {} of them in {}",
                count(zeros),
                count(most.zeros),
                most.name
            )
        }
    };
    format!("{zero}. The largest, {}, is in {}.", short(largest.largest), largest.name)
}

/// Entries are far below 2⁵².
#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn real(value: usize) -> f64 {
    value as f64
}
