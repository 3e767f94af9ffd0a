//! The tab "Spectrum": how one step and the product of many scale a signal.
//!
//! What belongs to the step of the cursor is computed when the cursor moves; the products of steps when the tab asks
//! for them, a step of one lane at a time. Both stay with the lane's run.

use serde::Serialize;
use serde_json::{Value as Json, json};

use super::messages::{Caption, Table};
use super::pick::Picked;
use super::words::token;
use super::{LaneRun, Losses, Session};
use crate::analysis::gauge::first_zero;
use crate::analysis::math::{self, Math, at, mo, symbol};
use crate::analysis::number::{full, power, short};
use crate::analysis::paths::{Paths, Share};
use crate::analysis::saturation::Saturation;
use crate::analysis::signal::Norms;
use crate::analysis::spectrum::{Course, Products, Scaling, bound, rate, recurrent};
use crate::analysis::verdict::{Known, Verdict, decades, signed, state, underflow};
use crate::experiment::settings::{Key, Kind, Value};
use crate::experiment::task::Outcome;
use crate::experiment::{Activation, Cell, Experiment, Precision};
use crate::model::jacobian::Steps;
use crate::trace::{Run, run};
use crate::view::spectrum::{self, SpectrumFigure, SpectrumHit, SpectrumLane, SpectrumLayout};
use crate::view::{Label, Progress, SpectrumWords, Viewport, spectrum_svg};

/// What the signs in the planes mean.
const KEY: &str = "○ eigenvalues of W, ● of J, the Jacobian of the step to t. A step scales an eigenvector by |λ|: on the circle it keeps its size.";
/// The ticks of the inspector's log axis reach this far down, in decades, at least.
const DEEP: f64 = -12.0;

/// What the tab knows of a lane.
pub(super) struct LaneSpectrum {
    recurrent: Option<Scaling>,
    bound: Option<f64>,
    steps: Steps,
    /// The step of the cursor, and what it does.
    step: (usize, Scaling),
    course: Stage,
    /// Until that is done, the products are those of the run before.
    shown: Option<Products>,
    saturation: Vec<Saturation>,
    saturated: Vec<f64>,
    paths: Paths,
    /// Coming back, the first step whose gradient of the last loss is exactly zero, in f32 and f64; known when the
    /// products are.
    zero: [Option<usize>; 2],
}

/// How far the products of a lane are computed.
enum Stage {
    Unasked,
    UnderWay(Box<Course>),
    Done,
}

impl LaneSpectrum {
    fn new(experiment: &Experiment, run: &Run, t: usize, before: Option<Products>) -> Self {
        let layer = &run.trace.layers[0];
        let recurrent = recurrent(experiment).map(|matrix| Scaling::new(&matrix));
        let mut steps = Steps::new(experiment);
        let saturation: Vec<_> =
            (1..=steps.count()).map(|t| Saturation::new(&experiment.spec, layer, t)).collect();
        Self {
            bound: recurrent.as_ref().and_then(|scaling| bound(experiment, scaling)),
            recurrent,
            step: (t, Scaling::new(&steps.jacobian(t))),
            steps,
            course: Stage::Unasked,
            shown: before.filter(|products| products.steps() == run.trace.layers[0].h.nrows()),
            saturated: saturation.iter().map(Saturation::share).collect(),
            saturation,
            paths: Paths::new(experiment.spec.cell, run.last()),
            zero: [None; 2],
        }
    }

    fn products(&self) -> Option<&Products> {
        self.shown.as_ref().filter(|_| matches!(self.course, Stage::Done))
    }

    fn advance(&mut self, experiment: &Experiment, run: &Run) {
        self.course = match std::mem::replace(&mut self.course, Stage::Unasked) {
            Stage::Unasked => Stage::UnderWay(Box::new(Course::new(experiment))),
            Stage::UnderWay(mut course) => {
                if course.advance() {
                    Stage::UnderWay(course)
                } else {
                    self.shown = Some(course.finish());
                    self.zero = zeros(experiment, run);
                    Stage::Done
                }
            }
            Stage::Done => Stage::Done,
        };
    }
}

