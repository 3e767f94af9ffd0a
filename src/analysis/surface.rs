//! The loss on a plane of weight space, around the present weights.

use super::update::{Update, flat, loss, set};
use crate::experiment::Experiment;

/// Points of the plane along an edge; the middle one is the present weights.
pub const SIDE: usize = 33;
/// The first points are so far apart, then half of it, down to every one.
const COARSE: usize = 16;

/// L(θ + α·d₁ + β·d₂) on a square grid, in the precision of the run.
///
/// α runs from −reach at the left to reach at the right, β from −reach at the foot to reach at the top; d₁ and d₂ are
/// [`Update::directions`]. Each value is a forward pass. They are computed coarse to fine: a point that has no value of
/// its own yet has that of its nearest neighbour.
///
/// # Source
/// Pascanu, Mikolov, Bengio: On the difficulty of training recurrent neural networks (2013), figure 6.
#[derive(Clone, Debug)]
pub struct Surface {
    reach: f64,
    experiment: Experiment,
    start: Vec<f64>,
    directions: [Vec<f64>; 2],
    loss: Vec<f64>,
    /// Row, column and distance of every point, in the order in which they are computed.
    order: Vec<(usize, usize, usize)>,
    done: usize,
}

impl Surface {
    /// Before its first point; `None` where there is no gradient to go along.
    #[must_use]
    pub fn new(experiment: &Experiment, update: &Update) -> Option<Self> {
        let directions = update.directions()?.clone();
        let mut order = Vec::with_capacity(SIDE * SIDE);
        let mut apart = COARSE;
        while apart > 0 {
            for (row, column) in (0..SIDE * SIDE).map(|n| (n / SIDE, n % SIDE)) {
                let on = |apart: usize| row % apart == 0 && column % apart == 0;
                if on(apart) && (apart == COARSE || !on(2 * apart)) {
                    order.push((row, column, apart));
                }
            }
            apart /= 2;
        }
        Some(Self {
            reach: reach(update),
            start: flat(&experiment.weights),
            experiment: experiment.clone(),
            directions,
            loss: vec![f64::NAN; SIDE * SIDE],
            order,
            done: 0,
        })
    }

    /// Computes one more point; whether there are more.
    pub fn advance(&mut self) -> bool {
        let Some(&(row, column, apart)) = self.order.get(self.done) else { return false };
        let (alpha, beta) = self.place(row, column);
        let [down, across] = &self.directions;
        let moved =
            self.start.iter().zip(down.iter().zip(across)).map(|(w, (d, e))| w + alpha * d + beta * e);
        set(&mut self.experiment.weights, moved);
        let loss = loss(&self.experiment);
        let near = |at: usize| at.saturating_sub(apart / 2)..(at + apart.div_ceil(2)).min(SIDE);
        for row in near(row) {
            for column in near(column) {
                self.loss[row * SIDE + column] = loss;
            }
        }
        self.done += 1;
        self.done < self.order.len()
    }

    /// How many points have their own value.
    #[must_use]
    pub fn done(&self) -> usize {
        self.done
    }

    /// Whether every point has its own value.
    #[must_use]
    pub fn complete(&self) -> bool {
        self.done == self.order.len()
    }

    /// Whether every point has at least a neighbour's value.
    #[must_use]
    pub fn begun(&self) -> bool {
        self.done >= self.order.iter().filter(|(.., apart)| *apart == COARSE).count()
    }

    /// Half of an edge, in the length of weights.
    #[must_use]
    pub fn reach(&self) -> f64 {
        self.reach
    }

    /// α and β of a point: row 0 is at the top.
    #[must_use]
    pub fn place(&self, row: usize, column: usize) -> (f64, f64) {
        let middle = f64::from(u32::try_from(SIDE / 2).unwrap_or(1));
        let from_middle = |at: usize| f64::from(u32::try_from(at).unwrap_or(0)) - middle;
        (self.reach * from_middle(column) / middle, -self.reach * from_middle(row) / middle)
    }

    /// The loss at a point.
    #[must_use]
    pub fn at(&self, row: usize, column: usize) -> f64 {
        self.loss.get(row * SIDE + column).copied().unwrap_or(f64::NAN)
    }

    /// The least and the largest finite loss.
    #[must_use]
    pub fn range(&self) -> Option<(f64, f64)> {
        let finite = self.loss.iter().copied().filter(|loss| loss.is_finite());
        finite.fold(None, |range, loss| {
            let (low, high) = range.unwrap_or((loss, loss));
            Some((low.min(loss), high.max(loss)))
        })
    }
}

/// A round length that holds the step that is taken; without clipping, the one that clipping by norm would take.
fn reach(update: &Update) -> f64 {
    use crate::experiment::Clip;
    let of = |clip: Clip| update.ways.as_ref().map_or(0.0, |ways| ways[clip as usize].norm);
    let step = match update.descent.clip {
        Clip::Off => of(Clip::Norm),
        clip => of(clip),
    };
    let wanted = 1.5 * update.descent.rate * step;
    let decade = libm::pow(10.0, libm::floor(libm::log10(wanted)));
    [1.0, 2.0, 5.0]
        .into_iter()
        .map(|round| round * decade)
        .find(|&round| round >= wanted)
        .unwrap_or(10.0 * decade)
}
