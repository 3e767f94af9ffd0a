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

use super::cell::{Equations, Operand, Step, StepBack};
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

    fn step_back(&self, p: &Parameters<F>, mut back: StepBack<F>) {
        let n = back.dh.len();
        for j in 0..n {
            let [f, i, candidate, o] = [0, 1, 2, 3].map(|gate| back.gates[gate * n + j]);
            let tanh_c = back.inner[j];
            let dh = back.dh[j];
            let dc = back.dc[j] + dh * o * (F::ONE - tanh_c * tanh_c);
            back.dc[j] = dc;
            back.dc_prev[j] = dc * f;
            back.da[j] = dc * back.c_prev[j] * f * (F::ONE - f);
            back.da[n + j] = dc * candidate * i * (F::ONE - i);
            back.da[2 * n + j] = dc * i * (F::ONE - candidate * candidate);
            back.da[3 * n + j] = dh * tanh_c * o * (F::ONE - o);
        }
        back.through_norm(p, 0, 4);
        affine::add_transposed(back.dh_prev, &p.recurrent, 0, back.da);
    }
}
