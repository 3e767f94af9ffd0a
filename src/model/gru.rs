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

use super::cell::{Back, Equations, Operand, Step, StepBack};
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
}

impl<F: Scalar, const SEVERAL: bool> Back<F, SEVERAL> for Gru {
    fn step_back(&self, p: &Parameters<F>, mut back: StepBack<F, SEVERAL>) {
        let n = back.h.len();
        let [z, r, candidate] = [0, 1, 2].map(|gate| &back.gates[gate * n..][..n]);
        let (h_prev, inner) = (&back.h_prev[..n], &back.inner[..n]);
        for at in back.rows() {
            let (dh, dh_prev) = (&back.dh[at..][..n], &mut back.dh_prev[at..][..n]);
            let (da_z, da) = back.da[3 * at..].split_at_mut(2 * n);
            for j in 0..n {
                da_z[j] = dh[j] * (candidate[j] - h_prev[j]) * z[j] * (F::ONE - z[j]);
                da[j] = dh[j] * z[j] * (F::ONE - candidate[j] * candidate[j]);
                dh_prev[j] = dh[j] * (F::ONE - z[j]);
            }
        }
        let rows = 2 * n..3 * n;
        match self.reset {
            Reset::Before => {
                back.through_norm(p, 2, 3);
                let da = &back.da[2 * n..];
                affine::add_transposed_rows::<F, SEVERAL>(back.dinner, &p.recurrent, rows, da, 3 * n);
                for at in back.rows() {
                    let (dinner, dh_prev) = (&back.dinner[at..][..n], &mut back.dh_prev[at..][..n]);
                    let da_r = &mut back.da[3 * at + n..][..n];
                    for j in 0..n {
                        da_r[j] = dinner[j] * h_prev[j] * r[j] * (F::ONE - r[j]);
                        dh_prev[j] += dinner[j] * r[j];
                    }
                }
            }
            Reset::After => {
                for at in back.rows() {
                    let dinner = &mut back.dinner[at..][..n];
                    let (da_r, da_h) = back.da[3 * at + n..].split_at_mut(n);
                    for j in 0..n {
                        da_r[j] = da_h[j] * inner[j] * r[j] * (F::ONE - r[j]);
                        dinner[j] = da_h[j] * r[j];
                    }
                }
                let (dh_prev, dinner) = (&mut *back.dh_prev, &*back.dinner);
                affine::add_transposed_rows::<F, SEVERAL>(dh_prev, &p.recurrent, rows, dinner, n);
            }
        }
        back.through_norm(p, 0, 2);
        affine::add_transposed_rows::<F, SEVERAL>(back.dh_prev, &p.recurrent, 0..2 * n, back.da, 3 * n);
    }
}
