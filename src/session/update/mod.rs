//! The tab "Update": one step of gradient descent, clipped or not, and the loss around the weights.
//!
//! The step is computed when the tab is open, the map of the loss point by point when the page asks for more.

mod words;

use serde::Serialize;
use serde_json::{Value as Json, json};

use super::messages::{Caption, Table};
use super::pick::Picked;
use super::{LaneRun, Session, Site};
use crate::analysis::histogram::{Block, PER_DECADE, histogram};
use crate::analysis::math::{self, Math};
use crate::analysis::number::{count, power_of_ten, short};
use crate::analysis::surface::{SIDE, Surface};
use crate::analysis::update::Update;
use crate::experiment::settings::Descent;
use crate::experiment::{Clip, Direction};
use crate::view::update::{self, UpdateFigure, UpdateHit, UpdateLane, UpdateLayout};
use crate::view::{self, Label, Raster, Viewport};
use words::{called, sentences, ways};

/// What is computed of a lane's step.
pub struct Step {
    update: Update,
    surface: Option<Surface>,
    /// The layer and direction whose blocks are counted.
    site: Site,
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
    fn prepare(&mut self, descent: Descent, site: Site) {
        let site = self.nearest(site);
        let same = |step: &Step| step.update.descent == descent;
        if self.step.as_ref().is_some_and(|step| same(step) && step.site == site) {
            return;
        }
        let blocks = histogram(&self.run.trace.gradients, self.sweep(site));
        self.step = Some(if let Some(step) = self.step.take().filter(same) {
            Step { site, blocks, ..step }
        } else {
            let update = Update::new(&self.experiment, &self.run.trace, descent);
            let surface = Surface::new(&self.experiment, &update);
            Step { update, surface, site, blocks }
        });
    }
}

impl Session {
    fn prepare(&mut self) {
        for (lane, run) in self.lanes.iter_mut().enumerate() {
            run.prepare(self.settings.descent(lane), self.cursor.gradient);
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
            let Step { update, surface, blocks, .. } = run.step.as_ref()?;
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
                blocks: step.blocks.iter().map(symbol).collect(),
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
                let label = symbol(block);
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
        rows.extend(self.block_rows());
        for column in 0..SIDE {
            rows.push(row(&format!("loss along −g, point {} of {SIDE}", column + 1), &|step| {
                let surface = step.surface.as_ref().filter(|surface| surface.complete())?;
                let (alpha, _) = surface.place(SIDE / 2, column);
                Some(format!("{} at {}", short(surface.at(SIDE / 2, column)), short(alpha)))
            }));
        }
        Table { head, rows }
    }

    /// The blocks of every layer and direction, then the readout, a column per lane.
    fn block_rows(&self) -> Vec<Vec<String>> {
        // A decoder's layer goes on from both directions and is counted with the first.
        let readout = |block: &Block| matches!(block.name, "W_hy" | "b_y");
        let mut rows = Vec::new();
        for (site, last) in
            self.gradient_sites().into_iter().map(|site| (site, false)).chain([(Site::FIRST, true)])
        {
            let lanes: Vec<Vec<Block>> = self
                .lanes
                .iter()
                .map(|run| {
                    let own = Some(run).filter(|run| run.nearest(site) == site);
                    own.map_or_else(Vec::new, |run| histogram(&run.run.trace.gradients, run.sweep(site)))
                })
                .collect();
            let places =
                self.lanes.iter().map(|run| run.place(site)).filter(|place| !place.is_empty() && !last);
            let of = places.last().map_or_else(String::new, |place| format!(", {place}"));
            let mut names: Vec<String> = Vec::new();
            for block in lanes.iter().flatten().filter(|block| {
                readout(block) == last && !(block.decodes && site.direction == Direction::Backward)
            }) {
                if !names.contains(&called(block)) {
                    names.push(called(block));
                }
            }
            rows.extend(names.into_iter().map(|name| {
                let cells = lanes.iter().map(|blocks| {
                    let Some(block) = blocks.iter().find(|block| called(block) == name) else {
                        return "none".into();
                    };
                    let (largest, zeros) = (short(block.largest), count(block.zeros));
                    format!("{} entries, {zeros} exactly 0, largest {largest}", count(block.entries))
                });
                std::iter::once(format!("gradient of {name}{of}")).chain(cells).collect()
            }));
        }
        rows
    }
}

/// The symbol of a block; the decoder's is primed, as its steps are.
fn symbol(block: &Block) -> Math {
    let symbol = math::symbol(block.name);
    if block.decodes { json!(["msup", symbol, ["mo", "′"]]) } else { symbol }
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
