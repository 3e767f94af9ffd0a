//! Long short-term memory: Hochreiter & Schmidhuber (1997), forget gate of Gers et al. (2000).
//!
//! ```text
//! f_t = σ(W_f·[h_{t−1}, x_t] + b_f)         forget gate
//! i_t = σ(W_i·[h_{t−1}, x_t] + b_i)         input gate
//! C̃_t = tanh(W_C·[h_{t−1}, x_t] + b_C)      candidate
//! o_t = σ(W_o·[h_{t−1}, x_t] + b_o)         output gate
//! C_t = f_t ⊙ C_{t−1} + i_t ⊙ C̃_t
//! h_t = o_t ⊙ tanh(C_t)
//! ```
//!
//! A gate that is held is 1, and f(1 − f) = 0: its weights get no gradient.

use super::cell::{Back, Equations, Operand, Step, StepBack};
use super::{Parameters, Scalar, affine};
use crate::experiment::Held;

/// A gate that is held at 1 is its only choice.
pub struct Lstm {
    /// The gate.
    pub held: Held,
}

impl<F: Scalar> Equations<F> for Lstm {
    fn step(&self, p: &Parameters<F>, mut step: Step<F>) {
        step.pre_activation(p, 0, 4, Operand::State);
        let n = step.h.len();
        let gate = |gate: Held, a: F| if self.held == gate { F::ONE } else { a.sigmoid() };
        for j in 0..n {
            let f = gate(Held::F, step.a[j]);
            let i = gate(Held::I, step.a[n + j]);
            let candidate = step.a[2 * n + j].tanh();
            let o = gate(Held::O, step.a[3 * n + j]);
            step.c[j] = f * step.c_prev[j] + i * candidate;
            step.inner[j] = step.c[j].tanh();
            step.h[j] = o * step.inner[j];
            [step.gates[j], step.gates[n + j], step.gates[2 * n + j], step.gates[3 * n + j]] =
                [f, i, candidate, o];
        }
    }
}

impl<F: Scalar, const SEVERAL: bool> Back<F, SEVERAL> for Lstm {
    fn step_back(&self, p: &Parameters<F>, mut back: StepBack<F, SEVERAL>) {
        let n = back.h.len();
        let [f, i, candidate, o] = [0, 1, 2, 3].map(|gate| &back.gates[gate * n..][..n]);
        let (c_prev, tanh_c) = (&back.c_prev[..n], &back.inner[..n]);
        for at in back.rows() {
            let (dh, dc, dc_prev) =
                (&back.dh[at..][..n], &mut back.dc[at..][..n], &mut back.dc_prev[at..][..n]);
            let (da_f, da) = back.da[4 * at..].split_at_mut(n);
            let (da_i, da) = da.split_at_mut(n);
            let (da_c, da_o) = da.split_at_mut(n);
            for j in 0..n {
                let total = dc[j] + dh[j] * o[j] * (F::ONE - tanh_c[j] * tanh_c[j]);
                dc[j] = total;
                dc_prev[j] = total * f[j];
                da_f[j] = total * c_prev[j] * f[j] * (F::ONE - f[j]);
                da_i[j] = total * candidate[j] * i[j] * (F::ONE - i[j]);
                da_c[j] = total * i[j] * (F::ONE - candidate[j] * candidate[j]);
                da_o[j] = dh[j] * tanh_c[j] * o[j] * (F::ONE - o[j]);
            }
        }
        back.through_norm(p, 0, 4);
        affine::add_transposed_rows::<F, SEVERAL>(back.dh_prev, &p.recurrent, 0..4 * n, back.da, 4 * n);
    }
}
