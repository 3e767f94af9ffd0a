//! One step as a linear map, `J_t = ∂s_t/∂s_{t−1}`: the backward step, applied to whole matrices row by row.
//!
//! s = h, for LSTM (h, C). A row of `R·J_t` is what the backward step makes of a row of R, so the unit matrix gives
//! `J_t` itself, and no derivative is written down twice.
//!
//! After an encoder come the steps of the decoder's layer beside it, which starts from the last states of each
//! direction side by side: `∂s′_0/∂s_T` is the unit matrix, of one of two directions the half of it that is its own.

use std::ops::Range;

use ndarray::Array2;

use super::bptt::{Carrier, Tape};
use super::network::{Network, Pass};
use crate::experiment::{self, Direction, Experiment};

/// The steps of one pass as linear maps, in f64 whatever the precision of the experiment: products of many of them
/// leave the range of f32 where they begin to tell something. What is clipped on the way back is no linear map: these are
/// the steps without.
pub struct Steps {
    network: Network<f64>,
    pass: Pass<f64>,
    carrier: Carrier<f64>,
    sweep: usize,
    axis: experiment::Steps,
    direction: Direction,
    decoder: Option<Decoder>,
}

/// The decoder's layer that goes on.
struct Decoder {
    layer: usize,
    carrier: Carrier<f64>,
    /// The numbers of its state that start from this direction.
    own: [Range<usize>; 2],
}

impl Steps {
    /// Runs an experiment forward; the steps are those of the layer and direction that is number `sweep` in the order
    /// of files and of the decoder's layer beside it, what they read held.
    #[must_use]
    pub fn new(experiment: &Experiment, sweep: usize) -> Self {
        let mut experiment = experiment.clone();
        experiment.spec.limit = None;
        let network = Network::new(&experiment);
        let pass = network.forward(&experiment.x, &experiment.target);
        let (spec, directions) = (&experiment.spec, experiment.spec.directions().len());
        let (layer, side) = (sweep / directions, sweep % directions);
        let decoder = spec.decoder().zip(pass.decoder.get(layer)).map(|(wide, tape)| {
            let first = side * spec.hidden;
            let cells = if tape.c.ncols() > 0 { spec.hidden } else { 0 };
            let own = [first..first + spec.hidden, wide.hidden + first..wide.hidden + first + cells];
            Decoder { layer, carrier: Carrier::new(&wide), own }
        });
        Self {
            carrier: Carrier::new(spec),
            axis: experiment.steps(),
            direction: experiment.weights.layers[sweep].direction,
            network,
            pass,
            sweep,
            decoder,
        }
    }

    /// All of them on one axis.
    #[must_use]
    pub fn axis(&self) -> experiment::Steps {
        self.axis
    }

    /// Which way the encoder's, or the only ones, are read.
    #[must_use]
    pub fn direction(&self) -> Direction {
        self.direction
    }

    /// The states that a step belongs to, t from 1 in the order in which they are computed.
    fn tape(&self, t: usize) -> &Tape<f64> {
        let decoder = self.decoder.as_ref().filter(|_| self.axis.decodes(t));
        decoder.map_or(&self.pass.tapes[self.sweep], |decoder| &self.pass.decoder[decoder.layer])
    }

    /// Numbers in the state after step t, in the order in which they are computed: H, for LSTM 2·H.
    #[must_use]
    pub fn size(&self, t: usize) -> usize {
        let tape = self.tape(t);
        tape.h.ncols() + tape.c.ncols()
    }

    /// Whether every state is finite.
    #[must_use]
    pub fn is_finite(&self) -> bool {
        let tapes = [self.tape(1), self.tape(self.axis.count)];
        tapes.into_iter().flat_map(|tape| tape.h.iter().chain(&tape.c)).all(|value| value.is_finite())
    }

    /// Puts `row·J_t` in place of each row, t from 1 in the order in which they are computed. Rows are as wide as
    /// [`Self::size`] at t, h before C; of a decoder's first step, that of the state that it starts from.
    pub fn back<'a>(&mut self, t: usize, rows: impl IntoIterator<Item = &'a mut [f64]>) {
        let decoder = self.decoder.as_mut().filter(|_| self.axis.decodes(t));
        let (sweep, tape, carrier, first) = if let Some(Decoder { layer, carrier, .. }) = decoder {
            let tape = &self.pass.decoder[*layer];
            (self.network.decoder_sweep(*layer), tape, carrier, self.axis.encoder)
        } else {
            let sweep = self.network.sweep(self.sweep);
            (Some(sweep), &self.pass.tapes[self.sweep], &mut self.carrier, 0)
        };
        let Some(sweep) = sweep else { return };
        for row in rows {
            let (dh, dc) = row.split_at_mut(tape.h.ncols());
            sweep.carry(tape, t - 1 - first, dh, dc, &mut [], carrier);
        }
    }

    /// Which numbers of the state that step t starts from are those of the state after step t − 1, where that belongs
    /// to the encoder: what `∂s′_0/∂s_T` picks.
    #[must_use]
    pub fn handed(&self, t: usize) -> Option<Vec<usize>> {
        let decoder = self.decoder.as_ref().filter(|_| self.axis.border() == Some(t))?;
        Some(decoder.own.iter().cloned().flatten().collect())
    }

    /// `J_t`, n × n with n = [`Self::size`] at t; of a decoder's first step by the state that it starts from.
    #[must_use]
    pub fn jacobian(&mut self, t: usize) -> Array2<f64> {
        let mut rows = Array2::eye(self.size(t));
        self.back(t, rows.rows_mut().into_iter().filter_map(ndarray::ArrayViewMut1::into_slice));
        rows
    }
}
