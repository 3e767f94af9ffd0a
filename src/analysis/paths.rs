//! Along which way a gradient comes back: straight through the state, or through the gates.

use ndarray::{Array2, ArrayView1, Axis};

use super::signal::norm;
use crate::experiment::{Cell, Spec, Steps};
use crate::trace::LayerTrace;

/// The gradient of one loss at every step, split into two ways that add up to it.
///
/// # Formula
/// LSTM: of ∂L/∂C_t, the direct way is ∂L/∂C_T ⊙ Π f_k over t < k ≤ T, the constant error carousel with gates and
/// candidates held; all else passes through h and a gate. GRU: of ∂L/∂h_t, ∂L/∂h_T ⊙ Π (1 − z_k). The RNN has one way,
/// through W_hh and φ′, and no direct one. A decoder's state is handed over whole. Where the gradient is clipped on its way it is no sum of two ways either.
#[derive(Clone, Debug, PartialEq)]
pub struct Paths {
    /// ∂L/∂C_t (LSTM) or ∂L/∂h_t, T × H.
    pub total: Array2<f64>,
    /// The direct part of it; zero columns for the RNN.
    pub direct: Array2<f64>,
}

/// Norms at one step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share {
    /// Of the direct part; `None` where the cell has none.
    pub direct: Option<f64>,
    /// Of the rest. The parts add up as vectors, their norms need not.
    pub gates: f64,
    /// Of the sum.
    pub total: f64,
}

impl Paths {
    /// Of the gradients that a layer holds along all steps; its last step is where the loss enters.
    #[must_use]
    pub fn new(spec: &Spec, layer: &LayerTrace, axis: Steps) -> Self {
        let (total, gate) = match spec.cell {
            _ if spec.limit.is_some() => {
                let total = if spec.cell.carried().is_some() { &layer.dc } else { &layer.dh };
                return Self { total: total.clone(), direct: Array2::zeros((total.nrows(), 0)) };
            }
            Cell::Rnn => {
                return Self { total: layer.dh.clone(), direct: Array2::zeros((layer.dh.nrows(), 0)) };
            }
            Cell::Ann => {
                return Self { total: layer.dc.clone(), direct: Array2::zeros((layer.dc.nrows(), 0)) };
            }
            Cell::Lstm => (layer.dc.clone(), layer.gate(&layer.gates, 0).to_owned()),
            Cell::Gru => (layer.dh.clone(), layer.gate(&layer.gates, 0).mapv(|z| 1.0 - z)),
        };
        let mut direct = total.clone();
        for n in (2..=axis.count).rev() {
            let (t, before) = (axis.seen(layer.direction, n) - 1, axis.seen(layer.direction, n - 1) - 1);
            // Windows are counted from the first step of encoder and decoder.
            let cut = spec.cut(if axis.decodes(n) { n - 1 - axis.encoder } else { n - 1 });
            let kept = &direct.row(t) * &gate.row(t) * f64::from(u8::from(!cut));
            direct.index_axis_mut(Axis(0), before).assign(&kept);
        }
        Self { total, direct }
    }

    /// The norms at step t, from 1.
    #[must_use]
    pub fn at(&self, t: usize) -> Share {
        let size = |row: ArrayView1<f64>| norm(&row.to_vec());
        let total = self.total.row(t - 1);
        if self.direct.ncols() == 0 {
            return Share { direct: None, gates: size(total), total: size(total) };
        }
        let direct = self.direct.row(t - 1);
        let rest = &total - &direct;
        Share { direct: Some(size(direct)), gates: size(rest.view()), total: size(total) }
    }
}
