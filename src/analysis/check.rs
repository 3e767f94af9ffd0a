//! The analytic gradient of a run against central differences, one number at a time.
//!
//! # Source
//! Ridders (1982), Accurate computation of F'(x) and F'(x) F''(x), Advances in Engineering Software 4: central
//! differences at steps halved again and again, extrapolated to step 0 (Neville's scheme in h²). Of all estimates
//! counts the one with the smallest uncertainty: how far it is from the two that it was made of, and what the
//! rounding of the loss leaves open at that step. Saturated gates need the extrapolation. A step across which a unit of
//! ReLU passes its kink, or another class is chosen and read again, tells nothing of the derivative and is not counted.
//!
//! Differences are taken in f64, also of a run in f32, and at exactly the numbers that it ran with.

use crate::experiment::{Activation, Cell, Experiment, Loss, Precision, Target, Weights};
use crate::model::network::Network;
use crate::model::readout::choice;
use crate::trace::Trace;

/// The relative error that two f64 derivatives may have, and the relative uncertainty of a difference that tells.
pub const TOLERANCE: f64 = 1e-6;
/// The first step, relative to a number of magnitude 1 or more.
const FIRST: f64 = 1.0 / 64.0;
/// Most halvings.
const MOST: usize = 30;
/// Fewest estimates of the first order before one may be good enough.
const FEWEST: usize = 3;
/// Good enough, relative.
const ENOUGH: f64 = 1e-8;
/// A sum's last digits, in units of ε.
const ROUNDING: f64 = 8.0;

/// A derivative and how far off it may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slope {
    /// The estimate.
    pub value: f64,
    /// Not more than so far from the derivative, as far as the differences can tell.
    pub uncertainty: f64,
}

/// A difference quotient on its way to step 0.
#[derive(Clone, Debug)]
pub struct Ridders {
    step: f64,
    rounding: f64,
    /// The estimates of the last step, each of a higher order than the one before.
    last: Vec<f64>,
    best: Slope,
    rows: usize,
    halvings: usize,
}

impl Ridders {
    /// For the derivative by a number that is `value`, of a loss that is `loss`.
    #[must_use]
    pub fn new(value: f64, loss: f64) -> Self {
        Self {
            step: FIRST * value.abs().max(1.0),
            rounding: ROUNDING * f64::EPSILON * loss.abs().max(1.0),
            last: Vec::new(),
            best: Slope { value: f64::NAN, uncertainty: f64::INFINITY },
            rows: 0,
            halvings: 0,
        }
    }

    /// Goes on to the next step without the loss of this one, or of any before: the function is another one there.
    pub fn skip(&mut self) {
        (self.last, self.rows) = (Vec::new(), 0);
        self.halve();
    }

    fn halve(&mut self) {
        self.step /= 2.0;
        self.halvings += 1;
    }

    /// Where the loss is wanted next: so far above and below.
    #[must_use]
    pub fn step(&self) -> f64 {
        self.step
    }

    /// Takes the loss above and below.
    pub fn add(&mut self, above: f64, below: f64) {
        let noise = self.rounding / self.step;
        let mut row = vec![(above - below) / (2.0 * self.step)];
        let mut power = 1.0;
        for (order, &before) in self.last.iter().enumerate() {
            power *= 4.0;
            let lower = row[order];
            let higher = (power * lower - before) / (power - 1.0);
            let apart = (higher - lower).abs().max((higher - before).abs());
            let uncertainty = apart + 2.0 * noise;
            if uncertainty < self.best.uncertainty {
                self.best = Slope { value: higher, uncertainty };
            }
            row.push(higher);
        }
        self.last = row;
        self.rows += 1;
        self.halve();
    }

    /// Whether a smaller step would tell more.
    #[must_use]
    pub fn wants_more(&self) -> bool {
        if self.halvings >= MOST {
            return false;
        }
        if self.rows < FEWEST {
            return true;
        }
        let enough = self.best.uncertainty <= ENOUGH * self.best.value.abs();
        let drowned = self.rounding / self.step >= self.best.uncertainty;
        !enough && !drowned
    }

    /// The best estimate so far; of infinite uncertainty while there is none.
    #[must_use]
    pub fn slope(&self) -> Slope {
        self.best
    }
}

/// The derivative at `value` of a function that is given by how far its argument is shifted.
pub fn slope(value: f64, mut function: impl FnMut(f64) -> f64) -> Slope {
    let mut ridders = Ridders::new(value, function(0.0));
    while ridders.wants_more() {
        let step = ridders.step();
        ridders.add(function(step), function(-step));
    }
    ridders.slope()
}

/// What a number is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// A weight, bias or gain.
    Parameter,
    /// Of the state before the first step.
    Start,
    /// Of the sequence.
    Input,
}

#[derive(Clone, Copy, Debug)]
enum Home {
    Block(usize, usize),
    Hidden(usize),
    Cell(usize),
    Readout,
    ReadoutBias,
    Inputs,
}

