//! Learning from examples: epochs of Adam from the weights that one begins with, the same to the bit everywhere.

use std::ops::Range;
use std::sync::Arc;

use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng as _, SeedableRng as _};

use super::update::{flat, set};
use crate::experiment::corpus::{Corpus, Example};
use crate::experiment::{Experiment, Precision, Target, Weights};
use crate::model::network::Gradients;
use crate::model::optimizer::{Adam, Moments};
use crate::model::{Network, Scalar};

/// Step size 0.01, the rest as Kingma and Ba have it.
pub const ADAM: Adam = Adam { rate: 0.01, beta_1: 0.9, beta_2: 0.999, epsilon: 1e-8 };
/// Examples whose mean gradient makes a step.
pub const BATCH: usize = 8;
/// Numbers that the weights of all epochs together may have, to be kept: 32 MB.
const KEPT: usize = 4 << 20;

/// How a model fares on examples that it has not learnt from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Report {
    /// Outputs whose likeliest class is the target.
    pub right: usize,
    /// All outputs.
    pub outputs: usize,
    /// Examples whose every output is right.
    pub whole: usize,
    /// All examples.
    pub examples: usize,
    /// Mean loss of an output.
    pub loss: f64,
}

impl Report {
    /// Of the held-out examples.
    #[must_use]
    pub fn new(experiment: &Experiment, corpus: &Corpus) -> Self {
        match experiment.precision {
            Precision::F64 => Self::within::<f64>(experiment, corpus),
            Precision::F32 => Self::within::<f32>(experiment, corpus),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    fn within<F: Scalar>(experiment: &Experiment, corpus: &Corpus) -> Self {
        let network = Network::<F>::new(experiment);
        let (mut right, mut outputs, mut whole, mut loss) = (0, 0, 0, 0.0);
        for Example { x, target, .. } in &corpus.examples[..corpus.held_out] {
            let pass = network.forward(x, target);
            loss += pass.losses.iter().map(|loss| loss.wide()).sum::<f64>();
            outputs += pass.losses.len();
            let Target::Classes(classes) = target else { continue };
            let likeliest =
                |row: &[F]| (0..row.len()).fold(0, |best, k| if row[k] > row[best] { k } else { best });
            let rows = pass.y.rows().into_iter().zip(classes);
            let hits = rows
                .filter(|(row, class)| {
                    likeliest(&row.to_vec()) == **class && row.iter().all(|y| y.wide().is_finite())
                })
                .count();
            right += hits;
            whole += usize::from(hits == classes.len());
        }
        Self { right, outputs, whole, examples: corpus.held_out, loss: loss / outputs.max(1) as f64 }
    }
}

/// The weights after each epoch, as far as they are learnt.
pub struct Training {
    corpus: Arc<Corpus>,
    start: Weights,
    /// With the weights within the epoch under way.
    model: Experiment,
    /// The weights after epoch 0, 1, …; of a large model the last alone.
    kept: Vec<Vec<f64>>,
    reports: Vec<Option<Report>>,
    done: usize,
    now: Vec<f64>,
    moments: Moments,
    random: Pcg64,
    order: Vec<usize>,
    place: usize,
}

impl Training {
    /// From the weights of a model.
    #[must_use]
    pub fn new(mut model: Experiment, corpus: Arc<Corpus>) -> Self {
        // A decoder is told while it learns, and runs free when it is examined.
        model.teaching = model.spec.reads_outputs();
        let now = flat(&model.weights);
        let seed = model.init.map_or(0, |init| init.seed);
        Self {
            start: model.weights.clone(),
            kept: vec![now.clone()],
            reports: vec![None],
            done: 0,
            moments: Moments::new(now.len()),
            now,
            random: Pcg64::seed_from_u64(seed),
            order: (corpus.held_out..corpus.examples.len()).collect(),
            place: 0,
            model,
            corpus,
        }
    }

    /// Whether it is what this model learns from these examples, whatever sequence it reads now.
    #[must_use]
    pub fn is_of(&self, model: &Experiment, corpus: &Arc<Corpus>) -> bool {
        Arc::ptr_eq(&self.corpus, corpus)
            && (self.model.precision, &self.model.spec, &self.model.init, &self.start)
                == (model.precision, &model.spec, &model.init, &model.weights)
    }

    /// Epochs that are done.
    #[must_use]
    pub fn done(&self) -> usize {
        self.done
    }

    /// How much of the epoch under way is done, 0 to 1.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    pub fn share(&self) -> f64 {
        self.place as f64 / self.order.len().max(1) as f64
    }

    /// The weights after so many epochs; `None` where they are not learnt yet, or no longer kept.
    #[must_use]
    pub fn weights(&self, epochs: usize) -> Option<Weights> {
        let kept = self.kept.get((epochs + self.kept.len()).checked_sub(self.done + 1)?)?;
        let mut weights = self.start.clone();
        set(&mut weights, kept.iter().copied());
        Some(weights)
    }

    /// How the weights after so many epochs fare on what was held out.
    pub fn report(&mut self, epochs: usize) -> Option<Report> {
        if let Some(known) = *self.reports.get(epochs)? {
            return Some(known);
        }
        let weights = self.weights(epochs)?;
        let report =
            Report::new(&Experiment { weights, teaching: false, ..self.model.clone() }, &self.corpus);
        self.reports[epochs] = Some(report);
        Some(report)
    }

    /// Learns from one more batch; whether that ended an epoch.
    pub fn advance(&mut self) -> bool {
        if self.place == 0 {
            self.shuffle();
        }
        let end = (self.place + BATCH).min(self.order.len());
        let batch = self.place..end;
        let gradient = match self.model.precision {
            Precision::F64 => self.gradient::<f64>(batch),
            Precision::F32 => self.gradient::<f32>(batch),
        };
        self.moments.step(&ADAM, &mut self.now, &gradient);
        set(&mut self.model.weights, self.now.iter().copied());
        self.place = end;
        if end < self.order.len() {
            return false;
        }
        self.place = 0;
        self.done += 1;
        self.reports.push(None);
        if (self.kept.len() + 1) * self.now.len() > KEPT {
            self.kept.clear();
        }
        self.kept.push(self.now.clone());
        true
    }

    /// Fisher and Yates, once per epoch.
    fn shuffle(&mut self) {
        for last in (1..self.order.len()).rev() {
            // 32 random bits times the count: the bias is far below what an epoch could show.
            let pick = ((self.random.next_u64() >> 32) * (last as u64 + 1)) >> 32;
            self.order.swap(last, usize::try_from(pick).unwrap_or(0));
        }
    }

    /// The mean gradient of the examples in these places of the order.
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    fn gradient<F: Scalar>(&self, batch: Range<usize>) -> Vec<f64> {
        let network = Network::<F>::new(&self.model);
        let scale = 1.0 / batch.len().max(1) as f64;
        let mut sum: Option<Gradients<F>> = None;
        for &number in &self.order[batch] {
            let Example { x, target, .. } = &self.corpus.examples[number];
            let pass = network.forward(x, target);
            let gradients = network.backward(&pass, &vec![F::ONE; pass.losses.len()]);
            match &mut sum {
                None => sum = Some(gradients),
                Some(sum) => sum.add(&gradients),
            }
        }
        let mut gradient = sum.map_or_else(Vec::new, |sum| flat(&sum.weights(&self.model.spec)));
        for g in &mut gradient {
            *g *= scale;
        }
        gradient
    }
}
