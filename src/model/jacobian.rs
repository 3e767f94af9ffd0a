//! One step as a linear map, `J_t = ∂s_t/∂s_{t−1}`: the backward step, applied to whole matrices row by row.
//!
//! s = h, for LSTM (h, C). A row of `R·J_t` is what the backward step makes of a row of R, so the unit matrix gives
//! `J_t` itself, and no derivative is written down twice.

use ndarray::Array2;

use super::bptt::Carrier;
use super::network::{Network, Pass};
use crate::experiment::Experiment;

/// The steps of one pass as linear maps, in f64 whatever the precision of the experiment: products of many of them
/// leave the range of f32 where they begin to tell something. What is clipped on the way back is no linear map: these are
/// the steps without.
pub struct Steps {
    network: Network<f64>,
    pass: Pass<f64>,
    carrier: Carrier<f64>,
    sweep: usize,
}

impl Steps {
    /// Runs an experiment forward; the steps are those of the layer and direction that is number `sweep` in the order
    /// of files, what it reads held.
    #[must_use]
    pub fn new(experiment: &Experiment, sweep: usize) -> Self {
        let mut experiment = experiment.clone();
        experiment.spec.limit = None;
        let network = Network::new(&experiment);
        let pass = network.forward(&experiment.x, &experiment.target);
        Self { carrier: Carrier::new(&experiment.spec, &pass.tapes[sweep]), network, pass, sweep }
    }

    /// T.
    #[must_use]
    pub fn count(&self) -> usize {
        self.pass.tapes[self.sweep].x.nrows()
    }

    /// Numbers in a state: H, for LSTM 2·H.
    #[must_use]
    pub fn size(&self) -> usize {
        let tape = &self.pass.tapes[self.sweep];
        tape.h.ncols() + tape.c.ncols()
    }

    /// Whether every state is finite.
    #[must_use]
    pub fn is_finite(&self) -> bool {
        let tape = &self.pass.tapes[self.sweep];
        tape.h.iter().chain(&tape.c).all(|value| value.is_finite())
    }

    /// Puts `row·J_t` in place of each row, t from 1 in the order in which the direction reads. Rows are as wide as [`Self::size`], h before C.
    pub fn back<'a>(&mut self, t: usize, rows: impl IntoIterator<Item = &'a mut [f64]>) {
        let tape = &self.pass.tapes[self.sweep];
        let sweep = self.network.sweep(self.sweep);
        for row in rows {
            let (dh, dc) = row.split_at_mut(tape.h.ncols());
            sweep.carry(tape, t - 1, dh, dc, &mut [], &mut self.carrier);
        }
    }

    /// `J_t`, n × n with n = [`Self::size`], t from 1 in the order in which the direction reads.
    #[must_use]
    pub fn jacobian(&mut self, t: usize) -> Array2<f64> {
        let mut rows = Array2::eye(self.size());
        self.back(t, rows.rows_mut().into_iter().filter_map(ndarray::ArrayViewMut1::into_slice));
        rows
    }
}
