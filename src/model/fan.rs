//! Every loss on its own way back.
//!
//! ```text
//! ∂L_t/∂h_t = what the readout says of L_t              where the loss enters
//! ∂L_t/∂s_{k−1} = ∂L_t/∂s_k · ∂s_k/∂s_{k−1}             k = t, t − 1, …
//! ```
//!
//! s = h, for LSTM (h, C), for the feed-forward network its sum. BPTT adds the losses up at each step; here they stay apart, side by side as the rows of a
//! matrix, so that all of them take a step while its record and U are in the cache.

use std::ops::Range;

use ndarray::{Array2, s};

use super::bptt::{Carrier, Gradient};
use super::network::{Network, Pass};
use super::stack::by_position;
use super::{Scalar, affine};
use crate::experiment::{Direction, Experiment, Spec};

/// The gradients of all losses at one step; it moves from the last step to the first.
pub struct Fan<F> {
    network: Network<F>,
    pass: Pass<F>,
    carrier: Carrier<F>,
    /// How many of the steps have no output; the first loss is that of the step after them.
    silent: usize,
    /// The step, counted from 0, that the gradients belong to.
    step: usize,
    /// `∂L_t/∂h_step`, a row per loss.
    dh: Array2<F>,
    /// `∂L_t/∂C_step` with `h_step` held, a row per loss; zero columns but for LSTM.
    dc: Array2<F>,
    /// What skips k steps and has not arrived: k blocks with a row per loss; none where nothing does.
    ahead: Vec<F>,
}

impl<F: Scalar> Fan<F> {
    /// At the last step of a network that is [plain](Network::is_plain).
    #[must_use]
    pub fn new(experiment: &Experiment) -> Self {
        let network = Network::new(experiment);
        debug_assert!(network.is_plain(), "each loss goes more than one way");
        let pass = network.forward(&experiment.x, &experiment.target);
        let tape = &pass.tapes[0];
        let (steps, losses) = (tape.x.nrows(), pass.losses.len());
        let (silent, mut carrier) = (steps - losses, Carrier::new(&experiment.spec));
        let mut dh = network.own_losses(&pass);
        let mut dc = Array2::from_elem((losses, tape.c.ncols()), F::ZERO);
        let ahead = vec![F::ZERO; experiment.spec.skip * dh.len()];
        if !experiment.spec.cell.recurs() {
            // All of it passes into the sum at once.
            for loss in 0..losses {
                let (dh, dc) = (affine::row_mut(&mut dh, loss), affine::row_mut(&mut dc, loss));
                network.first().carry(tape, silent + loss, dh, dc, &mut [], &mut carrier);
            }
        }
        Self { carrier, silent, step: steps - 1, dh, dc, ahead, network, pass }
    }

    /// Steps of the sequence.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.pass.tapes[0].x.nrows()
    }

    /// Losses.
    #[must_use]
    pub fn losses(&self) -> usize {
        self.dh.nrows()
    }

    /// The step, counted from 0, that the gradients belong to.
    #[must_use]
    pub fn step(&self) -> usize {
        self.step
    }

    /// The losses that reach this step, each with `∂L/∂h` and `∂L/∂C`, the latter with h held.
    pub fn gradients(&self) -> impl Iterator<Item = (usize, &[F], &[F])> {
        self.under_way().map(|loss| (loss, affine::row(&self.dh, loss), affine::row(&self.dc, loss)))
    }

    /// Goes one step back; not from the first.
    pub fn back(&mut self) {
        let first = self.under_way().start;
        let (columns, carried) = (self.dh.ncols(), self.dc.ncols());
        let dh = &mut affine::flat_mut(&mut self.dh)[first * columns..];
        let dc = &mut affine::flat_mut(&mut self.dc)[first * carried..];
        let (sweep, tape) = (self.network.first(), &self.pass.tapes[0]);
        sweep.carry(tape, self.step, dh, dc, &mut self.ahead, &mut self.carrier);
        self.step -= 1;
    }

    /// Losses of this step and later ones.
    fn under_way(&self) -> std::ops::Range<usize> {
        self.step.saturating_sub(self.silent)..self.losses()
    }
}

/// One loss after the other through all layers, in a network that is not [plain](Network::is_plain): the gradients at one
/// layer and direction, and on through the decoder's layer beside it.
pub struct Alone<F> {
    network: Network<F>,
    pass: Pass<F>,
    sweep: usize,
    direction: Direction,
    /// The columns of the decoder's layer that start from this direction.
    columns: Range<usize>,
    loss: usize,
    /// `∂L_loss/∂h_t`, by position.
    dh: Array2<F>,
    /// `∂L_loss/∂C_t` with `h_t` held, by position; zero columns but for LSTM.
    dc: Array2<F>,
}

impl<F: Scalar> Alone<F> {
    /// The first loss, at the layer and direction that is number `sweep` in the order of files.
    #[must_use]
    pub fn new(experiment: &Experiment, sweep: usize) -> Self {
        let network = Network::new(experiment);
        let pass = network.forward(&experiment.x, &experiment.target);
        let direction = experiment.weights.layers[sweep].direction;
        let none = || Array2::from_elem((0, 0), F::ZERO);
        let Spec { hidden, .. } = experiment.spec;
        let side = usize::from(direction == Direction::Backward);
        let columns = side * hidden..(side + 1) * hidden;
        let mut alone = Self { network, pass, sweep, direction, columns, loss: 0, dh: none(), dc: none() };
        alone.compute();
        alone
    }

    fn compute(&mut self) {
        let (own, decoder) = self.network.signal(&self.pass, self.loss, self.sweep);
        let along = |of: fn(&Gradient<F>) -> &Array2<F>| {
            let mut rows = by_position(of(&own), self.direction);
            if let Some(decoder) = decoder.as_ref().map(of).filter(|_| rows.ncols() > 0) {
                for row in decoder.slice(s![.., self.columns.clone()]).rows() {
                    _ = rows.push_row(row);
                }
            }
            rows
        };
        (self.dh, self.dc) = (along(|gradient| &gradient.h), along(|gradient| &gradient.c_from_future));
    }

    /// Losses.
    #[must_use]
    pub fn losses(&self) -> usize {
        self.pass.losses.len()
    }

    /// The present loss, from 0.
    #[must_use]
    pub fn loss(&self) -> usize {
        self.loss
    }

    /// `∂L/∂h_t` and `∂L/∂C_t`, the latter with `h_t` held, at every position t.
    pub fn gradients(&self) -> impl Iterator<Item = (&[F], &[F])> {
        (0..self.dh.nrows()).map(|t| (affine::row(&self.dh, t), affine::row(&self.dc, t)))
    }

    /// Goes on to the next loss; false after the last.
    pub fn advance(&mut self) -> bool {
        let further = self.loss + 1 < self.losses();
        if further {
            self.loss += 1;
            self.compute();
        }
        further
    }
}
