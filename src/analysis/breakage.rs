//! When numbers break: the operation that first left the range of its type.

use ndarray::ArrayView1;

use crate::experiment::{Cell, Choice as _, Experiment, Precision};
use crate::model::Parameters;
use crate::model::cell::symbols;
use crate::trace::{LayerTrace, Signal, Trace};

/// The first operation of a run whose result is not finite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Break {
    /// Whether it happened on the way back.
    pub backward: bool,
    /// The step, from 1.
    pub t: usize,
    /// The operation and what became of it: `W_hh·h exceeds f32`.
    pub words: String,
}

/// Finds it in the first layer: forward step by step, then the outputs, then backward from the last step.
#[must_use]
pub fn breakage(experiment: &Experiment, trace: &Trace, signal: &Signal) -> Option<Break> {
    let layer = &trace.layers[0];
    let type_of = experiment.precision.word();
    let found = |backward, t: usize, operation: &str, row: ArrayView1<f64>| {
        let what = if row.iter().any(|value| value.is_infinite()) {
            format!("exceeds {type_of}")
        } else {
            "is not a number".into()
        };
        Some(Break { backward, t, words: format!("{operation} {what}") })
    };
    let steps = layer.h.nrows();
    for t in 0..steps {
        for (row, operation) in
            [(layer.a.row(t), None), (layer.c.row(t), Some("f⊙C + i⊙C̃")), (layer.h.row(t), Some("h"))]
        {
            if let Some(broken) = row.iter().position(|value| !value.is_finite()) {
                let sum = operation.is_none().then(|| summand(experiment, layer, t, broken));
                return found(false, t + 1, operation.unwrap_or(sum.as_deref().unwrap_or_default()), row);
            }
        }
    }
    let outputs = trace.y.nrows();
    if let Some(row) = trace.y.rows().into_iter().position(|row| broken(&row)) {
        return found(false, steps - outputs + row + 1, "W_hy·h", trace.y.row(row));
    }
    let back = if experiment.spec.cell == Cell::Rnn { "W_hhᵀ·∂L/∂a" } else { "Wᵀ·∂L/∂a" };
    (0..steps).rev().find_map(|t| {
        let row = [signal.dh.row(t), signal.dc.row(t)].into_iter().find(broken)?;
        found(true, t + 1, if t + 1 == steps { "W_hyᵀ·∂L/∂y" } else { back }, row)
    })
}

fn broken(row: &ArrayView1<f64>) -> bool {
    row.iter().any(|value| !value.is_finite())
}

/// Which summand of pre-activation `row` (gate by gate) is out of range at step t, from 0.
fn summand(experiment: &Experiment, layer: &LayerTrace, t: usize, row: usize) -> String {
    let spec = &experiment.spec;
    if spec.cell != Cell::Rnn {
        let gate = symbols(spec.cell)[row / spec.hidden].trim_end_matches("_tilde");
        return format!("W_{gate}·[h, x]");
    }
    let weights = &experiment.weights.layers[0];
    let parameters = Parameters::<f64>::from_weights(spec, weights);
    let largest = match experiment.precision {
        Precision::F64 => f64::MAX,
        Precision::F32 => f64::from(f32::MAX),
    };
    let out = |matrix: ArrayView1<f64>, v: ArrayView1<f64>| {
        let sum: f64 = matrix.iter().zip(v).map(|(w, v)| w * v).sum();
        // Written so that NaN is out of range.
        !matches!(sum.abs().partial_cmp(&largest), Some(order) if order.is_le())
    };
    let h_0 = ArrayView1::from(&weights.h_0);
    let h_prev = if t == 0 { h_0 } else { layer.h.row(t - 1) };
    if out(parameters.recurrent.row(row), h_prev) {
        "W_hh·h".into()
    } else if out(parameters.input.row(row), experiment.x.row(t)) {
        "W_xh·x".into()
    } else {
        "W_xh·x + W_hh·h".into()
    }
}
