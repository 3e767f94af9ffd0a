//! The tab "Spectrum": how one step and the product of many scale a signal.
//!
//! What belongs to the step of the cursor is computed when the cursor moves; the products of steps when the tab asks
//! for them, a step of one lane at a time. Both stay with the lane's run.

mod facts;
mod formulas;
mod words;

use serde::Serialize;
use serde_json::{Value as Json, json};

pub use facts::SpectrumFacts;

use super::{LaneRun, Session, Site};
use crate::analysis::gauge::first_zero;
use crate::analysis::paths::Paths;
use crate::analysis::saturation::Saturation;
use crate::analysis::spectrum::{Bound, Course, Products, Scaling, recurrent};
use crate::analysis::verdict::{Known, state};
use crate::experiment::settings::{Key, Kind, Value};
use crate::experiment::task::Outcome;
use crate::experiment::{Activation, Cell, Experiment, Precision};
use crate::model::jacobian::Steps;
use crate::trace::{Run, run};
use crate::view::spectrum::{self, SpectrumFigure, SpectrumLane, SpectrumLayout};
use crate::view::{Label, Progress, SpectrumWords, Viewport, spectrum_svg};

/// What the signs in the planes mean.
const KEY: &str = "○ eigenvalues of W, ● of J, the Jacobian of the step to t. A step scales an eigenvector by |λ|: on the circle it keeps its size.";
/// What the tab knows of one layer and direction of a lane.
pub(super) struct LaneSpectrum {
    site: Site,
    /// Of the encoder, or of the only layers, then of the decoder; none but for RNNs.
    recurrent: Vec<Scaling>,
    bound: Option<Bound>,
    steps: Steps,
    /// The position of the cursor on the axis, and what the step to it does.
    step: (usize, Scaling),
    course: Stage,
    /// Until that has walked all steps, the products are those of the run before.
    shown: Option<Products>,
    /// What the run before was walking through: a hand that moves on sees it arrive.
    chased: Option<Box<Course>>,
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
    /// All steps are walked, and some are read.
    Outlined(Box<Course>),
    /// All are read.
    Read,
    Done,
}

impl LaneSpectrum {
    fn new(run: &LaneRun, site: Site, t: usize, before: Option<Before>) -> Self {
        let (experiment, sweep) = (&run.experiment, run.sweep(site));
        let layer = &run.run.along(true)[sweep];
        let recurrent: Vec<_> = recurrent(experiment, sweep).iter().map(Scaling::new).collect();
        let mut steps = Steps::new(experiment, sweep);
        let axis = steps.axis();
        let saturation: Vec<_> =
            (1..=axis.count).map(|t| Saturation::new(&experiment.spec, layer, t)).collect();
        let fits = |products: &Products| (products.axis(), products.direction()) == (axis, layer.direction);
        let before = before.filter(|before| before.site == site);
        let (shown, chased) = before.map_or((None, None), |before| (before.shown, before.chased));
        Self {
            site,
            shown: shown.filter(fits),
            chased,
            bound: Bound::new(experiment, &recurrent),
            recurrent,
            step: (t, Scaling::new(&steps.jacobian(axis.seen(layer.direction, t)))),
            steps,
            course: Stage::Unasked,
            saturated: saturation.iter().map(Saturation::share).collect(),
            saturation,
            paths: Paths::new(&experiment.spec, layer, axis),
            zero: [None; 2],
        }
    }

    /// The recurrent matrix of the step at the cursor, the encoder's or the decoder's.
    fn matrix(&self) -> Option<&Scaling> {
        let decodes = self.steps.axis().decodes(self.step.0);
        self.recurrent.get(usize::from(decodes))
    }

    /// Its own products, once all steps are walked.
    fn products(&self) -> Option<&Products> {
        self.shown.as_ref().filter(|_| matches!(self.course, Stage::Outlined(_) | Stage::Read | Stage::Done))
    }

    /// How much is still to come: 2 before the curves, 1 before all of them are read.
    fn missing(&self) -> usize {
        match self.course {
            Stage::Unasked | Stage::UnderWay(_) => 2,
            Stage::Outlined(_) | Stage::Read => 1,
            Stage::Done => 0,
        }
    }

