//! How many units and gates stand where their slope is nearly zero.

use ndarray::ArrayView1;

use crate::experiment::{Activation, Spec};
use crate::model::cell::symbols;
use crate::trace::LayerTrace;

/// A state beyond this magnitude passes less than 6 % of its gradient back: 1 − 0.97².
pub const STATE: f64 = 0.97;
/// A gate under this is shut, over 1 less this open: its own slope is under 3 %.
pub const GATE: f64 = 0.03;

/// Shares of the H units of one layer at one step, 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Saturation {
    /// |h| over [`STATE`]; for ReLU h = 0, the dead.
    pub state: f64,
    /// Per gate: its symbol, the shares shut and open.
    pub gates: Vec<(&'static str, f64, f64)>,
}

impl Saturation {
    /// At step t, from 1.
    #[must_use]
    pub fn new(spec: &Spec, layer: &LayerTrace, t: usize) -> Self {
        let relu = !spec.cell.gated() && spec.activation == Activation::Relu;
        let state = share(&layer.h.row(t - 1), |h| if relu { h == 0.0 } else { h.abs() > STATE });
        let gates = (0..).zip(symbols(spec.cell)).filter(|(_, symbol)| !symbol.ends_with("_tilde"));
        let gates = gates.map(|(index, &symbol)| {
            let gate = layer.gate(&layer.gates, index);
            let row = gate.row(t - 1);
            (symbol, share(&row, |v| v < GATE), share(&row, |v| v > 1.0 - GATE))
        });
        Self { state, gates: gates.collect() }
    }

    /// One number for the step: of an RNN's states, of the others' gates.
    #[must_use]
    pub fn share(&self) -> f64 {
        if self.gates.is_empty() {
            return self.state;
        }
        #[expect(clippy::cast_precision_loss, reason = "three gates at most")]
        let count = self.gates.len() as f64;
        self.gates.iter().map(|(_, shut, open)| shut + open).sum::<f64>() / count
    }
}

#[expect(clippy::cast_precision_loss, reason = "H is far below 2^52")]
fn share(values: &ArrayView1<f64>, holds: impl Fn(f64) -> bool) -> f64 {
    values.iter().filter(|&&value| holds(value)).count() as f64 / values.len() as f64
}
