//! How much of every loss is left at every earlier step.

use super::signal;
use crate::experiment::{Experiment, Precision};
use crate::model::Scalar;
use crate::model::fan::Fan;

/// By how many steps a loss comes after the state that feels it: the groups of [`Flow::bars`], first to last.
pub const LAGS: [(usize, &str); 6] =
    [(0, "own loss"), (1, "1–2 later"), (3, "3–5"), (6, "6–10"), (11, "11–20"), (21, "21 and more")];

/// The group of a lag.
#[must_use]
pub fn group(lag: usize) -> usize {
    LAGS.iter().rposition(|&(from, _)| lag >= from).unwrap_or(0)
}

/// ‖∂L_t/∂s_k‖ for every loss t and every step k ≤ t, in the precision of the run.
///
/// # Formula
/// s is the state of [`signal::Norms`]: s = h, for LSTM (h, C) with each held while the other varies. The losses of
/// later steps reach s_k as one vector per loss; their norms are added up in the bars, which are therefore an upper
/// bound of the norm of the sum.
#[derive(Clone, Debug, PartialEq)]
pub struct Flow {
    steps: usize,
    silent: usize,
    /// Losses × steps; NaN where a step comes after the loss.
    norm: Vec<f64>,
    /// log10 of norm relative to that at the loss's own step.
    decades: Vec<f64>,
    bars: Vec<[f64; LAGS.len()]>,
}

impl Flow {
    /// From norms: one row per loss, the last row for the last step, each with a number for every step.
    #[must_use]
    pub fn of(steps: usize, norm: Vec<f64>) -> Self {
        let losses = norm.len() / steps.max(1);
        let silent = steps - losses.min(steps);
        let mut decades = vec![f64::NAN; norm.len()];
        let mut bars = vec![[0.0; LAGS.len()]; steps];
        for loss in 0..losses {
            let own = silent + loss;
            let row = loss * steps..loss * steps + own + 1;
            let unit = norm[row.end - 1].log10();
            for (k, (decade, &norm)) in decades[row.clone()].iter_mut().zip(&norm[row]).enumerate() {
                // As in `signal`: an exact zero is 0 of anything, and logarithms do not underflow.
                *decade = if norm == 0.0 { f64::NEG_INFINITY } else { norm.log10() - unit };
                bars[k][group(own - k)] += norm;
            }
        }
        Self { steps, silent, norm, decades, bars }
    }

    /// T.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// The first step with a loss, from 1.
    #[must_use]
    pub fn first(&self) -> usize {
        self.silent + 1
    }

    /// How many losses there are: they belong to the last steps.
    #[must_use]
    pub fn losses(&self) -> usize {
        self.steps - self.silent
    }

    fn index(&self, loss: usize, k: usize) -> Option<usize> {
        let fits = loss > self.silent && loss <= self.steps && k >= 1 && k <= loss;
        fits.then(|| (loss - self.silent - 1) * self.steps + k - 1)
    }

    /// ‖∂L_loss/∂s_k‖, both steps from 1; `None` where no such loss reaches.
    #[must_use]
    pub fn norm(&self, loss: usize, k: usize) -> Option<f64> {
        self.index(loss, k).map(|index| self.norm[index])
    }

    /// The norm relative to that at the loss's own step.
    #[must_use]
    pub fn ratio(&self, loss: usize, k: usize) -> Option<f64> {
        let (norm, own) = (self.norm(loss, k)?, self.norm(loss, loss)?);
        Some(if norm == 0.0 { 0.0 } else { norm / own })
    }

    /// log10 of the ratio; `-inf` is an exact zero, NaN and `+inf` are not finite.
    #[must_use]
    pub fn decade(&self, loss: usize, k: usize) -> Option<f64> {
        self.index(loss, k).map(|index| self.decades[index])
    }

    /// For every step the sum of the norms that reach it, by lag as in [`LAGS`].
    #[must_use]
    pub fn bars(&self) -> &[[f64; LAGS.len()]] {
        &self.bars
    }

    /// The largest finite bar.
    #[must_use]
    pub fn highest(&self) -> f64 {
        let totals = self.bars.iter().map(|bar| bar.iter().sum::<f64>());
        totals.filter(|total| total.is_finite()).fold(0.0, f64::max)
    }
}