/// Where the gradient of the last loss is exactly zero, coming back, in f32 and f64.
fn zeros(experiment: &Experiment, run: &Run) -> [Option<usize>; 2] {
    let zero = |run: &Run| first_zero(&Norms::new(&run.last().signal()));
    [Precision::F32, Precision::F64].map(|precision| {
        if precision == experiment.precision {
            zero(run)
        } else {
            zero(&self::run(&Experiment { precision, ..experiment.clone() }))
        }
    })
}

/// What the page says beside the figure.
#[derive(Clone, Debug, Serialize)]
pub struct SpectrumFacts {
    key: &'static str,
    /// ∂s_T/∂s_t of all lanes.
    product: Math,
    lanes: Vec<LaneFacts>,
    side: Side,
}

#[derive(Clone, Debug, Serialize)]
struct LaneFacts {
    head: String,
    dials: Vec<DialFacts>,
    shown: String,
    words: String,
    rate: String,
    pending: bool,
    /// Whether a hand can change the lane's ρ.
    pulls: bool,
    saturated: String,
}

#[derive(Clone, Debug, Serialize)]
struct DialFacts {
    symbol: Math,
    name: String,
    shown: String,
    full: String,
}

/// A hand on ρ of a lane.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Grip {
    /// Which lane.
    pub lane: usize,
    /// Its ρ when it was taken hold of.
    pub rho: f64,
    /// Whether the lane has a ρ of its own.
    pub own: bool,
}

/// The right column.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Side {
    title: String,
    #[serde(rename = "where")]
    place: String,
    equations: Vec<Math>,
    spoken: String,
    verdicts: Vec<VerdictFacts>,
    singular: Singular,
    paths: Vec<PathFacts>,
    path_words: String,
    saturation: String,
    signal: String,
}

#[derive(Clone, Debug, Serialize)]
struct VerdictFacts {
    question: &'static str,
    answer: String,
    reason: String,
}

impl From<Verdict> for VerdictFacts {
    fn from(Verdict { question, answer, reason }: Verdict) -> Self {
        Self { question, answer, reason }
    }
}

/// The singular values at the cursor as ticks.
#[derive(Clone, Debug, Serialize)]
struct Singular {
    title: Math,
    lanes: Vec<Ticks>,
    /// Where the axis has a mark, 0 to 1, and what it says.
    marks: Vec<(f64, String)>,
    /// Where the axis has 1.
    one: f64,
}

#[derive(Clone, Debug, Serialize)]
struct Ticks {
    name: String,
    mark: usize,
    at: Vec<f64>,
    /// `10 below`, and all in words.
    below: String,
    words: String,
}

#[derive(Clone, Debug, Serialize)]
struct PathFacts {
    name: &'static str,
    shown: String,
    /// Length of its bar, 0 to 1.
    share: f64,
}

impl LaneRun {
    /// Keeps the curves of the run before in view until there are new ones.
    pub(super) fn follow(&mut self, before: Self) {
        if self.spectrum.is_none() && before.experiment.spec == self.experiment.spec {
            self.before = before.spectrum.and_then(|spectrum| spectrum.shown);
        }
    }

    /// Computes what the tab needs at once, for step t.
    fn prepare_spectrum(&mut self, t: usize) {
        match &mut self.spectrum {
            Some(spectrum) if spectrum.step.0 == t => {}
            Some(spectrum) => spectrum.step = (t, Scaling::new(&spectrum.steps.jacobian(t))),
            None => {
                let before = self.before.take();
                self.spectrum = Some(LaneSpectrum::new(&self.experiment, &self.run, t, before));
            }
        }
    }

