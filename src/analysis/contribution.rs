//! What each loss gives to the gradient of the recurrent weights.

use super::signal;
use crate::experiment::{Experiment, Precision};
use crate::model::apart::Apart;
use crate::model::parameters::gates;
use crate::model::{Parameters, Scalar};
use crate::trace::Trace;

/// `G_t = ∂L_t/∂U` of every loss, and the gradient that they add up to.
///
/// # Formula
/// `G_t = Σ_{k≤t} ∂L_t/∂a_k ⊗ h_{k−1}`, with U the recurrent weights of one layer and direction (a decoder's beside it),
/// G = Σ_t G_t = ∂L/∂U. The share of a loss is `⟨G_t, G⟩/⟨G, G⟩` with ⟨A, B⟩ = Σ A_ij·B_ij: the length of `G_t` along G in
/// units of G. Shares add up to 1; one below zero pulls against the sum.
#[derive(Clone, Debug, PartialEq)]
pub struct Contributions {
    silent: usize,
    /// ‖G‖, Frobenius.
    pub total: f64,
    parts: Vec<Part>,
}

/// What one loss gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// ‖`G_t`‖, Frobenius.
    pub norm: f64,
    /// Its share of the whole; `None` where the whole is zero or not finite, or where what travels is clipped at every
    /// step: then the parts do not add up to it.
    pub share: Option<f64>,
    /// The norm by gate, in the order of [`crate::model::cell::symbols`]; of a decoder's weights together with the
    /// encoder's.
    pub gates: Vec<f64>,
}

impl Contributions {
    /// Of the losses after the first `silent` steps.
    #[must_use]
    pub fn new(silent: usize, total: f64, parts: Vec<Part>) -> Self {
        Self { silent, total, parts }
    }

    /// What the loss of a step, from 1, gives; `None` where there is none.
    #[must_use]
    pub fn of(&self, loss: usize) -> Option<&Part> {
        self.parts.get(loss.checked_sub(self.silent + 1)?)
    }

    /// All losses' parts, each with its step, from 1.
    pub fn parts(&self) -> impl Iterator<Item = (usize, &Part)> {
        (self.silent + 1..).zip(&self.parts)
    }

    /// The smallest and the largest share, with 0 between them.
    #[must_use]
    pub fn range(&self) -> (f64, f64) {
        let shares = self.parts.iter().filter_map(|part| part.share);
        shares.fold((0.0, 0.0), |(low, high), share| (share.min(low), share.max(high)))
    }
}

/// What one loss, from 0, gives: each matrix row by row.
type Blocks = Box<dyn Fn(usize) -> Vec<Vec<f64>>>;

/// Contributions that are being computed, loss by loss.
pub struct Course {
    next: Blocks,
    losses: usize,
    silent: usize,
    gates: usize,
    total: f64,
    /// The whole gradient in units of its largest entry, blocks as [`Apart::recurrent`] has them; none where parts do
    /// not add up to it.
    whole: Option<Vec<f64>>,
    parts: Vec<Part>,
}

impl Course {
    /// Before the first loss, for the layer and direction that is number `sweep` in the order of files.
    #[must_use]
    pub fn new(experiment: &Experiment, trace: &Trace, sweep: usize) -> Self {
        fn begin<F: Scalar>(experiment: &Experiment, sweep: usize) -> (Blocks, usize) {
            let apart = Apart::<F>::new(experiment, sweep);
            let losses = apart.losses();
            let wide = |block: ndarray::Array2<F>| block.iter().map(|v| v.wide()).collect();
            (Box::new(move |loss| apart.recurrent(loss).into_iter().map(wide).collect()), losses)
        }
        let spec = &experiment.spec;
        let (next, losses) = match experiment.precision {
            Precision::F64 => begin::<f64>(experiment, sweep),
            Precision::F32 => begin::<f32>(experiment, sweep),
        };
        let own = Parameters::<f64>::from_weights(spec, &trace.gradients.layers[sweep]).recurrent;
        let layer = sweep / spec.directions().len();
        let beside = spec.decoder().and_then(|spec| {
            Some(Parameters::<f64>::from_weights(&spec, trace.gradients.decoder.get(layer)?).recurrent)
        });
        let whole: Vec<f64> = [Some(own), beside].into_iter().flatten().flatten().collect();
        let largest = whole.iter().fold(0.0_f64, |largest, v| largest.max(v.abs()));
        Self {
            next,
            losses,
            silent: experiment.steps().count - losses,
            gates: gates(spec.cell),
            total: signal::norm(&whole),
            whole: spec.limit.is_none().then(|| whole.iter().map(|v| v / largest).collect()),
            parts: Vec::new(),
        }
    }

    /// Computes what a further loss gives; false when there was none.
    pub fn advance(&mut self) -> bool {
        if self.parts.len() == self.losses {
            return false;
        }
        let blocks = (self.next)(self.parts.len());
        let gate = |index: usize| {
            let rows = blocks.iter().map(|block| block.len() / self.gates);
            let entries = blocks.iter().zip(rows).flat_map(|(block, rows)| &block[index * rows..][..rows]);
            signal::norm(&entries.copied().collect::<Vec<_>>())
        };
        let gates: Vec<f64> = (0..self.gates).map(gate).collect();
        let along = |whole: &Vec<f64>| whole.iter().zip(blocks.iter().flatten()).map(|(a, b)| a * b).sum();
        let share = self.whole.as_ref().map(along);
        self.parts.push(Part { norm: signal::norm(&gates), share, gates });
        true
    }

    /// What has been found, once [`Course::advance`] has no further loss.
    #[must_use]
    pub fn finish(mut self) -> Contributions {
        // What all have along the whole is its square; so divided, shares add up to 1 whatever was rounded.
        let square: f64 = self.parts.iter().filter_map(|part| part.share).sum();
        let whole = square.is_finite() && square != 0.0;
        for part in &mut self.parts {
            part.share = part.share.filter(|_| whole).map(|along| along / square);
        }
        Contributions::new(self.silent, self.total, self.parts)
    }
}

/// What each loss of a run gives to the recurrent weights of the layer and direction that is number `sweep`.
#[must_use]
pub fn contributions(experiment: &Experiment, trace: &Trace, sweep: usize) -> Contributions {
    let mut course = Course::new(experiment, trace, sweep);
    while course.advance() {}
    course.finish()
}
