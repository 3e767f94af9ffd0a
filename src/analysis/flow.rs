//! How much of every loss is left at every earlier step.

use super::signal;
use crate::experiment::{Direction, Experiment, Precision, Spec};
use crate::model::Scalar;
use crate::model::fan::{Alone, Fan};
use crate::model::network::Network;

/// By how many steps a loss comes after the state that feels it: the groups of [`Flow::bars`], first to last.
pub const LAGS: [(usize, &str); 6] =
    [(0, "own loss"), (1, "1–2 later"), (3, "3–5"), (6, "6–10"), (11, "11–20"), (21, "21 and more")];

/// The group of a lag.
#[must_use]
pub fn group(lag: usize) -> usize {
    LAGS.iter().rposition(|&(from, _)| lag >= from).unwrap_or(0)
}

/// Which steps a loss can reach in a layer and direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Its own and those before it: a state is read only later.
    Earlier,
    /// Its own and those after it: the direction reads from T to 1.
    Later,
    /// All: the layer above reads in both directions.
    All,
}

impl Reach {
    fn of(spec: &Spec, sweep: usize) -> Self {
        let directions = spec.directions().len();
        match (directions, sweep / directions + 1 == spec.layers, sweep % directions) {
            _ if spec.decoder().is_some() => Self::Earlier,
            (1, ..) | (_, true, 0) => Self::Earlier,
            (_, true, _) => Self::Later,
            _ => Self::All,
        }
    }
}

/// ‖∂L_t/∂s_k‖ for every loss t and every step k that it reaches, in the precision of the run.
///
/// # Formula
/// s is the state of [`signal::Norms`]: s = h, for LSTM (h, C) with each held while the other varies. The losses of
/// later steps reach s_k as one vector per loss; their norms are added up in the bars, which are therefore an upper
/// bound of the norm of the sum.
#[derive(Clone, Debug, PartialEq)]
pub struct Flow {
    steps: usize,
    silent: usize,
    reach: Reach,
    direction: Direction,
    /// Losses × steps; NaN where a loss does not reach.
    norm: Vec<f64>,
    /// log10 of norm relative to that where the loss enters.
    decades: Vec<f64>,
    bars: Vec<[f64; LAGS.len()]>,
}

