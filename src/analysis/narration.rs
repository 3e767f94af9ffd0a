//! Each step in words, from its numbers.

use super::number::{percent, short};
use crate::experiment::{Activation, Cell, Direction, Held, Spec};
use crate::trace::LayerTrace;

/// What the forward step does to one unit.
#[must_use]
pub fn forward(name: &str, spec: &Spec, layer: &LayerTrace, unit: usize, t: usize) -> String {
    let gate = |index: usize| layer.gate(&layer.gates, index)[[t, unit]];
    let h = layer.h[[t, unit]];
    let number = unit + 1;
    if !h.is_finite() {
        return format!("{name} unit {number} has left the range of its numbers: h = {}.", short(h));
    }
    match spec.cell {
        Cell::Rnn => {
            let a = layer.a[[t, unit]];
            let slope = match spec.activation {
                Activation::Tanh => 1.0 - h * h,
                Activation::Relu => f64::from(u8::from(h > 0.0)),
            };
            let function = if spec.activation == Activation::Tanh { "tanh" } else { "ReLU" };
            format!(
                "{name} unit {number} turns {} into h = {}; {function} has the slope {} there, {}.",
                short(a),
                short(h),
                short(slope),
                if spec.layer_norm {
                    "on the way back the first factor; the normalisation has another"
                } else {
                    "the factor on the way back"
                }
            )
        }
        Cell::Lstm => format!(
            "{name} unit {number} keeps {} of its cell, writes {} to it, and lets {} of tanh C = {} out: h = {}.",
            percent(gate(0)),
            short(gate(1) * gate(2)),
            percent(gate(3)),
            short(layer.c[[t, unit]].tanh()),
            short(h)
        ),
        Cell::Ann => {
            let (a, read) = (layer.a[[t, unit]], t + 1);
            format!(
                "{name} unit {number} reads a window of {} at once, {read} of them filled: their sum {} gives h = {}. It remembers nothing, and no two steps share a weight.",
                steps(spec.places),
                short(a),
                short(h)
            )
        }
        Cell::Gru => format!(
            "{name} unit {number} keeps {} of its state and takes {} of the candidate {}: h = {}.",
            percent(1.0 - gate(0)),
            percent(gate(0)),
            short(gate(2)),
            short(h)
        ),
    }
}

/// What the backward step does to one unit.
#[must_use]
pub fn backward(name: &str, spec: &Spec, layer: &LayerTrace, unit: usize, t: usize) -> String {
    let gate = |index: usize| layer.gate(&layer.gates, index)[[t, unit]];
    let number = unit + 1;
    if spec.cell.recurs()
        && [&layer.dh, &layer.dc].iter().all(|of| of.get([t, unit]).is_none_or(|&d| d == 0.0))
    {
        return format!("{name} unit {number}: its gradient is exactly 0 here.");
    }
    match spec.cell {
        Cell::Rnn => {
            let h = layer.h[[t, unit]];
            let slope = match spec.activation {
                Activation::Tanh => 1.0 - h * h,
                Activation::Relu => f64::from(u8::from(h > 0.0)),
            };
            let on = match spec.skip {
                0 => "the recurrent matrix hands it on".to_owned(),
                k => format!("W_hh hands it on to the step before, W_skip to that of {k} steps before"),
            };
            let norm = if spec.layer_norm {
                "the normalisation takes away what all units have in common and divides by their deviation; "
            } else {
                ""
            };
            format!(
                "{name} unit {number} multiplies its gradient by the slope {}; {norm}then {on}.",
                short(slope)
            )
        }
        Cell::Ann => format!(
            "{name} unit {number}: nothing comes back through time. Step {}’s part of the sum feels each loss after it whole, {}, through weights that no other step learns.",
            t + 1,
            short(layer.dc[[t, unit]])
        ),
        Cell::Lstm if spec.held == Held::F => {
            let end = if layer.direction == Direction::Forward { layer.c.nrows() - 1 } else { 0 };
            let slopes = layer.c.row(end).mapv(|c| 1.0 - c.tanh().powi(2));
            format!(
                "{name}: f is held at 1, the cell hands all of its gradient straight on. But nothing is forgotten: where the gradient begins, C has grown, and tanh lets {} of it in, on average over the units.",
                percent(slopes.mean().unwrap_or(1.0))
            )
        }
        Cell::Lstm => {
            format!("{name} unit {number}: the cell hands {} of its gradient straight on.", percent(gate(0)))
        }
        Cell::Gru => {
            format!("{name} unit {number} hands {} of its gradient straight on.", percent(1.0 - gate(0)))
        }
    }
}

/// `1 step`, `40 steps`.
fn steps(count: usize) -> String {
    if count == 1 { "1 step".into() } else { format!("{count} steps") }
}
