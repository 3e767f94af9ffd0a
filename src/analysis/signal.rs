//! How much of the gradient is left, step by step.

use crate::experiment::{Clip, Direction, Limit, Steps};
use crate::trace::{LayerTrace, Signal};

/// ‖∂L/∂s_t‖ for every step, with s_t the state that carries the gradient.
///
/// # Formula
/// s_t = h_t; for LSTM s_t = (h_t, C_t), each held while the other varies: ‖s‖² = ‖∂L/∂h_t‖² + ‖∂L/∂C_t |_{h_t}‖².
/// ∂L/∂h_t alone would miss what travels through the cell state.
#[derive(Clone, Debug, PartialEq)]
pub struct Norms {
    /// One per step.
    pub norm: Vec<f64>,
    /// Relative to where its way back begins: `norm[t] / norm[T]`, for a backward direction `norm[t] / norm[1]`, where
    /// there is a decoder to its last step.
    pub ratio: Vec<f64>,
    /// log10 of the ratio; `-inf` where it is exactly zero.
    pub decades: Vec<f64>,
}

impl Norms {
    /// Of the signal of a layer in a direction.
    #[must_use]
    pub fn new(signal: &Signal, axis: Steps, direction: Direction) -> Self {
        let both =
            |t: usize| signal.dh.row(t).into_iter().chain(signal.dc.row(t)).copied().collect::<Vec<_>>();
        let norm: Vec<f64> = (0..signal.dh.nrows()).map(|t| norm(&both(t))).collect();
        let begin = axis.way(direction).next().and_then(|t| norm.get(t - 1));
        let last = begin.copied().unwrap_or(0.0);
        // An exact zero is 0 of anything, of an exact zero where the way begins too.
        let share = |norm: f64, share: f64, zero: f64| if norm == 0.0 { zero } else { share };
        let ratio: Vec<f64> = norm.iter().map(|&norm| share(norm, norm / last, 0.0)).collect();
        // Logarithms first: the quotient may underflow where its logarithm does not.
        let decades =
            norm.iter().map(|&norm| share(norm, norm.log10() - last.log10(), f64::NEG_INFINITY)).collect();
        Self { norm, ratio, decades }
    }
}

/// At how many steps what arrived from the step after had been clipped: it is as large as the limit lets it be.
#[must_use]
pub fn clipped(layer: &LayerTrace, limit: Limit) -> usize {
    // Scaled to a length, a vector has it but for rounding.
    let full = |size: f64| size >= limit.at * (1.0 - 1e-5);
    let steps = 0..layer.dh_from_future.nrows();
    steps
        .filter(|&t| {
            let message = layer.dh_from_future.row(t).into_iter().chain(layer.dc_from_future.row(t));
            let message: Vec<f64> = message.copied().collect();
            match limit.clip {
                Clip::Off => false,
                Clip::Norm => full(norm(&message)),
                Clip::Value => message.iter().any(|v| full(v.abs())),
            }
        })
        .count()
}

/// √Σv², scaled so that no square overflows or underflows.
#[must_use]
pub fn norm(values: &[f64]) -> f64 {
    norm_of(values.iter().copied())
}

/// As [`norm`], of what need not lie side by side.
#[must_use]
pub fn norm_of(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let sum: f64 = values.clone().map(|value| value * value).sum();
    // The careful sum only where a square may have left the range.
    if (1e-250..1e250).contains(&sum) {
        return sum.sqrt();
    }
    let largest = values.clone().fold(0.0_f64, |largest, value| largest.max(value.abs()));
    if values.clone().any(f64::is_nan) {
        return f64::NAN;
    }
    if largest == 0.0 || largest.is_infinite() {
        return largest;
    }
    largest * values.map(|value| (value / largest) * (value / largest)).sum::<f64>().sqrt()
}