/// A flow that is being computed, step by step.
///
/// A loss at every one of T steps makes T·(T + 1)/2 backward steps of one layer. At T = 200, H = 64 that is more than
/// one frame of a page, so whoever asks may ask for a few steps at a time.
pub struct Course {
    fan: Box<dyn Losses>,
    steps: usize,
    norm: Vec<f64>,
}

/// [`Fan`] in either precision.
trait Losses {
    fn step(&self) -> usize;
    fn back(&mut self);
    /// Calls `note` with every loss and the norm of its gradient.
    fn norms(&self, note: &mut dyn FnMut(usize, f64));
}

impl<F: Scalar> Losses for Fan<F> {
    fn step(&self) -> usize {
        Self::step(self)
    }

    fn back(&mut self) {
        Self::back(self);
    }

    fn norms(&self, note: &mut dyn FnMut(usize, f64)) {
        for (loss, dh, dc) in self.gradients() {
            let squares = |values: &[F]| values.iter().map(|v| v.wide() * v.wide()).sum::<f64>();
            let sum = squares(dh) + squares(dc);
            // The careful norm only where a square may have left the range.
            let norm = if (1e-250..1e250).contains(&sum) {
                sum.sqrt()
            } else {
                signal::norm(&dh.iter().chain(dc).map(|v| v.wide()).collect::<Vec<_>>())
            };
            note(loss, norm);
        }
    }
}

impl Course {
    /// Before the last step of a network of one layer and direction.
    #[must_use]
    pub fn new(experiment: &Experiment) -> Self {
        fn begin<F: Scalar>(experiment: &Experiment) -> (Box<dyn Losses>, usize) {
            let fan = Fan::<F>::new(experiment);
            let losses = fan.losses();
            (Box::new(fan), losses)
        }
        let (fan, losses) = match experiment.precision {
            Precision::F64 => begin::<f64>(experiment),
            Precision::F32 => begin::<f32>(experiment),
        };
        let steps = experiment.x.nrows();
        let mut course = Self { fan, steps, norm: vec![f64::NAN; losses * steps] };
        course.note();
        course
    }

    fn note(&mut self) {
        let (k, steps, norm) = (self.fan.step(), self.steps, &mut self.norm);
        self.fan.norms(&mut |loss, value| norm[loss * steps + k] = value);
    }

    /// Goes one step back; whether there is a further one.
    pub fn advance(&mut self) -> bool {
        if self.fan.step() > 0 {
            self.fan.back();
            self.note();
        }
        self.fan.step() > 0
    }

    /// What has been found, once [`Course::advance`] has no further step.
    #[must_use]
    pub fn finish(self) -> Flow {
        Flow::of(self.steps, self.norm)
    }
}

/// The flow of an experiment.
#[must_use]
pub fn flow(experiment: &Experiment) -> Flow {
    let mut course = Course::new(experiment);
    while course.advance() {}
    course.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lags_fall_into_their_groups() {
        let groups: Vec<usize> = [0, 1, 2, 3, 5, 6, 10, 11, 20, 21, 999].into_iter().map(group).collect();
        assert_eq!(groups, [0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
    }

    #[test]
    fn a_bar_is_the_sum_of_its_column() {
        let none = f64::NAN;
        let flow = Flow::of(3, vec![4.0, none, none, 2.0, 8.0, none, 1.0, 0.0, 16.0]);
        assert_eq!(
            flow.bars(),
            [[4.0, 3.0, 0.0, 0.0, 0.0, 0.0], [8.0, 0.0, 0.0, 0.0, 0.0, 0.0], [16.0, 0.0, 0.0, 0.0, 0.0, 0.0]]
        );
        assert_eq!((flow.ratio(3, 1), flow.decade(3, 2)), (Some(0.0625), Some(f64::NEG_INFINITY)));
        assert_eq!((flow.norm(1, 2), flow.norm(4, 1), flow.norm(0, 1)), (None, None, None));
        let one = Flow::of(3, vec![0.5, 0.5, 2.0]);
        assert_eq!((one.first(), one.losses(), one.norm(3, 1), one.norm(2, 1)), (3, 1, Some(0.5), None));
    }
}
