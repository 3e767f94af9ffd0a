//! The simple recurrent network of Elman (1990).
//!
//! ```text
//! a_t = W_xh·x_t + W_hh·h_{t−1} + b_h
//! h_t = φ(a_t)                              φ = tanh or ReLU
//! ```

use super::cell::{Equations, Operand, Step, StepBack};
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

    fn step_back(&self, p: &Parameters<F>, mut back: StepBack<F>) {
        for ((da, &dh), &h) in back.da.iter_mut().zip(back.dh).zip(back.h) {
            *da = self.activation.back(dh, h);
        }
        back.through_norm(p, 0, 1);
        affine::add_transposed(back.dh_prev, &p.recurrent, 0, back.da);
    }
}
