//! What a cell is: one step forward, and the same step back.

use super::{Parameters, Scalar, affine, ann, gru, lstm, norm, rnn};
use crate::experiment::{Cell, Spec};

/// One forward step: what it reads, and the record of what it computes.
///
/// Slices over gates have G·H numbers, gate by gate in the order of [`symbols`]; the others have H.
pub struct Step<'a, F> {
    /// `h_{t−1}`.
    pub h_prev: &'a [F],
    /// `C_{t−1}`, of the feed-forward network `s_{t−1}`; empty elsewhere.
    pub c_prev: &'a [F],
    /// `h_{t−k}` of the RNN that reads it; empty elsewhere, and where there is no such state.
    pub skip: &'a [F],
    /// On entry `V·x_t`; on return the pre-activations.
    pub a: &'a mut [F],
    /// The gates, and the candidate among them.
    pub gates: &'a mut [F],
    /// LSTM: `tanh(C_t)`. GRU: `r_t ⊙ h_{t−1}`, or with reset after `U·h_{t−1} + b_hh`. Empty for the RNN.
    pub inner: &'a mut [F],
    /// `h_t`.
    pub h: &'a mut [F],
    /// `C_t`, of the feed-forward network `s_t`; empty elsewhere.
    pub c: &'a mut [F],
    /// Layer normalisation: the normalised sums; empty without it.
    pub normal: &'a mut [F],
    /// Layer normalisation: 1/σ of each gate; empty without it.
    pub inverse: &'a mut [F],
}

impl<F: Scalar> Step<'_, F> {
    /// a_g += U_g·v, then layer normalisation where it is on, then the bias, for gates `from..to`.
    pub fn pre_activation(&mut self, p: &Parameters<F>, from: usize, to: usize, v: Operand) {
        let hidden = self.h_prev.len();
        let range = from * hidden..to * hidden;
        let v = match v {
            Operand::State => self.h_prev,
            Operand::Inner => &*self.inner,
        };
        affine::add_product(&mut self.a[range.clone()], &p.recurrent, range.start, v);
        if !self.skip.is_empty() {
            affine::add_product(self.a, &p.skip, 0, self.skip);
        }
        if !p.gain.is_empty() {
            for gate in from..to {
                let rows = gate * hidden..(gate + 1) * hidden;
                let a = &mut self.a[rows.clone()];
                self.inverse[gate] = norm::forward(a, &mut self.normal[rows.clone()], &p.gain[rows]);
            }
        }
        affine::add(&mut self.a[range.clone()], &p.bias[range]);
    }
}

/// What a gate's recurrent matrix multiplies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operand {
    /// `h_{t−1}`.
    State,
    /// [`Step::inner`].
    Inner,
}

/// The same step backward: its record, the gradient that arrives, and the gradients that leave. Of several losses all
/// that is ∂L/∂… has a row for each.
pub struct StepBack<'a, F, const SEVERAL: bool> {
    /// `h_{t−1}`.
    pub h_prev: &'a [F],
    /// `C_{t−1}`.
    pub c_prev: &'a [F],
    /// The gates.
    pub gates: &'a [F],
    /// As [`Step::inner`].
    pub inner: &'a [F],
    /// `h_t`.
    pub h: &'a [F],
    /// As [`Step::normal`].
    pub normal: &'a [F],
    /// As [`Step::inverse`].
    pub inverse: &'a [F],
    /// `∂L/∂h_t`, total.
    pub dh: &'a [F],
    /// On entry the part of `∂L/∂C_t` through `C_{t+1}`; on return the total.
    pub dc: &'a mut [F],
    /// Result: `∂L/∂a_t`, or with layer normalisation the gradient of the sums before it.
    pub da: &'a mut [F],
    /// GRU, result: ∂L/∂[`Step::inner`]; zero on entry.
    pub dinner: &'a mut [F],
    /// Result: the part of `∂L/∂h_{t−1}` through this step; zero on entry.
    pub dh_prev: &'a mut [F],
    /// Result: the part of `∂L/∂C_{t−1}` through this step.
    pub dc_prev: &'a mut [F],
    /// Result: the part of `∂L/∂h_{t−k}` through this step; zero on entry, empty where it reads no such state.
    pub dskip: &'a mut [F],
    /// Layer normalisation: where the gradients of gains and biases are summed.
    pub sum: &'a mut Parameters<F>,
}

impl<F: Scalar, const SEVERAL: bool> StepBack<'_, F, SEVERAL> {
    /// Where each loss's row begins among numbers per unit.
    pub fn rows(&self) -> impl Iterator<Item = usize> + use<F, SEVERAL> {
        let units = self.h.len();
        let losses = if SEVERAL { self.dh.len() / units } else { 1 };
        (0..losses).map(move |loss| loss * units)
    }

    /// Takes `da` of gates `from..to` back through layer normalisation, where it is on.
    pub fn through_norm(&mut self, p: &Parameters<F>, from: usize, to: usize) {
        if p.gain.is_empty() {
            return;
        }
        let hidden = self.h_prev.len();
        for at in self.rows() {
            for gate in from..to {
                let rows = gate * hidden..(gate + 1) * hidden;
                let da = &mut self.da[at * self.inverse.len()..][rows.clone()];
                let normal = &self.normal[rows.clone()];
                affine::add(&mut self.sum.bias[rows.clone()], da);
                for ((gain, &da), &n) in self.sum.gain[rows.clone()].iter_mut().zip(&*da).zip(normal) {
                    *gain += da * n;
                }
                norm::backward(da, normal, self.inverse[gate], &p.gain[rows]);
            }
        }
    }
}

/// The equations of a cell.
pub trait Equations<F: Scalar>: Back<F, false> {
    /// One step forward.
    fn step(&self, p: &Parameters<F>, step: Step<F>);
}

/// The same, backward: for the gradient of one loss, or of several side by side.
pub trait Back<F: Scalar, const SEVERAL: bool> {
    /// One step backward.
    fn step_back(&self, p: &Parameters<F>, back: StepBack<F, SEVERAL>);
}

/// The equations that `spec` asks for.
#[must_use]
pub fn equations<F: Scalar>(spec: &Spec) -> Box<dyn Equations<F>> {
    match spec.cell {
        Cell::Rnn => Box::new(rnn::Rnn { activation: spec.activation }),
        Cell::Lstm => Box::new(lstm::Lstm { held: spec.held }),
        Cell::Gru => Box::new(gru::Gru { reset: spec.reset, held: spec.held }),
        Cell::Ann => Box::new(ann::Ann { activation: spec.activation }),
    }
}

/// The same for several losses, backward alone.
#[must_use]
pub fn several<F: Scalar>(spec: &Spec) -> Box<dyn Back<F, true>> {
    match spec.cell {
        Cell::Rnn => Box::new(rnn::Rnn { activation: spec.activation }),
        Cell::Lstm => Box::new(lstm::Lstm { held: spec.held }),
        Cell::Gru => Box::new(gru::Gru { reset: spec.reset, held: spec.held }),
        Cell::Ann => Box::new(ann::Ann { activation: spec.activation }),
    }
}

/// Names of the gates in files, in the order of their rows.
#[must_use]
pub fn symbols(cell: Cell) -> &'static [&'static str] {
    match cell {
        Cell::Rnn | Cell::Ann => &[],
        Cell::Lstm => &["f", "i", "C_tilde", "o"],
        Cell::Gru => &["z", "r", "h_tilde"],
    }
}