    fn known<'a>(&'a self, spectrum: &'a LaneSpectrum) -> Known<'a> {
        Known {
            spec: &self.experiment.spec,
            recurrent: spectrum.recurrent.as_ref(),
            step: &spectrum.step.1,
            t: spectrum.step.0,
            steps: self.experiment.x.nrows(),
            bound: spectrum.bound,
            products: spectrum.products(),
        }
    }

    /// `J of (h, C)`.
    fn jacobian(&self) -> String {
        format!("● J of {}", state(&self.experiment.spec))
    }

    /// What is saturated at step t, from 1.
    fn saturation(&self, t: usize) -> String {
        let Some(at) = self.spectrum.as_ref().and_then(|spectrum| spectrum.saturation.get(t - 1)) else {
            return String::new();
        };
        let relu =
            self.experiment.spec.cell == Cell::Rnn && self.experiment.spec.activation == Activation::Relu;
        let state = if relu { "h = 0" } else { "|h| over 0.97" };
        let gates = at.gates.iter().flat_map(|(gate, shut, open)| {
            [(format!("{gate} under 0.03"), *shut), (format!("{gate} over 0.97"), *open)]
        });
        let parts: Vec<String> = std::iter::once((state.to_owned(), at.state))
            .chain(gates)
            .filter(|(_, share)| *share > 0.0)
            .map(|(what, share)| format!("{what} in {:.0} % of the units", share * 100.0))
            .collect();
        if parts.is_empty() { "no unit".into() } else { parts.join(", ") }
    }
}

impl Session {
    /// Computes what belongs to the cursor's step, and goes one step of one lane on with the products; of how many lanes
    /// they are still missing. The smallest state goes first.
    pub fn spectrum_advance(&mut self) -> usize {
        let (t, _) = self.t();
        for run in &mut self.lanes {
            run.prepare_spectrum(t);
        }
        let missing = |run: &&mut LaneRun| run.spectrum.as_ref().is_some_and(|s| s.products().is_none());
        let size = |run: &&mut LaneRun| run.spectrum.as_ref().map(|spectrum| spectrum.steps.size());
        if let Some(run) = self.lanes.iter_mut().filter(missing).min_by_key(size)
            && let Some(spectrum) = &mut run.spectrum
        {
            spectrum.advance(&run.experiment, &run.run);
        }
        self.lanes.iter().filter(|run| run.spectrum.as_ref().is_none_or(|s| s.products().is_none())).count()
    }

