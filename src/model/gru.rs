//! The gated recurrent unit of Cho et al. (2014), and its variant with the reset after the product.
//!
//! ```text
//! z_t = σ(W_z·[h_{t−1}, x_t] + b_z)                              update gate
//! r_t = σ(W_r·[h_{t−1}, x_t] + b_r)                              reset gate
//! h̃_t = tanh(W_h·[r_t ⊙ h_{t−1}, x_t] + b_h)                     candidate, reset before
//! h̃_t = tanh(r_t ⊙ (U·h_{t−1} + b_hh) + V·x_t + b_h)             candidate, reset after
//! h_t = (1 − z_t) ⊙ h_{t−1} + z_t ⊙ h̃_t
//! ```
//!
//! A reset gate that is held is 1, and r(1 − r) = 0: its weights get no gradient.

use super::cell::{Equations, Operand, Step, StepBack};
use super::{Parameters, Scalar, affine};
use crate::experiment::{Held, Reset};

/// What may be chosen of the reset gate.
pub struct Gru {
    /// Before or after the product with U.
    pub reset: Reset,
    /// Whether it is held at 1.
    pub held: Held,
}

impl<F: Scalar> Equations<F> for Gru {
    fn step(&self, p: &Parameters<F>, mut step: Step<F>) {
        let n = step.h.len();
        step.pre_activation(p, 0, 2, Operand::State);
        for (gate, a) in step.gates.iter_mut().zip(&step.a[..2 * n]) {
            *gate = a.sigmoid();
        }
        if self.held == Held::R {
            step.gates[n..2 * n].fill(F::ONE);
        }
        let r = &step.gates[n..2 * n];
        match self.reset {
            Reset::Before => {
                for j in 0..n {
                    step.inner[j] = r[j] * step.h_prev[j];
                }
                step.pre_activation(p, 2, 3, Operand::Inner);
            }
            Reset::After => {
                step.inner.copy_from_slice(&p.recurrent_bias);
                affine::add_product(step.inner, &p.recurrent, 2 * n, step.h_prev);
                for j in 0..n {
                    step.a[2 * n + j] += r[j] * step.inner[j] + p.bias[2 * n + j];
                }
            }
        }
        for j in 0..n {
            let z = step.gates[j];
            let candidate = step.a[2 * n + j].tanh();
            step.gates[2 * n + j] = candidate;
            step.h[j] = (F::ONE - z) * step.h_prev[j] + z * candidate;
        }
    }

    fn step_back(&self, p: &Parameters<F>, mut back: StepBack<F>) {
        let n = back.dh.len();
        for j in 0..n {
            let [z, _, candidate] = [0, 1, 2].map(|gate| back.gates[gate * n + j]);
            let dh = back.dh[j];
            back.da[j] = dh * (candidate - back.h_prev[j]) * z * (F::ONE - z);
            back.da[2 * n + j] = dh * z * (F::ONE - candidate * candidate);
            back.dh_prev[j] = dh * (F::ONE - z);
        }
        match self.reset {
            Reset::Before => {
                back.through_norm(p, 2, 3);
                affine::add_transposed(back.dinner, &p.recurrent, 2 * n, &back.da[2 * n..]);
                for j in 0..n {
                    let r = back.gates[n + j];
                    back.da[n + j] = back.dinner[j] * back.h_prev[j] * r * (F::ONE - r);
                    back.dh_prev[j] += back.dinner[j] * r;
                }
            }
            Reset::After => {
                for j in 0..n {
                    let r = back.gates[n + j];
                    back.da[n + j] = back.da[2 * n + j] * back.inner[j] * r * (F::ONE - r);
                    back.dinner[j] = back.da[2 * n + j] * r;
                }
                affine::add_transposed(back.dh_prev, &p.recurrent, 2 * n, back.dinner);
            }
        }
        back.through_norm(p, 0, 2);
        affine::add_transposed(back.dh_prev, &p.recurrent, 0, &back.da[..2 * n]);
    }
}
