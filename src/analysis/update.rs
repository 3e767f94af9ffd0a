//! One step of gradient descent: the gradient, clipped in either way, and the loss after the step.

use super::signal::norm;
use crate::experiment::Clip;
use crate::experiment::settings::Descent;
use crate::experiment::{Experiment, Precision, Weights};
use crate::model::{Network, Scalar};
use crate::trace::Trace;

/// What becomes of the gradient in one way of clipping.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Way {
    /// Which.
    pub clip: Clip,
    /// Its length.
    pub norm: f64,
    /// Its part along the gradient.
    pub along: f64,
    /// Its part across, ≥ 0: the two parts say its place in the plane of gradient and clipped gradient.
    pub across: f64,
    /// The entries that the clipping changed.
    pub changed: usize,
    /// The loss after a step with it.
    pub loss: f64,
}

impl Way {
    /// The cosine of the angle between the gradient and what clipping made of it.
    #[must_use]
    pub fn cosine(&self) -> f64 {
        self.along / self.norm
    }

    /// That angle, in degrees.
    #[must_use]
    pub fn angle(&self) -> f64 {
        libm::atan2(self.across, self.along).to_degrees()
    }
}

/// One step from the present weights.
///
/// # Formula
/// g is every gradient of a parameter in one vector (initial states are no parameters). By norm: g·min(1, c/‖g‖). By
/// value: each entry clamped to [−c, c]. The step: θ − η·g, computed in f64 and rounded to the precision of the run,
/// in which the loss after it is computed by a forward pass.
///
/// # Source
/// Pascanu, Mikolov, Bengio: On the difficulty of training recurrent neural networks (2013).
#[derive(Clone, Debug, PartialEq)]
pub struct Update {
    /// What was asked for.
    pub descent: Descent,
    /// ‖g‖.
    pub norm: f64,
    /// Entries of g.
    pub entries: usize,
    /// The loss before the step.
    pub loss: f64,
    /// Without clipping, by norm and by value; `None` where g is not finite: there is no such step.
    pub ways: Option<[Way; 3]>,
    /// −g / ‖g‖ and a unit vector at right angles to it.
    directions: Option<[Vec<f64>; 2]>,
}

impl Update {
    /// Of a run.
    #[must_use]
    pub fn new(experiment: &Experiment, trace: &Trace, descent: Descent) -> Self {
        let gradient = flat(&trace.gradients);
        let length = norm(&gradient);
        let mut update = Self {
            descent,
            norm: length,
            entries: gradient.len(),
            loss: trace.loss,
            ways: None,
            directions: None,
        };
        if !length.is_finite() {
            return update;
        }
        let start = flat(&experiment.weights);
        let mut moved = experiment.clone();
        let unit: Vec<f64> = gradient.iter().map(|g| if length > 0.0 { g / length } else { 0.0 }).collect();
        update.ways = Some([Clip::Off, Clip::Norm, Clip::Value].map(|clip| {
            let clipped = clipped(&gradient, length, clip, descent.threshold);
            let changed = clipped.iter().zip(&gradient).filter(|(a, b)| a.to_bits() != b.to_bits()).count();
            let along: f64 = clipped.iter().zip(&unit).map(|(v, u)| v * u).sum();
            let across = match clip {
                Clip::Value if changed > 0 => norm(&rest(&clipped, &unit)),
                _ => 0.0,
            };
            set(&mut moved.weights, start.iter().zip(&clipped).map(|(w, g)| w - descent.rate * g));
            Way { clip, norm: norm(&clipped), along, across, changed, loss: loss(&moved) }
        }));
        if length > 0.0 {
            update.directions = Some(directions(&gradient, &unit, descent.threshold));
        }
        update
    }

    /// The way that the step takes.
    #[must_use]
    pub fn taken(&self) -> Option<&Way> {
        self.ways.as_ref().map(|ways| &ways[self.descent.clip as usize])
    }

    /// Orthonormal directions of a plane that holds all three steps: −g / ‖g‖, and what clipping by value adds to it;
    /// where it adds nothing, what clipping every entry to one size would add. `None` where g is 0 or not finite.
    #[must_use]
    pub fn directions(&self) -> Option<&[Vec<f64>; 2]> {
        self.directions.as_ref()
    }
}

/// The gradient, clipped; `length` is its norm.
#[must_use]
pub fn clipped(gradient: &[f64], length: f64, clip: Clip, threshold: f64) -> Vec<f64> {
    match clip {
        Clip::Norm if length > threshold => gradient.iter().map(|g| g / length * threshold).collect(),
        Clip::Value => gradient.iter().map(|g| g.clamp(-threshold, threshold)).collect(),
        Clip::Off | Clip::Norm => gradient.to_vec(),
    }
}

/// What a vector has at right angles to a unit vector.
fn rest(vector: &[f64], unit: &[f64]) -> Vec<f64> {
    let mut rest = vector.to_vec();
    // Once more takes away what rounding left.
    for _ in 0..2 {
        let along: f64 = rest.iter().zip(unit).map(|(v, u)| v * u).sum();
        rest.iter_mut().zip(unit).for_each(|(v, u)| *v -= along * u);
    }
    rest
}

fn directions(gradient: &[f64], unit: &[f64], threshold: f64) -> [Vec<f64>; 2] {
    let by_value = gradient.iter().map(|g| g.clamp(-threshold, threshold)).collect();
    let signs = gradient.iter().map(|g| if *g == 0.0 { 0.0 } else { g.signum() }).collect();
    // Where all entries have one size, both are along g: then the entry that has least of it.
    let least = (0..unit.len()).fold(0, |least, k| if unit[k].abs() < unit[least].abs() { k } else { least });
    let axis = (0..unit.len()).map(|k| f64::from(u8::from(k == least))).collect();
    let across = [by_value, signs, axis].into_iter().find_map(|vector: Vec<f64>| {
        let rest = rest(&vector, unit);
        let length = norm(&rest);
        (length > 1e-6 * norm(&vector)).then(|| rest.iter().map(|v| -v / length).collect())
    });
    [unit.iter().map(|u| -u).collect(), across.unwrap_or_default()]
}

/// Every parameter in one vector: blocks in the order of files, then the readout.
#[must_use]
pub fn flat(weights: &Weights) -> Vec<f64> {
    let layers = weights
        .layers
        .iter()
        .chain(&weights.decoder)
        .flat_map(|layer| layer.values.iter().flat_map(|(_, value)| value));
    layers.chain(&weights.head.w_hy).chain(&weights.head.b_y).copied().collect()
}

/// Sets every parameter, in the order of [`flat`].
pub(super) fn set(weights: &mut Weights, values: impl Iterator<Item = f64>) {
    let layers = weights
        .layers
        .iter_mut()
        .chain(&mut weights.decoder)
        .flat_map(|layer| &mut layer.values)
        .flat_map(|(_, value)| value);
    let all = layers.chain(&mut weights.head.w_hy).chain(&mut weights.head.b_y);
    all.zip(values).for_each(|(weight, value)| *weight = value);
}

/// The loss of an experiment, by a forward pass in its precision.
#[must_use]
pub fn loss(experiment: &Experiment) -> f64 {
    match experiment.precision {
        Precision::F64 => loss_in::<f64>(experiment),
        Precision::F32 => loss_in::<f32>(experiment),
    }
}

fn loss_in<F: Scalar>(experiment: &Experiment) -> f64 {
    let pass = Network::<F>::new(experiment).forward(&experiment.x, &experiment.target);
    pass.losses.iter().fold(F::ZERO, |sum, &loss| sum + loss).wide()
}
