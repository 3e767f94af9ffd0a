//! The simple recurrent network of Elman (1990).
//!
//! ```text
//! a_t = W_xh·x_t + W_hh·h_{t−1} + b_h       with a skip of k steps also + W_skip·h_{t−k}
//! h_t = φ(a_t)                              φ = tanh or ReLU
//! ```
//!
//! `h_{t−k}` is a delayed connection: Lin, Horne, Tiňo & Giles (1996), El Hihi & Bengio (1996), as a skip of k steps
//! Zhang et al. (2016). At t = k it is `h_0`, before that there is none.

use super::cell::{Back, Equations, Operand, Step, StepBack};
use super::{Parameters, Scalar, affine};
use crate::experiment::Activation;

/// φ is its only choice.
pub struct Rnn {
    /// φ.
    pub activation: Activation,
}

impl Activation {
    /// φ(a).
    pub(super) fn of<F: Scalar>(self, a: F) -> F {
        match self {
            Self::Tanh => a.tanh(),
            // Written so that NaN stays NaN.
            Self::Relu if a < F::ZERO => F::ZERO,
            Self::Relu => a,
        }
    }

    /// `∂L/∂a` from `∂L/∂h` where h = φ(a).
    pub(super) fn back<F: Scalar>(self, dh: F, h: F) -> F {
        match self {
            Self::Tanh => dh * (F::ONE - h * h),
            Self::Relu if h > F::ZERO => dh,
            Self::Relu => F::ZERO,
        }
    }
}

impl<F: Scalar> Equations<F> for Rnn {
    fn step(&self, p: &Parameters<F>, mut step: Step<F>) {
        step.pre_activation(p, 0, 1, Operand::State);
        for (h, &a) in step.h.iter_mut().zip(&*step.a) {
            *h = self.activation.of(a);
        }
    }
}

impl<F: Scalar, const SEVERAL: bool> Back<F, SEVERAL> for Rnn {
    fn step_back(&self, p: &Parameters<F>, mut back: StepBack<F, SEVERAL>) {
        let n = back.h.len();
        for at in back.rows() {
            let (da, dh) = (&mut back.da[at..][..n], &back.dh[at..][..n]);
            for j in 0..n {
                da[j] = self.activation.back(dh[j], back.h[j]);
            }
        }
        back.through_norm(p, 0, 1);
        affine::add_transposed_rows::<F, SEVERAL>(back.dh_prev, &p.recurrent, 0..n, back.da, n);
        if !back.dskip.is_empty() {
            affine::add_transposed_rows::<F, SEVERAL>(back.dskip, &p.skip, 0..n, back.da, n);
        }
    }
}
