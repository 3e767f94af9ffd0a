//! Each step in words, from its numbers.

use super::number::{percent, short};
use crate::experiment::{Activation, Cell, Spec};
use crate::trace::LayerTrace;

/// What the forward step does to one unit.
#[must_use]
pub fn forward(spec: &Spec, layer: &LayerTrace, unit: usize, t: usize) -> String {
    let gate = |index: usize| layer.gate(&layer.gates, index)[[t, unit]];
    let h = layer.h[[t, unit]];
    let number = unit + 1;
    if !h.is_finite() {
        return format!("Unit {number} has left the range of its numbers: h = {}.", short(h));
    }
    match spec.cell {
        Cell::Rnn => {
            let a = layer.a[[t, unit]];
            let slope = match spec.activation {
                Activation::Tanh => 1.0 - h * h,
                Activation::Relu => f64::from(u8::from(h > 0.0)),
            };
            let name = if spec.activation == Activation::Tanh { "tanh" } else { "ReLU" };
            format!(
                "Unit {number} squeezes {} into h = {}; {name} has the slope {} there, the factor on the way back.",
                short(a),
                short(h),
                short(slope)
            )
        }
        Cell::Lstm => format!(
            "Unit {number} keeps {} of its cell, writes {} to it and shows {} of it as h = {}.",
            percent(gate(0)),
            short(gate(1) * gate(2)),
            percent(gate(3)),
            short(h)
        ),
        Cell::Gru => format!(
            "Unit {number} keeps {} of its state and takes {} of the candidate {}: h = {}.",
            percent(1.0 - gate(0)),
            percent(gate(0)),
            short(gate(2)),
            short(h)
        ),
    }
}

/// What the backward step does to one unit.
#[must_use]
pub fn backward(spec: &Spec, layer: &LayerTrace, unit: usize, t: usize) -> String {
    let gate = |index: usize| layer.gate(&layer.gates, index)[[t, unit]];
    let number = unit + 1;
    match spec.cell {
        Cell::Rnn => {
            let h = layer.h[[t, unit]];
            let slope = match spec.activation {
                Activation::Tanh => 1.0 - h * h,
                Activation::Relu => f64::from(u8::from(h > 0.0)),
            };
            format!(
                "Unit {number} multiplies its gradient by the slope {} before W_hh hands it on.",
                short(slope)
            )
        }
        Cell::Lstm => format!("Unit {number}’s cell hands {} of its gradient straight on.", percent(gate(0))),
        Cell::Gru => format!("Unit {number} hands {} of its gradient straight on.", percent(1.0 - gate(0))),
    }
}