    fn spectrum_figure(&self) -> Option<SpectrumFigure<'_>> {
        let lanes = self.lanes.iter().map(|run| {
            let spectrum = run.spectrum.as_ref()?;
            Some(SpectrumLane {
                mark: run.mark,
                recurrent: spectrum.recurrent.as_ref(),
                step: &spectrum.step.1,
                products: spectrum.shown.as_ref(),
                bound: spectrum.bound,
                saturated: &spectrum.saturated,
            })
        });
        let progress = match self.t() {
            (t, false) => Progress::Forward(t),
            (t, true) => Progress::Backward(t),
        };
        Some(SpectrumFigure {
            steps: self.steps(),
            lanes: lanes.collect::<Option<_>>()?,
            progress,
            flag_above: !matches!(self.task.outcome, Outcome::Symbols(_)),
        })
    }

    /// Arranges the figure of steps, after [`Session::spectrum_advance`].
    pub fn spectrum_layout(&mut self, viewport: Viewport) -> Option<&SpectrumLayout> {
        let (t, _) = self.t();
        for run in &mut self.lanes {
            run.prepare_spectrum(t);
        }
        let layout = spectrum::layout(&self.spectrum_figure()?, viewport);
        Some(&self.spectrum_place.insert((viewport, layout)).1)
    }

    /// The arrangement in force, with the scale of the planes that the present eigenvalues need.
    fn spectrum_now(&self) -> Option<(SpectrumFigure<'_>, SpectrumLayout, Viewport)> {
        let (viewport, _) = self.spectrum_place.as_ref()?;
        let figure = self.spectrum_figure()?;
        let layout = spectrum::layout(&figure, *viewport);
        Some((figure, layout, *viewport))
    }

    /// Draws the figure of steps as arranged last.
    ///
    /// # Errors
    /// Whatever the backend cannot do.
    pub fn spectrum_draw<DB: plotters::prelude::DrawingBackend>(
        &self,
        area: &plotters::drawing::DrawingArea<DB, plotters::coord::Shift>,
    ) -> Result<(), plotters::drawing::DrawingAreaErrorKind<DB::ErrorType>> {
        match self.spectrum_now() {
            Some((figure, layout, viewport)) => spectrum::paint(area, &figure, &layout, viewport),
            None => Ok(()),
        }
    }

    /// The words over the figure of steps as arranged last.
    #[must_use]
    pub fn spectrum_labels(&self) -> Vec<Label> {
        self.spectrum_now()
            .map_or_else(Vec::new, |(figure, layout, viewport)| spectrum::labels(&figure, &layout, viewport))
    }

    /// The whole figure of steps as SVG, in its own size; empty before it is computed.
    #[must_use]
    pub fn spectrum_svg(&self, viewport: Viewport) -> String {
        let (Some(figure), Some(facts)) = (self.spectrum_figure(), self.spectrum_facts()) else {
            return String::new();
        };
        let words = self.lanes.iter().zip(facts.lanes).map(|(run, facts)| SpectrumWords {
            name: run.name.clone(),
            head: facts.head,
            dials: facts.dials.into_iter().map(|dial| (dial.name, dial.shown)).collect(),
            number: format!("{} {}", facts.shown, facts.words),
        });
        let title = "Singular values of ∂s_T/∂s_t, s = h, LSTM (h, C): how much each direction is scaled from T back to t";
        spectrum_svg(&figure, &words.collect::<Vec<_>>(), [KEY, title], viewport)
    }

    /// What stands beside the figure of steps.
    #[must_use]
    pub fn spectrum_facts(&self) -> Option<SpectrumFacts> {
        let lanes = self.lanes.iter().enumerate().map(|(lane, run)| self.lane_facts(lane, run));
        Some(SpectrumFacts {
            key: KEY,
            product: product(Cell::Lstm, &json!(["mi", "T"]), &json!(["mi", "t"])),
            lanes: lanes.collect::<Option<_>>()?,
            side: self.side()?,
        })
    }

    fn lane_facts(&self, lane: usize, run: &LaneRun) -> Option<LaneFacts> {
        let spectrum = run.spectrum.as_ref()?;
        let (t, step) = &spectrum.step;
        let mut dials = Vec::new();
        let both = spectrum.recurrent.iter().map(|w| ("W", w)).chain([("J", step)]);
        for (of, scaling) in both {
            let radius = json!(["mrow", ["mi", "ρ"], math::parenthesised(&json!(["mi", of]))]);
            let largest = json!(["mrow", sigma_max(), math::parenthesised(&json!(["mi", of]))]);
            for (symbol, name, value) in [(radius, "ρ", scaling.radius), (largest, "σmax", scaling.largest)]
            {
                let name = format!("{name}({of})");
                dials.push(DialFacts { symbol, name, shown: short(value), full: full(value) });
            }
        }
        let what = if spectrum.recurrent.is_some() { "○ W and ● J".into() } else { run.jacobian() };
        let (shown, words, rate) = match spectrum.products() {
            None => ("…".to_owned(), "being computed".to_owned(), String::new()),
            Some(products) if !products.is_finite() => {
                ("not finite".to_owned(), "the pass leaves f64".to_owned(), String::new())
            }
            Some(products) => {
                let largest = products.at(1).first().copied().unwrap_or(f64::NEG_INFINITY);
                let rate = rate(&products.largest())
                    .map_or_else(String::new, |rate| format!("{} decades/step", signed(rate)));
                (power(largest), "largest, at t = 1".to_owned(), rate)
            }
        };
        Some(LaneFacts {
            head: format!("{what}, t = {t}"),
            dials,
            shown,
            words,
            rate,
            pending: spectrum.products().is_none(),
            pulls: self.pulls(lane),
            saturated: run.saturation(*t),
        })
    }

    /// Whether ρ of a lane is a setting: an RNN with drawn weights.
    fn pulls(&self, lane: usize) -> bool {
        self.lanes
            .get(lane)
            .is_some_and(|run| run.experiment.init.is_some() && run.experiment.spec.cell == Cell::Rnn)
    }

    /// What a hand takes hold of at a point of the figure of steps: ρ of a lane.
    #[must_use]
    pub fn spectrum_grab(&self, x: f64, y: f64) -> Option<Grip> {
        let (figure, layout, _) = self.spectrum_now()?;
        let lane = spectrum::grabs(&figure, &layout, x, y).filter(|&lane| self.pulls(lane))?;
        let own = self.settings.lanes.get(lane)?.own.contains_key(&Key::Rho);
        let Value::Real(rho) = *self.settings.of(lane, Key::Rho) else { return None };
        Some(Grip { lane, rho, own })
    }

    /// ρ as a setting has it, when a hand that took hold at `from` with that ρ is at `to`: as many times as far from
    /// the origin, as many times as large.
    #[must_use]
    pub fn spectrum_pull(&self, lane: usize, rho: f64, from: [f64; 2], to: [f64; 2]) -> Option<String> {
        let (_, layout) = self.spectrum_place.as_ref()?;
        let (x, y) = layout.planes.get(lane)?.centre();
        let far = |[px, py]: [f64; 2]| libm::hypot(px - x, py - y);
        let Kind::Real { min, max, .. } = Key::Rho.setting().kind else { return None };
        let wanted = (rho * far(to) / far(from).max(1.0)).clamp(min, max);
        wanted.is_finite().then(|| format!("{wanted:.2}"))
    }

    fn side(&self) -> Option<Side> {
        let lane = self.cursor.lane;
        let run = &self.lanes[lane];
        let spectrum = run.spectrum.as_ref()?;
        let (t, spec) = (spectrum.step.0, &run.experiment.spec);
        let (equations, spoken) = equations(spec.cell, spec.activation, spectrum.bound.is_some());
        let size = spectrum.steps.size();
        let known = run.known(spectrum);
        let [f32, f64] = spectrum.zero;
        let fate = decades(run.norms(Losses::Last).decades.first().copied().unwrap_or(f64::NAN));
        let (paths, path_words) =
            path_facts(spec.cell, spectrum.paths.at(t), spectrum.paths.at(self.steps()).total, t);
        Some(Side {
            title: run.name.clone(),
            place: if spectrum.recurrent.is_some() {
                format!("recurrent matrix, {size} × {size}")
            } else {
                format!("step Jacobian, {size} × {size}")
            },
            equations,
            spoken,
            verdicts: known.verdicts().map(VerdictFacts::from).into(),
            singular: self.singular(t),
            paths,
            path_words,
            saturation: format!("Saturated at t = {t}: {}.", run.saturation(t)),
            signal: match known.products {
                Some(_) => format!("The last loss’s gradient {fate}. {}", underflow(f32, f64)),
                None => format!("The last loss’s gradient {fate}."),
            },
        })
    }

    /// The singular values of ∂s_T/∂s_t as ticks, on one axis for all lanes.
    fn singular(&self, t: usize) -> Singular {
        let at =
            |run: &LaneRun| run.spectrum.as_ref().and_then(LaneSpectrum::products).map(|p| p.at(t).to_vec());
        let all: Vec<_> = self.lanes.iter().map(at).collect();
        let largest = all.iter().flatten().filter_map(|values| values.first()).copied();
        let (least, most) = largest.fold((0.0, 0.0), |(a, b): (f64, f64), d| (a.min(d), b.max(d)));
        let (low, high) = ((least - 4.0).floor().min(DEEP), (most + 0.5).ceil().max(1.0));
        let along = |decades: f64| (decades - low) / (high - low);
        let domain = crate::view::Domain { low, high };
        let marks = domain
            .powers(240.0, 52.0)
            .into_iter()
            .map(|power| (along(f64::from(power)), crate::analysis::number::power_of_ten(power)));
        let lanes = self.lanes.iter().zip(&all).map(|(run, values)| {
            let seen = |values: &Vec<f64>| values.iter().copied().filter(|&d| d >= low).map(along).collect();
            let at: Vec<f64> = values.as_ref().map_or_else(Vec::new, seen);
            let size = run.spectrum.as_ref().map_or(0, |spectrum| spectrum.steps.size());
            let below = size - at.len();
            let words = match values {
                None => "being computed".into(),
                Some(values) => spread(values, size),
            };
            let below = if below > 0 && values.is_some() { format!("{below} below") } else { String::new() };
            Ticks { name: run.name.clone(), mark: run.mark, at, below, words }
        });
        Singular {
            title: product(
                Cell::Lstm,
                &json!(["mn", self.steps().to_string()]),
                &json!(["mn", t.to_string()]),
            ),
            lanes: lanes.collect(),
            marks: marks.collect(),
            one: along(0.0),
        }
    }

    /// What is under a point of the figure of steps as arranged last.
    #[must_use]
    pub fn spectrum_pick(&self, x: f64, y: f64) -> Option<Picked> {
        let (figure, layout, _) = self.spectrum_now()?;
        let here = self.t().0;
        Some(match spectrum::hit(&figure, &layout, x, y) {
            SpectrumHit::Eigenvalue { lane, recurrent, index, area } => {
                let shown = &figure.lanes[lane];
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
            SpectrumHit::Ring { lane, area } => {
                let run = &self.lanes[lane];
                let label = json!(["mrow", ["mi", "ρ"], math::parenthesised(&json!(["mi", "W"]))]);
                let note = if self.pulls(lane) { "drag to scale the recurrent matrix" } else { "" };
                Picked::new(lane, "ring", label, "spectral radius", here, area)
                    .number(run, figure.lanes[lane].recurrent?.radius)
                    .noted(note.into())
                    .held(self.pulls(lane))
            }
            SpectrumHit::Curves { lane, t, area } => {
                let run = &self.lanes[lane];
                let products = figure.lanes[lane].products?;
                let values = products.at(t);
                let label = product(
                    run.experiment.spec.cell,
                    &json!(["mn", self.steps().to_string()]),
                    &json!(["mn", t.to_string()]),
                );
                let picked = Picked::new(lane, "singular", label, "largest singular value", t, area);
                picked
                    .text(power(values.first().copied().unwrap_or(f64::NEG_INFINITY)))
                    .noted(spread(values, products.size()))
            }
            SpectrumHit::Strip { lane, t, area } => {
                let run = &self.lanes[lane];
                let label = json!(["mtext", "saturated"]);
                let share = figure.lanes[lane].saturated.get(t - 1).copied()?;
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
    pub(super) fn spectrum_caption(&self) -> Caption {
        let (t, backward) = self.t();
        let phase = if backward { "Backward" } else { "Forward" };
        let lead = format!("{phase}, t = {t}, “{}”.", token(&self.task.inputs[t - 1]));
        let run = &self.lanes[self.cursor.lane];
        let Some(spectrum) = &run.spectrum else { return Caption { lead, text: String::new() } };
        let step = &spectrum.step.1;
        let here = format!(
            "The {}’s step to t = {t} has ρ(J) = {} and σmax(J) = {}.",
            run.name,
            short(step.radius),
            short(step.largest)
        );
        let largest: Vec<String> = self
            .lanes
            .iter()
            .filter_map(|run| {
                let products = run.spectrum.as_ref()?.products().filter(|products| products.is_finite())?;
                let most = products.at(t).first().copied().unwrap_or(f64::NEG_INFINITY);
                Some(format!("{} {}", run.name, power(most)))
            })
            .collect();
        let steps = self.steps() - t;
        let way = match (steps, largest.is_empty()) {
            (_, true) => String::new(),
            (0, _) => " Here the way back begins.".into(),
            _ => format!(" A gradient of length 1 at T arrives here with at most: {}.", largest.join(", ")),
        };
        Caption { lead, text: format!("{here}{way} Saturated: {}.", run.saturation(t)) }
    }

    /// The figure in a few sentences.
    pub(super) fn spectrum_describe(&self) -> String {
        let lanes: Vec<String> = self
            .lanes
            .iter()
            .filter_map(|run| {
                let spectrum = run.spectrum.as_ref()?;
                let w = spectrum.recurrent.as_ref().map_or_else(String::new, |w| {
                    format!("ρ(W) = {}, σmax(W) = {}; ", short(w.radius), short(w.largest))
                });
                let verdicts = run.known(spectrum).verdicts();
                let said: Vec<String> =
                    verdicts.iter().map(|v| format!("{} {}", v.question, v.answer)).collect();
                Some(format!("{} ({}): {w}{}", run.name, run.spec(), said.join("; ")))
            })
            .collect();
        format!(
            "Eigenvalues of one step, and singular values of the product of all steps from T back to t, {} over {} steps. {}.",
            self.task.title,
            self.steps(),
            lanes.join(". ")
        )
    }

    /// Singular values, saturation and paths, as a table.
    pub(super) fn spectrum_table(&self) -> Table {
        let mut head = vec!["t".to_owned(), "input".to_owned()];
        for run in &self.lanes {
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
            let mut row = vec![t.to_string(), token(&self.task.inputs[t - 1])];
            for run in &self.lanes {
                let Some(spectrum) = &run.spectrum else { continue };
                let values = spectrum.products().map_or(&[][..], |products| products.at(t));
                let whole = spectrum.products().is_some_and(|products| values.len() == products.size());
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
fn spread(values: &[f64], size: usize) -> String {
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

/// What the three ways bring to step t, relative to what the loss sent.
fn path_facts(cell: Cell, at: Share, sent: f64, t: usize) -> (Vec<PathFacts>, String) {
    let of = if cell == Cell::Lstm { "∂L/∂C" } else { "∂L/∂h" };
    let ratio = |norm: f64| if norm == 0.0 { 0.0 } else { norm / sent };
    let ways: Vec<(&'static str, f64)> = match at.direct {
        None => vec![("through W and φ′", at.total)],
        Some(direct) => vec![
            (if cell == Cell::Lstm { "direct, Π f" } else { "direct, Π (1 − z)" }, direct),
            ("through the gates", at.gates),
            ("both, added", at.total),
        ],
    };
    let most =
        ways.iter().map(|(_, norm)| *norm).filter(|norm| norm.is_finite()).fold(f64::MIN_POSITIVE, f64::max);
    let words = match at.direct {
        None => {
            format!("The RNN has one way back: {of} at t = {t} is {} of that at T.", short(ratio(at.total)))
        }
        Some(_) => format!(
            "Norms of {of} at t = {t}, relative to T. The two ways add up as vectors; where they are opposed, the sum is shorter."
        ),
    };
    let facts = ways.into_iter().map(|(name, norm)| PathFacts {
        name,
        shown: short(ratio(norm)),
        share: if norm.is_finite() { norm / most } else { 0.0 },
    });
    (facts.collect(), words)
}

fn sigma_max() -> Math {
    json!(["msub", ["mi", "σ"], ["mi", "max"]])
}

/// `∂s_T/∂s_t`.
fn product(cell: Cell, from: &Math, to: &Math) -> Math {
    let state = if cell == Cell::Lstm { "s" } else { "h" };
    let d = |index: &Math| json!(["mrow", ["mi", { "mathvariant": "normal" }, "∂"], ["msub", ["mi", state], index]]);
    json!(["mrow", d(from), ["mo", { "lspace": "0", "rspace": "0" }, "/"], d(to)])
}

/// How steps make the product, in symbols and in words.
fn equations(cell: Cell, activation: Activation, bounded: bool) -> (Vec<Math>, String) {
    let mi = |name: &str| json!(["mi", name]);
    let k = |name: &str, shift: i32| {
        let index = if shift == 0 { mi("k") } else { json!(["mrow", mi("k"), mo("−"), ["mn", "1"]]) };
        json!(["msub", symbol(name), index])
    };
    let jacobian = |index: Math| json!(["msub", mi("J"), index]);
    let next = json!(["mrow", mi("t"), mo("+"), ["mn", "1"]]);
    let chain = json!([
        "mrow",
        product(cell, &mi("T"), &mi("t")),
        mo("="),
        jacobian(mi("T")),
        mo("⋯"),
        jacobian(next)
    ]);
    let diag = |inside: Math| json!(["mrow", mi("diag"), math::parenthesised(&inside)]);
    let one = json!(["mn", "1"]);
    let (step, spoken) = match cell {
        Cell::Rnn => {
            let slope = match activation {
                Activation::Tanh => json!(["mrow", one, mo("−"), ["msubsup", mi("h"), mi("k"), ["mn", "2"]]]),
                Activation::Relu => json!(["mrow", k("h", 0), mo(">"), ["mn", "0"]]),
            };
            (
                json!(["mrow", jacobian(mi("k")), mo("="), diag(slope), symbol("W_hh")]),
                "A step's Jacobian is the diagonal matrix of slopes times W h h.",
            )
        }
        Cell::Lstm => (
            json!([
                "mrow",
                ["mfrac", d(&k("C", 0)), d(&k("C", -1))],
                mo("="),
                diag(k("f", 0)),
                mo(","),
                mi("s"),
                mo("="),
                math::parenthesised(&json!(["mrow", mi("h"), mo(","), mi("C")]))
            ]),
            "Within a step's Jacobian of h and C, the cell hands on to itself the diagonal matrix of the forget gate.",
        ),
        Cell::Gru => (
            json!([
                "mrow",
                jacobian(mi("k")),
                mo("="),
                diag(json!(["mrow", one, mo("−"), k("z", 0)])),
                mo("+"),
                ["mtext", "through the gates"]
            ]),
            "A step's Jacobian is the diagonal matrix of 1 minus z, plus what passes through the gates.",
        ),
    };
    let mut all = vec![chain, step];
    if bounded {
        let norm = json!(["mrow", ["mo", "‖"], product(cell, &mi("T"), &mi("t")), ["mo", "‖"]]);
        let factor = math::parenthesised(&json!(["mrow", mi("γ"), sigma_max()]));
        let power = json!(["msup", factor, ["mrow", mi("T"), mo("−"), mi("t")]]);
        all.push(json!(["mrow", norm, mo("≤"), power]));
        let slope = json!(["mrow", mi("max"), ["msup", mi("φ"), ["mo", "′"]]]);
        all.push(json!(["mrow", mi("γ"), mo("="), slope, mo("="), ["mn", "1"]]));
    }
    let spoken = format!(
        "The derivative of the last state by the state at t is the product of the Jacobians of all steps between. {spoken}"
    );
    (all, spoken)
}

fn d(of: &Math) -> Math {
    json!(["mrow", ["mi", { "mathvariant": "normal" }, "∂"], of])
}

/// The layout as the page's other parts read it: the chart is the whole figure.
#[must_use]
pub fn with_shared_bands(layout: &SpectrumLayout) -> Json {
    let SpectrumLayout { width, height, axis, planes, key, title, inputs, lanes, ticks, tick_labels } =
        layout;
    json!({
        "width": width, "height": height, "axis": axis, "inputs": inputs, "targets": null, "lanes": [],
        "chart": { "y": 0, "height": height }, "ticks": ticks, "tickLabels": tick_labels,
        "spectrum": { "planes": planes, "key": key, "title": title, "lanes": lanes },
    })
}
