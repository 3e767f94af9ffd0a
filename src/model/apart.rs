//! Every loss alone, and what it gives to the recurrent weights.
//!
//! ```text
//! G_t = ∂L_t/∂U = Σ_{k≤t} ∂L_t/∂a_k ⊗ h_{k−1}           Σ_t G_t = ∂L/∂U
//! ```
//!
//! For the GRU the candidate's rows have what its reset gate made of h. BPTT adds the losses up before it forms the
//! products; here each goes its own way back.

use ndarray::Array2;

use super::network::{Network, Pass};
use super::{Scalar, affine};
use crate::experiment::Experiment;

/// One loss after the other, at the recurrent weights of one layer and direction, with those of the decoder's layer
/// beside it, where there is one.
pub struct Apart<F> {
    network: Network<F>,
    pass: Pass<F>,
    sweep: usize,
    /// In a network that is [plain](Network::is_plain), what each loss sends to its own step; else no rows.
    own: Array2<F>,
}

impl<F: Scalar> Apart<F> {
    /// For the layer and direction that is number `sweep` in the order of files.
    #[must_use]
    pub fn new(experiment: &Experiment, sweep: usize) -> Self {
        let network = Network::new(experiment);
        let pass = network.forward(&experiment.x, &experiment.target);
        let plain = network.is_plain();
        let own = if plain { network.own_losses(&pass) } else { Array2::from_elem((0, 0), F::ZERO) };
        Self { network, pass, sweep, own }
    }

    /// Losses.
    #[must_use]
    pub fn losses(&self) -> usize {
        self.pass.losses.len()
    }

    /// `G_t` of a loss, from 0: G·H × H; of the decoder's weights a second one.
    #[must_use]
    pub fn recurrent(&self, loss: usize) -> Vec<Array2<F>> {
        if self.own.nrows() == 0 {
            return self.network.recurrent(&self.pass, loss, self.sweep);
        }
        let tape = &self.pass.tapes[0];
        let last = tape.x.nrows() - self.own.nrows() + loss;
        vec![self.network.first().recurrent_of(tape, last, affine::row(&self.own, loss))]
    }
}
