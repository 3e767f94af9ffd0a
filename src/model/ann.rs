//! A plain feed-forward network of one hidden layer, which reads a window of steps at once.
//!
//! ```text
//! s_t = s_{t−1} + V_t·x_t                   s_0 = 0: the sum of V_k·x_k over k ≤ t
//! h_t = φ(s_t + b)                          φ = tanh or ReLU
//! ```
//!
//! At t the window has zeros where nothing is read yet, so that its sum grows by one term per step. Nothing passes from
//! h_{t−1} to h_t, and no two steps share weights: V_k is step k's own.

use super::cell::{Back, Equations, Step, StepBack};
use super::{Parameters, Scalar, affine};
use crate::experiment::Activation;

/// φ is its only choice.
pub struct Ann {
    /// φ.
    pub activation: Activation,
}

impl<F: Scalar> Equations<F> for Ann {
    /// On entry a is `V_t·x_t`.
    fn step(&self, p: &Parameters<F>, step: Step<F>) {
        step.c.copy_from_slice(step.c_prev);
        affine::add(step.c, step.a);
        step.a.copy_from_slice(step.c);
        affine::add(step.a, &p.bias);
        for (h, &a) in step.h.iter_mut().zip(&*step.a) {
            *h = self.activation.of(a);
        }
    }
}

impl<F: Scalar, const SEVERAL: bool> Back<F, SEVERAL> for Ann {
    fn step_back(&self, _: &Parameters<F>, back: StepBack<F, SEVERAL>) {
        for at in back.rows() {
            for (j, &h) in back.h.iter().enumerate() {
                back.da[at + j] = self.activation.back(back.dh[at + j], h);
            }
        }
        affine::add(back.dc, back.da);
        back.dc_prev.copy_from_slice(back.dc);
    }
}