impl Flow {
    /// From norms: one row per loss, the last row for the last step, each with a number for every step.
    #[must_use]
    pub fn of(steps: usize, norm: Vec<f64>, reach: Reach, direction: Direction) -> Self {
        let losses = norm.len() / steps.max(1);
        let silent = steps - losses.min(steps);
        let empty = vec![f64::NAN; norm.len()];
        let mut flow = Self { steps, silent, reach, direction, norm, decades: empty, bars: vec![] };
        flow.bars = vec![[0.0; LAGS.len()]; steps];
        for loss in flow.first()..=steps {
            let own = flow.entry(loss);
            let unit = flow.norm(loss, own).unwrap_or(f64::NAN).log10();
            for k in flow.reach(loss) {
                let Some(index) = flow.index(loss, k) else { continue };
                let norm = flow.norm[index];
                // As in `signal`: an exact zero is 0 of anything, and logarithms do not underflow.
                flow.decades[index] = if norm == 0.0 { f64::NEG_INFINITY } else { norm.log10() - unit };
                flow.bars[k - 1][group(own.abs_diff(k))] += norm;
            }
        }
        flow
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

    /// The direction of the layer, before any decoder.
    #[must_use]
    pub fn direction(&self) -> Direction {
        self.direction
    }

    /// Whether a loss goes from 1 to T: the direction reads from T to 1, and no decoder reads what it leaves behind.
    #[must_use]
    pub fn mirrored(&self) -> bool {
        self.direction == Direction::Backward && self.reach != Reach::Earlier
    }

    /// Whether each loss reaches its own step and those before it.
    #[must_use]
    pub fn is_earlier(&self) -> bool {
        self.reach == Reach::Earlier
    }

    /// Where a loss enters: at its own step; a loss alone in a direction that reads from T to 1 enters at the step
    /// that is read last.
    #[must_use]
    pub fn entry(&self, loss: usize) -> usize {
        if self.mirrored() && self.losses() == 1 { 1 } else { loss }
    }

    /// The steps that a loss reaches.
    #[must_use]
    pub fn reach(&self, loss: usize) -> std::ops::RangeInclusive<usize> {
        match self.reach {
            Reach::Earlier => 1..=self.entry(loss),
            Reach::Later => self.entry(loss)..=self.steps,
            Reach::All => 1..=self.steps,
        }
    }

    fn index(&self, loss: usize, k: usize) -> Option<usize> {
        let fits = loss > self.silent && loss <= self.steps && self.reach(loss).contains(&k);
        fits.then(|| (loss - self.silent - 1) * self.steps + k - 1)
    }

    /// ‖∂L_loss/∂s_k‖, both steps from 1; `None` where no such loss reaches.
    #[must_use]
    pub fn norm(&self, loss: usize, k: usize) -> Option<f64> {
        self.index(loss, k).map(|index| self.norm[index])
    }

    /// The norm relative to that where the loss enters.
    #[must_use]
    pub fn ratio(&self, loss: usize, k: usize) -> Option<f64> {
        let (norm, own) = (self.norm(loss, k)?, self.norm(loss, self.entry(loss))?);
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

/// A flow that is being computed, part by part.
///
/// A loss at every one of T steps makes T·(T + 1)/2 backward steps of one layer. At T = 200, H = 64 that is more than
/// one frame of a page, so whoever asks may ask for a few parts at a time. In a network of one layer and direction a
/// part is a step, which all losses take together; in a larger one it is a loss on its way through all layers.
pub struct Course {
    parts: Box<dyn Parts>,
    reach: Reach,
    direction: Direction,
    steps: usize,
    norm: Vec<f64>,
}

/// What computes norms part by part.
trait Parts {
    /// Calls `note` with loss (from 0), step (from 0) and norm of what the present part has found.
    fn norms(&self, note: &mut dyn FnMut(usize, usize, f64));
    /// Goes on; false where there is no further part.
    fn advance(&mut self) -> bool;
}

impl<F: Scalar> Parts for Fan<F> {
    fn norms(&self, note: &mut dyn FnMut(usize, usize, f64)) {
        let k = self.step();
        for (loss, dh, dc) in self.gradients() {
            note(loss, k, norm(dh, dc));
        }
    }

    fn advance(&mut self) -> bool {
        let further = self.step() > 0;
        if further {
            self.back();
        }
        further
    }
}

impl<F: Scalar> Parts for Alone<F> {
    fn norms(&self, note: &mut dyn FnMut(usize, usize, f64)) {
        for (k, (dh, dc)) in self.gradients().enumerate() {
            note(self.loss(), k, norm(dh, dc));
        }
    }

    fn advance(&mut self) -> bool {
        Alone::advance(self)
    }
}

fn norm<F: Scalar>(dh: &[F], dc: &[F]) -> f64 {
    signal::norm_of(dh.iter().chain(dc).map(|v| v.wide()))
}

impl Course {
    /// Before the first part, for the layer and direction that is number `sweep` in the order of files.
    #[must_use]
    pub fn new(experiment: &Experiment, sweep: usize) -> Self {
        fn begin<F: Scalar>(experiment: &Experiment, sweep: usize) -> (Box<dyn Parts>, usize) {
            if !Network::<F>::new(experiment).is_plain() {
                let alone = Alone::<F>::new(experiment, sweep);
                let losses = alone.losses();
                return (Box::new(alone), losses);
            }
            let fan = Fan::<F>::new(experiment);
            let losses = fan.losses();
            (Box::new(fan), losses)
        }
        let (parts, losses) = match experiment.precision {
            Precision::F64 => begin::<f64>(experiment, sweep),
            Precision::F32 => begin::<f32>(experiment, sweep),
        };
        let spec = &experiment.spec;
        let (steps, reach) = (experiment.steps().count, Reach::of(spec, sweep));
        let direction = spec.directions()[sweep % spec.directions().len()];
        let mut course = Self { parts, reach, direction, steps, norm: vec![f64::NAN; losses * steps] };
        course.note();
        course
    }

    fn note(&mut self) {
        let (steps, norm) = (self.steps, &mut self.norm);
        self.parts.norms(&mut |loss, k, value| norm[loss * steps + k] = value);
    }

    /// Computes a further part; false when there was none.
    pub fn advance(&mut self) -> bool {
        let further = self.parts.advance();
        if further {
            self.note();
        }
        further
    }

    /// What has been found, once [`Course::advance`] has no further part.
    #[must_use]
    pub fn finish(self) -> Flow {
        Flow::of(self.steps, self.norm, self.reach, self.direction)
    }
}

/// The flow of an experiment in the layer and direction that is number `sweep` in the order of files.
#[must_use]
pub fn flow(experiment: &Experiment, sweep: usize) -> Flow {
    let mut course = Course::new(experiment, sweep);
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
        let flow = Flow::of(
            3,
            vec![4.0, none, none, 2.0, 8.0, none, 1.0, 0.0, 16.0],
            Reach::Earlier,
            Direction::Forward,
        );
        assert_eq!(
            flow.bars(),
            [[4.0, 3.0, 0.0, 0.0, 0.0, 0.0], [8.0, 0.0, 0.0, 0.0, 0.0, 0.0], [16.0, 0.0, 0.0, 0.0, 0.0, 0.0]]
        );
        assert_eq!((flow.ratio(3, 1), flow.decade(3, 2)), (Some(0.0625), Some(f64::NEG_INFINITY)));
        assert_eq!((flow.norm(1, 2), flow.norm(4, 1), flow.norm(0, 1)), (None, None, None));
        let one = Flow::of(3, vec![0.5, 0.5, 2.0], Reach::Earlier, Direction::Forward);
        let back = Flow::of(3, vec![8.0, 2.0, 0.0], Reach::Later, Direction::Backward);
        assert_eq!((back.entry(3), back.ratio(3, 2), back.bars()[1][1]), (1, Some(0.25), 2.0));
        let all = Flow::of(2, vec![4.0, 1.0, 3.0, 6.0], Reach::All, Direction::Forward);
        assert_eq!(
            (all.ratio(1, 2), all.ratio(2, 1), all.bars()[1][..2].to_vec()),
            (Some(0.25), Some(0.5), vec![6.0, 1.0])
        );
        assert_eq!((one.first(), one.losses(), one.norm(3, 1), one.norm(2, 1)), (3, 1, Some(0.5), None));
    }
}
