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

use super::{LaneRun, Session};
use crate::analysis::gauge::first_zero;
use crate::analysis::paths::Paths;
use crate::analysis::saturation::Saturation;
use crate::analysis::signal::Norms;
use crate::analysis::spectrum::{Course, Products, Scaling, bound, recurrent};
use crate::analysis::verdict::{Known, state};
use crate::experiment::settings::{Key, Kind, Value};
use crate::experiment::task::Outcome;
use crate::experiment::{Activation, Cell, Direction, Experiment, Precision};
use crate::model::jacobian::Steps;
use crate::trace::{Run, run};
use crate::view::spectrum::{self, SpectrumFigure, SpectrumLane, SpectrumLayout};
use crate::view::{Label, Progress, SpectrumWords, Viewport, spectrum_svg};

/// What the signs in the planes mean.
const KEY: &str = "○ eigenvalues of W, ● of J, the Jacobian of the step to t. A step scales an eigenvector by |λ|: on the circle it keeps its size.";
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
    Multiplied(Products),
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
            paths: Paths::new(&experiment.spec, &run.last()[0]),
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
                    Stage::Multiplied(course.finish())
                }
            }
            Stage::Multiplied(products) => {
                self.shown = Some(products);
                self.zero = zeros(experiment, run);
                Stage::Done
            }
            Stage::Done => Stage::Done,
        };
    }
}

/// Where the gradient of the last loss is exactly zero, coming back, in f32 and f64.
fn zeros(experiment: &Experiment, run: &Run) -> [Option<usize>; 2] {
    let zero =
        |run: &Run| first_zero(&Norms::new(&run.last()[0].signal(), Direction::Forward), Direction::Forward);
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