/// Numbers that have one name.
#[derive(Clone, Debug)]
struct Group {
    home: Home,
    name: String,
    rows: usize,
    columns: usize,
    sort: Sort,
}

impl Group {
    fn slot<'a>(&self, at: usize, experiment: &'a mut Experiment) -> Option<&'a mut f64> {
        let place = [at / self.columns, at % self.columns];
        let Experiment { weights: Weights { layers, decoder, head }, x, .. } = experiment;
        let of = |layer| layers.iter_mut().chain(decoder).nth(layer);
        match self.home {
            Home::Block(layer, block) => of(layer)?.values.get_mut(block)?.1.get_mut(place),
            Home::Hidden(layer) => of(layer)?.h_0.get_mut(at),
            Home::Cell(layer) => of(layer)?.c_0.get_mut(at),
            Home::Readout => head.w_hy.get_mut(place),
            Home::ReadoutBias => head.b_y.get_mut(at),
            Home::Inputs => x.get_mut(place),
        }
    }

    fn gradients(&self, trace: &Trace) -> Vec<f64> {
        let Weights { layers, decoder, head } = &trace.gradients;
        let of = |layer: usize| layers.get(layer).unwrap_or_else(|| &decoder[layer - layers.len()]);
        match self.home {
            Home::Block(layer, block) => of(layer).values[block].1.iter().copied().collect(),
            Home::Hidden(layer) => of(layer).h_0.clone(),
            Home::Cell(layer) => of(layer).c_0.clone(),
            Home::Readout => head.w_hy.iter().copied().collect(),
            Home::ReadoutBias => head.b_y.clone(),
            Home::Inputs => trace.dx.iter().copied().collect(),
        }
    }

    fn named(&self, at: usize) -> String {
        let Self { name, columns, .. } = self;
        let (row, column) = (at / columns + 1, at % columns + 1);
        match self.home {
            Home::Inputs => format!("{name}_{row}[{column}]"),
            Home::Block(..) | Home::Readout
                if *columns > 1 || name.starts_with('W') || name.contains(" W") =>
            {
                format!("{name}[{row}, {column}]")
            }
            _ => format!("{name}[{}]", at + 1),
        }
    }
}

fn groups(experiment: &Experiment) -> Vec<Group> {
    let Weights { layers, decoder, head } = &experiment.weights;
    let mut groups = Vec::new();
    for (index, layer) in layers.iter().chain(decoder).enumerate() {
        let prefix = if index >= layers.len() {
            format!("decoder, layer {}: ", layer.layer)
        } else if layers.len() > 1 {
            format!("layer {} {}: ", layer.layer, word(layer.direction))
        } else {
            String::new()
        };
        let mut add = |home, name: &str, (rows, columns), sort| {
            groups.push(Group { home, name: format!("{prefix}{name}"), rows, columns, sort });
        };
        for (block, (name, value)) in layer.values.iter().enumerate() {
            add(Home::Block(index, block), name, value.dim(), Sort::Parameter);
        }
        if !layer.h_0.is_empty() {
            add(Home::Hidden(index), "h_0", (1, layer.h_0.len()), Sort::Start);
        }
        if experiment.spec.cell == Cell::Lstm {
            add(Home::Cell(index), "C_0", (1, layer.c_0.len()), Sort::Start);
        }
    }
    let mut add = |home, name: &str, (rows, columns), sort| {
        groups.push(Group { home, name: name.into(), rows, columns, sort });
    };
    add(Home::Readout, "W_hy", head.w_hy.dim(), Sort::Parameter);
    add(Home::ReadoutBias, "b_y", (1, head.b_y.len()), Sort::Parameter);
    add(Home::Inputs, "x", experiment.x.dim(), Sort::Input);
    groups
}

fn word(direction: crate::experiment::Direction) -> &'static str {
    use crate::experiment::Choice as _;
    direction.word()
}

/// What has been found so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// How many numbers there are: parameters, initial states, inputs.
    pub total: usize,
    /// How many have been checked: parameters, initial states, inputs.
    pub checked: [usize; 3],
    /// The largest relative error of those whose difference is certain to [`TOLERANCE`], and whose it is.
    pub worst: Option<(f64, String)>,
    /// The largest error of all, relative to the largest gradient.
    pub scaled: f64,
    /// How many are too small for differences to be certain.
    pub faint: usize,
    /// How many lie at a kink, where there is no derivative.
    pub kinks: usize,
    /// How many differ by more than the differences are uncertain and f64 allows.
    pub apart: usize,
    /// Whether the loss and every gradient are finite.
    pub finite: bool,
}

impl Report {
    /// How many have been checked.
    #[must_use]
    pub fn done(&self) -> usize {
        self.checked.iter().sum()
    }
}

/// A check on its way.
#[derive(Clone, Debug)]
pub struct Check {
    experiment: Experiment,
    groups: Vec<Group>,
    analytic: Vec<Vec<f64>>,
    largest: f64,
    loss: f64,
    /// On which piece of the loss the run is: see [`loss`].
    piece: Vec<bool>,
    at: (usize, usize),
    /// The number that is checked now.
    now: Option<Ridders>,
    report: Report,
}