    fn advance(&mut self, experiment: &Experiment, run: &Run, sweep: usize) {
        if let Some(mut course) = self.chased.take() {
            course.advance();
            if course.walks() {
                self.chased = Some(course);
            } else {
                self.shown = Some(course.found());
            }
            return;
        }
        self.course = match std::mem::replace(&mut self.course, Stage::Unasked) {
            Stage::Unasked => Stage::UnderWay(Box::new(Course::new(experiment, sweep))),
            Stage::UnderWay(mut course) => {
                course.advance();
                if course.walks() {
                    Stage::UnderWay(course)
                } else {
                    self.shown = Some(course.found());
                    Stage::Outlined(course)
                }
            }
            Stage::Outlined(mut course) => {
                if course.advance() {
                    Stage::Outlined(course)
                } else {
                    self.shown = Some(course.found());
                    Stage::Read
                }
            }
            Stage::Read => {
                self.zero = zeros(experiment, run, sweep);
                Stage::Done
            }
            Stage::Done => Stage::Done,
        };
    }
}

/// What a lane hands on to its next run, for the same layer and direction.
pub(super) struct Before {
    site: Site,
    shown: Option<Products>,
    chased: Option<Box<Course>>,
}

/// Where the gradient of the last loss is exactly zero, coming back, in f32 and f64.
fn zeros(experiment: &Experiment, run: &Run, sweep: usize) -> [Option<usize>; 2] {
    let zero = |run: &Run| {
        let layer = &run.along(true)[sweep];
        first_zero(&layer.signal(experiment.spec.cell), experiment.steps(), layer.direction)
    };
    [Precision::F32, Precision::F64].map(|precision| {
        if precision == experiment.precision {
            zero(run)
        } else {
            zero(&self::run(&Experiment { precision, ..experiment.clone() }))
        }
    })
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

impl LaneRun {
    /// Keeps the curves of the run before in view until there are new ones.
    pub(super) fn follow(&mut self, before: Self) {
        if self.spectrum.is_none() && before.experiment.spec == self.experiment.spec {
            let known = before.spectrum.map(|LaneSpectrum { site, shown, chased, course, .. }| {
                let own = if let Stage::UnderWay(course) = course { Some(course) } else { None };
                Before { site, shown, chased: chased.or(own) }
            });
            self.before = known.or(before.before);
        }
    }

    /// Computes what the tab needs at once, for a layer and direction at position t.
    fn prepare_spectrum(&mut self, site: Site, t: usize) {
        let site = self.nearest(site);
        match &mut self.spectrum {
            Some(spectrum) if spectrum.site == site => {
                if spectrum.step.0 != t {
                    let number = self.axis().seen(site.direction, t);
                    if let Some(spectrum) = &mut self.spectrum {
                        spectrum.step = (t, Scaling::new(&spectrum.steps.jacobian(number)));
                    }
                }
            }
            _ => {
                let before = self.before.take();
                self.spectrum = Some(LaneSpectrum::new(self, site, t, before));
            }
        }
    }

    fn known<'a>(&'a self, spectrum: &'a LaneSpectrum) -> Known<'a> {
        Known {
            spec: &self.experiment.spec,
            recurrent: &spectrum.recurrent,
            step: &spectrum.step.1,
            t: spectrum.step.0,
            axis: self.axis(),
            direction: spectrum.site.direction,
            bounded: spectrum.bound.is_some(),
            alone: self.by_state(spectrum.site),
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
        let relu = !self.experiment.spec.cell.gated() && self.experiment.spec.activation == Activation::Relu;
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
    /// Computes what belongs to the cursor's step, and goes one step of one lane on with the products; how much is still
    /// missing. The smallest state goes first.
    pub fn spectrum_advance(&mut self) -> usize {
        self.prepare_spectra();
        let missing = |run: &LaneRun| match &run.spectrum {
            Some(spectrum) => spectrum.missing(),
            None => 2 * usize::from(run.experiment.spec.cell.recurs()),
        };
        let size =
            |run: &LaneRun| run.spectrum.as_ref().map(|spectrum| spectrum.steps.size(run.axis().count));
        // Every lane's curves first, then what lies between their points.
        let next = self.lanes.iter_mut().filter(|run| missing(run) > 0);
        if let Some(run) = next.min_by_key(|run| (2 - missing(run), size(run))) {
            let sweep = run.sweep(self.cursor.gradient);
            if let Some(spectrum) = &mut run.spectrum {
                spectrum.advance(&run.experiment, &run.run, sweep);
            }
        }
        self.lanes.iter().map(missing).sum()
    }

    fn prepare_spectra(&mut self) {
        let (t, gradient, axis) = (self.t().0, self.cursor.gradient, self.axis());
        for run in self.lanes.iter_mut().filter(|run| run.experiment.spec.cell.recurs()) {
            let direction = run.nearest(gradient).direction;
            run.prepare_spectrum(gradient, axis.seen(direction, t));
        }
    }

    /// The lanes of the figure: a feed-forward network repeats no step.
    pub(super) fn stepping(&self) -> Vec<usize> {
        (0..self.lanes.len()).filter(|&lane| self.lanes[lane].experiment.spec.cell.recurs()).collect()
    }

    fn spectrum_figure(&self) -> Option<SpectrumFigure<'_>> {
        let lanes = self.stepping().into_iter().map(|lane| {
            let run = &self.lanes[lane];
            let spectrum = run.spectrum.as_ref()?;
            Some(SpectrumLane {
                mark: run.mark,
                recurrent: spectrum.matrix(),
                step: &spectrum.step.1,
                products: spectrum.shown.as_ref(),
                bound: spectrum.bound,
                saturated: &spectrum.saturated,
                direction: spectrum.site.direction,
            })
        });
        let progress = match self.t() {
            (t, false) => Progress::Forward(t),
            (t, true) => Progress::Backward(t),
        };
        Some(SpectrumFigure {
            axis: self.axis(),
            lanes: lanes.collect::<Option<_>>()?,
            progress,
            flag_above: !matches!(self.task.outcome, Outcome::Symbols(_)),
        })
    }

    /// Arranges the figure of steps, after [`Session::spectrum_advance`].
    pub fn spectrum_layout(&mut self, viewport: Viewport) -> Option<&SpectrumLayout> {
        self.prepare_spectra();
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
        let key = facts.key;
        let words = facts.lanes.into_iter().map(|facts| SpectrumWords {
            name: self.lanes[facts.lane].name.clone(),
            head: facts.head,
            dials: facts.dials.into_iter().map(|dial| (dial.name, dial.shown)).collect(),
            number: format!("{} {}", facts.shown, facts.words),
        });
        let begin = match self.begins() {
            "where it begins" => "T",
            begin => begin,
        };
        let title = format!(
            "Singular values of ∂s_{begin}/∂s_t, s = h, LSTM (h, C): how much each direction is scaled from {begin} back to t"
        );
        spectrum_svg(&figure, &words.collect::<Vec<_>>(), [&key, &title], viewport)
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
        let place = spectrum::grabs(&figure, &layout, x, y)?;
        let lane = self.stepping().get(place).copied().filter(|&lane| self.pulls(lane))?;
        let own = self.settings.lanes.get(lane)?.own.contains_key(&Key::Rho);
        let Value::Real(rho) = *self.settings.of(lane, Key::Rho) else { return None };
        Some(Grip { lane, rho, own })
    }

    /// ρ as a setting has it, when a hand that took hold at `from` with that ρ is at `to`: as many times as far from
    /// the origin, as many times as large.
    #[must_use]
    pub fn spectrum_pull(&self, lane: usize, rho: f64, from: [f64; 2], to: [f64; 2]) -> Option<String> {
        let (_, layout) = self.spectrum_place.as_ref()?;
        let (x, y) = layout.planes.get(self.stepping().iter().position(|known| *known == lane)?)?.centre();
        let far = |[px, py]: [f64; 2]| libm::hypot(px - x, py - y);
        let Kind::Real { min, max, .. } = Key::Rho.setting().kind else { return None };
        let wanted = (rho * far(to) / far(from).max(1.0)).clamp(min, max);
        wanted.is_finite().then(|| format!("{wanted:.2}"))
    }
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
