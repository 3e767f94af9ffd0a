//! When numbers break: the operation that first left the range of its type.

use ndarray::{ArrayView1, s};

use crate::experiment::{Cell, Choice as _, Direction, Experiment, Precision, Steps};
use crate::model::Parameters;
use crate::model::cell::symbols;
use crate::trace::{LayerTrace, Run, Signal, Speaking, Trace};

/// The first operation of a run whose result is not finite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Break {
    /// Whether it happened on the way back.
    pub backward: bool,
    /// The step, from 1.
    pub t: usize,
    /// Where the playhead stands then: for a direction that reads from T to 1, T + 1 − t.
    pub seen: usize,
    /// The operation and what became of it: `W_hh·h exceeds f32`.
    pub words: String,
}

/// Finds it for the layer and direction that is number `sweep`: forward step by step, through what it reads first, then
/// the outputs, then on its way back.
#[must_use]
pub fn breakage(experiment: &Experiment, run: &Run, sweep: usize, signal: &Signal) -> Option<Break> {
    let Some(Speaking { experiment: speaking, trace, .. }) = &run.speaking else {
        let trace = &run.trace;
        return forward(experiment, trace, sweep)
            .or_else(|| outputs(experiment, trace))
            .or_else(|| backward(experiment, trace, sweep, signal, false));
    };
    let axis = experiment.steps();
    if axis.border().is_none() {
        return forward(speaking, trace, sweep)
            .or_else(|| outputs(speaking, trace))
            .or_else(|| backward(speaking, trace, sweep, signal, false));
    }
    let layer = sweep / experiment.spec.directions().len();
    let part = |steps: std::ops::Range<usize>| Signal {
        dh: signal.dh.slice(s![steps.clone(), ..]).to_owned(),
        dc: signal.dc.slice(s![steps, ..]).to_owned(),
    };
    let shifted =
        |broken: Break| Break { t: axis.encoder + broken.t, seen: axis.encoder + broken.seen, ..broken };
    let (encoder, decoder) = (part(0..axis.encoder), part(axis.encoder..axis.count));
    forward(experiment, &run.trace, sweep)
        .or_else(|| forward(speaking, trace, layer).map(shifted))
        .or_else(|| outputs(speaking, trace).map(shifted))
        .or_else(|| backward(speaking, trace, layer, &decoder, false).map(shifted))
        .or_else(|| backward(experiment, &run.trace, sweep, &encoder, true))
}

/// A broken row of numbers of a layer at step `t`, from 1.
fn found(
    experiment: &Experiment,
    backward: bool,
    layer: &LayerTrace,
    t: usize,
    operation: &str,
    row: &ArrayView1<f64>,
) -> Break {
    let type_of = experiment.precision.word();
    let what = if row.iter().any(|value| value.is_infinite()) {
        format!("exceeds {type_of}")
    } else {
        "is not a number".into()
    };
    Break { backward, t, seen: seen(layer, t), words: format!("{operation} {what}") }
}

/// Where the playhead stands when a step is processed, and the other way round.
fn seen(layer: &LayerTrace, t: usize) -> usize {
    Steps::plain(layer.h.nrows()).seen(layer.direction, t)
}

/// The first state that broke, in a layer or one below it.
fn forward(experiment: &Experiment, trace: &Trace, sweep: usize) -> Option<Break> {
    let own = &trace.layers[sweep];
    let steps = own.h.nrows();
    let carried = if experiment.spec.cell.recurs() { "f⊙C + i⊙C̃" } else { "Σ W_xh·x" };
    let below = trace.layers.iter().enumerate().filter(|(_, layer)| layer.layer < own.layer);
    for (number, layer) in below.chain([(sweep, own)]) {
        for t in (1..=steps).map(|t| seen(layer, t) - 1) {
            for (row, operation) in
                [(layer.a.row(t), None), (layer.c.row(t), Some(carried)), (layer.h.row(t), Some("h"))]
            {
                if let Some(broken) = row.iter().position(|value| !value.is_finite()) {
                    let sum = operation.is_none().then(|| summand(experiment, trace, number, t, broken));
                    let words = operation.unwrap_or(sum.as_deref().unwrap_or_default());
                    return Some(found(experiment, false, layer, t + 1, words, &row));
                }
            }
        }
    }
    None
}

/// The first output that broke.
fn outputs(experiment: &Experiment, trace: &Trace) -> Option<Break> {
    let (layer, outputs) = (&trace.layers[0], trace.y.nrows());
    let row = trace.y.rows().into_iter().position(|row| broken(&row))?;
    let t = layer.h.nrows() - outputs + row + 1;
    Some(Break { seen: t, ..found(experiment, false, layer, t, "W_hy·h", &trace.y.row(row)) })
}

/// The first gradient that broke on its way back; `on` where a decoder reads the last states.
fn backward(
    experiment: &Experiment,
    trace: &Trace,
    sweep: usize,
    signal: &Signal,
    on: bool,
) -> Option<Break> {
    let (own, steps) = (&trace.layers[sweep], trace.layers[sweep].h.nrows());
    let back = if experiment.spec.cell == Cell::Rnn { "W_hhᵀ·∂L/∂a" } else { "Wᵀ·∂L/∂a" };
    (1..=steps).rev().map(|t| seen(own, t) - 1).find_map(|t| {
        let row = [signal.dh.row(t), signal.dc.row(t)].into_iter().find(broken)?;
        let first = seen(own, t + 1) == steps;
        let arrives = match own.layer == experiment.spec.layers {
            _ if on => "∂L/∂h from the decoder",
            true => "W_hyᵀ·∂L/∂y",
            false => "∂L/∂h from the layer above",
        };
        Some(found(experiment, true, own, t + 1, if first { arrives } else { back }, &row))
    })
}

fn broken(row: &ArrayView1<f64>) -> bool {
    row.iter().any(|value| !value.is_finite())
}

/// Which summand of pre-activation `row` (gate by gate) is out of range at step t, from 0.
fn summand(experiment: &Experiment, trace: &Trace, sweep: usize, t: usize, row: usize) -> String {
    let layer = &trace.layers[sweep];
    let spec = &experiment.spec;
    if !spec.cell.recurs() {
        return "Σ W_xh·x".into();
    }
    if spec.cell.gated() {
        let gate = symbols(spec.cell)[row / spec.hidden].trim_end_matches("_tilde");
        return format!("W_{gate}·[h, x]");
    }
    let weights = &experiment.weights.layers[sweep];
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
    let earlier = match layer.direction {
        Direction::Forward => t.checked_sub(1),
        Direction::Backward => Some(t + 1).filter(|&t| t < layer.h.nrows()),
    };
    let h_prev = earlier.map_or(h_0, |t| layer.h.row(t));
    let below = trace.layers.iter().filter(|other| other.layer + 1 == layer.layer);
    let x: Vec<f64> = if layer.layer == 1 {
        experiment.x.row(t).to_vec()
    } else {
        below.flat_map(|other| other.h.row(t).to_vec()).collect()
    };
    if out(parameters.recurrent.row(row), h_prev) {
        "W_hh·h".into()
    } else if out(parameters.input.row(row), ArrayView1::from(&x)) {
        "W_xh·x".into()
    } else {
        "W_xh·x + W_hh·h".into()
    }
}