impl Check {
    /// Before the first number. The trace is that of the experiment.
    #[must_use]
    pub fn new(experiment: &Experiment, trace: &Trace) -> Self {
        let groups = groups(experiment);
        let analytic: Vec<_> = groups.iter().map(|group| group.gradients(trace)).collect();
        let mut experiment = experiment.clone();
        if experiment.precision == Precision::F32 {
            narrow(&mut experiment, &groups);
        }
        let (loss, piece) = loss(&experiment);
        let finite = loss.is_finite() && analytic.iter().flatten().all(|gradient| gradient.is_finite());
        let largest = analytic.iter().flatten().fold(0.0, |most: f64, gradient| most.max(gradient.abs()));
        let total = groups.iter().map(|group| group.rows * group.columns).sum();
        let report = Report { total, finite, ..Report::default() };
        Self { experiment, groups, analytic, largest, loss, piece, at: (0, 0), now: None, report }
    }

    /// Takes one more difference; whether there is another. Nothing is to be found where numbers are not finite.
    pub fn advance(&mut self) -> bool {
        if !self.report.finite {
            return false;
        }
        let (group, at) = self.at;
        let Some(group) = self.groups.get(group) else { return false };
        if at >= group.rows * group.columns {
            self.at = (self.at.0 + 1, 0);
            return self.at.0 < self.groups.len();
        }
        let experiment = &mut self.experiment;
        let Some(&mut value) = group.slot(at, experiment) else { return false };
        let mut ridders = self.now.take().unwrap_or_else(|| Ridders::new(value, self.loss));
        let step = ridders.step();
        let [above, below] = [value + step, value - step].map(|there| {
            if let Some(slot) = group.slot(at, experiment) {
                *slot = there;
            }
            loss(experiment)
        });
        if let Some(slot) = group.slot(at, experiment) {
            *slot = value;
        }
        if above.1 == self.piece && below.1 == self.piece {
            ridders.add(above.0, below.0);
        } else {
            ridders.skip();
        }
        if ridders.wants_more() {
            self.now = Some(ridders);
        } else {
            self.record(ridders.slope());
            self.at.1 += 1;
        }
        true
    }

    fn record(&mut self, slope: Slope) {
        let (index, at) = self.at;
        let (group, analytic) = (&self.groups[index], self.analytic[index][at]);
        let error = (analytic - slope.value).abs();
        let size = analytic.abs().max(slope.value.abs());
        let report = &mut self.report;
        report.checked[group.sort as usize] += 1;
        if slope.uncertainty.is_infinite() {
            report.kinks += 1;
            return;
        }
        report.scaled = report.scaled.max(error / self.largest.max(f64::MIN_POSITIVE));
        let allowed = TOLERANCE * size + slope.uncertainty;
        report.apart += usize::from(error.is_nan() || error > allowed);
        if size == 0.0 || slope.uncertainty > TOLERANCE * size {
            report.faint += usize::from(size > 0.0);
            return;
        }
        let relative = error / size;
        if report.worst.as_ref().is_none_or(|(worst, _)| relative > *worst) {
            report.worst = Some((relative, group.named(at)));
        }
    }

    /// What has been found so far.
    #[must_use]
    pub fn report(&self) -> &Report {
        &self.report
    }
}

/// The loss of an experiment, in f64, and on which of its pieces it is: which units of ReLU are above 0, and which
/// classes are read again.
fn loss(experiment: &Experiment) -> (f64, Vec<bool>) {
    let pass = Network::<f64>::new(experiment).forward(&experiment.x, &experiment.target);
    let kinked = !experiment.spec.cell.gated() && experiment.spec.activation == Activation::Relu;
    let tapes = pass.tapes.iter().chain(&pass.decoder);
    let states = tapes.filter(|_| kinked).flat_map(|tape| tape.h.rows().into_iter().skip(1));
    let chooses =
        experiment.spec.reads_outputs() && !experiment.teaching && experiment.loss() == Loss::CrossEntropy;
    let choices = pass.y.rows().into_iter().filter(|_| chooses).map(|row| choice(&row.to_vec()));
    let piece = states.flat_map(|row| row.to_vec()).chain(choices.flatten()).map(|value| value > 0.0);
    (pass.losses.iter().sum(), piece.collect())
}

/// Every number as a run in f32 reads it.
fn narrow(experiment: &mut Experiment, groups: &[Group]) {
    #[expect(clippy::cast_possible_truncation, reason = "rounding to f32 is what is asked for")]
    let round = |value: f64| f64::from(value as f32);
    for group in groups {
        for at in 0..group.rows * group.columns {
            if let Some(slot) = group.slot(at, experiment) {
                *slot = round(*slot);
            }
        }
    }
    if let Target::Values(values) = &mut experiment.target {
        values.mapv_inplace(round);
    }
}
